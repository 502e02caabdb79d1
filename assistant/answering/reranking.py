"""Reranks papers and sentences with a cross-encoder, which scores a sentence together with the question.

The model is the packaged MiniLM with its six layers fine-tuned (``evals/training/reranker.py``; model card in
``assistant/models/weights/README.md``), on questions that their abstract answers and on questions that only look as if
it did. It gives one logit per sentence, on a scale where 0 stands for "no sentence answers". So the softmax over the
logits of all sentences and this 0 gives the probability of each sentence to be the one that answers, and the share
of the 0 is the probability that none does.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.interfaces import PairScorer
from assistant.models import weights
from assistant.models.cross_encoder import CrossEncoder
from assistant.records import RankedPaper, Retrieval

# Sentences scored per question: 40 or 60 changed all measures by less than a point and took longer (evals/LOG.md).
CANDIDATES = 24
# What one logit (in nats) adds to the search score of a paper and of a sentence. Search scores span about 0.5 and
# logits about 20, so higher weights lose the right paper; chosen on the ``tune`` questions (evals/LOG.md).
PAPER_WEIGHT, SENTENCE_WEIGHT = 0.05, 0.15


def packaged_reranker() -> CrossEncoderReranker:
    """Safe to call from several threads. Raises ModelError when the model is missing or damaged."""
    return CrossEncoderReranker(CrossEncoder(weights.RERANKER))


@dataclass(frozen=True, slots=True)
class CrossEncoderReranker:
    """Adds the weighted logits of a cross-encoder to the search scores."""

    scorer: PairScorer

    def rerank(self, question: str, found: Retrieval) -> Retrieval:
        """The papers and the best 24 sentences, sorted by search score plus weighted logit.

        A paper's logit is the log of the summed odds of its sentences. The ``signals`` of the result are those of the
        gate: ``evidence_logit``, the log of the summed odds of all sentences; ``best_paper_logit``, the same for the
        paper that the search ranked first; ``search_score``, its search score; ``search_margin``, by how much that
        exceeds the second.
        """
        candidates = found.evidence[:CANDIDATES]
        logits = self.scorer.logits([(question, f"{item.paper.title}. {item.text}") for item in candidates])
        evidence = [
            replace(item, score=item.score + SENTENCE_WEIGHT * logit)
            for item, logit in zip(candidates, logits, strict=True)
        ]
        by_paper: dict[str, list[float]] = defaultdict(list)
        for item, logit in zip(candidates, logits, strict=True):
            by_paper[item.paper.paper_id].append(logit)
        paper_logits = {paper_id: _log_sum_exp(values) for paper_id, values in by_paper.items()}
        lowest = min(paper_logits.values(), default=0.0)  # also for papers without a sentence among the candidates
        papers = [
            RankedPaper(ranked.paper, ranked.score + PAPER_WEIGHT * paper_logits.get(ranked.paper.paper_id, lowest))
            for ranked in found.papers
        ]
        signals = _signals(found, logits, paper_logits, lowest)
        return Retrieval(
            tuple(sorted(papers, key=lambda ranked: -ranked.score)),
            tuple(sorted(evidence, key=lambda item: (-item.score, item.place))),
            signals,
        )


def _signals(
    found: Retrieval, logits: Sequence[float], paper_logits: Mapping[str, float], lowest: float
) -> dict[str, float]:
    searched = [ranked.score for ranked in found.papers]
    first = found.papers[0].paper.paper_id if found.papers else None
    return {
        "evidence_logit": _log_sum_exp(logits),
        "best_paper_logit": -math.inf if first is None else paper_logits.get(first, lowest),
        "search_score": max(searched, default=0.0),
        "search_margin": searched[0] - searched[1] if len(searched) > 1 else 0.0,
    }


def _log_sum_exp(values: Sequence[float]) -> float:
    """log(sum(exp(values))), computed so that it does not overflow; minus infinity for no values."""
    top = max(values, default=-math.inf)
    return top + math.log(sum(math.exp(value - top) for value in values)) if values else top
