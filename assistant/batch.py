"""Answers the questions of a file, with one JSON line per answer, and continues an interrupted run.

Each line has a key, computed from the question, its history and the version of everything that produced the answer
(``versions``). A later run keeps a line only if its key is the same. Each line is written to disk (fsync) before the
next question; if an interruption leaves a part of a line, the next run removes it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.answering.question import Turn, checked_question, clean
from assistant.errors import InputError, NotFound, QuestionError
from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_json
from assistant.records import Answer
from assistant.system.disk import flush_and_fsync, write_file
from assistant.system.progress import Progress
from assistant.versions import answer_version

_LINE_START = '{"id": '  # the beginning of every line


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    question_id: str
    question: str
    history: tuple[Turn, ...] = ()
    collection: str = ""


@dataclass
class BatchResult:
    answered: int = 0
    kept: int = 0
    faults: list[str] = field(default_factory=list)


def read_questions(path: Path) -> tuple[list[BatchQuestion], list[str]]:
    """The questions of a JSONL or CSV file, and a message with the line number for each entry that cannot be used.

    Raises InputError if the file cannot be read, or contains no question at all.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: give JSONL or CSV.") from error
    entries = _csv_entries(text) if path.suffix.casefold() in (".csv", ".tsv") else _jsonl_entries(text)
    questions: list[BatchQuestion] = []
    faults: list[str] = []
    for number, entry in entries:
        try:
            if isinstance(entry, InputError):
                raise entry
            questions.append(_question(entry, number))
        except InputError as error:
            faults.append(f"{path.name}, line {number}: {error}")
    if not questions:
        reason = faults[0] if faults else f"{path} is empty."
        raise InputError(
            f"{reason} No question to answer: give lines of {{id, question}}, or CSV with a question column."
        )
    return questions, faults


def check_output(output: Path, questions: Path) -> None:
    """Raises InputError for an output that cannot be written, before any model is loaded.

    Refused are a missing folder, the file of the questions, and what is not a regular file: a device such as
    ``/dev/full`` would be read without end for the answers of an earlier run.
    """
    try:
        if not output.parent.is_dir():
            raise InputError(f"There is no folder {output.parent}: create it, or give another file with -o.")
        if output.exists() and not output.is_file():
            raise InputError(f"{output} is not a regular file: give another file with -o.")
        if output.exists() and questions.exists() and output.samefile(questions):
            raise InputError(f"{output} is the file of the questions: give another file with -o.")
    except OSError as error:
        raise InputError(f"{output} cannot be written ({error.strerror}): give another file with -o.") from error


def run_batch(
    assistant: AnswerPipeline, questions: Sequence[BatchQuestion], output: Path, progress: Progress
) -> BatchResult:
    """Answer the questions that have no answer in ``output`` yet, as ``answer_batch`` does."""

    def ask(question: BatchQuestion) -> Answer:
        return assistant.ask_completely(question.question, question.history, question.collection)

    return answer_batch(ask, answer_version(assistant), questions, output, progress)


def answer_batch(
    ask: Callable[[BatchQuestion], Answer],
    version: str,
    questions: Sequence[BatchQuestion],
    output: Path,
    progress: Progress,
) -> BatchResult:
    """Answer the questions that have no answer of this version in ``output`` yet, and append the answers.

    Lines of an earlier run with other papers, models, settings or another version of Footnote are moved to a file with
    ``.old`` added to the name. Raises InputError if the output cannot be written, and ModelError when the language
    model fails: the same command then goes on with that question.
    """
    result = BatchResult()
    keys = [_key(question, version) for question in questions]
    try:
        done = _keep_valid_lines(output, set(keys))
        with output.open("a", encoding="utf-8", errors="replace") as file:
            for number, (key, question) in enumerate(zip(keys, questions, strict=True)):
                progress(number, len(questions))
                if key in done:
                    result.kept += 1
                    continue
                try:
                    answer = ask(question)
                except (QuestionError, NotFound) as error:
                    result.faults.append(f"question {question.question_id}: {error}")
                    continue
                line = {"id": question.question_id, **as_json(answer), "key": key}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                flush_and_fsync(file)
                result.answered += 1
            progress(len(questions), len(questions))
    except OSError as error:
        raise InputError(f"{output} cannot be written ({error.strerror}): give another file with -o.") from error
    return result


def _keep_valid_lines(output: Path, keys: set[str]) -> set[str]:
    """Keep only complete lines with these keys in ``output``, and give the keys that were found.

    Raises InputError, and then changes nothing, if the file contains anything but answers of a batch.
    """
    if not output.exists():
        return set()
    kept: dict[str, str] = {}
    others: list[str] = []
    lines = output.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, line in enumerate(lines, start=1):
        key = _key_of_line(line)
        if key in keys:
            kept[key] = line
        elif key:
            others.append(line)
        elif line.strip() and not (number == len(lines) and _is_partial_line(line)):
            raise InputError(f"{output}, line {number}, is not an answer of a batch: give another file with -o.")
    if others:
        with output.with_name(output.name + ".old").open("a", encoding="utf-8") as old:
            old.writelines(f"{line}\n" for line in others)
            flush_and_fsync(old)
    write_file(output, "".join(f"{line}\n" for line in kept.values()).encode())
    return set(kept)


def _is_partial_line(line: str) -> bool:
    """Is this the beginning of the line of an answer, whose end is missing?"""
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return line.startswith(_LINE_START) or _LINE_START.startswith(line)
    return False  # complete JSON without a key, so a batch did not write it


def _key_of_line(line: str) -> str:
    try:
        return str(json.loads(line)["key"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _key(question: BatchQuestion, version: str) -> str:
    parts = (question.question_id, question.question, question.history, question.collection, version)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _jsonl_entries(text: str) -> list[tuple[int, Any]]:
    entries: list[tuple[int, Any]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                entries.append((number, json.loads(line)))
            except (json.JSONDecodeError, RecursionError) as error:
                entries.append((number, InputError(f"not complete JSON ({error}).")))
    return entries


def _csv_entries(text: str) -> list[tuple[int, Any]]:
    delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    entries: list[tuple[int, Any]] = []
    try:
        entries.extend((rows.line_num, row) for row in rows)
    except csv.Error as error:
        entries.append((rows.line_num, InputError(f"not a complete row ({error}).")))
    return entries


def _question(entry: Any, number: int) -> BatchQuestion:
    if not isinstance(entry, dict):
        raise InputError("not a JSON object.")
    question = entry.get("question")
    if not isinstance(question, str):
        raise InputError("no question: give a text as `question`.")
    history = entry.get("history")
    if isinstance(history, str):
        raise InputError("history is text: give it in JSONL as [[user, assistant], ...].")
    collection = entry.get("collection") or ""
    if not isinstance(collection, str):
        raise InputError("collection is not text: give the name of a collection.")
    question_id, turns = str(entry.get("id") or number), checked_history(history or [])
    return BatchQuestion(question_id, checked_question(question), turns, collection)


def checked_history(history: Any) -> tuple[Turn, ...]:
    """Pairs of what the user and the assistant said, cleaned. Raises InputError for any other value."""
    is_turns = isinstance(history, list) and all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(said, str) for said in turn) for turn in history
    )
    if not is_turns:
        raise InputError("history is not a list of [user, assistant] pairs.")
    return tuple((clean(turn[0]), clean(turn[1])) for turn in history)
