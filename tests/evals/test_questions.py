"""The evaluation questions fit the bundled corpus, and a file of questions that does not fit is refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import InputError
from evals.questions import COMPARISONS_PATH, GATE_PATH, KINDS, PLAIN_PATH, check_indexed, load
from ingest.bundled_corpus import CORPUS
from ingest.readers import read_papers

PAPERS = {paper.paper_id: paper for paper in read_papers(CORPUS.read_bytes(), CORPUS.name).papers}
QUESTIONS = load()
GATE_QUESTIONS = load(GATE_PATH)
PLAIN_QUESTIONS = load(PLAIN_PATH)
COMPARISONS = load(COMPARISONS_PATH)
RECORD = {
    "id": "a", "kind": "followup", "question": "And milk?", "history": [["Who lays eggs?", "Hens."]], "gold": ["cows"],
    "accept": ["goats"], "facts": [["milk", "cream"]], "evidence": ["Cows give milk."], "split": "tune",
}  # fmt: skip


def test_ids_are_unique_and_kinds_known():
    assert len({question.question_id for question in QUESTIONS}) == len(QUESTIONS) >= 100
    assert {question.kind for question in QUESTIONS} == set(KINDS)


@pytest.mark.parametrize(
    "question",
    [*QUESTIONS, *GATE_QUESTIONS, *PLAIN_QUESTIONS, *COMPARISONS],
    ids=lambda question: question.question_id,
)
def test_gold_facts_and_evidence_are_in_the_corpus(question):
    assert set(question.right) <= PAPERS.keys()
    assert question.is_answerable == (question.kind != "unanswerable")
    texts = [f"{PAPERS[paper_id].title} {PAPERS[paper_id].abstract}" for paper_id in question.right]
    for sentence in question.evidence:
        assert any(sentence in text for text in texts)
    for fact in question.facts:
        assert any(alternative in text.casefold() for alternative in fact for text in texts)


def test_no_paper_is_in_both_splits():
    splits: dict[str, set[str]] = {"tune": set(), "test": set()}
    for question in [*QUESTIONS, *GATE_QUESTIONS]:
        splits[question.split] |= set(question.right)
    assert not splits["tune"] & splits["test"]


def test_the_gate_is_fitted_on_questions_of_its_own_about_tune_papers():
    assert {question.split for question in GATE_QUESTIONS} == {"tune"}
    asked = {question.question.casefold() for question in QUESTIONS}
    assert not [question for question in GATE_QUESTIONS if question.question.casefold() in asked]
    assert len({question.question_id for question in [*QUESTIONS, *GATE_QUESTIONS]}) == len(QUESTIONS + GATE_QUESTIONS)


@pytest.mark.parametrize("questions", [QUESTIONS, PLAIN_QUESTIONS], ids=["questions", "plain"])
def test_every_paper_is_asked_for(questions):
    asked = Counter(paper_id for question in questions for paper_id in question.gold)
    assert PAPERS.keys() == asked.keys()


def test_unanswerable_plain_questions_are_of_six_sorts_of_equal_number():
    sorts = Counter(question.question_id.split("-")[1] for question in PLAIN_QUESTIONS if not question.is_answerable)
    assert sorts == dict.fromkeys(("detail", "swap", "bench", "everyday", "known", "topic"), 20)


def test_every_comparison_without_names_needs_two_papers_or_more():
    assert {question.kind for question in COMPARISONS} == {"multi"}
    assert min(len(question.gold) for question in COMPARISONS) >= 2


@pytest.fixture
def write(tmp_path):
    def write(*records: dict | str) -> Path:
        path = tmp_path / "questions.jsonl"
        lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


def refused(path: Path, splits: tuple[str, ...] = ("tune", "test")) -> str:
    with pytest.raises(InputError) as raised:
        load(path, splits)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_question_is_read_with_all_it_holds(write):
    (question,) = load(write(RECORD | {"forbid": ["eggs"]}))
    assert (question.question_id, question.kind, question.question) == ("a", "followup", "And milk?")
    assert question.history == (("Who lays eggs?", "Hens."),)
    assert (question.right, question.facts, question.evidence) == (
        ("cows", "goats"),
        (("milk", "cream"),),
        ("Cows give milk.",),
    )


def test_only_the_questions_of_the_split_are_given(write):
    path = write(RECORD, RECORD | {"id": "b", "split": "test"}, RECORD | {"id": "c"})
    found = {splits: [question.question_id for question in load(path, splits)] for splits in [("tune",), ("test",)]}
    assert found == {("tune",): ["a", "c"], ("test",): ["b"]}
    assert len(load(path)) == 3


def test_a_line_separator_inside_a_question_ends_no_line(write):
    (question,) = load(write(RECORD | {"question": "And\u2028milk?"}))
    assert question.question == "And\u2028milk?"


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "cut sh',
        "[1]",
        "7",
        '{"id": "a"}',
        RECORD | {"id": 7},
        RECORD | {"question": None},
        RECORD | {"history": [["Who lays eggs?"]]},
        RECORD | {"history": ["Hi"]},  # not asked "H", answered "i"
        RECORD | {"gold": "cows"},  # not four papers of one letter
        RECORD | {"facts": ["milk"]},  # not a fact of which each letter is an alternative
        RECORD | {"facts": [[1.5]]},
        RECORD | {"evidence": None},
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_malformed_question_is_named_with_file_and_line(write, line):
    said = refused(write(RECORD | {"id": "first"}, "", line))
    assert said.startswith("questions.jsonl, line 3: ")
    assert said.endswith(": correct the line.")


@pytest.mark.parametrize("left_out", RECORD)
def test_a_field_that_is_left_out_is_named(write, left_out):
    record = {name: value for name, value in RECORD.items() if name != left_out}
    assert refused(write(record)).startswith(f"questions.jsonl, line 1: KeyError('{left_out}')")


def test_an_unknown_kind_or_split_is_answered_with_those_that_are_known(write):
    assert refused(write(RECORD, RECORD | {"id": "b", "kind": "hard"})) == (
        f"questions.jsonl, line 2: unknown kind 'hard': use one of {', '.join(KINDS)}."
    )
    assert refused(write(RECORD | {"split": "dev"})) == (
        "questions.jsonl, line 1: unknown split 'dev': use one of tune, test."
    )


def test_an_id_that_is_there_twice_is_named_even_in_another_split(write):
    assert refused(write(RECORD, RECORD | {"split": "test"}), ("tune",)) == (
        "questions.jsonl, line 2: id 'a' occurs twice: give each question its own."
    )


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_named(write, content):
    path = write(content)
    assert refused(path) == f"{path} is empty: nothing to score."


def test_a_missing_file_is_named(tmp_path):
    assert refused(tmp_path / "none.jsonl").startswith(f"{tmp_path / 'none.jsonl'} cannot be read (")


def test_a_line_that_is_not_utf_8_is_named(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_bytes(json.dumps(RECORD).encode() + b"\ncaf\xe9\n")
    assert refused(path).startswith("questions.jsonl, line 2: not UTF-8 text")


def test_a_split_without_questions_is_named(write):
    path = write(RECORD)
    assert refused(path, ("test",)) == f"{path} has no question of the split test: choose another."


def test_a_question_whose_right_paper_is_not_indexed_is_named(write, make_assistant, papers):
    library = make_assistant().retriever.index.library
    here = {"gold": [papers[0].paper_id], "accept": [papers[1].paper_id]}
    nothing: dict[str, list[str]] = {"gold": [], "accept": []}
    check_indexed(load(write(RECORD | here, RECORD | nothing | {"id": "b"})), library)
    for missing in (here | {"gold": ["cows"]}, here | {"accept": ["cows"]}):
        with pytest.raises(InputError) as raised:
            check_indexed(load(write(RECORD | here, RECORD | missing | {"id": "b"})), library)
        assert str(raised.value).startswith("Question b: its paper cows is not indexed: ingest it first (")
