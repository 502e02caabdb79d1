"""Finds papers without writing an answer: by a query, or by an id, DOI, arXiv id or PMID; and cites them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.question import checked_question
from assistant.errors import InputError, NotFound
from assistant.export import as_bibtex, as_ris
from assistant.index.library import Library
from assistant.pipeline import AnswerPipeline
from assistant.presentation import evidence_json, paper_json
from assistant.records import Evidence, Paper
from assistant.text.identifiers import first_identifier

MOST_PAPERS = 10  # that a search ranks, as for an answer
_SENTENCES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class FoundPaper:
    """A paper that a search found. ``sentences``: those that come nearest to an answer, best first.

    ``score`` orders the papers of one search; higher is better.
    """

    paper: Paper
    score: float
    sentences: tuple[Evidence, ...]


def search(pipeline: AnswerPipeline, query: str, count: int = MOST_PAPERS, collection: str = "") -> list[FoundPaper]:
    """The best papers for a query in any words, at most ten, best first; of one collection if it is named.

    The search and the reranker are those of an answer. Raises QuestionError for an empty or too long query, InputError
    for an unknown collection, StoreError.
    """
    query = checked_question(query)
    chosen = pipeline.retriever.index.library.source_table.chosen((), collection)
    found = pipeline.reranker.rerank(query, pipeline.retriever.retrieve(query, paper_ids=chosen))
    sentences: dict[str, list[Evidence]] = defaultdict(list)
    for item in found.evidence:
        sentences[item.paper.paper_id].append(item)
    return [
        FoundPaper(ranked.paper, ranked.score, tuple(sentences[ranked.paper.paper_id][:_SENTENCES_SHOWN]))
        for ranked in found.papers[:count]
    ]


def find_paper(library: Library, name: str) -> Paper:
    """The paper with this id, DOI, arXiv id or PMID. Raises NotFound without one, InputError with several."""
    if found := library.papers([name]).get(name):
        return found
    identifier = first_identifier(name)
    papers = library.bibliography.identified(identifier.key) if identifier else []
    if len(papers) == 1:
        return papers[0]
    if papers:
        ids = ", ".join(paper.paper_id for paper in papers)
        raise InputError(f"Several papers have the identifier {name!r}: give one of the ids {ids}.")
    raise NotFound(f"No indexed paper has the id {name!r}: find it with `footnote search`, or give its DOI.")


def cite(library: Library, names: Iterable[str], style: str = "bibtex") -> str:
    """References to papers, named as for ``find_paper``: BibTeX, RIS or lines of text.

    Raises NotFound for an unknown paper, InputError for an unknown style.
    """
    if style not in CITATION_STYLES:
        raise InputError(f"The style {style!r} is unknown: use {', '.join(CITATION_STYLES)}.")
    return CITATION_STYLES[style]([find_paper(library, name) for name in names])


def found_as_json(found: Sequence[FoundPaper], library: Library) -> list[dict[str, Any]]:
    """What a search found as JSON values. For every sentence, ``text == abstract[start:end]``."""
    papers = papers_as_json([one.paper for one in found], library)
    return [
        {**paper, "score": round(one.score, 4), "sentences": [evidence_json(item) for item in one.sentences]}
        for paper, one in zip(papers, found, strict=True)
    ]


def papers_as_json(papers: Sequence[Paper], library: Library) -> list[dict[str, Any]]:
    """Papers as JSON values, with the collections that each is in, and the links that open it in Zotero."""
    ids = [paper.paper_id for paper in papers]
    collections, links = library.source_table.collections_of(ids), library.links_of(ids)
    return [
        paper_json(paper, collections.get(name, ()), links.get(name, ()))
        for name, paper in zip(ids, papers, strict=True)
    ]


def _as_lines(papers: Iterable[Paper]) -> str:
    return "".join(f"{' '.join(paper.title.split())}. {paper.record}\n" for paper in papers)


CITATION_STYLES: Mapping[str, Callable[[Sequence[Paper]], str]] = {
    "bibtex": as_bibtex,
    "ris": as_ris,
    "text": _as_lines,
}
