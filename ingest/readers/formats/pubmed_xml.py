"""Reads PubMed's XML, from its site, its E-utilities or its yearly files.

Elements: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from assistant.text.identifiers import key_of, pubmed_address
from ingest.readers.interface import Item, Retraction, Skipped
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.unread_fields import with_unread_field
from ingest.readers.xml_records import markup_of, records, root_name, text_of

NAME = "PubMed XML"
SUFFIXES = (".xml",)

_ROOT = "PubmedArticleSet"
_REFERENCES = "MedlineCitation/CommentsCorrectionsList/CommentsCorrections"


def recognises(start: str) -> bool:
    return root_name(start) == _ROOT


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if the root element is not a set of articles."""
    found = records(text, _ROOT, ("PubmedArticle", "PubmedBookArticle"))
    for number, record in enumerate(found, start=1):
        yield record if isinstance(record, Skipped) else _item(record, number)
        if isinstance(record, Element):
            yield from _retractions(record)


def _item(record: Element, number: int) -> Item:
    pmid = _text(record, "MedlineCitation/PMID", "BookDocument/PMID")
    place = f"PMID {pmid[:20]}" if pmid else f"record {number}"
    for path in ("MedlineCitation/Article", "BookDocument"):
        if (source := record.find(path)) is not None:
            fields = {**_ids(record, pmid), **_fields(source), "is_retracted": _has_notice(record)}
            return with_unread_field(paper_from_fields(fields, place), _other_abstracts(record))
    return Skipped(place, "it holds no article")


def _other_abstracts(record: Element) -> dict[str, str]:
    """Abstracts in other languages or for laypeople, which are not read."""
    return {
        f"OtherAbstract {other.get('Type', '')} {other.get('Language', '')}".strip(): text_of(other)
        for other in record.findall("MedlineCitation/OtherAbstract")
    }


def _retractions(record: Element) -> Iterator[Retraction]:
    """The papers that a retraction notice names."""
    for reference in record.findall(f"{_REFERENCES}[@RefType='RetractionOf']"):
        if pmid := _text(reference, "PMID"):
            yield Retraction(key_of("pmid", pmid))


def _has_notice(record: Element) -> bool:
    return record.find(f"{_REFERENCES}[@RefType='RetractionIn']") is not None


def _ids(record: Element, pmid: str) -> dict[str, str]:
    """The ids of this paper; a ReferenceList holds those of other papers."""
    return {
        "pmid": pmid,
        "url": pubmed_address(pmid) if pmid else "",
        "doi": _text(
            record,
            "PubmedData/ArticleIdList/ArticleId[@IdType='doi']",
            "PubmedBookData/ArticleIdList/ArticleId[@IdType='doi']",
            "MedlineCitation/Article/ELocationID[@EIdType='doi'][@ValidYN='Y']",
        ),
    }


def _fields(source: Element) -> dict[str, str | list[str]]:
    """``source`` is an article or a book chapter."""
    date = "Journal/JournalIssue/PubDate"
    return {
        "title": _markup(source, "ArticleTitle", "VernacularTitle", "Book/BookTitle"),
        "abstract": "<br/>".join(filter(None, map(_section, source.findall("Abstract/AbstractText")))),
        "authors": [_name(author) for author in source.findall("AuthorList/Author") if author.get("ValidYN") != "N"],
        "year": _text(source, f"{date}/Year", f"{date}/MedlineDate", "Book/PubDate/Year", "ArticleDate/Year"),
        "publication_types": [text_of(one) for one in source.findall("PublicationTypeList/PublicationType")],
        "venue": _markup(source, "Journal/Title", "Journal/ISOAbbreviation", "Book/BookTitle"),
    }


def _section(element: Element) -> str:
    label, text = element.get("Label", ""), markup_of(element).strip()
    return f"{escape(label)}: {text}" if text and label not in ("", "UNLABELLED") else text


def _name(author: Element) -> str:
    parts = _text(author, "LastName"), _text(author, "ForeName", "Initials")
    return ", ".join(filter(None, parts)) or _text(author, "CollectiveName")


def _text(element: Element, *paths: str) -> str:
    """The text at the first of these paths that has any."""
    return next((text for path in paths if (text := text_of(element.find(path)))), "")


def _markup(element: Element, *paths: str) -> str:
    """The markup at the first of these paths that has any text."""
    found = (element.find(path) for path in paths)
    return next((markup_of(one) for one in found if text_of(one)), "")
