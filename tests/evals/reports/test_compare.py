from __future__ import annotations

import pytest

from assistant.errors import InputError
from evals.reports.compare import differences
from evals.reports.report import Question, Report

NAMES = ("a", "b", "c", "d")


def report_of(values: dict[str, dict[str, dict[str, float]]], name: str = "farm") -> Report:
    names = dict.fromkeys(name for measures in values.values() for found in measures.values() for name in found)
    system = next(iter(values))
    return Report(
        kind="retrieval",
        name=name,
        created="2025-01-31T12:30:00+00:00",
        main=(system, next(iter(values[system]))),
        questions=tuple(Question(name, "", f"Question {name}?") for name in names),
        values=values,
    )


def one_system(**values: float) -> Report:
    return report_of({"fused": {"RR": values}})


def test_a_change_of_all_questions_is_shown_with_its_p():
    before, after = (one_system(**dict.fromkeys(NAMES, value)) for value in (0.25, 0.75))
    line, *_ = differences(before, after)
    # Four equal differences: one of 2**4 ways to set their signs is as far out on each side.
    assert line.split() == "fused RR 0.2500 -> 0.7500 +0.5000 p 0.1250 (4 questions)".split()


def test_changed_questions_are_named_the_most_changed_first():
    before = one_system(a=1.0, b=1.0, c=0.5, d=0.2)
    after = one_system(a=1.0, b=0.0, c=1.0, d=0.7)
    _, count, *changed = differences(before, after)
    assert count == "3 questions changed by RR of fused."
    assert changed == ["  -1.000  b: Question b?", "  +0.500  c: Question c?", "  +0.500  d: Question d?"]


def test_no_more_than_ten_questions_are_named():
    before, after = (one_system(**{f"q{number}": value for number in range(15)}) for value in (0.0, 1.0))
    lines = list(differences(before, after))
    assert lines[1] == "15 questions changed by RR of fused."
    assert len(lines) == 2 + 10


def test_a_report_and_itself_do_not_differ():
    report = one_system(a=1.0, b=0.5)
    line, count = differences(report, report)
    assert line.split() == "fused RR 0.7500 -> 0.7500 +0.0000 p 1.0000 (2 questions)".split()
    assert count == "0 questions changed by RR of fused."


def test_only_questions_that_both_have_are_compared():
    line, _, *changed = differences(one_system(a=0.0, b=1.0), one_system(b=0.5, c=1.0))
    assert "1.0000 ->   0.5000" in line
    assert line.endswith("(1 questions)")
    assert changed == ["  -0.500  b: Question b?"]


def test_systems_and_measures_of_one_report_only_are_left_out():
    before = report_of({"fused": {"RR": {"a": 1.0}, "R@1": {"a": 1.0}}, "dense": {"RR": {"a": 1.0}}})
    after = report_of({"fused": {"RR": {"a": 1.0}, "R@5": {"a": 1.0}}, "BM25": {"RR": {"a": 1.0}}})
    lines = list(differences(before, after))
    assert [line.split()[:2] for line in lines[:-1]] == [["fused", "RR"]]


def test_reports_without_a_common_system_are_refused():
    with pytest.raises(InputError, match=r"no system in common \(fused and BM25\)"):
        list(differences(one_system(a=1.0), report_of({"BM25": {"RR": {"a": 1.0}}})))


@pytest.mark.parametrize("after", [one_system(b=1.0), report_of({"fused": {"R@1": {"a": 1.0}}})])
def test_reports_without_a_common_question_or_measure_are_refused(after):
    with pytest.raises(InputError, match="no question in common"):
        list(differences(one_system(a=1.0), after))
