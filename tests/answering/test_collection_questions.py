"""The wording of a question decides whether it is a look-up; over labelled questions, question sets and any text."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest

from assistant.answering.authors_and_years import NO_AUTHORS, authors_in, years_in
from assistant.answering.collection_questions import parse_lookup
from assistant.errors import InputError
from evals.questions import GATE_PATH, PATH, load
from evals.runs.routing import load as load_routing
from evals.runs.routing import misses, summary

LABELLED = load_routing()
LEAST_RIGHT = {"tune": 1.0, "test": 0.98, "late": 0.92}


@pytest.mark.parametrize("split", LEAST_RIGHT)
def test_labelled_questions_are_routed_as_measured(split):
    of_split = [question for question in LABELLED if question.split == split]
    wrong = misses(of_split)
    assert 1 - len(wrong) / len(of_split) >= LEAST_RIGHT[split], [str(miss) for miss in wrong]


def test_no_labelled_question_about_passages_is_routed_to_the_collection():
    wrong = [miss for miss in misses(LABELLED) if miss.labelled.route == "passages"]
    assert [str(miss) for miss in wrong if miss.request.about != "passages"] == []


def test_the_set_contains_enough_of_each_kind_and_no_question_twice():
    count = Counter(question.route for question in LABELLED)
    assert count["passages"] >= 150
    assert count["collection"] >= 110
    assert count["topic"] >= 40
    assert len({question.question for question in LABELLED}) == len(LABELLED)


@pytest.mark.parametrize("path", [PATH, GATE_PATH], ids=["questions", "gate"])
def test_every_question_of_the_answer_evals_is_about_passages_and_keeps_its_wording(path):
    for question in load(path):
        request = parse_lookup(question.question)
        assert (request.about, request.text) == ("passages", question.question)
        assert request.mention == NO_AUTHORS


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What did Smith find about slugs?", "What did they find about slugs?"),
        ("How many gardens did Smith et al. (2024) visit?", "How many gardens did they visit?"),
        ("papers on hedgehogs by Smith", "papers on hedgehogs"),
        ("Show me Smith's papers on allotments", "Show me the papers on allotments"),
        ("Which papers published since 2020 are about owls?", "Which papers are about owls?"),
    ],
)
def test_authors_and_years_are_removed_before_passages_are_searched(question, text):
    assert parse_lookup(question).text == text


@pytest.mark.parametrize(
    "question",
    ["What did BERT find?", "How is it trained by PPO?", "What did GPT-4 show?", "papers about images by DALL-E2",
     "What did ImageNet-21k show?", "What does Chain-of-Thought show?",
     "What changed after the Olympics (2012)?", "Was it written by hand?"],
)  # fmt: skip
def test_a_word_spelled_as_a_method_is_not_an_author(question):
    assert authors_in(question) == NO_AUTHORS


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("papers between 2018 and 2020", (2018, 2020)),
        ("papers from 2018–2020", (2018, 2020)),
        ("papers since 2020", (2020, None)),
        ("papers after 2020", (2021, None)),
        ("papers before 2020", (None, 2019)),
        ("papers until 2020", (None, 2020)),
        ("papers from 2020", (2020, 2020)),
        ("papers from the 1990s", (1990, 1999)),
    ],
)
def test_the_years_of_a_text_are_a_first_and_a_last_year(text, years):
    assert years_in(text).years == years


@pytest.mark.parametrize(
    "question",
    [
        "Which papers are not by Moreau?",
        "Which papers were not published in 2017?",
        "papers other than from 2017",
        "All articles that aren't by Moreau",
    ],
)
def test_a_question_about_all_other_authors_or_years_is_not_a_look_up_of_the_named_ones(question):
    assert parse_lookup(question).about == "topic"


@pytest.mark.parametrize(
    "question",
    [
        "Which papers are retracted?",
        "list the retracted articles",
        "What topics do you have?",
        "Which years do the papers cover?",
        "What is this library about?",
        "How many papers were published per year?",
    ],
)
def test_a_question_for_an_overview_of_the_collection_is_about_a_topic(question):
    assert parse_lookup(question).about == "topic"


@pytest.mark.parametrize("question", ["How many studies were included?", "how many articles did it contain"])
def test_how_many_in_the_past_tense_is_about_passages(question):
    assert parse_lookup(question).about == "passages"


def test_years_other_than_those_of_publication_do_not_limit_the_search():
    assert years_in("How many swans were counted in 2018?", of_publication=True) is None


@pytest.mark.parametrize(
    "text",
    ["Smith and " * 900, "papers by " * 900, "What did " + "Ada Smith " * 29 + "find", "how many " * 700, "a" * 40_000,
     "Smith's " * 59, "J. " * 59, "papers " * 59, "in 2020 " * 59, '"' * 5_000, "(2020)" * 3_000, "10.1/" * 5_000,
     "A-" * 4_000, "A'B" * 3_000],
)  # fmt: skip
def test_any_text_is_parsed_quickly(text):
    started = time.perf_counter()
    parse_lookup(text)
    assert time.perf_counter() - started < 2.0


def test_the_summary_counts_right_routes_and_right_fields(tmp_path):
    path = tmp_path / "routing.jsonl"
    lines = [
        {"id": "a", "question": "papers by Smith", "route": "collection", "wants": "papers", "authors": ["Smith"]},
        {"id": "b", "question": "papers by Vale", "route": "collection", "wants": "papers", "authors": ["Smith"]},
        {"id": "c", "question": "Why?", "route": "topic"},
    ]
    path.write_text("".join(json.dumps(line | {"split": "tune"}) + "\n" for line in lines), encoding="utf-8")
    assert summary(load_routing(path)).startswith("3 questions: 2 routes right, 1 with the right")


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"question": "q"}', '{"id": 1, "question": "q", "route": "x", "split": "tune"}']
)
def test_a_line_that_is_not_a_labelled_question_is_named(tmp_path, line):
    path = tmp_path / "routing.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"routing\.jsonl, line 1"):
        load_routing(path)
