"""Which sentences an answer rests on: a handful, chosen by what the question asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.questions import Kind
from assistant.records import Evidence, RankedPaper

PROSE_SENTENCES = 6
LIST_PAPERS = 5
COMPARISON_SENTENCES_A_PAPER = 3
# How far below the best paper another may score and still lend sentences to an answer in prose, or be listed.
# Chosen on the ``tune`` questions (evals/LOG.md).
PROSE_MARGIN, LIST_MARGIN, COMPARISON_MARGIN = 0.1, 0.35, 1.0


def select(
    kind: Kind, papers: Sequence[RankedPaper], evidence: Sequence[Evidence], word_budget: int, sides: int = 2
) -> tuple[Evidence, ...]:
    """The chosen evidence, best first, within ``word_budget`` words; at least one sentence when there is any.

    Prose takes the best sentences of the best paper and of those close to it; a list takes one sentence a paper; a
    comparison takes up to three sentences of each of the ``sides`` best papers, in turns.
    """
    margin = {"prose": PROSE_MARGIN, "list": LIST_MARGIN, "comparison": COMPARISON_MARGIN}[kind]
    most_papers = {"prose": len(papers), "list": LIST_PAPERS, "comparison": sides}[kind]
    near = [ranked for ranked in papers[:most_papers] if ranked.score >= papers[0].score - margin]
    order = {ranked.paper.paper_id: place for place, ranked in enumerate(near)}
    candidates = [item for item in evidence if item.paper.paper_id in order]
    if kind == "prose":
        return _within(candidates, word_budget, PROSE_SENTENCES)
    a_paper = 1 if kind == "list" else COMPARISON_SENTENCES_A_PAPER
    in_turns = sorted(_best_of_each(candidates, a_paper), key=lambda turn: (turn[0], order[turn[1].paper.paper_id]))
    return _within([item for _, item in in_turns], word_budget, len(in_turns))


def _best_of_each(evidence: Iterable[Evidence], count: int) -> list[tuple[int, Evidence]]:
    """The ``count`` best sentences of each paper, each with its rank within the paper."""
    taken: Counter[str] = Counter()
    found = []
    for item in evidence:
        rank = taken[item.paper.paper_id]
        if rank < count:
            found.append((rank, item))
            taken[item.paper.paper_id] += 1
    return found


def _within(evidence: Iterable[Evidence], word_budget: int, most: int) -> tuple[Evidence, ...]:
    chosen: list[Evidence] = []
    word_count = 0
    for item in evidence:
        length = len(item.text.split())
        if len(chosen) < most and (not chosen or word_count + length <= word_budget):
            chosen.append(item)
            word_count += length
    return tuple(chosen)
