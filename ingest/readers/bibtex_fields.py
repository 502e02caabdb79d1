"""Builds a paper from the fields of a BibTeX or biblatex entry: text and macros joined by #, names, identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assistant.text.identifiers import find_marked_arxiv_id
from ingest.readers.bibtex_journal_macros import journal_of
from ingest.readers.interface import Item
from ingest.readers.markup.latex_to_text import as_text
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.unread_fields import with_unread_field

MAXIMUM_MACRO = 10_000  # characters; macros defined as two copies of another macro grow exponentially
MAXIMUM_JOINED = 100_000

_USED = set(
    """title subtitle abstract author editor year date journaltitle journal booktitle url doi eprinttype archiveprefix
    eprint volume number pmid crossref xdata""".split()
)
_JOINT = re.compile(r'(?<!\\)[{}"]|\#')
_EQUALS = re.compile(r'(?<!\\)[{}"]|=')
_AND = re.compile(r"(?<!\\)[{}]| and ", re.IGNORECASE)
_NAME_PART = re.compile(r"\b(family|given|prefix)=([^,]*)")
_TILDE = re.compile(r"\\textasciitilde(?:\{\}|\s)?|\\~\{\}")
_NOT_IN_URL = re.compile(r"\\url|[\\{}\s]")


def paper_from_entry(fields: Mapping[str, str], macros: Mapping[str, str], place: str) -> Item:
    """``fields``: lower-case names and values as written in the file, with their braces or quotation marks."""

    def latex(name: str) -> str:
        return joined(fields.get(name, ""), macros)

    def text(*names: str) -> str:
        return next((found for name in names if (found := as_text(latex(name)))), "")

    archive = text("eprinttype", "archiveprefix").casefold()
    paper = paper_from_fields(
        {
            "title": ": ".join(filter(None, [text("title"), text("subtitle")])),
            "abstract": text("abstract"),
            "authors": list(_authors(latex("author"))),
            "year": f"{text('year')} {text('date')}",
            "venue": journal_of(latex("journaltitle") or latex("journal"))
            or text("journaltitle", "journal", "booktitle"),
            "url": _url(latex("url")),
            "doi": _url(latex("doi")),
            "arxiv_id": _arxiv_id(archive, *map(text, ("eprint", "journal", "volume", "number"))),
            "pmid": text("eprint") if archive == "pubmed" else text("pmid"),
        },
        place,
    )
    return with_unread_field(paper, {name: value for name, value in fields.items() if name not in _USED})


def lacks_comma(value: str) -> bool:
    """Does the value contain the next field, because no comma separates them: "{A title} year = 2020"?"""
    return "=" in value and len(list(_split(value, _EQUALS))) > 1


def joined(value: str, macros: Mapping[str, str]) -> str:
    """The value of a field whose parts are joined by #. An undefined macro stands for its own name."""
    whole = ""
    for piece in _split(value, _JOINT) if "#" in value else [value]:
        whole += _text_or_macro(piece.strip(), macros)
        if "#" in value and len(whole) > MAXIMUM_JOINED:
            return whole[:MAXIMUM_JOINED]
    return whole


def _text_or_macro(piece: str, macros: Mapping[str, str]) -> str:
    if len(piece) > 1 and piece[0] + piece[-1] in ("{}", '""'):
        return piece[1:-1]
    return macros.get(piece.casefold(), piece)


def _split(text: str, marks: re.Pattern[str]) -> Iterator[str]:
    """The parts of a text between those of the marks that are outside braces and quotation marks.

    ``marks`` must match the braces, and the quotation marks if they count.
    """
    start, depth, is_quoted = 0, 0, False
    for mark in marks.finditer(text):
        if mark.group() in "{}":
            depth = max(0, depth + (1 if mark.group() == "{" else -1))
        elif mark.group() == '"':
            is_quoted ^= depth == 0
        elif depth == 0 and not is_quoted:
            yield text[start : mark.start()]
            start = mark.end()
    yield text[start:]


def _authors(value: str) -> Iterator[str]:
    """The names between "and", without a final "others"."""
    for name in map(_name, _split(" ".join(value.split()), _AND)):
        if name and name.casefold() != "others":
            yield name


def _name(latex: str) -> str:
    """A name as written, or from biblatex's named parts: family=Gogh, given=Vincent, prefix=van."""
    parts = {part: as_text(value.strip(' "')) for part, value in _NAME_PART.findall(latex)}
    if not parts.get("family"):
        return as_text(latex)
    family = " ".join(filter(None, (parts.get("prefix"), parts["family"])))
    return ", ".join(filter(None, (family, parts.get("given"))))


def _url(latex: str) -> str:
    """A DOI or URL without the LaTeX that some tools escape it with; its dashes and tildes are literal."""
    return _NOT_IN_URL.sub("", _TILDE.sub("~", latex))


def _arxiv_id(archive: str, eprint: str, *fields: str) -> str:
    """From the eprint, unless another archive issued it; or from a field such as CoRR's volume abs/2401.01234."""
    own = f"arXiv:{eprint}" if archive in ("", "arxiv") else ""
    return find_marked_arxiv_id(" ".join([own, *fields]))
