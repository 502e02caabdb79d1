"""Which sentences an answer rests on: a handful, chosen by what the question asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from assistant.answering.question import QuestionType
from assistant.records import Evidence, RankedPaper
from assistant.text.quantities.extraction import quantities_in

PROSE_SENTENCES = 6
LIST_PAPERS = 5
COMPARISON_SENTENCES_A_PAPER = 3
# How far below the best paper another may score and still lend sentences to an answer in prose, be listed, or be a
# side of a comparison; and what a word of length costs a sentence in a list, where a short one makes room for the
# next paper. Chosen on the ``tune`` questions (evals/LOG.md).
PROSE_MARGIN, LIST_MARGIN, COMPARISON_MARGIN = 0.01, 0.6, 1.0
LIST_COST_OF_A_WORD = 0.02
SENTENCE_MARGIN = 0.6  # the same between sentences of a paper: an answer ends where they stop being about the question


def select(
    request: QuestionType, papers: Sequence[RankedPaper], evidence: Sequence[Evidence], word_budget: int
) -> tuple[Evidence, ...]:
    """The chosen evidence within ``word_budget`` words, shown titles included; at least one sentence if there is any.

    Prose takes the best sentences of the best paper and of those level with it, best first. A list takes a sentence
    a paper, and a comparison up to three sentences of each of the best papers, as many as it has sides, in turns; both
    are given paper by paper. A sentence far below the best of its paper is left out, whatever room there is; but what
    asks for a number gets the best sentence with one.
    """
    if request.kind == "prose":
        near = _near(papers, PROSE_MARGIN)
        lent = [item for item in evidence if item.paper.paper_id in near]
        worth = _worth_quoting(lent)
        if request.asks_for_number and not any(map(_holds_number, worth)):
            worth[1:1] = list(islice(filter(_holds_number, lent), 1))
        return _within(worth, PROSE_SENTENCES, word_budget, titles=False)
    evidence = _worth_quoting(evidence)
    if request.kind == "list":
        near, a_paper = _near(papers[:LIST_PAPERS], LIST_MARGIN), 1
        evidence = sorted(evidence, key=lambda item: LIST_COST_OF_A_WORD * _word_count(item.text) - item.score)
    else:
        near, a_paper = _near(papers[: request.compared], COMPARISON_MARGIN), COMPARISON_SENTENCES_A_PAPER
    chosen = _within(_in_turns(near, evidence, a_paper), len(near) * a_paper, word_budget, titles=True)
    return tuple(sorted(chosen, key=lambda item: near.index(item.paper.paper_id)))


def _holds_number(item: Evidence) -> bool:
    return bool(quantities_in(item.text))


def _worth_quoting(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Those no further than ``SENTENCE_MARGIN`` below the best of their paper, best first."""
    best: dict[str, float] = {}
    ranked = sorted(evidence, key=lambda item: -item.score)
    return [item for item in ranked if item.score >= best.setdefault(item.paper.paper_id, item.score) - SENTENCE_MARGIN]


def _near(papers: Sequence[RankedPaper], margin: float) -> list[str]:
    """The ids of the papers no further than ``margin`` below the best, best first."""
    return [ranked.paper.paper_id for ranked in papers if ranked.score >= papers[0].score - margin]


def _in_turns(papers: Sequence[str], evidence: Iterable[Evidence], a_paper: int) -> Iterator[Evidence]:
    """The best sentence of each paper, then the second best of each, up to ``a_paper`` of them."""
    by_paper: dict[str, list[Evidence]] = {paper_id: [] for paper_id in papers}
    for item in evidence:
        by_paper.get(item.paper.paper_id, []).append(item)
    for turn in islice(zip_longest(*by_paper.values()), a_paper):
        yield from (item for item in turn if item is not None)


def _within(evidence: Iterable[Evidence], most: int, word_budget: int, *, titles: bool) -> tuple[Evidence, ...]:
    """Sentences as they come, as long as they fit; with ``titles``, a paper's first one also pays for its title."""
    chosen: list[Evidence] = []
    word_count = 0
    for item in evidence:
        is_first = all(item.paper.paper_id != other.paper.paper_id for other in chosen)
        length = _word_count(item.text) + (_word_count(item.paper.title) if titles and is_first else 0)
        if len(chosen) < most and (not chosen or word_count + length <= word_budget):
            chosen.append(item)
            word_count += length
    return tuple(chosen)


def _word_count(text: str) -> int:
    return len(text.split())
