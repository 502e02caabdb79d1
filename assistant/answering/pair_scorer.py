"""Scores sentences of abstracts with a model that compares a question with one passage at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.calibration import Scale
from assistant.answering.log_odds import log_sum_exp
from assistant.interfaces import Abstract, PairModel


@dataclass(frozen=True, slots=True)
class PairScorer:
    """A ``SentenceScorer`` over a cross-encoder. Safe to call from several threads, as the model is.

    The whole abstract decides how well a paper answers: a sentence alone has lost what its pronouns stand for. Its
    sentences share this logit as their own scores say: each gets the logit plus the log of its softmax share, so the
    log of their summed odds is the logit of the abstract.
    """

    model: PairModel
    scale: Scale

    def logits(self, questions: Sequence[str], abstracts: Sequence[Abstract]) -> list[list[list[float]]]:
        """For each question and each abstract one logit per sentence; 0 stands for "no sentence answers"."""
        passages = [_passages(abstract) for abstract in abstracts]
        found = []
        for question in questions:
            scores = iter(self.model.scores([(question, text) for texts in passages for text in texts]))
            found.append([self._shared([next(scores) for _ in texts]) for texts in passages])
        return found

    def _shared(self, scores: Sequence[float]) -> list[float]:
        """The logits of sentences, from the score of the abstract and then those of its sentences."""
        whole, *logits = (self.scale.slope * score + self.scale.intercept for score in scores)
        total = log_sum_exp(logits)
        return [whole + logit - total for logit in logits]


def _passages(abstract: Abstract) -> list[str]:
    """The whole abstract, and then each of its sentences, all after the title."""
    sentences = [sentence.strip() for sentence in abstract.sentences]
    return [f"{abstract.title.strip()}\n{text}" for text in (" ".join(sentences), *sentences)]
