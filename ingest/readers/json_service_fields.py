"""Records of scholarly services in JSON, under the usual names.

Services and tools agree on what a paper has, not on what it is called. ``_NAMES`` lists the names that they use, best
first: Semantic Scholar, OpenAlex, Crossref, Europe PMC, bioRxiv, CORE, DOAJ, DataCite, Zenodo, INSPIRE, ADS, HAL, Lens,
Dimensions, IEEE, Springer, Scopus, OpenReview, Zotero, Better BibTeX, CSL. What needs more than a name has a function.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from assistant.text.identifiers import arxiv_address
from ingest.readers.json_nested_values import date_in, identifiers, names_of, text_in
from ingest.readers.markup.latex_to_text import as_text

Record = dict[str, Any]

_NAMES: Mapping[str, list[str]] = {
    field: names.split()
    for field, names in {
        "title": "title titles dctitle documenttitle displayname reltitle",
        "abstract": """abstract abstracttext abstractnote paperabstract abstracts summary dcdescription descriptions
            description relabs""",
        "authors": """authors authorlist author creators authornames authfullname authorstring dccreator creator
            relauthors""",
        "year": "year publicationyear pubyear yearpublished publishedyear produceddatey",
        "date": """published publicationinfo publisheddate datepublished publicationdate date prismcoverdate
            preprintdate issued publishedprint publishedonline created earliestdate reldate""",
        "venue": """venue journal journalinfo journaltitle publicationtitle proceedingstitle booktitle containertitle
            publicationname prismpublicationname journalname conferencename pub container source publicationinfo
            journals""",
        "url": "url urls landingpageurl link uri sourceurl downloadurl",
        "doi": "doi dois prismdoi doiid reldoi",
    }.items()
}
_OTHER_USED = set(
    """arxiveprints arxivid arxiv archiveid pmid pubmedid abstractinvertedindex externalids ids identifier identifiers
    authorships primarylocation hostvenue authorsparsed""".split()
)
_ARXIV_NOTE = re.compile(r"^\s*(PMID|arXiv|DOI):\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_NOT_PAPERS = {"attachment": "an attachment", "note": "a note", "annotation": "an annotation"}


def not_a_paper(record: Record) -> str:
    """What an item of Zotero's is that is no paper, such as "a note"; empty for all other records."""
    return _NOT_PAPERS.get(str(record.get("itemType", "")), "")


def fields_of(record: Record) -> Record:
    """The record under the names that ``paper_from_fields`` knows, behind its own."""
    special = next((mapped(record) for is_form, mapped in _FORMS if is_form(record)), {})
    usual = {name: value for name, value in _usual(record).items() if value}
    unused = dict.fromkeys(("summary", "author", "link", "published", "issued"))  # chosen from, so not to be read again
    return {**record, **unused, **usual, **special}


def unread_fields(record: Record) -> Record:
    """The fields that ``fields_of`` does not use."""
    used = {name for names in _NAMES.values() for name in names} | _OTHER_USED
    return {name: value for name, value in record.items() if _bare(name) not in used}


def _usual(record: Record) -> Record:
    values = {_bare(name): value for name, value in reversed(record.items())}
    if isinstance(values.get("source"), str):  # where the record is from, as "Zotero" or "MED"; no journal
        del values["source"]
    found = {field: _first(values, names) for field, names in _NAMES.items() if field not in ("authors", "date")}
    people = next((values[name] for name in _NAMES["authors"] if values.get(name)), None)
    dates = (date_in(values.get(name)) for name in _NAMES["date"])
    return {
        **_noted_ids(values),
        **{field: value for field, value in found.items() if value},
        **identifiers(values),
        "authors": names_of(people),
        "date": next(filter(None, dates), None),
    }


def _first(values: Record, names: list[str]) -> Any:
    """The text under the first of the names that has any; else what stands there instead, for the message about it."""
    there = [values[name] for name in names if values.get(name)]
    return next((text for value in there if (text := text_in(value))), there[0] if there else None)


def _noted_ids(values: Record) -> Record:
    """Zotero and CSL keep ids that they have no field for in a note: "PMID: 123"."""
    notes = "\n".join(str(values.get(name) or "") for name in ("extra", "note", "archiveid"))
    names = {"pmid": "pmid", "arxiv": "arxiv_id", "doi": "doi"}
    return {names[kind.casefold()]: value for kind, value in _ARXIV_NOTE.findall(notes)}


@lru_cache(maxsize=4_096)
def _bare(name: str) -> str:
    """A name in small letters and digits alone, without the ending by which Solr tells types, as in ``title_s``."""
    name = re.sub(r"(?<=[A-Za-z])_[sitdb]$", "", str(name))
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def _openalex(record: Record) -> Record:
    """A plain abstract counts whatever the inverted index says."""
    location = _map(record, "primary_location")
    source = _map(location, "source") or _map(record, "host_venue")
    url = location.get("landing_page_url") or record.get("id")
    own = {"venue": source.get("display_name"), "url": url, "authors": [*_openalex_names(record)]}
    if not text_in(record.get("abstract")):
        own["abstract"] = _in_order(record.get("abstract_inverted_index"))
    return {name: value for name, value in own.items() if value}


def _openalex_names(record: Record) -> Iterator[Any]:
    works = record.get("authorships")
    for work in works if isinstance(works, list) else []:
        if isinstance(work, dict):
            yield _map(work, "author") or {"name": work.get("raw_author_name")}


def _in_order(index: Any) -> str:
    """The text of an inverted index, which says for each word at which places it stands; some copies are JSON text."""
    if isinstance(index, str):
        try:
            index = json.loads(index)
        except (ValueError, RecursionError):
            return ""
    index = index.get("InvertedIndex", index) if isinstance(index, dict) else {}  # Microsoft Academic Graph's own form
    words = [
        (place, word)
        for word, places in (index.items() if isinstance(index, dict) else ())
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
        "url": arxiv_address(number) if isinstance(number, str) else "",
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


def _map(record: Record, name: str) -> Record:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


_FORMS: tuple[tuple[Callable[[Record], bool], Callable[[Record], Record]], ...] = (
    (lambda record: "abstract_inverted_index" in record or "authorships" in record, _openalex),
    (lambda record: isinstance(record.get("authors_parsed"), list), _arxiv),
)
