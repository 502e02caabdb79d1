"""A sentence may not add a link, an image or HTML to its evidence."""

from __future__ import annotations

import pytest

from assistant.answering.rules.links import link_reason

EVIDENCE = ["Whales sing for 5 hours. The code is at https://whales.example/code."]


@pytest.mark.parametrize(
    "added",
    ["https://evil.example", "www.evil.example", "[more](x)", "![x](y)", "<b>now</b>", "<img src=x>", "javascript:x()"],
)
def test_a_link_or_markup_that_the_evidence_lacks_is_refused(added):
    assert link_reason(f"Whales sing {added}.", EVIDENCE) == "it contains a link or markup that is not in the evidence"


@pytest.mark.parametrize(
    "claim", ["The code is at https://whales.example/code.", "Whales sing (p <0.05) for <5 hours."]
)
def test_a_link_of_the_evidence_and_a_comparison_are_accepted(claim):
    assert not link_reason(claim, EVIDENCE)
