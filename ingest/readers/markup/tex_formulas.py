"""Converts TeX formulas in titles and abstracts to text, with marks (``superscripts``) around scripts.

A formula between dollars, or ``\\(`` and ``\\)``, is converted if it contains only numbers, letters, superscripts,
subscripts, operators, simple fractions and roots. Other formulas (sums, integrals, accents, matrices, unknown commands)
are left as TeX, and so are dollar signs that mean money. Outside formulas, commands for superscripts, subscripts,
fonts, operators and Greek letters are converted too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.readers.markup.formula_text import SPACED_OPERATORS, bracketed
from ingest.readers.markup.latex_to_text import symbol
from ingest.readers.markup.superscripts import END, EXPONENT, SUBSCRIPT, SUPERSCRIPT

_INNER = r"\{((?:[^{}\\]|\\.|\{[^{}]{0,200}\}){0,500})\}"  # braces that contain at most one level of braces
_SUPERSCRIPT_COMMAND = re.compile(rf"(?:\\textsuperscript\s?|\^){_INNER}", re.DOTALL)
_SUBSCRIPT_COMMAND = re.compile(rf"(?:\\textsubscript\s?|_){_INNER}", re.DOTALL)
_CHEMISTRY = re.compile(rf"\\ce\s?{_INNER}", re.DOTALL)
_IONS = re.compile(r"\^\{?(\d*[+-])\}?")
_FONT_COMMAND = re.compile(
    r"\\(?:text(?:rm|it|bf|sc|tt|sf|up|normal)?|emph|math(?:rm|it|bf|sf|tt|cal|bb)|boldsymbol|ensuremath)\s?\{([^{}\\$]{0,500})\}"
)
_SIGN_COMMAND = re.compile(r"(?<![A-Za-z}])\{\\([A-Za-z]+)\}|\\([A-Za-z]+)(?![A-Za-z])(\s?(?=\d))?")
_FONT_SWITCH = re.compile(r"\\(?:rm|it|bf|cal|tt|sf)(?![A-Za-z])\s?")
_ESCAPED = re.compile(r"\\([%&#_])")
_DOLLARS = re.compile(r"(?<!\\)\$\$?")
_FORMULA_IN_PARENTHESES = re.compile(r"\\\(([^$]{1,500}?)\\\)|\\\[([^$]{1,500}?)\\\]")
_TOKEN = re.compile(
    r"""\\(?P<name>[A-Za-z]+)\s* | \\(?P<escaped>[^A-Za-z]) | (?P<script>[\^_])\s* | (?P<word>[^\W\d_])
    | (?P<number>\d+(?:[.,]\d+)*) | (?P<space>\s+) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TEX_SIGN = re.compile(r"[\\^_{]")
_MAXIMUM_FORMULA = 500  # characters of a formula that is converted
_MAXIMUM_GAP = 4  # characters between two letters of a formula that is repeated without its markup
_MAXIMUM_DEPTH = 12
_SPACED = SPACED_OPERATORS - {"~"} | {"⟶", "⇒"}
_FONTS = frozenset(
    """mathrm mathit mathbf mathsf mathtt mathcal mathbb mathnormal boldsymbol bm text textrm textit textbf textsc
    textsf texttt textnormal rm it bf cal mbox hbox operatorname emph ensuremath ce""".split()
)
_SKIPPED = frozenset("left right big Big bigl bigr displaystyle textstyle limits nolimits".split())
_SPACES = frozenset("quad qquad".split())
_FUNCTIONS = frozenset("log ln lg exp sin cos tan cot sinh cosh tanh min max arg det dim gcd deg Pr".split())
_OPERATORS = {  # signs and their commands that pylatexenc's table lacks or maps to another character
    name: line.split()[0]
    for line in """
        ≤ le leq leqslant; ≥ ge geq geqslant; ≠ ne neq; × times; · cdot; ± pm; ∓ mp; ∼ sim; ≈ approx; ≃ simeq; ≅ cong
        ≪ ll; ≫ gg; → to rightarrow; ← leftarrow; ↔ leftrightarrow; ⇒ Rightarrow; ∝ propto; ≲ lesssim; ≳ gtrsim; < lt
        > gt; % percent; ∈ in; ≡ equiv
        ∞ infty; ° circ degree textdegree; ′ prime; ⊙ odot; * ast; ⋆ star; † dagger; ‡ ddagger
        ⟨ langle; ⟩ rangle; { lbrace; } rbrace; | vert mid; ℓ ell; ℏ hbar; ∂ partial; ∇ nabla; … ldots dots cdots
        ¬ lnot neg; ⊥ perp; ∥ parallel; ⊂ subset; ⊆ subseteq; ∪ cup; ∩ cap; μ mu; ϵ epsilon; Å AA angstrom; µ micro
        ✓ checkmark""".replace("\n", ";").split(";")
    for name in line.split()[1:]
}


class _NotSimpleError(ValueError):
    """This formula cannot be written as plain text on one line."""


def tex_to_text(text: str) -> str:
    """The text with simple formulas and commands converted, and everything else unchanged."""
    if "$" not in text:
        return _outside_of_formulas(text)
    return "".join(piece if is_done else _outside_of_formulas(piece) for piece, is_done in _pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is done: a formula between dollars, converted or kept as TeX."""
    marks = list(_DOLLARS.finditer(text))
    last = number = 0
    while number + 1 < len(marks):
        first, second = marks[number : number + 2]
        inner = text[first.end() : second.start()]
        is_tex = bool(_TEX_SIGN.search(inner[: _MAXIMUM_FORMULA + 1]))
        number += 1
        if first.group() != second.group() or not _is_formula(
            inner, text[second.end() : second.end() + 1], is_tex=is_tex
        ):
            continue
        plain = formula_as_text(inner)
        if plain is not None or is_tex:
            yield text[last : first.start()], False
            yield text[first.start() : second.end()] if plain is None else plain, True
            last = second.end()
            if plain is not None and first.group() == "$$":
                last = _end_of_repetition(text, last, plain)
            number += 1
    yield text[last:], False


def _end_of_repetition(text: str, start: int, plain: str) -> int:
    """The end of a repetition of the formula without its markup, such as "10 6" after "$$10^{6}$$"; else ``start``.

    Services that drop the tags of publishers leave both forms.
    """
    letters = [letter for letter in plain if letter.isalnum()]
    place, last = start, start
    for letter in letters:
        while place < len(text) and not text[place].isalnum() and place - last < _MAXIMUM_GAP:
            place += 1
        if text[place : place + 1] != letter:
            return start
        place = last = place + 1
    return start if not letters or text[place : place + 1].isalnum() else place


def _outside_of_formulas(text: str) -> str:
    if "\\" in text:
        text = _FORMULA_IN_PARENTHESES.sub(lambda found: _converted_or_unchanged(found, found[1] or found[2]), text)
        text = _CHEMISTRY.sub(lambda found: _converted_or_unchanged(found, _IONS.sub(r"\1", found[1])), text)
    if "{" in text:
        text = _SUPERSCRIPT_COMMAND.sub(lambda found: _script_with_marks(found, SUPERSCRIPT), text)
        text = _SUBSCRIPT_COMMAND.sub(lambda found: _script_with_marks(found, SUBSCRIPT), text)
    if "\\" in text:
        text = _SIGN_COMMAND.sub(_sign_as_text, _FONT_SWITCH.sub("", _FONT_COMMAND.sub(r"\1", text)))
        text = _ESCAPED.sub(r"\1", text)
    return text


def _is_formula(inner: str, following: str, *, is_tex: bool) -> bool:
    """Is this a formula, not money as in "from $5 to $10"? Without a sign of TeX it is one if it contains no words."""
    if not inner.strip() or len(inner) > _MAXIMUM_FORMULA:
        return False
    is_tight = not inner[0].isspace() and not inner[-1].isspace()
    if is_tex:
        return is_tight or (inner[0].isspace() and inner[-1].isspace() and "\\" in inner)
    return is_tight and not following.isdigit() and inner[0] not in ",.;:)" and not re.search(r"[^\W\d_]{2}", inner)


def _converted_or_unchanged(found: re.Match[str], inner: str) -> str:
    plain = formula_as_text(inner)
    return found.group() if plain is None else plain


def _script_with_marks(found: re.Match[str], mark: str) -> str:
    plain = formula_as_text(found[1], is_text=found.group().startswith("\\"))
    return found.group() if plain is None else f"{mark}{plain}{END}"


def _sign_as_text(found: re.Match[str]) -> str:
    name = found[1] or found[2]
    before = found.string[max(0, found.start() - 1) : found.start()]
    if name in _FUNCTIONS:
        return f"{' ' * before.isalnum()}{name}{found[3] or ''}"
    sign = _symbol(name)
    if not sign:
        return found.group()
    is_between_figures = sign == "×" and before.isdigit()
    return f" {sign} " if found[3] is not None and is_between_figures else sign + (found[3] or "")


def formula_as_text(tex: str, *, is_text: bool = False) -> str | None:
    """A formula as text with marks; None if it is not simple enough. With ``is_text``, white space is kept."""
    tokens = [token for token in _TOKEN.finditer(tex) if is_text or token.lastgroup != "space"]
    try:
        return " ".join(_FormulaParser(tokens).text().split())
    except _NotSimpleError:
        return None


class _FormulaParser:
    """Parses tokens from left to right, with nesting limited to ``_MAXIMUM_DEPTH``."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self._next = 0

    def text(self) -> str:
        text = self._group(0)
        if self._next < len(self._tokens):
            raise _NotSimpleError
        return text

    def _group(self, depth: int, end: str = "") -> str:
        """The text up to the closing token, which is consumed, or to the end of the formula."""
        pieces = list[str]()
        for token in self._rest():
            if end and token.group() == end:
                return "".join(pieces)
            if token["script"]:
                pieces.append(self._script(token["script"], bool(pieces), depth))
            else:
                piece = self._atom(token, depth)
                is_operator = piece in _SPACED and bool(pieces) and depth < _MAXIMUM_DEPTH
                pieces.append(f" {piece} " if is_operator else piece)
        if end:
            raise _NotSimpleError
        return "".join(pieces)

    def _rest(self) -> Iterator[re.Match[str]]:
        while self._next < len(self._tokens):
            self._next += 1
            yield self._tokens[self._next - 1]

    def _script(self, script: str, has_base: bool, depth: int) -> str:
        mark = SUBSCRIPT if script == "_" else EXPONENT if has_base else SUPERSCRIPT
        first = self._argument(depth)
        if first in ("+", "-") and self._next < len(self._tokens) and (number := self._tokens[self._next]["number"]):
            self._next += 1  # 10^-5: TeX would raise the sign alone, but authors mean the number
            first += number
        return f"{mark}{first}{END}"

    def _argument(self, depth: int) -> str:
        """The next atom: a group, a command, a number or a letter."""
        for token in self._rest():
            if token["script"]:
                break
            if token.lastgroup != "space":
                return self._atom(token, depth)
        raise _NotSimpleError

    def _atom(self, token: re.Match[str], depth: int) -> str:
        match token.lastgroup:
            case "name":
                return self._command(token["name"], depth)
            case "escaped":
                return _escaped(token["escaped"])
        mark = token.group()
        if mark == "{":
            return self._braces(depth)
        if mark in "}&$":
            raise _NotSimpleError
        return {"~": " ", "'": "′"}.get(mark, mark)

    def _braces(self, depth: int) -> str:
        if depth >= _MAXIMUM_DEPTH:
            raise _NotSimpleError
        return self._group(depth + 1, "}")

    def _command(self, name: str, depth: int) -> str:
        if name in _FONTS:
            return ""
        if name in _SKIPPED or name in _SPACES:
            return " " if name in _SPACES else ""
        if name in _FUNCTIONS:
            return (
                f" {name} "
                if self._next < len(self._tokens) and self._tokens[self._next].group() not in "_^({"
                else f" {name}"
            )
        if name in ("frac", "tfrac", "dfrac", "sfrac", "nicefrac"):
            return f"{bracketed(self._argument(depth))}/{bracketed(self._argument(depth))}"
        if name == "sqrt" and not (self._next < len(self._tokens) and self._tokens[self._next].group() == "["):
            return f"√{bracketed(self._argument(depth))}"
        if sign := _symbol(name):
            return sign
        raise _NotSimpleError


def _escaped(mark: str) -> str:
    if mark == "\\":  # a line break in the formula
        raise _NotSimpleError
    return " " if mark in ",;: " else "" if mark == "!" else mark


def _symbol(name: str) -> str:
    """The character of an operator or a letter; empty for sums and the like, whose limits are not subscripts."""
    if name in _OPERATORS:
        return _OPERATORS[name]
    sign = symbol(name)
    return sign if len(sign) == 1 and (sign.isalpha() or sign in _SPACED) else ""
