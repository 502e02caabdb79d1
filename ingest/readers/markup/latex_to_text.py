"""Converts LaTeX in the fields of a reference to text: accents and symbols become letters, braces are removed.

Formulas and commands for superscripts and subscripts are kept: ``plain_text`` converts them later, as for all formats.
An unknown command is removed and its argument kept.

One pass without recursion, so that a field of any length and depth takes linear time. Of ``pylatexenc`` only the table
of symbols is used: its own converter fails on ``\\href``, drops the text after a bare ``%`` and recurses into braces.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from pylatexenc.latex2text import get_default_latex_context_db

_SPECIAL = re.compile(r"[\\{}~]|--|``|''")
_TOKEN = re.compile(
    r"""
    (?P<maths> \$(?![\s$])(?:\\.|[^$\\]){1,500}(?<!\s)\$(?!\d)
             | \$(?![\s$])(?=[^$]{0,500}?[\\^_])(?:\\.|[^$\\]){1,500}(?<!\s)\$  # before a digit too: it is not money
             | <tex-math\b[^<>]{0,200}>[^<]{0,2000}</tex-math>
             | (?:\\text(?:super|sub)script\s?|[\^_])\{(?:[^{}\\]|\\.|\{[^{}]{0,200}\}){0,500}\}
             | \\\((?:(?!\\\().){1,500}?\\\) | \\\[(?:(?!\\\[).){1,500}?\\\] )
  | \\(?:href|cite[a-z]*|label|begin|end)[ ]?\{[^{}]{0,500}\}    # an argument that is not text
  | \\(?P<accent> ["'`^~=.] | [bcdHkrtuv](?![A-Za-z]) )\s*
  | \\(?P<command> [A-Za-z]+ )\*?(?:\{\}|\s+)?                   # TeX also drops the white space after a name
  | \\(?P<escaped> . )
  | (?P<brace> [{}] )
  | (?P<mark> ---? | `` | '' | (?<=[^\s(/])~(?=\S) )             # the tie in Fig.~1, not the tilde in ~5
  | (?P<text> [^\\{}$~`'^_<-]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_MARKS = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " "}
_ESCAPED = {"\\": " ", " ": " ", "\n": " ", ",": " ", ";": " ", ":": " ", "!": "", "-": "", "/": "", "@": ""}
_COMBINING = dict(
    zip(
        "`'^~=u.\"rHvdckbt",
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0327\u0328\u0331\u0361",
        strict=True,
    )
)
_DOTTED = {"ı": "i", "ȷ": "j"}
_SYMBOLS = {  # commands that the table lacks or maps to another character
    "textless": "<",
    "textgreater": ">",
    "textunderscore": "_",
    "textbar": "|",
    "texttildelow": "~",
    "textperiodcentered": "·",
    "S": "§",
    "pounds": "£",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
} | dict.fromkeys(("par", "newline", "linebreak", "quad", "qquad", "item", "space"), " ")


def as_text(latex: str) -> str:
    """The field on one line."""
    return " ".join((_decoded(latex) if _SPECIAL.search(latex) else latex).split())


def _decoded(latex: str) -> str:
    """Collects accents until their letter comes, after any number of braces: ``{\\"{\\i}}``, ``\\'{\\^e}``."""
    pieces, accents = list[str](), list[str]()
    for token in _TOKEN.finditer(latex):
        if token["accent"]:
            accents.append(token["accent"])
        elif (piece := _piece(token)) or token["brace"] == "}":
            pieces.append(_accented(piece, accents) if accents else piece)
            accents.clear()
    return "".join([*pieces, _accented("", accents)])


def _piece(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "maths" | "text":
            return token.group()
        case "command":
            return symbol(token["command"])
        case "escaped":
            return _ESCAPED.get(token["escaped"], token["escaped"])
        case "mark":
            return _MARKS[token["mark"]]
    return ""


def _accented(piece: str, accents: list[str]) -> str:
    """The piece with the accents on its first letter, the last one innermost; before anything else they stay signs."""
    letter = _DOTTED.get(piece[:1], piece[:1])
    if not letter.isalpha():
        return "".join(accent for accent in accents if not accent.isalpha()) + piece
    marks = "".join(_COMBINING[accent] for accent in reversed(accents))
    return unicodedata.normalize("NFC", letter + marks) + piece[1:]


@cache
def _table() -> Any:
    return get_default_latex_context_db()


def symbol(command: str) -> str:
    """The character that a command stands for; empty for a command that formats the text after it."""
    symbol = _SYMBOLS.get(command) or getattr(_table().get_macro_spec(command), "simplify_repl", "")
    return symbol if isinstance(symbol, str) and "%s" not in symbol else ""
