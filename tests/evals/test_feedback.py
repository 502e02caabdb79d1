"""What people thought of answers becomes evaluation questions, or records for a person to complete."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assistant.conversations.store import Conversations, Exchange
from assistant.errors import InputError
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper
from evals.feedback import as_questions, export
from evals.questions import load

HENS = Paper("hens", "Hens", "Hens lay eggs. They have 2 legs.")
COWS = Paper("cows", "Cows", "Cows give milk.")
LAYING = Claim("Hens lay.", (Evidence(HENS, 0, 14), Evidence(COWS, 0, 15)), "supported", 0.9)
LEGS = Claim("They have 2 legs.", (Evidence(HENS, 15, 32),), "quoted", 1.0)
ANSWER = Answer("What?", stage="done", claims=(LAYING, LEGS))
DECLINED = Answer("What?", stage="done", abstained=True, retrieved=(RankedPaper(COWS, 1.0),))
MADE_WITH = {"model": "m"}


def exchange(name: str = "a", answer: Answer | None = ANSWER, rating: int = 1, **more) -> Exchange:
    return Exchange(name, "c", f"What of {name}?", "2026-01-01T00:00:00+00:00", answer, rating=rating, **more)


def judged(*exchanges: Exchange, earlier: tuple[Exchange, ...] = ()):
    return [(one, list(earlier), MADE_WITH) for one in exchanges]


def test_an_approved_answer_becomes_a_question_with_what_it_cites():
    assert as_questions(judged(exchange())) == (
        [
            {
                "id": "feedback-a",
                "kind": "single",
                "question": "What of a?",
                "history": [],
                "gold": ["hens", "cows"],
                "accept": [],
                "facts": [],
                "evidence": ["Hens lay eggs.", "They have 2 legs.", "Cows give milk."],
                "split": "test",
            }
        ],
        [],
    )


@pytest.mark.parametrize(
    ("answer", "earlier", "kind"),
    [
        (ANSWER, (), "single"),
        (replace(ANSWER, form="list"), (), "find"),
        (replace(ANSWER, form="list"), (exchange("before"),), "followup"),
        (DECLINED, (), "unanswerable"),
        (DECLINED, (exchange("before"),), "unanswerable"),
    ],
)
def test_the_kind_follows_from_the_answer_and_what_was_said_before(answer, earlier, kind):
    ((question,), _) = as_questions(judged(exchange(answer=answer), earlier=earlier))
    assert question["kind"] == kind
    assert bool(question["gold"]) == (kind != "unanswerable")


def test_the_history_holds_what_was_answered_to_the_end():
    earlier = (
        exchange("x"),
        exchange("y", None),
        exchange("z", replace(ANSWER, stopped=True)),
        exchange("u", DECLINED),
    )
    ((question,), _) = as_questions(judged(exchange(), earlier=earlier))
    assert question["history"] == [
        ["What of x?", "Hens lay. [1][2] “They have 2 legs.” [1]"],
        ["What of u?", "The indexed papers do not answer this question. Nearest papers: “Cows”."],
    ]


def test_the_history_holds_no_more_turns_than_the_assistant_was_told_of():
    ((question,), _) = as_questions(judged(exchange(), earlier=tuple(exchange(name) for name in "pqrstu")))
    assert [turn[0] for turn in question["history"]] == ["What of r?", "What of s?", "What of t?", "What of u?"]


def test_a_disapproved_answer_is_left_to_a_person_with_all_that_is_known():
    _, (record,) = as_questions(judged(exchange(rating=-1, note="wrong paper"), earlier=(exchange("x"),)))
    assert record == {
        "id": "feedback-a",
        "kind": "",
        "question": "What of a?",
        "history": [["What of x?", "Hens lay. [1][2] “They have 2 legs.” [1]"]],
        "gold": [],
        "accept": [],
        "facts": [],
        "evidence": ["Hens lay eggs.", "They have 2 legs.", "Cows give milk."],
        "split": "test",
        "answer": "Hens lay. [1][2] “They have 2 legs.” [1]",
        "verdict": -1,
        "note": "wrong paper",
        "within": [],
        "made_with": MADE_WITH,
    }


@pytest.mark.parametrize(
    "approved",
    [exchange(within=("hens",)), exchange(answer=Answer("What?", stage="done", stopped=True))],
    ids=["narrowed", "cites nothing"],
)
def test_an_approved_answer_that_makes_no_question_by_itself_is_left_to_a_person(approved):
    questions, (record,) = as_questions(judged(approved))
    assert questions == []
    assert (record["verdict"], record["within"]) == (1, list(approved.within))


def test_an_exchange_without_an_answer_is_left_out():
    assert as_questions(judged(exchange(answer=None))) == ([], [])


def test_exported_questions_are_loaded_as_they_were_judged(tmp_path):
    conversations = Conversations(tmp_path / "conversations.sqlite")
    first = conversations.add_question("What do hens do?")
    conversations.add_answer(first.exchange_id, ANSWER, MADE_WITH)
    second = conversations.add_question("And on\u2028Mars?", first.conversation_id)
    conversations.add_answer(second.exchange_id, DECLINED, MADE_WITH)
    third = conversations.add_question("Any papers about cows?")
    conversations.add_answer(third.exchange_id, replace(ANSWER, form="list"), MADE_WITH)
    for asked, rating in ((first, 1), (second, 1), (third, -1)):
        conversations.rate(asked.exchange_id, rating, "")
    path = tmp_path / "feedback.jsonl"
    said = export(conversations.rated(), path)
    conversations.close()
    todo = tmp_path / "feedback.todo.jsonl"
    assert said == (f"Questions in {path}: 2. To complete in {todo}: 1 (work on a copy: the next export replaces it).")
    hens, mars = load(path)
    assert (hens.kind, hens.question, hens.gold, hens.facts) == ("single", "What do hens do?", ("hens", "cows"), ())
    assert (mars.kind, mars.question, mars.gold) == ("unanswerable", "And on Mars?", ())
    assert mars.history == (("What do hens do?", "Hens lay. [1][2] “They have 2 legs.” [1]"),)
    with pytest.raises(InputError, match="line 1: unknown kind ''"):
        load(todo)
    completed = json.loads(todo.read_text(encoding="utf-8")) | {"kind": "find", "gold": ["cows"]}
    todo.write_text(json.dumps(completed), encoding="utf-8")
    assert [question.gold for question in load(todo)] == [("cows",)]


def test_words_that_are_no_unicode_are_exported(tmp_path):
    paper = replace(HENS, abstract="Hens \ud800.")
    answer = Answer("What?", stage="done", claims=(Claim("Hens.", (Evidence(paper, 0, 7),), "quoted", 1.0),))
    path = tmp_path / "feedback.jsonl"
    export(judged(exchange(answer=answer)), path)
    assert [question.evidence for question in load(path)] == [("Hens \ud800.",)]


def test_an_export_replaces_the_one_before_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "feedback.jsonl"
    export(judged(exchange("a"), exchange("b")), path)
    assert export(judged(exchange("c")), path) == f"Questions in {path}: 1."
    assert [question.question_id for question in load(path)] == ["feedback-c"]
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_judged_is_said_and_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="No answer was rated yet"):
        export([], tmp_path / "feedback.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "none/feedback.jsonl"], ids=["a folder", "a missing folder"])
def test_a_file_that_cannot_be_written_is_named(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(InputError) as raised:
        export(judged(exchange()), path)
    assert str(raised.value).startswith(f"{path} cannot be written (")
    assert "\n" not in str(raised.value)
