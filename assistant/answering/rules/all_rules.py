"""Applies the rules that compare a claim with its evidence, in order, and gives the first reason to refuse it.

Applied elsewhere: ``empty_sentences`` by ``pipeline``, before the verifier is asked; ``links`` and ``omissions`` by
``verification``, before a copied sentence is accepted without asking the judge.

A rule is a function that returns a reason, or an empty string. Rules compare words, so they do not notice exchanged
roles in the same words ("A beats B" for "B beats A") or anything that needs reasoning: the judge has to.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.rules.additions import addition_reason
from assistant.answering.rules.names import unknown_name_reason
from assistant.answering.rules.numbers import wrong_number_reason
from assistant.answering.rules.overstatement import overstatement_reason
from assistant.answering.rules.polarity import polarity_reason


def refusal_reason(claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> str:
    """Why the sentences that a claim cites cannot support it; empty when no rule refuses it.

    ``title``: of the papers cited; a claim may contain what only the title contains. ``question``: says what a number
    without a noun counts.
    """
    source = " ".join(evidence)
    return (
        wrong_number_reason(claim, evidence, title, question)
        or unknown_name_reason(claim, f"{title} {source}")
        or polarity_reason(claim, evidence)
        or addition_reason(claim, evidence, title)
        or overstatement_reason(claim, evidence)
    )
