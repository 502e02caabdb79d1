"""The kind of a question by its wording: the labelled questions, and how they are scored."""

from __future__ import annotations

from collections import Counter

import pytest

from app import main
from assistant.errors import InputError
from evals.runs.question_kinds import KINDS, Labelled, is_right, load, misses, table

LABELLED = load()
LEAST_RIGHT = {"tune": 0.97, "test": 0.82}


@pytest.mark.parametrize("split", LEAST_RIGHT)
def test_as_many_labelled_questions_are_recognised_as_were_measured(split):
    of_split = [question for question in LABELLED if question.split == split]
    assert sum(map(is_right, of_split)) / len(of_split) >= LEAST_RIGHT[split], [*misses(of_split)]


def test_each_half_has_at_least_nineteen_questions_of_each_kind_and_none_twice():
    counts = Counter((question.split, question.kind) for question in LABELLED)
    assert min(counts[split, kind] for split in LEAST_RIGHT for kind in KINDS) >= 19
    assert len({question.question for question in LABELLED}) == len(LABELLED)


def test_a_miss_says_what_was_found_and_what_was_expected():
    wrong = [
        Labelled("How many hens are there?", "list", 0, "test"),
        Labelled("Compare hens, ducks and geese.", "comparison", 2, "test"),
        Labelled("Why do hens sit?", "prose", 0, "test"),
    ]
    assert [*misses(wrong)] == [
        "How many hens are there? - list, found number",
        "Compare hens, ducks and geese. - comparison of 2, not 3, found comparison",
    ]


def test_the_table_counts_each_kind_and_all_questions():
    questions = [Labelled("Why do hens sit?", "prose", 0, "tune"), Labelled("Why do hens lay?", "list", 0, "tune")]
    assert [*table(questions)] == [
        "list         0 of   1 recognised (0.00)",
        "prose        1 of   1 recognised (1.00)",
        "all          1 of   2 recognised (0.50)",
    ]


def test_the_command_prints_a_table_for_the_split_that_is_asked_for(capsys):
    assert main(["eval", "kinds", "--split", "test"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("test\n  list ")
    assert "tune" not in printed


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "{",
        '{"question": "Why?", "kind": "prose", "split": "tune"}',
        '{"question": "Why?", "kind": "poem", "number": false, "split": "tune"}',
    ],
)
def test_a_line_that_is_no_labelled_question_is_named(tmp_path, line):
    path = tmp_path / "kinds.jsonl"
    path.write_text(line)
    with pytest.raises(InputError, match=r"kinds\.jsonl, line 1"):
        load(path)
