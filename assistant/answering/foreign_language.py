"""Handles questions and papers that are not in English, which the packaged models do not understand.

A question in another language is answered with quotations that share its words, or declined. For an English question,
papers in other languages are left out, because nothing can tell whether their sentences answer it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from assistant.index.index import Index
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper, Retrieval
from assistant.text.headings import abstract_sentences
from assistant.text.languages import (
    comparison_terms,
    is_english,
    is_written_without_spaces,
    language_name,
    language_of_abstract,
)
from assistant.text.tokens import enumeration

_MAX_PAPERS = 20
_MAX_QUOTATIONS = 3
# The share of the question's terms that a paper must contain, and that a sentence must contain. Terms are stems, or
# pairs of letters in scripts without spaces; of the pairs a smaller share is enough, because many of them belong to the
# words of every question ("how many"). Chosen on French and Chinese papers (evals/LOG.md).
_PAPER_SHARE_OF_STEMS, _PAPER_SHARE_OF_PAIRS, _SENTENCE_SHARE = 0.6, 0.4, 0.3


def answer_by_word_match(answer: Answer, language: str, index: Index, paper_ids: Collection[str] = ()) -> Answer:
    """The finished answer to a question in another language: quotations that share its words, or a reason to decline.

    ``language`` is an ISO 639-1 code. Only papers with most words of the question are quoted; nothing else is checked.
    """
    terms = comparison_terms(answer.question, language)
    least = _PAPER_SHARE_OF_PAIRS if is_written_without_spaces(answer.question) else _PAPER_SHARE_OF_STEMS
    candidates = _candidates(answer, index, terms, paper_ids)
    found = {paper: _share(f"{paper.title} {paper.abstract}", terms, language) for paper in candidates}
    papers = [paper for paper, share in found.items() if share >= least]
    quoted = sorted(_sentences(papers, terms, language), key=lambda item: (-item.score, item.place))[:_MAX_QUOTATIONS]
    cause = f"Footnote's own models read English, and this question is in {language_name(language)}"
    if not quoted:
        return replace(answer, stage="done", abstained=True, reason=f"{cause}: ask it in English.")
    return replace(
        answer,
        stage="done",
        form="list",
        notice=f"{cause}. These sentences share its words; nothing has checked whether they answer it.",
        claims=tuple(Claim(item.text, (item,), "quoted", 1.0) for item in quoted),
        retrieved=tuple(RankedPaper(paper, found[paper]) for paper in papers),
    )


def english_only(found: Retrieval) -> Retrieval:
    """The retrieved papers and sentences without those that are not in English."""
    papers = tuple(ranked for ranked in found.papers if is_english(ranked.paper.abstract))
    ids = {ranked.paper.paper_id for ranked in papers}
    return replace(found, papers=papers, evidence=tuple(one for one in found.evidence if one.paper.paper_id in ids))


def not_english_reason(found: Retrieval) -> str:
    """Why a retrieval without any English paper answers nothing."""
    languages = dict.fromkeys(language_name(language_of_abstract(ranked.paper.abstract)) for ranked in found.papers)
    return f"Footnote's own models read English, and the papers found are in {enumeration([*languages])}."


def _candidates(answer: Answer, index: Index, terms: Collection[str], paper_ids: Collection[str]) -> Iterable[Paper]:
    """Papers with some of the terms. The BM25 index has no pairs of letters: for them, all abstracts are searched."""
    if not is_written_without_spaces(answer.question):
        best = index.words["passage"].best(answer.question, _MAX_PAPERS, paper_ids)
        return index.library.papers(best).values()
    return index.library.papers(paper_ids).values() if paper_ids else index.library.holding(terms, _MAX_PAPERS)


def _sentences(papers: Iterable[Paper], terms: Collection[str], language: str) -> Iterable[Evidence]:
    for paper in papers:
        for sentence in abstract_sentences(paper.abstract):
            share = _share(paper.abstract[sentence.start : sentence.end], terms, language)
            if share >= _SENTENCE_SHARE:
                yield Evidence(paper, sentence.start, sentence.end, share)


def _share(text: str, terms: Collection[str], language: str) -> float:
    """The share of a question's terms that a text contains."""
    return len(comparison_terms(text, language) & set(terms)) / len(terms) if terms else 0.0
