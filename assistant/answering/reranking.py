"""Reranks papers and sentences with a model that reads whole abstracts together with the question.

The model is the trained lower half of the packaged SmolLM2 (``evals/training/reranker.py``; model card in
``assistant/models/weights/README.md``), trained on questions that their abstract answers and on questions that only
look as if it did. It gives one logit per sentence, on a scale where 0 stands for "no sentence of this abstract
answers". So the log of the summed odds of an abstract's sentences is the logit of "this abstract answers". A
cross-encoder that the user names is put on the same scale (``pair_scorer.py``).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

from assistant.answering.calibration import UNSCALED, Scale
from assistant.answering.log_odds import log_sum_exp
from assistant.answering.pair_scorer import PairScorer
from assistant.answering.question import Kind, asks_for_finding
from assistant.answering.sides import best_papers
from assistant.interfaces import Abstract, SentenceScorer
from assistant.models import weights
from assistant.models.abstract_scorer import AbstractScorer
from assistant.models.cross_encoder import PairRanker
from assistant.records import NO_FINDINGS, Evidence, FoundSide, RankedPaper, Retrieval
from assistant.settings import PACKAGED

# What one logit (in nats) adds to the search score of a sentence, and to that of a paper if the best search score is 1;
# chosen on ``tune`` (evals/LOG.md). The lower the best score, the fewer words and the less meaning the question shares
# with any paper, and the less the order of the search is worth: so the weight for papers is divided by that score.
PAPER_WEIGHT, SENTENCE_WEIGHT = 0.13, 0.1
_LOWEST_BEST_SCORE = 0.3
# By how much two papers must answer the two parts of a question better than any one paper does, in the unit of the
# search score, and how many papers are compared; chosen on ``tune`` (evals/LOG.md).
PARTS_MARGIN, _PAPERS_FOR_PARTS = 0.3, 5
# A paper this far below the best search score is not read for an answer in prose: of 377 questions none gets another
# first paper, and six papers in place of ten are read in the mean (evals/LOG.md).
_READ_WITHIN = 0.4
# Added to the logit of a sentence that says what a paper set out to do, or what was known before, if the question asks
# what was found.
NOT_A_FINDING = -6.0


def open_reranker(name: str, scale: Scale = UNSCALED) -> AbstractReranker:
    """The packaged reranker, or the cross-encoder that ``name`` names, whose scores ``scale`` turns into logits.

    Safe to call from several threads. Raises ModelError when a model is missing or damaged.
    """
    if name == PACKAGED:
        return AbstractReranker(AbstractScorer(weights.RERANKER))
    return AbstractReranker(PairScorer(PairRanker(name), scale))


def worth_reading(kind: Kind, found: Retrieval) -> Retrieval:
    """What was found, without the sentences of papers that an answer of this kind hardly needs.

    In prose one paper is quoted, so those far behind are left out. All are read for a list or a comparison.
    """
    if found.sides or kind != "prose":
        return found
    lowest = max((ranked.score for ranked in found.papers), default=0.0) - _READ_WITHIN
    near = sum(ranked.score >= lowest for ranked in found.papers)
    read = found.papers[: max(near, _PAPERS_FOR_PARTS if found.splits else 1)]
    ids = {ranked.paper.paper_id for ranked in read}
    return replace(found, evidence=tuple(item for item in found.evidence if item.paper.paper_id in ids))


@dataclass(frozen=True, slots=True)
class AbstractReranker:
    """Adds the weighted logits of a ``SentenceScorer`` to the search scores."""

    scorer: SentenceScorer

    def rerank(self, question: str, found: Retrieval) -> Retrieval:
        """The papers and their sentences, sorted by search score plus weighted logit, and the paper for each side.

        The ``signals`` of the result are those of the gate: ``evidence_logit``, the log of the summed odds of all
        sentences; ``best_paper_logit``, the same for the first paper of the search that has sentences;
        ``search_score``, the best search score.
        """
        by_paper = _by_paper(found)
        asks_finding = asks_for_finding(question)
        (logits,) = self._logits([question], by_paper, asks_finding)
        paper_logits = _of_papers(logits)
        searched = {ranked.paper.paper_id: ranked.score for ranked in found.papers}
        scores = _with_logits(searched, paper_logits)
        evidence = [
            replace(item, score=item.score + SENTENCE_WEIGHT * logit)
            for paper_id, items in by_paper.items()
            for item, logit in zip(items, logits[paper_id], strict=True)
        ]
        papers = [RankedPaper(ranked.paper, scores[ranked.paper.paper_id]) for ranked in found.papers]
        papers.sort(key=lambda ranked: -ranked.score)
        best = [ranked.paper.paper_id for ranked in papers if ranked.paper.paper_id in by_paper][:_PAPERS_FOR_PARTS]
        return replace(
            found,
            papers=tuple(papers),
            evidence=tuple(sorted(evidence, key=lambda item: (-item.score, item.place))),
            sides=self._judged_sides(found.sides, by_paper, asks_finding)
            or self._sides_by_evidence(found.splits, {one: searched[one] for one in best}, by_paper, asks_finding),
            signals={
                "evidence_logit": log_sum_exp([logit for values in logits.values() for logit in values]),
                "best_paper_logit": next((paper_logits[one] for one in searched if one in paper_logits), -math.inf),
                "search_score": max(searched.values(), default=0.0),
            },
        )

    def paper_logits(self, question: str, found: Retrieval) -> dict[str, float]:
        """The logit of "this paper answers" for each paper of which sentences were found."""
        by_paper = _by_paper(found)
        (logits,) = self._logits([question], by_paper, asks_finding=False)
        return _of_papers(logits)

    def _logits(
        self, questions: Sequence[str], by_paper: Mapping[str, Sequence[Evidence]], asks_finding: bool
    ) -> list[dict[str, list[float]]]:
        """For each question the logits of the sentences of each paper; ``asks_finding``: only findings answer."""
        found = []
        for of_question in self.scorer.logits(questions, [_abstract(sentences) for sentences in by_paper.values()]):
            logits = dict(zip(by_paper, of_question, strict=True))
            if asks_finding:
                logits = {paper_id: _of_findings(by_paper[paper_id], values) for paper_id, values in logits.items()}
            found.append(logits)
        return found

    def _scores(
        self,
        questions: Sequence[str],
        searched: Mapping[str, float],
        by_paper: Mapping[str, Sequence[Evidence]],
        asks_finding: bool,
    ) -> list[dict[str, float]]:
        """For each question the search scores of these papers plus their weighted logits."""
        read = {paper_id: by_paper[paper_id] for paper_id in searched}
        logits_of_questions = self._logits(questions, read, asks_finding)
        return [_with_logits(searched, _of_papers(logits)) for logits in logits_of_questions]

    def _judged_sides(
        self, sides: Sequence[FoundSide], by_paper: Mapping[str, Sequence[Evidence]], asks_finding: bool
    ) -> tuple[FoundSide, ...]:
        """The sides with the best paper for each, by search score and the logit for the question about it alone."""
        scores = []
        for side in sides:
            candidates = {paper_id: score for paper_id, score in side.candidates if paper_id in by_paper}
            scores += self._scores([side.query], candidates, by_paper, asks_finding)
        best = zip(sides, best_papers(scores), strict=True)
        return tuple(replace(side, paper_id=paper_id or side.paper_id) for side, paper_id in best)

    def _sides_by_evidence(
        self,
        splits: Sequence[tuple[str, str]],
        searched: Mapping[str, float],
        by_paper: Mapping[str, Sequence[Evidence]],
        asks_finding: bool,
    ) -> tuple[FoundSide, ...]:
        """The two parts of the best split, if two papers together answer them better than any one paper answers both,
        by more than the margin; otherwise none."""
        if not splits or len(searched) < 2:
            return ()
        scores = iter(self._scores([part for parts in splits for part in parts], searched, by_paper, asks_finding))
        found = []
        for parts, first, second in zip(splits, scores, scores, strict=True):
            by_one = max(first[paper_id] + second[paper_id] for paper_id in searched)
            by_two, pair = max((first[one] + second[other], (one, other)) for one, other in permutations(searched, 2))
            found.append((by_two - by_one, parts, pair))
        gain, parts, pair = max(found)
        if gain <= PARTS_MARGIN:
            return ()
        return tuple(FoundSide(part, paper_id, part) for part, paper_id in zip(parts, pair, strict=True))


def _by_paper(found: Retrieval) -> dict[str, list[Evidence]]:
    """The sentences of each paper, in their order in the abstract."""
    by_paper: dict[str, list[Evidence]] = defaultdict(list)
    for item in sorted(found.evidence, key=lambda item: item.start):
        by_paper[item.paper.paper_id].append(item)
    return by_paper


def _of_papers(logits: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The logit of "this paper answers" from those of its sentences, for each paper."""
    return {paper_id: log_sum_exp(values) for paper_id, values in logits.items()}


def _with_logits(scores: Mapping[str, float], logits: Mapping[str, float]) -> dict[str, float]:
    """Search scores plus weighted logits of papers; one that was not read gets the lowest logit of the others."""
    weight = PAPER_WEIGHT / max([_LOWEST_BEST_SCORE, *scores.values()])
    lowest = min(logits.values(), default=0.0)
    return {paper_id: score + weight * logits.get(paper_id, lowest) for paper_id, score in scores.items()}


def _abstract(sentences: Sequence[Evidence]) -> Abstract:
    """One paper's title and sentences in their order, each with the heading before it: it says what they are for."""
    paper = sentences[0].paper
    ends = [0, *(item.end for item in sentences)]
    return Abstract(paper.title, tuple(paper.abstract[start:end].strip() for start, end in pairwise(ends)))


def _of_findings(sentences: Sequence[Evidence], logits: Sequence[float]) -> list[float]:
    """The logits of sentences for a question that asks what was found."""
    return [logit + NOT_A_FINDING * (item.role in NO_FINDINGS) for item, logit in zip(sentences, logits, strict=True)]
