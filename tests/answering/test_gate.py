"""The probability that the papers answer a question is computed from the signals, whatever they are."""

from __future__ import annotations

import math

import pytest

from assistant.answering.gate import PACKAGED_GATE

SIGNALS = dict.fromkeys(PACKAGED_GATE.coefficients, 0.0)


def test_a_higher_logit_of_the_evidence_gives_a_higher_probability():
    low, high = (PACKAGED_GATE.probability({**SIGNALS, "evidence_logit": logit}) for logit in (-3.0, 3.0))
    assert 0 < low < high < 1


@pytest.mark.parametrize("logit", [-math.inf, math.nan])
def test_without_evidence_or_after_a_numeric_fault_nothing_is_answered(logit):
    assert PACKAGED_GATE.probability({**SIGNALS, "evidence_logit": logit}) == 0


def test_huge_signals_give_a_probability():
    assert PACKAGED_GATE.probability({**SIGNALS, "evidence_logit": 1e9}) == pytest.approx(1)
