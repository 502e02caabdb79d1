from __future__ import annotations

import pytest

from assistant.answering.rules.aims import aim_reason

FINDING = "The dressing prevents infection."


def test_an_aim_alone_is_no_evidence_for_a_finding():
    assert aim_reason(FINDING, ["aim", "aim"]) == "the evidence says what the paper set out to do"


@pytest.mark.parametrize("roles", [["aim", "result"], ["conclusion"], ["background"], [""], ["aim", ""]])
def test_other_evidence_is_not_judged_here(roles):
    assert aim_reason(FINDING, roles) == ""


@pytest.mark.parametrize(
    "sentence", ["The trial assessed whether the dressing prevents infection.", "The paper proposes a new dressing."]
)
def test_a_sentence_that_says_what_was_set_out_to_do_may_rest_on_an_aim(sentence):
    assert aim_reason(sentence, ["aim"]) == ""
