"""Estimates the calibrated probability that the retrieved papers answer the question at all (logistic regression).

Signals come from search, reranking and the wording of the question. ``evals/training/gate.py`` fits the coefficients of
``PACKAGED_GATE`` on questions of ``tune`` and on questions about other papers, and prints the threshold, the setting
``answer_above``, below which the pipeline declines. For other models, ``footnote calibrate`` fits them.
"""

from __future__ import annotations

from assistant.answering.log_odds import LogisticModel
from assistant.answering.question_signals import question_signals
from assistant.records import Retrieval

PACKAGED_GATE = LogisticModel(
    {
        "evidence_logit": 0.2402,
        "best_paper_logit": 0.1637,
        "search_score": 0.6497,
        "missing_answer_type": -0.8455,
        "names_in_no_paper": -0.624,
        "is_comparison": 0.3953,
    },
    -0.8193,
)


def gate_signals(question: str, found: Retrieval, reranked: Retrieval) -> dict[str, float]:
    """The signals of the search and the reranker, and those from the wording of the question."""
    return reranked.signals | question_signals(question, found)
