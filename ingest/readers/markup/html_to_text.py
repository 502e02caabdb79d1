"""Converts HTML, JATS and MathML to text, with marks (``superscripts``) around superscripts and subscripts.

``html.parser`` of the standard library parses the tags: it accepts any tag, closed or not, in linear time, and loses no
text. Parsers that build a tree would move or drop elements that HTML does not allow in their place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

from ingest.readers.markup.formula_text import SPACED_OPERATORS, bracketed
from ingest.readers.markup.html_tags import FORMULAS, HEADINGS, MATHML, PARAGRAPHS, escaped
from ingest.readers.markup.superscripts import END, EXPONENT, SUBSCRIPT, SUPERSCRIPT, can_have_exponent

_BREAK, _HEADING = "\x05", "\x06"  # marks: a paragraph begins here; its first words are a heading
_MAXIMUM_ROUNDS = 6  # levels of markup that was escaped inside markup
_MAXIMUM_DEPTH = 60  # elements open at the same time

_DROPPED = frozenset("script style annotation annotation-xml".split())
_TRACKED = frozenset("sup sub inf xref tex-math".split()) | FORMULAS | _DROPPED
_ARGUMENTS = frozenset("msup msub msubsup mfrac mroot mover munder munderover".split())

_TRAILING_INDENT = re.compile(r"\n[ \t]{2,}$")
_NEXT_CHEMICAL_ELEMENT = re.compile(r"\n[ \t]{2,}(?:[A-Z][a-z]?(?=\n)|O\b)")  # O after H2
_INDENT = re.compile(r"\n[ \t]+")
_LINE_END = re.compile(r" ?\n ?")
_SPACES = re.compile(r"[^\S\n]+")
_PARAGRAPHS = re.compile(rf"\s*(?:{_BREAK}\s*|\n\s*\n\s*)+")
_SPACE_BEFORE_PUNCTUATION = re.compile(r" +(?=[),;:\]]|\.(?!\d))")
_SPACE_AFTER_BRACKET = re.compile(r"(?<=[(\[]) +")
_NUMBER = re.compile(r"\s*[-+\u2212]?\d+")
_PREAMBLE = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|$)", re.DOTALL)
_NAMES_OF_ABSTRACTS = frozenset(
    "abstract summary résumé resumen resumo riassunto zusammenfassung kurzfassung аннотация 摘要".split()
)
_SENTENCE_END = re.compile(r"""[.!?:;,。！？…]["'”’)\]]*$""")


def html_to_text(text: str, title: str = "") -> str:
    """The text, with a blank line between paragraphs; a text without markup is returned unchanged.

    A heading becomes the beginning of its paragraph ("Methods: We ..."). The word "Abstract" and the paper's own
    ``title`` are removed from the start. A paragraph that ends without punctuation gets a full stop if another follows.
    """
    original = text
    for _ in range(_MAXIMUM_ROUNDS):
        before, text = text, _parsed(text)
        if text == before:
            break
    return text if text == original else _paragraphs_as_text(text, title, is_indented=bool(_INDENT.search(original)))


def _parsed(text: str) -> str:
    if "<" not in text and "&" not in text:
        return text
    parser = _Parser()
    parser.feed(escaped(text))
    parser.close()
    return parser.text()


@dataclass(slots=True)
class _OpenElement:
    """An element that has not been closed yet, with its text and the texts of its children so far."""

    name: str
    pieces: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """For each piece the name of the child it came from; empty for text."""

    def add(self, text: str, name: str = "") -> None:
        self.pieces.append(text)
        self.names.append(name)


class _Parser(HTMLParser):
    """Tracks the elements whose text can only be written once they are complete; other tags only break paragraphs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_OpenElement("")]
        self._open_formulas = 0

    def text(self) -> str:
        while len(self._open) > 1:
            self._drop()
        return "".join(self._open[0].pieces)

    def set_cdata_mode(self, elem: str, *, escapable: bool = False) -> None:
        """Does nothing: newer versions of Python would treat tags after a <title> as text."""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - part of the base class's interface
        name = _name_of(tag)
        if self._open_formulas and name not in _TRACKED and name not in MATHML:
            return
        if name in PARAGRAPHS or name in HEADINGS:
            self._break(_HEADING if name in HEADINGS else "")
        elif name == "br":
            self._open[-1].add("\n")
        elif (name in _TRACKED or name in MATHML) and len(self._open) <= _MAXIMUM_DEPTH:
            if name in ("sup", "sub", "inf"):
                self._remove_indent(is_superscript=name == "sup")
            self._open_formulas += name == "math"
            self._open.append(_OpenElement(name))

    def handle_endtag(self, tag: str) -> None:
        name = _name_of(tag)
        if name in PARAGRAPHS or name in HEADINGS:
            self._break()
        elif any(element.name == name for element in self._open[1:]):
            while self._open[-1].name != name:
                self._drop()
            element = self._open.pop()
            self._open_formulas -= name == "math"
            self._open[-1].add(_element_text(element, self._open[-1].name), name)

    def handle_data(self, data: str) -> None:
        element = self._open[-1]
        if not self._open_formulas:
            is_in_formula = element.names[-1:] in (["sub"], ["inf"]) and bool(_NEXT_CHEMICAL_ELEMENT.match(data))
            element.add(data.lstrip() if is_in_formula else data)
        elif element.name not in _ARGUMENTS and (words := data.strip()):
            element.add(data if element.name == "mtext" else words)

    def _break(self, mark: str = "") -> None:
        """Begin a paragraph, which closes superscripts and subscripts that were left open."""
        if not self._open_formulas:
            while self._open[-1].name in ("sup", "sub", "inf", "xref"):
                self._drop()
        self._open[-1].add(_BREAK + mark)

    def _drop(self) -> None:
        """Close an element that has no end tag: its text stays, and only a number at its start is a script."""
        element = self._open.pop()
        self._open_formulas -= element.name == "math"
        text = "".join(element.pieces)
        if element.name in ("sup", "sub", "inf") and (number := _NUMBER.match(text)):
            mark = SUPERSCRIPT if element.name == "sup" else SUBSCRIPT
            text = f"{mark}{number.group().strip()}{END}{text[number.end() :]}"
        self._open[-1].add(text)

    def _remove_indent(self, *, is_superscript: bool) -> None:
        """Remove the line break and the indent that pretty-printed XML has before a superscript or subscript."""
        pieces = self._open[-1].pieces
        if pieces and (layout := _TRAILING_INDENT.search(pieces[-1])):
            words = pieces[-1][: layout.start()]
            pieces[-1] = words if not is_superscript or can_have_exponent(words) else f"{words} "


def _name_of(tag: str) -> str:
    """The name without its namespace, except for script and style: EndNote's <style> holds text to be kept."""
    name = tag.rpartition(":")[2]
    return tag if name in ("script", "style") else name


def _element_text(element: _OpenElement, around: str) -> str:
    """The text of a complete element inside an element named ``around``."""
    text = "".join(element.pieces)
    match element.name:
        case name if name in _DROPPED:
            return ""
        case "sup":
            is_reference = around == "xref" or "xref" in element.names
            return "" if is_reference and text.strip("[] \n").isdecimal() else f"{SUPERSCRIPT}{text.strip()}{END}"
        case "sub" | "inf":
            return f"{SUBSCRIPT}{text.strip()}{END}"
        case "tex-math":
            return _tex(text)
        case name if name in FORMULAS:
            return _best_alternative(element)
        case "math":
            return _formula_line(text)
        case "mo":
            return f" {text} " if text in SPACED_OPERATORS else text
        case "msqrt":
            return f"√{_bracketed(text)}"
        case name if name in _ARGUMENTS:
            return _with_arguments(name, element.pieces)
    return text


def _with_arguments(name: str, arguments: list[str]) -> str:
    """The text of a MathML element with two or three arguments."""
    base, first, second, *_ = [*(argument.strip() for argument in arguments), "", "", ""]
    match name:
        case "msup":
            return f"{base}{EXPONENT if base else SUPERSCRIPT}{first}{END}"
        case "msub":
            return f"{base}{SUBSCRIPT}{first}{END}"
        case "msubsup":
            return f"{base}{SUBSCRIPT}{first}{END}{EXPONENT}{second}{END}"
        case "mfrac":
            return f"{_bracketed(base)}/{_bracketed(first)}"
        case "mroot":
            return f"{_bracketed(base)}{EXPONENT}1/{first}{END}"
    return base + first + second


def _best_alternative(element: _OpenElement) -> str:
    """Of the alternative forms of a formula, MathML first, then TeX, else all text."""
    for kind in ("math", "tex-math"):
        if found := [
            piece for piece, name in zip(element.pieces, element.names, strict=True) if name == kind and piece
        ]:
            return found[0]
    return "".join(element.pieces)


def _tex(text: str) -> str:
    """The formula between dollars; publishers store a whole TeX document, with preamble, per formula."""
    body = _PREAMBLE.search(text)
    formula = (body[1] if body else text).strip()
    return formula if formula.startswith(("$", "\\(", "\\[")) or not formula else f"${formula}$"


def _formula_line(text: str) -> str:
    """A formula on one line; an operator at its start is a sign, and gets no space after it."""
    words = " ".join(text.split())
    return words[0] + words[2:] if words[:1] in SPACED_OPERATORS and words[1:2] == " " else words


def _bracketed(text: str) -> str:
    return bracketed(text.strip(), keeps_script=True)


def _paragraphs_as_text(text: str, title: str, *, is_indented: bool) -> str:
    text = _LINE_END.sub("\n", _SPACES.sub(" ", _INDENT.sub(" ", text) if is_indented else text))
    if is_indented:
        text = _SPACE_AFTER_BRACKET.sub("", _SPACE_BEFORE_PUNCTUATION.sub("", text))
    words = [paragraph.strip() for paragraph in _PARAGRAPHS.split(text) if paragraph.strip(f"{_HEADING} \n")]
    while len(words) > 1 and _is_heading_of_abstract(words[0], title):
        del words[0]
    return _joined(words)


def _is_heading_of_abstract(paragraph: str, title: str) -> bool:
    """Is this the word "Abstract" or the title of the paper, which publishers put first?"""
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
            pieces.append(f"{words} " if _SENTENCE_END.search(words) else f"{words}: ")
        else:
            begins = following.removeprefix(_HEADING).strip()[:1]
            pieces.append(f"{words}\n\n" if _SENTENCE_END.search(words) or begins.islower() else f"{words}.\n\n")
    return "".join(pieces)
