"""Verifies one sentence of an answer against its evidence: hard rules, then a natural-language-inference model.

A claim has to pass both. The rules (package ``rules``) refuse wrong numbers, names and polarity. The model, called a
judge, gives the probability that the evidence supports the claim: the packaged one (``models/aligner.py``) was trained
on claims that differ from supported ones in a word or two; a user may name another classifier. A claim that says less
than its evidence is supported; a claim that says more is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.rules.all_rules import refusal_reason
from assistant.answering.rules.numbers import wrong_number_reason
from assistant.answering.rules.omissions import omission_reason
from assistant.answering.rules.word_overlap import word_coverage
from assistant.interfaces import Judge
from assistant.models import weights
from assistant.records import Verdict
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from assistant.text.tokens import words

# The best balanced accuracy on claims held out in training. On the half "rules" of sentences.jsonl, 15 of 252 bad
# sentences pass and 3 of 164 good ones are refused; at 0.35 these are 18 and 1, at 0.45 11 and 7 (evals/LOG.md).
SUPPORT_THRESHOLD = 0.4
# A claim with less than 0.65 of its words in the evidence needs a probability of 0.6: refusing it for its words alone
# would refuse most true claims in other words (evals/LOG.md).
_LOW_COVERAGE, _HIGH_SUPPORT = 0.65, 0.6
# A refused claim keeps this fraction of its probability as its score, so that it always stays below the threshold.
_REFUSED_SCORE = 0.4


@dataclass(frozen=True, slots=True)
class Verifier:
    """Rules and a judge. ``fingerprint`` names the judge in eval reports."""

    judge: Judge
    fingerprint: str

    def verify(self, claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> Verdict:
        """Check one sentence against the sentences that it cites.

        ``title``: titles of the cited papers, whose names and numbers count as evidence. ``question``: the question
        that the sentence answers, which may say what a bare number counts. The judge is not asked about a sentence
        that one of the cited sentences contains word for word.
        """
        if reason := omission_reason(claim, evidence):
            return Verdict(False, _REFUSED_SCORE, reason)
        if _is_quoted(claim, evidence, title, question):
            return Verdict(True, 1.0, "the evidence contains it word for word")
        source = source_text(evidence, title)
        score, doubtful_word = self.judge.probability(source, claim)
        if reason := refusal_reason(claim, evidence, title, question):
            return Verdict(False, _REFUSED_SCORE * score, reason)
        if SUPPORT_THRESHOLD <= score < _HIGH_SUPPORT and word_coverage(claim, source) < _LOW_COVERAGE:
            return Verdict(False, _REFUSED_SCORE * score, "too many of its words are not in the evidence")
        if score >= SUPPORT_THRESHOLD:
            return Verdict(True, score, "the evidence supports its words, numbers and names")
        doubt = f", least of all {doubtful_word!r}" if doubtful_word else ""
        return Verdict(False, score, f"the evidence does not support it ({score:.0%}){doubt}")


def _is_quoted(claim: str, evidence: Sequence[str], title: str, question: str) -> bool:
    """Does the evidence contain the claim word for word, and do the rules accept it?

    For a whole sentence, the rules for numbers are enough. A part of a sentence has to pass all rules, because it may
    have lost a "no", "some" or "may" in front of it.
    """
    plain = _words_only(claim)
    if not plain or not any(f" {plain} " in f" {_words_only(text)} " for text in evidence):
        return False
    is_whole = plain in {_words_only(sentence) for text in evidence for sentence in [text, *sentences(text)]}
    rules = wrong_number_reason if is_whole else refusal_reason
    return not rules(claim, evidence, title, question)


def source_text(evidence: Sequence[str], title: str = "") -> str:
    """The text with which a judge compares a claim: the title, then the sentences."""
    return " ".join([f"{title}.", *evidence] if title else evidence)


def _words_only(text: str) -> str:
    return " ".join(words(text))


def open_verifier(name: str) -> Verifier:
    """The packaged verifier, or a folder or ``hf:owner/repo`` with a classifier. Raises ModelError."""
    return Verifier(_PackagedJudge() if name == PACKAGED else _ClassifierJudge(name), name)


class _PackagedJudge:
    """The aligner, with its logit calibrated by Platt scaling (Platt, 1999).

    The probability is 1 / (1 + exp(-(slope * logit + intercept))); slope and intercept are stored with the weights.
    """

    def __init__(self) -> None:
        from assistant.models.aligner import Aligner

        self._aligner = Aligner(weights.VERIFIER)

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        support = self._aligner.score(source, claim)
        scale = self._aligner.calibration
        return 1 / (1 + math.exp(-scale["slope"] * support.logit - scale["intercept"])), support.weakest_word


class _ClassifierJudge:
    """A user's classifier of pairs of texts, which does not say which word it doubts."""

    def __init__(self, name: str) -> None:
        from assistant.models.cross_encoder import PairClassifier

        self._classifier = PairClassifier(name)

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        (found,) = self._classifier.probabilities([(source, claim)])
        return found, ""
