"""HTML, JATS and MathML as text, with marks (``raised``) around raised and lowered figures.

``html.parser`` of the standard library reads the tags: it takes any of them, closed or not, in linear time, and loses
no text. (Parsers that build a tree move or drop what HTML does not allow where it stands.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

from ingest.readers.markup.html_tags import FORMULAS, HEADINGS, MATHML, PARAGRAPHS, escaped
from ingest.readers.markup.superscripts import END, LOWERED, POWER, RAISED, is_base

_BREAK, _HEADING = "\x05", "\x06"  # a paragraph begins; what follows is its heading
_MAXIMUM_ROUNDS = 6  # of markup that was escaped in markup
_MAXIMUM_DEPTH = 60

_LEFT_OUT = frozenset("script style annotation annotation-xml".split())
_FRAMED = frozenset("sup sub inf xref tex-math".split()) | FORMULAS | _LEFT_OUT
_ARGUMENTS = frozenset("msup msub msubsup mfrac mroot mover munder munderover".split())
_SPACED = frozenset("=<>≤≥≈≃≅≠≪≫×·⋅±∓→←↔∈⊂⊆∪∩∝≡∼~")  # operators between spaces

_LAYOUT = re.compile(r"\n[ \t]{2,}$")
_ELEMENT = re.compile(r"\n[ \t]{2,}(?:[A-Z][a-z]?(?=\n)|O\b)")  # of a chemical formula that goes on: H2, then O
_INDENT = re.compile(r"\n[ \t]+")
_LINE_END = re.compile(r" ?\n ?")
_SPACES = re.compile(r"[^\S\n]+")
_PARAGRAPHS = re.compile(rf"\s*(?:{_BREAK}\s*|\n\s*\n\s*)+")
_BEFORE_MARK = re.compile(r" +(?=[),;:\]]|\.(?!\d))")
_BEHIND_BRACKET = re.compile(r"(?<=[(\[]) +")
_FIGURE = re.compile(r"\s*[-+\u2212]?\d+")
_PREAMBLE = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|$)", re.DOTALL)
_ONE = re.compile(rf"[\w.]+|\w[{LOWERED}{POWER}]\w+{END}")
_NAMES_OF_ABSTRACTS = frozenset(
    "abstract summary résumé resumen resumo riassunto zusammenfassung kurzfassung аннотация 摘要".split()
)
_ENDS = re.compile(r"""[.!?:;,。！？…]["'”’)\]]*$""")


def without_markup(text: str, title: str = "") -> str:
    """The words, a blank line between paragraphs; what had no markup is as it was.

    A heading becomes the beginning of its paragraph ("Methods: We ..."); the words "Abstract" and the paper's own
    ``title`` are no part of an abstract. A paragraph without a stop gets one where another one follows.
    """
    original = text
    for _ in range(_MAXIMUM_ROUNDS):
        before, text = text, _parsed(text)
        if text == before:
            break
    return text if text == original else _laid_out(text, title, is_indented=bool(_INDENT.search(original)))


def _parsed(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text
    parser = _Parser()
    parser.feed(escaped(text))
    parser.close()
    return parser.text()


@dataclass(slots=True)
class _Frame:
    """An element that is open, with its text, or the texts of its children."""

    name: str
    pieces: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """Of what the pieces came from; empty for text."""

    def add(self, text: str, name: str = "") -> None:
        self.pieces.append(text)
        self.names.append(name)


class _Parser(HTMLParser):
    """Holds the elements open whose text depends on all of it; other tags only break paragraphs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Frame("")]
        self._formulas = 0

    def text(self) -> str:
        while len(self._open) > 1:
            self._drop()
        return "".join(self._open[0].pieces)

    def set_cdata_mode(self, elem: str, *, escapable: bool = False) -> None:
        """Nothing: later versions of Python would take the tags behind a <title> as text."""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the base class gives them
        name = _name_of(tag)
        if self._formulas and name not in _FRAMED and name not in MATHML:
            return
        if name in PARAGRAPHS or name in HEADINGS:
            self._break(_HEADING if name in HEADINGS else "")
        elif name == "br":
            self._open[-1].add("\n")
        elif (name in _FRAMED or name in MATHML) and len(self._open) <= _MAXIMUM_DEPTH:
            if name in ("sup", "sub", "inf"):
                self._join(is_raised=name == "sup")
            self._formulas += name == "math"
            self._open.append(_Frame(name))

    def handle_endtag(self, tag: str) -> None:
        name = _name_of(tag)
        if name in PARAGRAPHS or name in HEADINGS:
            self._break()
        elif any(frame.name == name for frame in self._open[1:]):
            while self._open[-1].name != name:
                self._drop()
            frame = self._open.pop()
            self._formulas -= name == "math"
            self._open[-1].add(_rendered(frame, self._open[-1].name), name)

    def handle_data(self, data: str) -> None:
        frame = self._open[-1]
        if not self._formulas:
            is_in_formula = frame.names[-1:] in (["sub"], ["inf"]) and bool(_ELEMENT.match(data))
            frame.add(data.lstrip() if is_in_formula else data)
        elif frame.name not in _ARGUMENTS and (words := data.strip()):
            frame.add(data if frame.name == "mtext" else words)

    def _break(self, mark: str = "") -> None:
        """A paragraph ends what is raised or lowered and was not closed."""
        if not self._formulas:
            while self._open[-1].name in ("sup", "sub", "inf", "xref"):
                self._drop()
        self._open[-1].add(_BREAK + mark)

    def _drop(self) -> None:
        """Close an element that has no end: its words stay, and of a figure that begins them it is still known."""
        frame = self._open.pop()
        self._formulas -= frame.name == "math"
        text = "".join(frame.pieces)
        if frame.name in ("sup", "sub", "inf") and (figure := _FIGURE.match(text)):
            mark = RAISED if frame.name == "sup" else LOWERED
            text = f"{mark}{figure.group().strip()}{END}{text[figure.end() :]}"
        self._open[-1].add(text)

    def _join(self, *, is_raised: bool) -> None:
        """Take away the line end and the indent that pretty-printed XML has in front of a figure."""
        pieces = self._open[-1].pieces
        if pieces and (layout := _LAYOUT.search(pieces[-1])):
            words = pieces[-1][: layout.start()]
            pieces[-1] = words if not is_raised or is_base(words) else f"{words} "


def _name_of(tag: str) -> str:
    """The name without its namespace; scripts and styles are those of HTML: EndNote's <style> holds the words."""
    name = tag.rpartition(":")[2]
    return tag if name in ("script", "style") else name


def _rendered(frame: _Frame, around: str) -> str:
    """The text of an element in another one."""
    text = "".join(frame.pieces)
    match frame.name:
        case name if name in _LEFT_OUT:
            return ""
        case "sup":
            is_reference = around == "xref" or "xref" in frame.names
            return "" if is_reference and text.strip("[] \n").isdecimal() else f"{RAISED}{text.strip()}{END}"
        case "sub" | "inf":
            return f"{LOWERED}{text.strip()}{END}"
        case "tex-math":
            return _tex(text)
        case name if name in FORMULAS:
            return _one_of(frame)
        case "math":
            return _line(text)
        case "mo":
            return f" {text} " if text in _SPACED else text
        case "msqrt":
            return f"√{_grouped(text)}"
        case name if name in _ARGUMENTS:
            return _applied(name, frame.pieces)
    return text


def _applied(name: str, arguments: list[str]) -> str:
    """An element of MathML of two or three parts."""
    base, first, second, *_ = [*(argument.strip() for argument in arguments), "", "", ""]
    match name:
        case "msup":
            return f"{base}{POWER if base else RAISED}{first}{END}"
        case "msub":
            return f"{base}{LOWERED}{first}{END}"
        case "msubsup":
            return f"{base}{LOWERED}{first}{END}{POWER}{second}{END}"
        case "mfrac":
            return f"{_grouped(base)}/{_grouped(first)}"
        case "mroot":
            return f"{_grouped(base)}{POWER}1/{first}{END}"
    return base + first + second


def _one_of(frame: _Frame) -> str:
    """Of a formula that is given as MathML, as TeX and as a picture, the one that reads best."""
    for kind in ("math", "tex-math"):
        if found := [piece for piece, name in zip(frame.pieces, frame.names, strict=True) if name == kind and piece]:
            return found[0]
    return "".join(frame.pieces)


def _tex(text: str) -> str:
    """Publishers give a whole document of TeX for a formula."""
    body = _PREAMBLE.search(text)
    formula = (body[1] if body else text).strip()
    return formula if formula.startswith(("$", "\\(", "\\[")) or not formula else f"${formula}$"


def _line(text: str) -> str:
    """A formula on one line; an operator that begins it is a sign of what follows."""
    words = " ".join(text.split())
    return words[0] + words[2:] if words[:1] in _SPACED and words[1:2] == " " else words


def _grouped(text: str) -> str:
    text = text.strip()
    return text if _ONE.fullmatch(text) else f"({text})"


def _laid_out(text: str, title: str, *, is_indented: bool) -> str:
    text = _LINE_END.sub("\n", _SPACES.sub(" ", _INDENT.sub(" ", text) if is_indented else text))
    if is_indented:
        text = _BEHIND_BRACKET.sub("", _BEFORE_MARK.sub("", text))
    words = [paragraph.strip() for paragraph in _PARAGRAPHS.split(text) if paragraph.strip(f"{_HEADING} \n")]
    while len(words) > 1 and _is_no_sentence(words[0], title):
        del words[0]
    return _joined(words)


def _is_no_sentence(paragraph: str, title: str) -> bool:
    """The word "Abstract" or the paper's own title, as publishers put them first."""
    words = _letters(paragraph)
    return words in _NAMES_OF_ABSTRACTS or (words != "" and words == _letters(title))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _joined(paragraphs: list[str]) -> str:
    pieces = list[str]()
    for paragraph, following in pairwise([*paragraphs, ""]):
        words = paragraph.removeprefix(_HEADING).strip()
        if not following:
            pieces.append(words)
        elif paragraph.startswith(_HEADING):
            pieces.append(f"{words} " if _ENDS.search(words) else f"{words}: ")
        else:
            begins = following.removeprefix(_HEADING).strip()[:1]
            pieces.append(f"{words}\n\n" if _ENDS.search(words) or begins.islower() else f"{words}.\n\n")
    return "".join(pieces)
