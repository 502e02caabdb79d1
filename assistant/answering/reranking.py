"""Reading the candidates: a small cross-encoder that sees question and sentence together.

It is the packaged MiniLM with its six layers fine-tuned (``evals/training/reranker.py``; model card in
``weights/README.md``). For one sentence it gives a logit on a scale where 0 stands for "no sentence answers", so the
softmax over all sentences and that 0 is the probability that each is the one that answers, and what is left to the 0
that none does. It was trained on questions that are answered by their abstract and on ones that look as if they were.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.interfaces import PairScorer
from assistant.models import weights
from assistant.models.cross_encoder import CrossEncoder
from assistant.records import RankedPaper, Retrieval

CANDIDATES = 24  # sentences read a question
# Weights of a reading, in nats, against the search scores of papers and sentences; chosen on ``tune`` (evals/LOG.md).
PAPER_WEIGHT, SENTENCE_WEIGHT = 0.05, 0.15


def packaged_reranker() -> CrossEncoderReranker:
    """Safe to call from several threads. Raises ModelError when the model is missing or damaged."""
    return CrossEncoderReranker(CrossEncoder(weights.RERANKER))


@dataclass(frozen=True, slots=True)
class CrossEncoderReranker:
    """Ranks what was found anew by how it reads."""

    scorer: PairScorer

    def rerank(self, question: str, found: Retrieval) -> Retrieval:
        """What was found, ranked anew by search and reading together.

        ``signals`` of the result, on which the gate judges: ``total``, the log of the summed odds of all sentences
        read; ``own``, the same over the best paper's; ``search``, the best search score; ``margin``, its lead.
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
        readings = {paper_id: _log_sum(scores) for paper_id, scores in by_paper.items()}
        least = min(readings.values(), default=0.0)
        papers = [
            RankedPaper(ranked.paper, ranked.score + PAPER_WEIGHT * readings.get(ranked.paper.paper_id, least))
            for ranked in found.papers
        ]
        searched = [ranked.score for ranked in found.papers]
        signals = {
            "evidence_logit": _log_sum(logits),
            "best_paper_logit": readings.get(found.papers[0].paper.paper_id, least) if found.papers else -math.inf,
            "search_score": max(searched, default=0.0),
            "search_margin": searched[0] - searched[1] if len(searched) > 1 else 0.0,
        }
        return Retrieval(
            tuple(sorted(papers, key=lambda ranked: -ranked.score)),
            tuple(sorted(evidence, key=lambda item: (-item.score, item.place))),
            signals,
        )


def _log_sum(values: Sequence[float]) -> float:
    """log of the sum of the exponentials; minus infinity for none."""
    top = max(values, default=-math.inf)
    return top + math.log(sum(math.exp(value - top) for value in values)) if values else top
