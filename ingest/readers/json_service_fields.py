"""Maps the JSON fields of scholarly services to the field names that ``paper_fields`` takes.

Services and tools store the same fields under different names. ``_NAMES`` lists those of Semantic Scholar, OpenAlex,
Crossref, Europe PMC, bioRxiv, CORE, DOAJ, DataCite, Zenodo, INSPIRE, ADS, HAL, Lens, Dimensions, IEEE, Springer,
Scopus, OpenReview, Zotero, Better BibTeX and CSL, the best name first. OpenAlex and arXiv's data set also need a
function each (``_SERVICES``).
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
_ID_IN_NOTE = re.compile(r"^\s*(PMID|arXiv|DOI):\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_NOT_PAPERS = {"attachment": "an attachment", "note": "a note", "annotation": "an annotation"}


def not_a_paper(record: Record) -> str:
    """The kind of an item of Zotero that is not a paper, such as "a note"; empty for all other records."""
    return _NOT_PAPERS.get(str(record.get("itemType", "")), "")


def fields_of(record: Record) -> Record:
    """The record with the names that ``paper_from_fields`` takes added; these replace its own fields of that name."""
    special = next((mapped(record) for is_of_service, mapped in _SERVICES if is_of_service(record)), {})
    usual = {name: value for name, value in _usual_fields(record).items() if value}
    # ``_usual_fields`` has already chosen among these names, which ``paper_from_fields`` would read too.
    unused = dict.fromkeys(("summary", "author", "link", "published", "issued"))
    return {**record, **unused, **usual, **special}


def unread_fields(record: Record) -> Record:
    """The fields that ``fields_of`` ignores."""
    used = {name for names in _NAMES.values() for name in names} | _OTHER_USED
    return {name: value for name, value in record.items() if _simplified(name) not in used}


def _usual_fields(record: Record) -> Record:
    values = {_simplified(name): value for name, value in reversed(record.items())}
    if isinstance(values.get("source"), str):  # the origin of the record, such as "Zotero" or "MED", not a journal
        del values["source"]
    found = {field: _first_text(values, names) for field, names in _NAMES.items() if field not in ("authors", "date")}
    people = next((values[name] for name in _NAMES["authors"] if values.get(name)), None)
    dates = (date_in(values.get(name)) for name in _NAMES["date"])
    return {
        **_ids_in_notes(values),
        **{field: value for field, value in found.items() if value},
        **identifiers(values),
        "authors": names_of(people),
        "date": next(filter(None, dates), None),
    }


def _first_text(values: Record, names: list[str]) -> Any:
    """The text of the first of these fields that has any; else the value found instead, for the error message."""
    there = [values[name] for name in names if values.get(name)]
    return next((text for value in there if (text := text_in(value))), there[0] if there else None)


def _ids_in_notes(values: Record) -> Record:
    """Ids in a note, such as "PMID: 123": Zotero and CSL have no field for some kinds of id."""
    notes = "\n".join(str(values.get(name) or "") for name in ("extra", "note", "archiveid"))
    names = {"pmid": "pmid", "arxiv": "arxiv_id", "doi": "doi"}
    return {names[kind.casefold()]: value for kind, value in _ID_IN_NOTE.findall(notes)}


@lru_cache(maxsize=4_096)
def _simplified(name: str) -> str:
    """A name reduced to lower-case letters and digits, without the type suffix of Solr, as in ``title_s``."""
    name = re.sub(r"(?<=[A-Za-z])_[sitdb]$", "", str(name))
    return re.sub(r"[\W_]+", "", str(name)).casefold()


def _openalex(record: Record) -> Record:
    """A plain abstract takes precedence over the inverted index."""
    location = _object(record, "primary_location")
    source = _object(location, "source") or _object(record, "host_venue")
    url = location.get("landing_page_url") or record.get("id")
    own = {"venue": source.get("display_name"), "url": url, "authors": [*_openalex_names(record)]}
    if not text_in(record.get("abstract")):
        own["abstract"] = _text_of_inverted_index(record.get("abstract_inverted_index"))
    return {name: value for name, value in own.items() if value}


def _openalex_names(record: Record) -> Iterator[Any]:
    works = record.get("authorships")
    for work in works if isinstance(works, list) else []:
        if isinstance(work, dict):
            yield _object(work, "author") or {"name": work.get("raw_author_name")}


def _text_of_inverted_index(index: Any) -> str:
    """The text of an inverted index, which lists the positions of each word; some copies store it as a JSON string."""
    if isinstance(index, str):
        try:
            index = json.loads(index)
        except (ValueError, RecursionError):
            return ""
    index = index.get("InvertedIndex", index) if isinstance(index, dict) else {}  # as in Microsoft Academic Graph
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
        "title": _without_line_breaks(record.get("title")),
        "abstract": _without_line_breaks(record.get("abstract")),
        "authors": [_arxiv_name(parts) for parts in record["authors_parsed"] if isinstance(parts, list)],
        "year": first.get("created") or record.get("update_date"),
        "venue": record.get("journal-ref"),
        "url": arxiv_address(number) if isinstance(number, str) else "",
        "arxiv_id": number,
    }


def _without_line_breaks(text: Any) -> Any:
    """The text without arXiv's line breaks at 80 characters; an indented line after the first starts a paragraph."""
    if not isinstance(text, str):
        return text
    paragraphs = re.split(r"\n(?:[ \t]*\n|[ \t]{2,})", text.strip())
    return "\n\n".join(filter(None, map(as_text, paragraphs)))


def _arxiv_name(parts: list[Any]) -> str:
    """One name from ``parts``: family name, given names, suffix."""
    family, given, suffix, *_ = [as_text(part) if isinstance(part, str) else "" for part in [*parts, "", "", ""]]
    return " ".join(filter(None, (given, family, suffix)))


def _object(record: Record, name: str) -> Record:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


_SERVICES: tuple[tuple[Callable[[Record], bool], Callable[[Record], Record]], ...] = (
    (lambda record: "abstract_inverted_index" in record or "authorships" in record, _openalex),
    (lambda record: isinstance(record.get("authors_parsed"), list), _arxiv),
)
