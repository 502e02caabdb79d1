"""Reads PubMed's "Abstract (text)" export: numbered citations, each with title, authors, abstract and ids in blocks.

``text_listing`` would take a citation for a title and the authors' addresses for an abstract, so it comes later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from assistant.errors import InputError
from assistant.text.identifiers import pubmed_address
from ingest.readers.formats.text_listing import Block, blocks_of
from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import paper_from_fields

NAME = "PubMed's abstracts as text"
SUFFIXES = ()  # such a file ends in .txt, which says nothing

_CITATION = re.compile(r"(\d{1,6})\. (.{2,150}?)\. ((?:1[5-9]|20)\d\d)\b")
_IDS = re.compile(r"^(DOI|PMID): (\S+)", re.MULTILINE)
_AUTHORS = re.compile(r"[^.:]{2,60} [A-Z]{1,4}(?:\(\d|,|\.|;|$)")
_NUMBERS = re.compile(r"\(\d{1,3}\)")
_NOT_ABSTRACTS = re.compile(
    r"author information|collaborators|contributed equally|comment (?:in|on)|erratum|update (?:in|of)|republished"
    r"|expression of concern|retract|conflict of interest|publisher:|copyright|©|doi:|pmcid:|pmid:|\[article in",
    re.IGNORECASE,
)


def recognises(start: str) -> bool:
    return bool(_CITATION.match(start.lstrip()) and re.search(r"^PMID: \d", start, re.MULTILINE))


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if the text does not begin with a citation."""
    record = list[Block]()
    for block in blocks_of(text):
        if _CITATION.match(block.text) and (not record or _is_whole(record)):
            if record:
                yield _item(record)
            record = []
        elif not record:
            raise InputError(f'no citation such as "1. Sleep. 2011 Mar;9(3):1-9." is in line {block.line}')
        record.append(block)
    if not record:
        raise InputError("it contains no citation")
    yield _item(record)


def _is_whole(record: list[Block]) -> bool:
    """Does the last block hold ids? Every record ends with them, so a numbered sentence before them begins none."""
    return bool(_IDS.search(record[-1].text))


def _item(record: list[Block]) -> Item:
    if not _is_whole(record):
        return Skipped(record[0].place, "an incomplete record: its last block has no PMID")
    return paper_from_fields(_fields(record), record[0].place)


def _parts(blocks: list[str]) -> tuple[str, str, str]:
    """Title, authors, and the abstract: all other blocks that are not known to be something else."""
    title, *rest = blocks or [""]
    authors = rest.pop(0) if rest and _AUTHORS.match(rest[0]) else ""
    return title, authors, "\n\n".join(block for block in rest if not _NOT_ABSTRACTS.match(block))


def _fields(record: list[Block]) -> dict[str, Any]:
    citation = _CITATION.match(record[0].text)
    ids = dict(_IDS.findall(record[-1].text))
    title, authors, abstract = _parts([" ".join(block.text.split()) for block in record[1:]])
    return {
        "title": title,
        "abstract": abstract,
        "authors": [name.strip(" .") for name in _NUMBERS.sub("", authors).split(",")],
        "year": citation[3] if citation else "",
        "venue": citation[2] if citation else "",
        "doi": ids.get("DOI", ""),
        "pmid": ids.get("PMID", ""),
        "url": pubmed_address(ids["PMID"]) if "PMID" in ids else "",
        "is_retracted": any(block.text.casefold().startswith("retraction in") for block in record),
    }
