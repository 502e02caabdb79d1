"""Verifies one sentence of an answer against its evidence: hard rules, then a natural-language-inference model.

A claim has to pass both. The rules (package ``rules``) refuse wrong numbers, names and polarity. The model, called a
judge, gives the probability that the evidence supports the claim: the packaged one (``judge.py``) was trained on claims
that differ from supported ones in a word or two; a user may name another classifier. A claim that says less
than its evidence is supported; a claim that says more is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.judge import PackagedJudge
from assistant.answering.rules.all_rules import refusal_reason
from assistant.answering.rules.links import link_reason
from assistant.answering.rules.numbers import wrong_number_reason
from assistant.answering.rules.omissions import omission_reason
from assistant.interfaces import Judge
from assistant.records import Verdict
from assistant.settings import PACKAGED
from assistant.text.sentences import sentences
from assistant.text.tokens import words

# At 0.7 about one in twenty claims that a text contradicts is accepted: 4.1% of 194 of SciFact, 5.5% of claims held out
# in training. At 0.5 these are 9.8% and 15%, and seven good sentences in a hundred more are kept (evals/LOG.md).
SUPPORT_THRESHOLD = 0.7
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
        if reason := link_reason(claim, evidence) or omission_reason(claim, evidence):
            return Verdict(False, _REFUSED_SCORE, reason)
        if _is_quoted(claim, evidence, title, question):
            return Verdict(True, 1.0, "the evidence contains it word for word")
        score, doubtful_word = self.judge.probability(source_text(evidence, title), claim)
        if reason := refusal_reason(claim, evidence, title, question):
            return Verdict(False, _REFUSED_SCORE * score, reason)
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
    return Verifier(PackagedJudge() if name == PACKAGED else _ClassifierJudge(name), name)


class _ClassifierJudge:
    """A user's classifier of pairs of texts, which does not say which word it doubts."""

    def __init__(self, name: str) -> None:
        from assistant.models.cross_encoder import PairClassifier

        self._classifier = PairClassifier(name)

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        (found,) = self._classifier.probabilities([(source, claim)])
        return found, ""
