"""Does the evidence support a claim? Hard rules (``rules``) and a probability, both of which a claim has to pass.

The probability comes from a small model trained on claims that differ from supported ones in a word or two
(``alignment``), or from a classifier that the user names. A claim that says less than its evidence is supported; one
that says more is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.rules.all_rules import refusal_reason, word_coverage
from assistant.answering.rules.numbers import wrong_number_reason
from assistant.answering.rules.omissions import omission_reason
from assistant.interfaces import Judge
from assistant.models import weights
from assistant.records import Verdict
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from assistant.text.tokens import words

SUPPORT_THRESHOLD = 0.4  # balanced accuracy is best here on the claims held out in training (evals/LOG.md)
_LEAST_COVERAGE, _MUCH_SUPPORT = 0.65, 0.6  # of a claim that has more words of its own, more is asked (evals/LOG.md)
_REFUSED = 0.4  # what a claim that a rule refuses keeps of its probability: never enough


@dataclass(frozen=True, slots=True)
class Verifier:
    """Rules and a judge."""

    judge: Judge
    fingerprint: str

    def verify(self, claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> Verdict:
        """Check one sentence against the sentences it cites; ``title``: of the papers they are from; ``question``:
        what the sentence answers.

        A sentence that stands in one of them word for word, with its numbers, needs no judge.
        """
        if reason := omission_reason(claim, evidence):
            return Verdict(False, _REFUSED, reason)
        is_quoted = _bare(claim) and any(f" {_bare(claim)} " in f" {_bare(text)} " for text in evidence)
        is_whole = _bare(claim) in {_bare(sentence) for text in evidence for sentence in [text, *sentences(text)]}
        rules = (
            wrong_number_reason if is_whole else refusal_reason
        )  # a part may lose a "no", "some" or "may" that stands before it
        if is_quoted and not rules(claim, evidence, title, question):
            return Verdict(True, 1.0, "it stands in the evidence word for word")
        source = source_text(evidence, title)
        score, doubtful = self.judge.probability(source, claim)
        if reason := refusal_reason(claim, evidence, title, question):
            return Verdict(False, _REFUSED * score, reason)
        if SUPPORT_THRESHOLD <= score < _MUCH_SUPPORT and word_coverage(claim, source) < _LEAST_COVERAGE:
            return Verdict(False, _REFUSED * score, "too much of it is not in the evidence")
        if score >= SUPPORT_THRESHOLD:
            return Verdict(True, score, "its words, numbers and names are borne out by the evidence")
        doubt = f", least of all {doubtful!r}" if doubtful else ""
        return Verdict(False, score, f"the evidence does not bear it out ({score:.0%}){doubt}")


def source_text(evidence: Sequence[str], title: str = "") -> str:
    """What a judge reads a claim beside: title, then sentences."""
    return " ".join([f"{title}.", *evidence] if title else evidence)


def _bare(text: str) -> str:
    return " ".join(words(text))


def open_verifier(name: str) -> Verifier:
    """The packaged verifier, or a folder or ``hf:owner/repo`` of a classifier. Raises ModelError."""
    return Verifier(_Packaged() if name == PACKAGED else _Named(name), name)


class _Packaged:
    """Platt's scaling (1999) of the model's logit."""

    def __init__(self) -> None:
        from assistant.models.aligner import Aligner

        self._aligner = Aligner(weights.VERIFIER)

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        reading = self._aligner.read(source, claim)
        scale = self._aligner.calibration
        return 1 / (1 + math.exp(-scale["slope"] * reading.logit - scale["intercept"])), reading.doubtful


class _Named:
    """A user's classifier, which says nothing of single words."""

    def __init__(self, name: str) -> None:
        from assistant.models.cross_encoder import PairClassifier

        self._classifier = PairClassifier(name)

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        (found,) = self._classifier.probabilities([(source, claim)])
        return found, ""
