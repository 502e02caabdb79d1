"""Reads the Atom feeds of arXiv's API: https://info.arxiv.org/help/api/user-manual.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO
from xml.etree.ElementTree import Element

from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.xml_records import markup_of, records, root_name, text_of

NAME = "arXiv's Atom feeds"
SUFFIXES = (".atom", ".xml")

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_API = re.compile(r"https?://(?:export\.)?arxiv\.org/api/")
_ERROR = re.compile(r"https?://arxiv\.org/api/errors")


def recognises(start: str) -> bool:
    """Only a feed of arXiv's API: the feeds of other sites and arXiv's own news feeds have other entries."""
    return root_name(start) == "feed" and bool(_API.search(start))


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if the text is not a feed."""
    for number, entry in enumerate(records(text, f"{_ATOM}feed", (f"{_ATOM}entry",)), start=1):
        yield entry if isinstance(entry, Skipped) else _item(entry, number)


def _item(entry: Element, number: int) -> Item:
    identifier = _text(entry, "id")
    place = f"entry {identifier.partition('/abs/')[2][:60] or number}"
    if _ERROR.match(identifier):
        return Skipped(place, f"arXiv answered with an error: {_text(entry, 'summary')[:200]}")
    return paper_from_fields(_fields(entry), place)


def _fields(entry: Element) -> dict[str, str | list[str]]:
    """The id is the address of one version of the paper; the abstract is that of the version."""
    return {
        "title": _markup(entry, "title"),
        "abstract": _markup(entry, "summary"),
        "authors": [text_of(name) for name in entry.findall(f"{_ATOM}author/{_ATOM}name")],
        "year": _text(entry, "published"),
        "venue": text_of(entry.find(f"{_ARXIV}journal_ref")),
        "url": _text(entry, "id"),
        "doi": text_of(entry.find(f"{_ARXIV}doi")),
    }


def _text(entry: Element, name: str) -> str:
    return text_of(entry.find(_ATOM + name))


def _markup(entry: Element, name: str) -> str:
    """On one line, because line breaks in arXiv's feeds have no meaning."""
    return " ".join(markup_of(entry.find(_ATOM + name)).split())
