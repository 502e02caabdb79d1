"""Scored answers and judged pairs as reports: the text and the plots."""

from __future__ import annotations

import math

import pytest

from evals.reports.presentation import (
    answer_plots,
    answer_report,
    groundedness_plots,
    groundedness_report,
)
from evals.reports.report import load, save, table
from evals.runs.answers import Scored
from evals.runs.groundedness import Judged, Pair
from tests.support.answers import asked, declined, said, scored


@pytest.fixture
def answers() -> dict[str, list[Scored]]:
    """Two answerers and three questions, one of them without an answer."""
    main = [
        scored(asked("a"), said(confidence=0.9)),
        scored(asked("b", kind="numeric"), declined(confidence=0.5)),
        scored(asked("c", gold=()), said(confidence=0.5)),
    ]
    return {"footnote": main, "stock": [Scored(one.question, said(confidence=0.0), one.abstracts) for one in main]}


@pytest.fixture
def pairs() -> dict[str, list[Judged]]:
    """Two sets of two pairs; of the first, one is judged wrong."""
    yes = Pair("1", "Hens lay eggs.", "Hens lay.", is_supported=True, is_contradicted=False)
    no = Pair("2", "Hens lay eggs.", "Hens fly.", is_supported=False, is_contradicted=True)
    return {
        "farm": [Judged(yes, 0.9, True, "covered"), Judged(no, 0.75, True, "covered")],
        "zoo": [Judged(yes, 0.8, True, "covered"), Judged(no, 0.0, False, "not there")],
    }


def test_the_first_answerer_is_the_one_a_report_is_about(answers, settings, make_assistant):
    report = answer_report(answers, "tune", settings, make_assistant())
    assert (report.kind, report.name) == ("answers", "tune")
    assert report.main == ("footnote", "facts in 120 words")
    assert report.values["footnote"]["facts in 120 words"] == {"a": 0.5, "b": 0.0}
    assert report.values["stock"]["facts in 120 words"] == {"a": 0.5, "b": 0.5}
    assert report.p_values().keys() == {"stock"}


def test_confidence_is_measured_over_all_questions_together(answers, settings, make_assistant):
    report = answer_report(answers, "tune", settings, make_assistant())
    # Of the two answerable questions, one is above the unanswerable one and one level with it.
    (found,) = report.totals["footnote"].values()
    assert (report.totals.keys(), found.mean, found.count) == ({"footnote"}, 0.75, 3)
    assert 0.0 <= found.low <= 0.75 <= found.high <= 1.0


def test_a_report_says_what_it_was_made_with(answers, settings, make_assistant):
    assistant = make_assistant()
    made_with = answer_report(answers, "tune", settings, assistant).made_with
    assert (made_with["index"], made_with["model"]) == (assistant.retriever.index.fingerprint, "scripted")
    assert made_with["settings"]["answer_words"] == "115"


def test_each_question_shows_its_answer_what_was_wanted_and_what_was_found(answers, settings, make_assistant):
    first, second, _ = answer_report(answers, "tune", settings, make_assistant()).questions
    assert (first.question_id, first.kind, first.text) == ("a", "single", "What of a?")
    assert first.details == (
        "answer: Hens lay brown eggs daily. [1]",
        "fact wanted: brown or white",
        "fact wanted: weekly",
        "evidence: Hens lay brown eggs daily.",
        "found: Hens",
    )
    assert [line.split(":")[0] for line in second.details] == ["answer", "fact wanted", "fact wanted", "found"]


def test_only_the_three_nearest_papers_are_shown(settings, make_assistant):
    retrieved = [{"paper_id": title, "title": title, "score": 1.0} for title in "VWXYZ"]
    report = answer_report(
        {"footnote": [scored(asked(), said(retrieved=retrieved))]}, "tune", settings, make_assistant()
    )
    assert report.questions[0].details[-3:] == ("found: V", "found: W", "found: X")


def test_an_answer_report_is_written_and_read_again(answers, settings, make_assistant, tmp_path):
    report = answer_report(answers, "tune", settings, make_assistant())
    data, page = save(report, tmp_path, answer_plots(report, answers))
    assert load(data) == report
    shown = page.read_text(encoding="utf-8")
    assert shown.count("<svg") == 3
    assert "fact wanted: brown or white" in shown
    assert any(line.startswith("AUROC of confidence") for line in table(report))


def test_bars_are_of_the_kinds_that_the_measure_is_over(answers, settings, make_assistant):
    report = answer_report(answers, "tune", settings, make_assistant())
    bars, risk, seconds = answer_plots(report, answers)
    assert bars.caption == "facts in 120 words, by kind of question"
    assert (">single<" in bars.svg, ">numeric<" in bars.svg, ">unanswerable<" in bars.svg) == (True, True, False)
    assert "share of questions answered" in risk.svg
    assert "seconds" in seconds.svg


def test_questions_that_all_have_no_answer_still_make_a_report(settings, make_assistant, tmp_path):
    answers = {"footnote": [scored(asked("a", gold=()), declined()), scored(asked("b", gold=()), said())]}
    report = answer_report(answers, "tune", settings, make_assistant())
    _, page = save(report, tmp_path, answer_plots(report, answers))
    assert report.worst() == []
    assert math.isnan(report.totals["footnote"]["AUROC of confidence"].mean)
    assert report.estimates()["footnote"]["unanswerable declined"].mean == 0.5
    assert "unanswerable declined" in page.read_text(encoding="utf-8")


def test_each_set_of_pairs_is_a_system_with_its_own_totals(pairs, settings):
    report = groundedness_report(pairs, settings)
    assert (report.kind, report.name, report.main) == ("groundedness", "farm-zoo", ("farm", "judged right"))
    assert report.values == {
        "farm": {"judged right": {"farm:1": 1.0, "farm:2": 0.0}},
        "zoo": {"judged right": {"zoo:1": 1.0, "zoo:2": 1.0}},
    }
    means = {name: {measure: found.mean for measure, found in totals.items()} for name, totals in report.totals.items()}
    assert means["farm"] == pytest.approx(
        {
            "AUROC": 1.0,
            "balanced accuracy": 0.5,
            "expected calibration error": (0.1 + 0.75) / 2,
            "contradicted, yet accepted": 1.0,
        }
    )
    assert (means["zoo"]["balanced accuracy"], means["zoo"]["contradicted, yet accepted"]) == (1.0, 0.0)


def test_each_pair_shows_how_it_was_judged_and_its_text(pairs, settings):
    first, second, *_ = groundedness_report(pairs, settings).questions
    assert (first.question_id, first.kind, first.text) == ("farm:1", "farm", "Hens lay.")
    assert first.details == ("accepted at 0.90 (covered); it is supported", "Hens lay eggs.")
    assert second.details[0] == "accepted at 0.75 (covered); it is contradicted"


def test_the_worst_pairs_are_those_judged_wrong(pairs, settings):
    assert [(one.question_id, right) for one, right in groundedness_report(pairs, settings).worst()] == [
        ("farm:2", 0.0),
        ("farm:1", 1.0),
    ]


@pytest.mark.parametrize(("count", "name"), [(1, "a"), (2, "a-b"), (3, "3-sets")])
def test_a_report_of_many_sets_keeps_a_short_name(pairs, settings, count, name):
    assert groundedness_report(dict.fromkeys("abc"[:count], pairs["zoo"]), settings).name == name


def test_a_groundedness_report_is_written_and_read_again(pairs, settings, tmp_path):
    report = groundedness_report(pairs, settings)
    data, page = save(report, tmp_path, groundedness_plots(pairs))
    assert load(data) == report
    assert page.read_text(encoding="utf-8").count("<svg") == 1


def test_the_calibration_of_every_set_is_drawn(pairs):
    (plot,) = groundedness_plots(pairs)
    assert (">farm<" in plot.svg, ">zoo<" in plot.svg) == (True, True)
