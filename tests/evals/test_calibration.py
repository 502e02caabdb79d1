"""``footnote calibrate`` finds the scale on which scores are log-odds, and puts the threshold where the setting is."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from assistant.answering.calibration import load_calibration
from assistant.answering.gate import PACKAGED_GATE
from assistant.errors import ModelError
from assistant.records import Evidence, Paper, RankedPaper, Retrieval
from assistant.settings import Settings
from assistant.system.progress import ProgressBars, no_progress
from assistant.text.stemming import stems
from evals import calibration
from evals.calibration import Remembered, fitted_gate, fitted_scale, own_questions, summary
from evals.questions import EvalQuestion
from evals.statistics import upper_bound_of_share
from evals.training.gate import MOST_DECLINED, Example
from tests.support.fakes import WordCountEmbedding

NAMES = list(PACKAGED_GATE.coefficients)


class Known:
    """Gives the score that is written in the passage, and counts what it is asked."""

    def __init__(self, sign: float = 1.0) -> None:
        self.sign, self.asked = sign, 0

    def scores(self, pairs):
        self.asked += len(pairs)
        return [self.sign * float(passage.split()[-1]) for _, passage in pairs]


def drawn_search():
    """A search that finds one paper, right or wrong, with a score of which the log-odds are 0.5 * score - 1."""
    chance = np.random.default_rng(1)

    def search(_: str) -> Retrieval:
        score = chance.normal(2.0, 4.0)
        is_right = chance.random() < 1 / (1 + exp(1.0 - 0.5 * score))
        paper = Paper("right" if is_right else "wrong", "", f"{score:.3f}")
        return Retrieval((RankedPaper(paper, 1.0),), (Evidence(paper, 0, len(paper.abstract), 1.0),))

    return search


def question(number: int) -> EvalQuestion:
    return EvalQuestion(str(number), "single", f"Question {number}?", (), ("right",), (), (), (), "tune")


def test_the_scale_that_generated_the_scores_is_found():
    scale = fitted_scale(Known(), drawn_search(), [question(number) for number in range(3000)], no_progress)
    assert (scale.slope, scale.intercept) == pytest.approx((0.5, -1.0), abs=0.15)


def test_a_reranker_that_prefers_wrong_papers_is_refused():
    with pytest.raises(ModelError, match=r"^The reranker scores papers that answer no higher than others: give a "):
        fitted_scale(Known(-1.0), drawn_search(), [question(number) for number in range(300)], no_progress)


def test_a_pair_is_scored_once():
    known = Known()
    model = Remembered(known)
    assert model.scores([("a", "1"), ("a", "2"), ("a", "1")]) == [1, 2, 1]
    assert model.scores([("a", "2"), ("b", "2")]) == [2, 2]
    assert known.asked == 3


def drawn_examples(count: int) -> list[Example]:
    chance = np.random.default_rng(4)
    found: list[Example] = []
    for number in range(count):
        signals = dict(zip(NAMES, map(float, chance.normal(number % 2, 1.0, len(NAMES))), strict=True))
        found.append((signals, bool(number % 2), 1.0))
    return found


@pytest.mark.parametrize("answer_above", [0.2, 0.38, 0.6])
def test_at_the_threshold_as_many_answerable_questions_are_declined_as_the_bound_allows(answer_above):
    found = drawn_examples(800)
    gate = fitted_gate(found, found, answer_above)
    declined = sum(answerable and gate.probability(signals) < answer_above - 1e-9 for signals, answerable, _ in found)
    assert upper_bound_of_share(declined, 400) <= MOST_DECLINED < upper_bound_of_share(declined + 1, 400)


def test_the_summary_counts_real_questions_only():
    gate = fitted_gate(drawn_examples(200), drawn_examples(200), 0.38)
    answerable, unanswerable = drawn_examples(2)[::-1]
    artificial = (unanswerable[0], False, 0.0)
    line = summary(gate, [answerable, unanswerable, artificial], 0.38, 7)
    assert "7 questions about your own papers" in line
    assert " of 1 that the papers answer, and " in line
    assert " of 1 that they do not (" in line


def test_a_question_about_an_own_paper_is_one_of_its_sentences_without_its_rarest_words():
    shared = "the method of the study improves the result of the model on the task of the year"
    papers = [Paper(str(number), f"T{number}", f"Word{number} and {shared}.") for number in range(30)]
    asked = own_questions(papers)
    assert sorted(one.gold for one in asked) == sorted((paper.paper_id,) for paper in papers)
    assert all("word" not in one.question.casefold() for one in asked)
    assert all("the" in one.question.split() for one in asked)


class SharedStems:
    """Scores a passage by the share of the question's stems that it contains."""

    def __init__(self, name: str) -> None:
        self.name = name

    def scores(self, pairs):
        return [len(set(stems(one)) & set(stems(other))) / max(1, len(set(stems(one)))) for one, other in pairs]


def test_a_users_reranker_is_fitted_over_the_bundled_papers_and_used_afterwards(tmp_path, monkeypatch):
    from evals.questions import load

    monkeypatch.setattr(calibration, "open_embedder", lambda _: WordCountEmbedding())
    monkeypatch.setattr(calibration, "PairRanker", SharedStems)
    monkeypatch.setattr(calibration, "load", lambda *given, **named: load(*given, **named)[::4])
    settings = Settings(home=tmp_path, reranker="of-the-user")
    line = calibration.calibrate(settings, ProgressBars())
    assert "with 0 questions about your own papers" in line
    fitted = load_calibration(settings)
    assert fitted.is_fitted
    assert fitted.scale.slope > 1
    assert fitted.gate.coefficients.keys() == PACKAGED_GATE.coefficients.keys()
    assert [path.name for path in tmp_path.iterdir()] == ["calibration.json"]
