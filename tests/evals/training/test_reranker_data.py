"""The questions that the reranker is trained on name sentences that exist."""

from __future__ import annotations

import json

import pytest

from assistant.text.sentences import sentences
from tests.support.paths import ROOT

FOLDER = ROOT / "evals/training/reranker_data"
INVENTED = {
    record["id"]: sentences(record["abstract"])
    for record in map(json.loads, (FOLDER / "abstracts.jsonl").read_text(encoding="utf-8").splitlines())
}


def questions(name: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["questions.jsonl", "everyday_questions.jsonl"])
def test_answers_are_sentences_of_the_abstract(name):
    asked = questions(name)
    assert all(question["q"].strip() and len(set(question["a"])) == len(question["a"]) for question in asked)
    about_invented = [question for question in asked if question["doc"].startswith("invented")]
    assert all(0 <= answer < len(INVENTED[question["doc"]]) for question in about_invented for answer in question["a"])
    assert about_invented


def test_a_question_without_an_answer_says_how_it_misses():
    asked = questions("everyday_questions.jsonl")
    sorts = {question.get("sort", "") for question in asked}
    assert sorts == {"", "detail", "bench", "swap", "everyday", "known", "topic", "false", "aim"}
    assert all(("sort" in question) == (not question["a"]) for question in asked)


def test_the_invented_abstracts_are_all_asked_about_and_no_two_are_the_same():
    asked = {
        question["doc"] for name in ("questions.jsonl", "everyday_questions.jsonl") for question in questions(name)
    }
    assert INVENTED.keys() <= asked
    assert len({tuple(one) for one in INVENTED.values()}) == len(INVENTED)
