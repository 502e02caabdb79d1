"""A calibration holds for the models that it was fitted with, and for no others."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log

import pytest

from assistant.answering.calibration import (
    PACKAGED_CALIBRATION,
    Calibration,
    Scale,
    calibration_file,
    load_calibration,
    save_calibration,
)
from assistant.answering.gate import PACKAGED_GATE
from assistant.answering.log_odds import LogisticModel
from assistant.answering.pair_scorer import PairScorer
from assistant.errors import SettingsError
from assistant.interfaces import Abstract
from assistant.settings import Settings

OTHER = Calibration(Scale(0.5, -1.0), LogisticModel(dict.fromkeys(PACKAGED_GATE.coefficients, 2.0), -3.0))


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, reranker="some-folder")


def test_what_was_fitted_is_used_with_the_same_models(settings):
    save_calibration(OTHER, settings)
    assert load_calibration(settings) == OTHER


@pytest.mark.parametrize("change", [{"reranker": "another"}, {"embedding": "another"}, {"embedding_options": {"a": 1}}])
def test_with_another_model_the_packaged_calibration_is_used_and_said_to_be_unfitted(settings, change):
    save_calibration(OTHER, settings)
    assert load_calibration(replace(settings, **change)) == replace(PACKAGED_CALIBRATION, is_fitted=False)


def test_the_packaged_models_need_no_file(tmp_path):
    assert load_calibration(Settings(home=tmp_path)) == PACKAGED_CALIBRATION


def test_the_packaged_models_can_be_fitted_to_the_users_papers(tmp_path):
    settings = Settings(home=tmp_path)
    save_calibration(OTHER, settings)
    assert load_calibration(settings) == OTHER


@pytest.mark.parametrize(
    "damage",
    [
        lambda stored: stored.pop("gate"),
        lambda stored: stored["gate"]["coefficients"].pop("search_score"),
        lambda stored: stored["gate"].update(intercept="high"),
        lambda stored: stored["scale"].update(slope=float("nan")),
        lambda stored: stored["scale"].update(curve=1.0),
        lambda stored: stored.update(scale=[1, 2]),
    ],
)
def test_a_damaged_file_is_one_clear_line(settings, damage):
    save_calibration(OTHER, settings)
    stored = json.loads(calibration_file(settings).read_text())
    damage(stored)
    calibration_file(settings).write_text(json.dumps(stored))
    with pytest.raises(SettingsError, match=r"calibration\.json cannot be read \(.*\): run `footnote calibrate` again"):
        load_calibration(settings)


class SharedLetters:
    """Scores a pair by how many letters of the question the passage contains."""

    def scores(self, pairs):
        return [float(len(set(question) & set(passage))) for question, passage in pairs]


def test_the_summed_odds_of_an_abstracts_sentences_are_those_of_the_whole_abstract():
    from math import exp

    abstract = Abstract("", ("ab", "bc", "xy"))
    ((logits,),) = PairScorer(SharedLetters(), Scale(2.0, -1.0)).logits(["abc"], [abstract])
    assert log(sum(map(exp, logits))) == pytest.approx(2.0 * 3 - 1.0)
    assert logits[0] == logits[1] == pytest.approx(logits[2] + 2.0 * 2)


def test_an_abstract_without_sentences_has_no_logits():
    assert PairScorer(SharedLetters(), Scale(1.0, 0.0)).logits(
        ["a", "b"], [Abstract("a", ()), Abstract("b", ("b",))]
    ) == [
        [[], [pytest.approx(0.0)]],
        [[], [pytest.approx(1.0)]],
    ]
