"""A comparison has sides, each with a text to search with."""

from __future__ import annotations

import pytest

from assistant.answering.sides import sides_of, two_parts


def names(question: str) -> list[str]:
    return [side.name for side in sides_of(question)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do FastNet and SlowNet differ in what they learn?", ["FastNet", "SlowNet"]),
        ("FastNet vs SlowNet: how does each one learn?", ["FastNet", "SlowNet"]),
        ("lidar vs. radar: which is more precise?", ["lidar", "radar"]),
        ("LIDAR Vs. radar: which is more precise?", ["LIDAR", "radar"]),
        ("What do the survey of tides and the survey of storms each cover?", ["survey of tides", "survey of storms"]),
        ("How do lidar and the Deep Scan paper each measure trees?", ["lidar", "Deep Scan paper"]),
        ("What is the advantage of lidar over photogrammetry?", ["lidar", "photogrammetry"]),
        ("How does the cost of lidar differ from that of radar?", ["cost of lidar", "radar"]),
        ("FastNet and lidar both get a signal. What is it in one and in the other?", ["FastNet", "lidar"]),
        ("Is active learning superior to random sampling?", ["active learning", "random sampling"]),
        ("How do maize, wheat and rice differ in water use?", ["maize", "wheat", "rice"]),
        ("Compare 'Seas, Lakes and Rivers' and RiverNet.", ["'Seas, Lakes and Rivers'", "RiverNet"]),
    ],
)
def test_a_comparison_names_its_sides(question, expected):
    assert names(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Does washing the sand or drying the sand matter more?", ["washing the sand", "drying the sand"]),
        ("Should fertiliser be added while sowing or while growing?", ["sowing", "growing"]),
        ("How can I save water when cooking and how when washing?", ["cooking", "washing"]),
        ("What role do bees play in FastNet and in SlowNet?", ["FastNet", "SlowNet"]),
    ],
)
def test_a_comparison_may_be_implied(question, expected):
    assert [side.removesuffix(" matter") for side in names(question)] == expected


@pytest.mark.parametrize(
    "question",
    [
        "",
        "and",
        "versus",
        "What is learned from text and images?",
        "Is it good or bad to water plants twice?",
        "Which papers are about bees and wasps?",
        "What works for languages such as Swahili or Yoruba?",
        "Who measured the tide?",
        "What changed in corpus v. 3?",
    ],
)
def test_other_questions_have_no_sides(question):
    assert names(question) == []


def test_a_side_is_searched_with_the_question_without_the_other_sides():
    sides = sides_of("How do FastNet and SlowNet differ in what they learn?")
    assert [side.query for side in sides] == [
        "How do FastNet differ in what they learn?",
        "How do SlowNet differ in what they learn?",
    ]


def test_a_comparison_has_at_most_four_sides():
    assert len(names("How do A1x, B1x, C1x, D1x and E1x differ?")) == 4


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What helps hens, and what do cows eat?", ("What helps hens", "what do cows eat?")),
        ("What helps hens? And what do cows eat?", ("What helps hens", "what do cows eat?")),
        ("Do hens live longer than most of the cows?", ("Do hens live longer", "most of the cows?")),
        ("Hens in the yard as opposed to cows in the barn", ("Hens in the yard", "cows in the barn")),
        ("Old farms – new farms: who is better off?", ("Old farms – new farms", "who is better off?")),
    ],
)
def test_a_question_may_be_split_where_its_parts_meet(question, parts):
    assert two_parts(question)[0] == parts


def test_the_most_even_splits_of_a_question_come_first():
    question = "On farms, what helps hens, and what do cows eat, if the summer has been dry, and hot as well?"
    splits = two_parts(question)
    assert splits[0][1] == "if the summer has been dry, and hot as well?"
    assert len(splits) == 3


def test_a_question_for_a_list_is_not_split():
    assert two_parts("Which papers are about hens in the yard and cows in the barn?") == ()


def test_a_question_is_not_split_off_a_single_word():
    assert two_parts("Well, what helps hens and cows?") == ()
