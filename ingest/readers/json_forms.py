"""Records of scholarly services in JSON, under the usual names.

Sources of the forms: the Semantic Scholar Academic Graph API, OpenAlex works, the metadata snapshot that arXiv
publishes on Kaggle, Crossref works; CSL-JSON, as Zotero and Mendeley write it, has the usual names already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ingest.readers.latex import as_text

Record = dict[str, Any]

LISTS = ("data", "results", "items", "works", "papers", "records", "message.items")
"""Where services keep the records of a page of results."""


def records_in(value: Any) -> Iterator[Any]:
    """The records that a JSON value holds: those in its list, else itself."""
    if isinstance(value, dict) and "title" not in value:
        message = value.get("message")
        for holder in (message if isinstance(message, dict) else {}, value):
            for name in LISTS:
                if isinstance(holder.get(name), list):
                    yield from holder[name]
                    return
    yield value


def fields_of(record: Record) -> Record:
    """The record under the names that ``paper_from_fields`` knows."""
    for is_form, mapped in _FORMS:
        if is_form(record):
            return {**record, **mapped(record)}
    return record


def _semantic_scholar(record: Record) -> Record:
    ids = {str(name).casefold(): value for name, value in record[_ids_name(record)].items()}
    own = {"doi": ids.get("doi"), "arxiv_id": ids.get("arxiv"), "pmid": ids.get("pubmed")}
    return {name: str(value) for name, value in own.items() if value}


def _ids_name(record: Record) -> str:
    """The API writes externalIds, the downloads externalids."""
    return next((name for name in ("externalIds", "externalids") if isinstance(record.get(name), dict)), "")


def _openalex(record: Record) -> Record:
    ids, works = _map(record, "ids"), record.get("authorships")
    source = _map(_map(record, "primary_location"), "source") or _map(record, "host_venue")
    authorships = [work for work in works if isinstance(work, dict)] if isinstance(works, list) else []
    abstract = record.get("abstract_inverted_index")
    return {
        "title": record.get("title") or record.get("display_name"),
        "abstract": _in_order(abstract) if isinstance(abstract, dict) else None,
        "authors": [_map(work, "author") or {"name": work.get("raw_author_name")} for work in authorships],
        "venue": source.get("display_name"),
        "url": _map(record, "primary_location").get("landing_page_url") or record.get("id"),
        "doi": record.get("doi") or ids.get("doi"),
        "pmid": ids.get("pmid"),
    }


def _in_order(places_of: Record) -> str:
    """The text of an inverted index, which says for each word at which places it stands."""
    words = [
        (place, word)
        for word, places in places_of.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(words))


def _arxiv(record: Record) -> Record:
    number, versions = record.get("id"), record.get("versions")
    first = versions[0] if isinstance(versions, list) and versions and isinstance(versions[0], dict) else {}
    return {
        "title": _unwrapped(record.get("title")),
        "abstract": _unwrapped(record.get("abstract")),
        "authors": [_arxiv_name(parts) for parts in record["authors_parsed"] if isinstance(parts, list)],
        "year": first.get("created") or record.get("update_date"),
        "venue": record.get("journal-ref"),
        "url": f"https://arxiv.org/abs/{number}" if isinstance(number, str) else "",
        "arxiv_id": number,
    }


def _unwrapped(text: Any) -> Any:
    """arXiv breaks lines at 80 characters; an indented line, after the first, starts a paragraph."""
    if not isinstance(text, str):
        return text
    paragraphs = re.split(r"\n(?:[ \t]*\n|[ \t]{2,})", text.strip())
    return "\n\n".join(filter(None, map(as_text, paragraphs)))


def _arxiv_name(parts: list[Any]) -> str:
    """From the family name, the given names, and a suffix."""
    family, given, suffix, *_ = [as_text(part) if isinstance(part, str) else "" for part in [*parts, "", "", ""]]
    return " ".join(filter(None, (given, family, suffix)))


def _crossref(record: Record) -> Record:
    """Titles are lists of one, dates are lists in lists, ``link`` is for machines."""
    dates = (record.get(name) for name in ("issued", "published", "published-print", "published-online", "created"))
    return {
        "title": next(iter(record["title"]), None),
        "year": next((date for date in dates if date), None),
        "link": None,
    }


def _map(record: Record, name: str) -> Record:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


_FORMS: tuple[tuple[Callable[[Record], bool], Callable[[Record], Record]], ...] = (
    (lambda record: bool(_ids_name(record)), _semantic_scholar),
    (lambda record: "abstract_inverted_index" in record or "authorships" in record, _openalex),
    (lambda record: isinstance(record.get("authors_parsed"), list), _arxiv),
    (lambda record: isinstance(record.get("title"), list), _crossref),
)
