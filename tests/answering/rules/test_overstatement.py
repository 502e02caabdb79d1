"""A claim must not be more certain, more general or more causal than its evidence, nor mix up its subjects."""

from __future__ import annotations

import pytest

from assistant.answering.rules.all_rules import refusal_reason
from assistant.answering.rules.overstatement import overstatement_reason

SLEEP = "Valerian may shorten the time to fall asleep in shift workers."
SPECTRUM = "The spectrum suggests a thick haze above the clouds, but dust would look alike."
SIDE_EFFECTS = "Some farmers reported headaches after the spraying, but their blood tests did not change."
TEA = "Drinking green tea was associated with fewer strokes among 9,300 fishermen."
STORKS = "After the dam was removed, storks increased from 4 to 19 pairs."
WELLS = "Arsenic was detected in 17 of 42 wells in the delta."
TRIAL = "Of 310 patients with gout, 155 received cherry juice."
DIET = "Otters in the lake ate mainly crabs, while otters in the river ate mainly trout."


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        (SLEEP, "Valerian shortens the time to fall asleep in shift workers."),
        (SPECTRUM, "The spectrum shows a thick haze above the clouds."),
        (SIDE_EFFECTS, "Farmers reported headaches after the spraying."),
        (SIDE_EFFECTS, "All the farmers reported headaches after the spraying."),
        (WELLS, "Arsenic was detected in every well in the delta."),
        (TEA, "Drinking green tea lowers the number of strokes."),
        ("Green tea was associated with a lower risk of stroke.", "Green tea lowers the risk of stroke."),
        (TEA, "There were fewer strokes because of green tea."),
        (STORKS, "The dam caused storks to increase from 4 to 19 pairs."),
        (WELLS, "Arsenic was detected in 42 wells."),
        (TRIAL, "310 patients received cherry juice."),
        (DIET, "Otters in the lake ate mainly trout."),
    ],
)
def test_a_claim_that_overstates_its_evidence_is_refused(evidence, claim):
    assert overstatement_reason(claim, [evidence])


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        (SLEEP, "Shift workers might fall asleep sooner with valerian."),
        (SPECTRUM, "A thick haze above the clouds is suggested by the spectrum."),
        (SIDE_EFFECTS, "A few farmers had headaches after the spraying."),
        (SIDE_EFFECTS, "Blood tests did not change after the spraying."),
        (TEA, "Fewer strokes were associated with green tea."),
        (TEA, "Strokes were rarer among fishermen who drank green tea."),
        (STORKS, "Storks increased to 19 pairs after the removal of the dam."),
        (WELLS, "Arsenic was found in 17 of the 42 wells."),
        (WELLS, "The 42 wells lie in the delta."),
        (TRIAL, "The trial had 310 patients with gout."),
        (DIET, "Otters in the river ate mainly trout."),
        ("Both lamps and all shades were tested.", "All shades were tested."),
    ],
)
def test_a_claim_that_says_as_much_or_less_than_its_evidence_is_accepted(evidence, claim):
    assert not overstatement_reason(claim, [evidence])


@pytest.mark.parametrize("number", range(3))
def test_no_sentence_overstates_itself(number):
    sentence = [SPECTRUM, SIDE_EFFECTS, DIET][number]
    assert not overstatement_reason(sentence, [sentence])


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        ("Storks came back after the dam was removed.", "Storks came back before the dam was removed."),
        ("None of the singers lives in a harbour town.", "One of the singers lives in a harbour town."),
        ("The trial was too short to detect a difference in weight.", "The trial detected a difference in weight."),
        (
            "Moths were rarer under white lamps, whereas amber lamps had no effect.",
            "White lamps had no effect on moths.",
        ),
        ("Rust spread in most fields, but not in fields with clover.", "Rust spread in fields with clover."),
    ],
)
def test_a_claim_about_another_thing_or_time_than_the_denial_is_refused(evidence, claim):
    assert refusal_reason(claim, [evidence])


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        ("Pain on day 3 did not differ between the groups.", "Pain on day 3 was similar in the groups."),
        ("Rust spread in most fields, but not in fields with clover.", "Rust spread in most fields."),
        ("Rust was rarer on sand, but not on clay soils.", "On clay soils rust was not rarer."),
        ("Moths were rarer under white lamps, whereas amber lamps had no effect.", "Amber lamps did not affect moths."),
        ("The share of parts that pass but fail hard tests dropped to 4%.", "The share dropped to 4%."),
        ("The mass of the ring did not exceed 3 kg.", "The mass of the ring was at most 3 kg."),
        ("The effect lasted no more than seven days.", "The effect lasted seven days at most."),
    ],
)
def test_a_claim_that_says_the_same_with_opposite_words_is_accepted(evidence, claim):
    assert not refusal_reason(claim, [evidence])
