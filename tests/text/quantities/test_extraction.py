"""Quantities are extracted with value, unit, limit and counted noun."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.text.quantities.extraction import quantities_in
from tests.support.paths import EVAL_DATA

LABELLED = EVAL_DATA / "quantities.jsonl"


def values(text: str) -> list[Any]:
    return [pytest.approx(one.value) for one in quantities_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 and 1k and 1000", [1000, 1000, 1000]),
        ("81.70% and 81.7", [81.7, 81.7]),
        ("175 billion", [175e9]),
        ("1.5B, 6M", [1.5e9, 6e6]),
        ("two million and twenty-four", [2e6, 24]),
        ("two hundred and ten", [210]),
        ("1,234,567", [1234567]),
        ("1e-4, 10^-5, 10⁻⁵, 10^{6}, 2^10", [1e-4, 1e-5, 1e-5, 1e6, 1024]),
        ("3 × 10^4 and 3x10^-4", [3e4, 3e-4]),
        ("-0.35 ± 0.05, +6.31 and −2", [-0.35, 0.05, 6.31, -2]),
        ("5-10 or 2019–2021", [5, 10, 2019, 2021]),
        ("ten-fold over twelve of sixty", [10, 12, 60]),
        ("7 and 13 billion parameters", [7e9, 13e9]),
        ("half of the layers, a third of them, two thirds, a quarter", [50, 100 / 3, 200 / 3, 25]),
        ("half a million, one in five, nine out of ten", [5e5, 20, 90]),
        ("twice, doubled, twofold, 2.5x, a factor of 3", [2, 2, 2, 2.5, 3]),
        ("hundreds of millions", [1e8]),
        ("3 T5 models", [3]),
        ("3 minutes or half an hour", [180, 1800]),
        ("GPT-3, CIFAR10, v2.0, a 3D 2-Wasserstein mixtral-8x7b, the 1.5-Pints, Mistral-7B-v0.1", []),
        ("the 3rd of the 1990s, Connect Four, zero-shot, one-shot, a third party", []),
        ("", []),
    ],
)
def test_numbers_are_found_in_every_spelling(text, expected):
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("It has 8B parameters.", "paramet"),
        ("It reads 8B tokens.", "token"),
        ("We need eight V100 GPUs.", "gpu"),
        ("It answers on 11 data sets.", "set"),
        ("A 12-layer network learns.", "layer"),
        ("It sets 75% of the weights to the disk.", "weight"),
        ("It was tried in two other legal tasks.", "task"),
        ("We read 120 papers.", "paper"),
        ("It takes 12 days.", ""),  # the unit says it
        ("It rises by 12%.", ""),
    ],
)
def test_the_counted_noun_is_found(text, noun):
    (one,) = quantities_in(text)
    assert one.noun == noun


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("up to 12", "<"), ("at most 12", "<"), ("fewer than 12", "<"), ("no more than 12", "<"), ("<12", "<"),
        ("12 or fewer", "<"), ("at least 12", ">"), ("over 12", ">"), ("more than 12", ">"), ("≥ 12", ">"),
        ("12+", ">"), ("12 or more", ">"), ("no fewer than 12", ">"), ("about 12", ""), ("only 12", ""), ("12", ""),
    ],
)  # fmt: skip
def test_the_limit_of_a_number_is_found(text, bound):
    (one,) = quantities_in(text)
    assert one.bound == bound


def test_offsets_point_to_the_number_in_the_whole_text():
    text = "It is new. We use 1.5B parameters."
    (one,) = quantities_in(text)
    assert text[one.start : one.end] == one.spelled == "1.5B"


@pytest.mark.parametrize("line", LABELLED.read_text(encoding="utf-8").splitlines())
def test_the_labelled_quantities_are_found(line):
    labelled = json.loads(line)
    found = [one.value for one in quantities_in(labelled["text"])]
    missed = [one for one in labelled["quantities"] if not _is_read(one, labelled["text"])]
    assert not missed, found


def _is_read(labelled: dict[str, object], text: str) -> bool:
    from assistant.text.quantities.units import NONE, unit_at

    unit, _ = unit_at(str(labelled["unit"]), 0) or (NONE, 0)
    value = float(str(labelled["value"])) * unit.factor
    return any(
        one.value == pytest.approx(value, rel=1e-4) and one.unit in (unit.name, "calendar year")
        for one in quantities_in(text)
    )


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.text(alphabet="0123456789.,-–−+^×x %$eEBMkK{}()⁻¹²³½ aorndtfhwil½\n/", max_size=60))
def test_any_text_is_accepted(text):
    for one in quantities_in(text):
        assert text[one.start : one.end] == one.spelled


def test_a_long_run_of_digits_or_number_words_is_parsed_quickly():
    started = time.perf_counter()
    quantities_in("9" * 20_000 + " " + "one hundred " * 2_000 + "1 and " * 2_000 + "10^" * 5_000)
    assert time.perf_counter() - started < 20
