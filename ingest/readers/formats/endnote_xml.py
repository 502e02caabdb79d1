"""Reads EndNote's XML export, which Zotero, Mendeley and Covidence write too.

EndNote wraps every run of text in a <style> element; only its ``face`` says what is a superscript or subscript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO
from xml.etree.ElementTree import Element

from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import is_pubmed, paper_from_fields
from ingest.readers.unread_fields import with_unread_field
from ingest.readers.xml_records import records, root_name

NAME = "EndNote XML"
SUFFIXES = (".xml",)

_ROOT = "xml"
_PARAGRAPHS = re.compile(r"\r\n?|\n[ \t]*\n")  # EndNote ends a paragraph with a carriage return
_USED = {
    "titles",
    "contributors",
    "periodical",
    "dates",
    "abstract",
    "urls",
    "electronic-resource-num",
    "accession-num",
}
_TITLES = ("titles/title", "titles/short-title")
_VENUES = ("periodical/full-title", "titles/secondary-title", "periodical/abbr-1", "titles/alt-title")
_YEARS = ("dates/year", "dates/pub-dates/date")


def recognises(start: str) -> bool:
    return root_name(start) == _ROOT and "<record" in start


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if the text is not EndNote's XML."""
    for number, record in enumerate(records(text, _ROOT, ("record",)), start=1):
        yield record if isinstance(record, Skipped) else _item(record, number)


def _item(record: Element, number: int) -> Item:
    others = {child.tag: _plain(child) for child in record if child.tag not in _USED}
    return with_unread_field(
        paper_from_fields(_fields(record), f"record {_text(record, 'rec-number') or number}"), others
    )


def _fields(record: Element) -> dict[str, Any]:
    names = [_plain(author) for author in record.findall("contributors/authors/author")]
    database = _text(record, "remote-database-name", "remote-database-provider")
    return {
        "title": _text(record, *_TITLES),
        "abstract": "\n\n".join(_paragraphs(record.find("abstract"))),
        "authors": [name.rstrip(", ") for name in names],  # the name of a group ends in a comma
        "year": _text(record, *_YEARS),
        "venue": _text(record, *_VENUES),
        "url": (_text(record, "urls/related-urls/url", "urls/web-urls/url").split() or [""])[0],
        "doi": _text(record, "electronic-resource-num"),
        "pmid": _text(record, "accession-num") if is_pubmed(database) else "",
        "document_type": _text(record, "work-type"),
    }


def _paragraphs(element: Element | None) -> Iterator[str]:
    for paragraph in _PARAGRAPHS.split(_with_script_tags(element)):
        if text := " ".join(paragraph.split()):
            yield text


def _text(record: Element, *paths: str) -> str:
    """The text at the first of these paths that has any, on one line."""
    return next((text for path in paths if (text := _plain(record.find(path)))), "")


def _plain(element: Element | None) -> str:
    return " ".join(_with_script_tags(element).split())


def _with_script_tags(element: Element | None) -> str:
    """The text of an element without its styles, but with superscripts in <sup> and subscripts in <sub>."""
    if element is None:
        return ""
    if element.find("style") is None:
        return "".join(element.itertext())
    return (element.text or "") + "".join(_run(child) + (child.tail or "") for child in element)


def _run(style: Element) -> str:
    text, face = "".join(style.itertext()), style.get("face", "")
    for name, tag in (("superscript", "sup"), ("subscript", "sub")):
        if name in face:
            return f"<{tag}>{text}</{tag}>"
    return text
