"""The packaged judge: the probability that evidence supports a claim, from two models and the words that they share.

One model reads the source and then the claim (``models/claim_reader.py``); the other aligns their word pieces
(``models/aligner.py``). They err in different places, so a logistic regression over both is better than either, also on
texts of kinds that none was trained on (evals/LOG.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answering.log_odds import LogisticModel
from assistant.answering.rules.word_overlap import word_coverage
from assistant.models import weights

# Fitted by ``evals/training/judge.py`` on claims held out from the training of both models.
JUDGE = LogisticModel(
    {"supported": 0.7100, "wrong": -0.0430, "alignment": 0.4926, "word_coverage": -1.5691},
    1.1250,
)
_LARGEST = 12.0  # log-odds beyond this say no more


@dataclass(frozen=True, slots=True)
class JudgeSignals:
    """``values``: the signals of the regression by name. ``weakest_word``: the word that is supported least."""

    values: dict[str, float]
    weakest_word: str


class PackagedJudge:
    """Safe to call from several threads."""

    def __init__(self) -> None:
        """Raises ModelError when a model is missing or damaged."""
        from assistant.models.aligner import Aligner
        from assistant.models.claim_reader import packaged_claim_reader

        self._aligner, self._reader = Aligner(weights.VERIFIER), packaged_claim_reader()

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        signals = self.signals(source, claim)
        return JUDGE.probability(signals.values), signals.weakest_word

    def signals(self, source: str, claim: str) -> JudgeSignals:
        """Log-odds of support by reading, the highest logit of a wrong token, the aligner's logit, shared words."""
        (read,) = self._reader.read(source, [claim])
        aligned = self._aligner.score(source, claim)
        values = {
            "supported": _limited(read.supported),
            "wrong": _limited(read.wrong),
            "alignment": _limited(aligned.logit),
            "word_coverage": word_coverage(claim, source),
        }
        return JudgeSignals(values, aligned.weakest_word)


def _limited(logit: float) -> float:
    return max(-_LARGEST, min(_LARGEST, logit))
