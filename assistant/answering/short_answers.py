"""Answers a yes/no question in a word, from what one paper found, where that is sure enough.

The reader of claims compares the findings with the question, with the statement that a "yes" would make, and with its
denial. Only results and conclusions count: what a paper set out to do, or what was believed before, answers nothing.
One paper's word is not that of the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.answering.log_odds import LogisticModel, softmax
from assistant.answering.yes_no import is_yes_no_question, statements
from assistant.interfaces import ShortAnswerModel
from assistant.records import FINDINGS, Claim, Evidence, ShortAnswer, ShortWord
from assistant.settings import PACKAGED

# Fitted by ``evals/training/short_answers.py``: a logit for each word, of which the softmax is taken.
MODELS: Mapping[ShortWord, LogisticModel] = {
    "yes": LogisticModel({"question": 0.3212, "statement": 0.0281, "mixed": -0.0006, "not_told": -0.1349}, 0.2199),
    "no": LogisticModel({"question": -0.2447, "statement": -0.1167, "mixed": -0.0753, "not_told": -0.1390}, -0.3788),
    "mixed": LogisticModel({"question": 0.0030, "statement": 0.0374, "mixed": 0.2360, "not_told": -0.0919}, 0.2223),
    "unclear": LogisticModel({"question": -0.0795, "statement": 0.0512, "mixed": -0.1601, "not_told": 0.3658}, -0.0634),
}
# The probability from which on a word is said. At 0.65 it is said for half of the questions and right for 0.80 to 0.85;
# at 0.8 for a quarter to a half and right for 0.88 to 0.93 (evals/LOG.md). A wrong "Yes" is worse than none.
SURE = 0.8


def short_answer(question: str, claims: Sequence[Claim], model: ShortAnswerModel) -> ShortAnswer | None:
    """The short answer by the findings of one paper, the first that is cited; None where it is not sure."""
    findings = _findings_of_first_paper(claims)
    if not findings or not is_yes_no_question(question):
        return None
    shares = model.shares(" ".join(item.text for item in findings), question)
    word = max(shares, key=lambda one: shares[one])
    return ShortAnswer(word, findings, shares[word]) if shares[word] >= SURE else None


def _findings_of_first_paper(claims: Sequence[Claim]) -> tuple[Evidence, ...]:
    """The results and conclusions among the evidence of the claims that are shown at once, in the paper's order."""
    cited = [item for claim in claims if not claim.is_more for item in claim.evidence]
    findings = {item.place: item for item in cited if item.role in FINDINGS and item.paper == cited[0].paper}
    return tuple(findings[place] for place in sorted(findings))


class PackagedShortAnswers:
    """Safe to call from several threads."""

    def __init__(self) -> None:
        """Raises ModelError when the reader of claims is missing or damaged."""
        from assistant.models.claim_reader import packaged_claim_reader

        self._reader = packaged_claim_reader()

    def shares(self, source: str, question: str) -> dict[ShortWord, float]:
        signals = self.signals(source, question)
        return softmax({word: model.logit(signals) for word, model in MODELS.items()})

    def signals(self, source: str, question: str) -> dict[str, float]:
        """What the reader says about the question and about the statements of a yes and of a no; 0 without these."""
        stated = statements(question)
        asked, *answers = self._reader.read(source, [question, *(stated or ())])
        yes, no = answers or (asked, asked)
        return {
            "question": asked.leaning,
            "statement": yes.leaning - no.leaning,
            "mixed": asked.log_share("mixed") + yes.log_share("mixed"),
            "not_told": asked.log_share("not told") + yes.log_share("not told"),
        }


def open_short_answers(verifier: str) -> ShortAnswerModel | None:
    """The packaged model, which is a part of the packaged verifier; None with another one. Raises ModelError."""
    return PackagedShortAnswers() if verifier == PACKAGED else None
