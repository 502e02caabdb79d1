"""Merges several records of one paper into the paper that is shown.

Each field has the longest or most complete value of all records, and the paper is retracted if any source says so. The
result does not depend on the order of the records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from assistant.index.identity import Record
from assistant.records import Paper
from assistant.text.identifiers import ARXIV_DOI_PREFIX


def merged(records: Iterable[Record], paper_id: str = "") -> Paper:
    """One paper from all its records, with the id derived from its title unless ``paper_id`` is given."""
    records = list(records)
    papers = [record.paper for record in records]
    is_retracted = any(record.paper.is_retracted or record.has_notice for record in records)
    if len(papers) == 1:
        return replace(papers[0], paper_id=paper_id or papers[0].paper_id, is_retracted=is_retracted)
    title = _longest(paper.title for paper in papers)
    return Paper(
        paper_id or next(paper.paper_id for paper in papers if paper.title == title),
        title,
        abstract=_longest(paper.abstract for paper in papers),
        authors=max((paper.authors for paper in papers), key=lambda names: (len(names), len("".join(names)), names)),
        # The latest: the year of the journal, not of the preprint.
        year=max((paper.year for paper in papers if paper.year is not None), default=None),
        venue=_longest(paper.venue for paper in papers),
        url=_longest(paper.url for paper in papers),
        doi=max((paper.doi for paper in papers), key=_doi_preference),
        arxiv_id=_longest(paper.arxiv_id for paper in papers),
        pmid=_longest(paper.pmid for paper in papers),
        is_retracted=is_retracted,
    )


def _doi_preference(doi: str) -> tuple[bool, bool, str]:
    """The DOI of a publisher comes before the one that arXiv gives to a preprint."""
    return bool(doi), not doi.startswith(ARXIV_DOI_PREFIX), doi


def _longest(values: Iterable[str]) -> str:
    return max(values, key=lambda value: (len(value), value))
