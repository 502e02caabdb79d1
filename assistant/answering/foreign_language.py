"""Languages that the models cannot read.

A question in one gets quotations from papers that hold its words, or a refusal. Papers in one are left out of what an
English question is answered from: nothing can tell whether their sentences answer it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from assistant.index.index import Index
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper, Retrieval
from assistant.text.languages import is_english, is_written_without_spaces, language_of_abstract, name_of, terms_of
from assistant.text.sentences import sentence_spans
from assistant.text.tokens import enumeration

_PAPERS = 20  # looked at
_SENTENCES = 3  # quoted
# Which share of a question's words a paper must hold, and a sentence; of pairs of letters, many belong to the question
# alone ("how many of"). Fitted on questions about papers in German, French and Chinese, see evals/LOG.md.
_OF_WORDS, _OF_PAIRS, _OF_SENTENCE = 0.6, 0.4, 0.3


def answer_by_word_match(answer: Answer, language: str, index: Index, paper_ids: Collection[str] = ()) -> Answer:
    """The finished answer to a question in a foreign language, given by its code.

    Sentences are quoted only from papers that hold most words of the question; nothing else is checked.
    """
    terms = terms_of(answer.question, language)
    least = _OF_PAIRS if is_written_without_spaces(answer.question) else _OF_WORDS
    candidates = _candidates(answer, index, terms, paper_ids)
    found = {paper: _share(f"{paper.title} {paper.abstract}", terms, language) for paper in candidates}
    papers = [paper for paper, share in found.items() if share >= least]
    quoted = sorted(_sentences(papers, terms, language), key=lambda item: (-item.score, item.place))[:_SENTENCES]
    cause = f"Footnote's own models read English, and this question is in {name_of(language)}"
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
    """What was found, without the papers that are not in English."""
    papers = tuple(ranked for ranked in found.papers if is_english(ranked.paper.abstract))
    ids = {ranked.paper.paper_id for ranked in papers}
    return replace(found, papers=papers, evidence=tuple(one for one in found.evidence if one.paper.paper_id in ids))


def not_english_reason(found: Retrieval) -> str:
    """Why nothing that was found can be read."""
    languages = dict.fromkeys(name_of(language_of_abstract(ranked.paper.abstract)) for ranked in found.papers)
    return f"Footnote's own models read English, and the papers found are in {enumeration([*languages])}."


def _candidates(answer: Answer, index: Index, terms: Collection[str], paper_ids: Collection[str]) -> Iterable[Paper]:
    """Papers that hold some of the words. BM25 does not know pairs of letters, for which all abstracts are searched."""
    if not is_written_without_spaces(answer.question):
        best = index.words["passage"].best(answer.question, _PAPERS, paper_ids)
        return index.library.papers(best).values()
    return index.library.papers(paper_ids).values() if paper_ids else index.library.holding(terms, _PAPERS)


def _sentences(papers: Iterable[Paper], terms: Collection[str], language: str) -> Iterable[Evidence]:
    for paper in papers:
        for start, end in sentence_spans(paper.abstract):
            share = _share(paper.abstract[start:end], terms, language)
            if share >= _OF_SENTENCE:
                yield Evidence(paper, start, end, share)


def _share(text: str, terms: Collection[str], language: str) -> float:
    """The share of a question's terms that a text holds."""
    return len(terms_of(text, language) & set(terms)) / len(terms) if terms else 0.0
