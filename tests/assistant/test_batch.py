from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from assistant.batch import BatchQuestion, check_output, read_questions, run_batch
from assistant.errors import InputError, ModelError
from tests.support.models import FailingModel
from tests.support.papers import ABSTRACTS, ingest

TABLES = BatchQuestion("t", "What does the unified model on tables and text do?")
FORGETTING = BatchQuestion("f", "What remains the central problem of continual learning?")
UNKNOWN = BatchQuestion("u", "Zebra giraffe elephant?")
QUESTIONS = [TABLES, FORGETTING, UNKNOWN]


def no_progress(done, total):
    pass


def run(assistant, output, questions=QUESTIONS):
    report = run_batch(assistant, questions, output, no_progress)
    return report.answered, report.kept


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path, *records: str):
    path.write_text("\n".join(records) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def output(tmp_path):
    (tmp_path / "results").mkdir()
    return tmp_path / "results" / "answers.jsonl"


def test_each_question_gets_one_line_in_order(make_assistant, output):
    assert run(make_assistant(), output) == (3, 0)
    assert [line["id"] for line in lines(output)] == ["t", "f", "u"]
    assert [line["abstained"] for line in lines(output)] == [False, False, True]


def test_quotes_of_a_line_are_cut_from_the_abstracts(make_assistant, output):
    run(make_assistant(), output)
    quotes = [
        (citation["title"], quote["start"], quote["end"], quote["text"])
        for line in lines(output)
        for citation in line["citations"]
        for quote in citation["quotes"]
    ]
    assert quotes
    assert [text for title, start, end, text in quotes if ABSTRACTS[title][start:end] != text] == []


def test_second_run_answers_nothing_again(make_assistant, output):
    run(make_assistant(), output)
    before = output.read_bytes()
    assert run(make_assistant(), output) == (0, 3)
    assert output.read_bytes() == before


def test_interrupted_run_continues_where_it_stopped(make_assistant, output):
    run(make_assistant(), output, QUESTIONS[:2])
    first = lines(output)
    assert run(make_assistant(), output) == (1, 2)
    assert lines(output)[:2] == first
    assert [line["id"] for line in lines(output)] == ["t", "f", "u"]


def test_a_model_that_fails_ends_the_run_and_its_question_is_answered_by_the_next_run(make_assistant, output):
    assistant = make_assistant()
    assistant.language_model = FailingModel()
    with pytest.raises(ModelError, match="The model server failed"):
        run(assistant, output)
    assert lines(output) == []
    assert run(make_assistant(), output) == (3, 0)


@pytest.mark.parametrize("cut", [1, 5, 200, -1])
def test_partial_line_is_removed_and_its_question_answered_again(make_assistant, output, cut):
    run(make_assistant(), output)
    whole = output.read_text().splitlines(keepends=True)
    output.write_text("".join(whole[:2]) + whole[2][:-1][:cut])
    assert run(make_assistant(), output) == (1, 2)
    assert [line["id"] for line in lines(output)] == ["t", "f", "u"]
    assert output.read_text().splitlines(keepends=True)[:2] == whole[:2]


def test_partial_utf8_letter_at_the_end_is_removed_too(make_assistant, output):
    run(make_assistant(), output)
    whole = output.read_bytes()
    output.write_bytes(whole + b'{"id": "\xc3')
    assert run(make_assistant(), output) == (0, 3)
    assert output.read_bytes() == whole


def test_last_line_without_a_line_break_is_kept(make_assistant, output):
    run(make_assistant(), output)
    whole = output.read_bytes()
    output.write_bytes(whole[:-1])
    assert run(make_assistant(), output) == (0, 3)
    assert output.read_bytes() == whole


def test_lines_of_another_model_move_to_old(make_assistant, output):
    assistant = make_assistant()
    run(assistant, output)
    before = output.read_text()
    object.__setattr__(assistant.language_model, "label", "another model")
    assert run(assistant, output) == (3, 0)
    assert output.with_name("answers.jsonl.old").read_text() == before
    assert [line["model"] for line in lines(output)] == ["another model"] * 3


@pytest.mark.parametrize(
    "changes",
    [
        {"answer_words": 30},
        {"answer_above": 0.9},
        {"answer_tokens": 20},
        {"verifier": "a/folder"},
        {"context_tokens": 512},
    ],
)
def test_lines_made_with_other_settings_move_to_old(make_assistant, output, changes):
    run(make_assistant(), output)
    assert run(make_assistant(**changes), output) == (3, 0)
    assert len(lines(output.with_name("answers.jsonl.old"))) == 3


def test_lines_about_another_index_move_to_old(make_assistant, output, indexed, tmp_path):
    first = make_assistant()
    run(first, output)
    first.retriever.index.close()
    ingest([write(tmp_path / "more.jsonl", '{"title": "Hens", "abstract": "They lay eggs."}')], indexed)
    assert run(make_assistant(), output) == (3, 0)
    assert len(lines(output.with_name("answers.jsonl.old"))) == 3


def test_moved_answers_are_on_disk_before_their_old_file_is_replaced(make_assistant, output, monkeypatch):
    run(make_assistant(), output)
    events = []
    fsync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (events.append("on disk"), fsync(descriptor)))
    monkeypatch.setattr(Path, "replace", lambda self, target: (events.append("renamed"), rename(self, target)))
    assert run(make_assistant(), output, [TABLES]) == (0, 1)
    assert events == ["on disk", "on disk", "renamed", "on disk"]  # the lines in .old, those that stay, the new name


def test_moved_lines_of_several_runs_are_all_kept(make_assistant, output):
    for words in (30, 40, 50):
        run(make_assistant(answer_words=words), output)
    assert len(lines(output)) == 3
    assert len(lines(output.with_name("answers.jsonl.old"))) == 6


def test_question_no_longer_asked_moves_to_old(make_assistant, output):
    run(make_assistant(), output)
    assert run(make_assistant(), output, [TABLES]) == (0, 1)
    assert [line["id"] for line in lines(output)] == ["t"]
    assert [line["id"] for line in lines(output.with_name("answers.jsonl.old"))] == ["f", "u"]


@pytest.mark.parametrize(
    "text",
    [
        "my notes\nand more notes\n",
        "my only note",
        '{"id": "q1", "question": "What?"}',
        '{"id": "q1", "question": "What?"}\n{"id": "q2", "question": "Why?"}\n',
        "[1, 2]\n",
    ],
)
def test_file_that_a_batch_did_not_write_is_never_changed(make_assistant, tmp_path, text):
    output = tmp_path / "notes.txt"
    output.write_text(text)
    with pytest.raises(InputError, match="is not an answer of a batch: give another file with -o") as raised:
        run(make_assistant(), output)
    assert f"{output}, line 1" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert output.read_text() == text
    assert [path.name for path in tmp_path.glob("notes*")] == ["notes.txt"]


def test_output_in_a_missing_folder_is_refused_and_makes_no_folder(make_assistant, tmp_path):
    path = tmp_path / "no" / "answers.jsonl"
    for refuse in (lambda: check_output(path, tmp_path / "q.jsonl"), lambda: run(make_assistant(), path)):
        with pytest.raises(InputError, match="give another file with -o"):
            refuse()
    assert not path.parent.exists()


def test_output_that_is_a_folder_is_refused(make_assistant, tmp_path):
    with pytest.raises(InputError, match=r"cannot be written .* give another file with -o"):
        run(make_assistant(), tmp_path)


def test_output_that_is_not_a_regular_file_is_refused_before_models_load(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for output in (pipe, tmp_path, Path(os.devnull)):
        with pytest.raises(InputError, match=f"{output} is not a regular file: give another file with -o"):
            check_output(output, tmp_path / "q.jsonl")


def test_output_that_is_the_file_of_the_questions_is_refused_before_models_load(tmp_path):
    questions = write(tmp_path / "q.jsonl", '{"question": "Why?"}')
    link = tmp_path / "link.jsonl"
    link.symlink_to(questions)
    for output in (questions, link):
        with pytest.raises(InputError, match="is the file of the questions: give another file with -o"):
            check_output(output, questions)


def test_output_of_an_earlier_run_and_a_new_file_are_accepted(tmp_path):
    questions = write(tmp_path / "q.jsonl", '{"question": "Why?"}')
    check_output(write(tmp_path / "answers.jsonl", ""), questions)
    check_output(tmp_path / "new.jsonl", questions)


def test_output_with_a_name_that_is_too_long_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written \(.*\): give another file with -o\.$"):
        check_output(tmp_path / ("a" * 300), tmp_path / "q.jsonl")


def test_question_without_words_is_reported_and_the_others_are_answered(make_assistant, output):
    report = run_batch(make_assistant(), [BatchQuestion("x", "?!"), TABLES], output, no_progress)
    assert (report.answered, report.kept) == (1, 0)
    (fault,) = report.faults
    assert fault.startswith("question x: The question contains no words")


def test_history_is_part_of_what_is_asked(make_assistant, output):
    alone = BatchQuestion("q", "What is its central problem?")
    following = BatchQuestion("q", "What is its central problem?", (("What is continual learning?", "Adapting."),))
    run(make_assistant(), output, [alone])
    assert run(make_assistant(), output, [following]) == (1, 0)
    assert lines(output)[0]["retrieved"][0]["title"] == "A Survey of Continual Learning"


def test_progress_counts_every_question(make_assistant, output):
    calls = []
    run_batch(make_assistant(), QUESTIONS, output, lambda done, total: calls.append((done, total)))
    assert calls == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_questions_are_read_from_json_lines(tmp_path):
    path = write(
        tmp_path / "q.jsonl",
        '\ufeff{"id": 7, "question": "  What   is\\tit? "}',
        "",
        '{"question": "And then?", "history": [["What is it?", "A hen."]]}\r',
    )
    questions, faults = read_questions(path)
    assert questions == [
        BatchQuestion("7", "What is it?"),
        BatchQuestion("3", "And then?", (("What is it?", "A hen."),)),
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.csv", 'id,question\na,"Eggs, or hens?"\n,Why?\n'),
        ("q.CSV", '\ufeffquestion,id\r\n"Eggs, or hens?",a\r\nWhy?,\r\n'),
        ("q.tsv", "id\tquestion\na\tEggs, or hens?\n\tWhy?\n"),
    ],
)
def test_questions_are_read_from_tables(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode())
    questions, faults = read_questions(path)
    assert questions == [BatchQuestion("a", "Eggs, or hens?"), BatchQuestion("3", "Why?")]
    assert faults == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "Ha', "not complete JSON"),
        ("[1]", "not a JSON object."),
        ('"text"', "not a JSON object."),
        ('{"id": "a"}', "no question: give a text as `question`."),
        ('{"question": 5}', "no question: give a text as `question`."),
        ('{"question": "?!"}', "The question contains no words"),
        ('{"question": "What?", "history": "before"}', "history is text"),
        ('{"question": "What?", "history": [["only one"]]}', "history is not a list of [user, assistant] pairs."),
        ('{"question": "What?", "history": {"a": "b"}}', "history is not a list of [user, assistant] pairs."),
        (json.dumps({"question": "word " * 2_001}), "The question has 2,001 words"),
    ],
)
def test_bad_line_is_reported_with_its_number_and_the_others_are_read(tmp_path, line, reason):
    path = write(tmp_path / "q.jsonl", '{"question": "First?"}', "", line, '{"question": "Last?"}')
    questions, (fault,) = read_questions(path)
    assert [question.question for question in questions] == ["First?", "Last?"]
    assert fault.startswith(f"q.jsonl, line 3: {reason}")


def test_bad_row_of_a_table_is_reported_with_its_number(tmp_path):
    path = write(tmp_path / "q.csv", "id,question", "a,First?", "b", "c,Last?")
    questions, faults = read_questions(path)
    assert [question.question_id for question in questions] == ["a", "c"]
    assert faults == ["q.csv, line 3: no question: give a text as `question`."]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "q.jsonl is empty. No question to answer"),
        (b"hello\n", "line 1: not complete JSON"),
        (b"\xff\xfe{", "is not UTF-8 text"),
    ],
)
def test_file_without_a_question_is_refused_in_one_line(tmp_path, data, said):
    path = tmp_path / "q.jsonl"
    path.write_bytes(data)
    with pytest.raises(InputError) as raised:
        read_questions(path)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_file_is_refused_by_its_path(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read .* check the path"):
        read_questions(tmp_path / "none.jsonl")
