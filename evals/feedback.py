"""Exports rated answers as evaluation questions.

An answer rated Good shows which papers are right. An answer rated Bad shows only that something was wrong: a person
must complete it, and until its kind is filled in, ``evals.questions.load`` refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.conversations.store import Exchange, history_of
from assistant.errors import InputError
from assistant.presentation import as_text
from assistant.records import Answer
from assistant.system.disk import write_file

NOTHING_RATED = "No answer was rated yet: press Good or Bad below an answer first."

Rated = tuple[Exchange, Sequence[Exchange], Mapping[str, str]]
"""An exchange, the earlier exchanges of its conversation, and the versions that made its answer."""


def as_questions(rated: Iterable[Rated]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Questions in the format of ``questions.jsonl``, and records for a person to complete.

    An answer rated Good is also left to a person when it cites nothing, and when its question was narrowed to some
    papers, which an evaluation question cannot say.
    """
    questions: list[dict[str, Any]] = []
    unfinished: list[dict[str, Any]] = []
    for exchange, earlier, made_with in rated:
        answer = exchange.answer
        if answer is None:
            continue
        question = _question(exchange, answer, earlier)
        if exchange.rating > 0 and not exchange.within and (answer.abstained or question["gold"]):
            questions.append(question)
        else:
            unfinished.append(_to_complete(question, exchange, answer, made_with))
    return questions, unfinished


def export(rated: Iterable[Rated], path: Path) -> str:
    """Write the questions to ``path``, and records to complete to ``.todo.jsonl`` next to it; returns a summary.

    Both are replaced. Raises InputError if no answer was rated, or a file cannot be written.
    """
    questions, unfinished = as_questions(rated)
    if not questions and not unfinished:
        raise InputError(NOTHING_RATED)
    _write(questions, path)
    summary = f"Questions in {path}: {len(questions)}."
    if not unfinished:
        return summary
    todo = path.with_suffix(".todo.jsonl")
    _write(unfinished, todo)
    return f"{summary} To complete in {todo}: {len(unfinished)} (work on a copy: the next export replaces it)."


def _question(exchange: Exchange, answer: Answer, earlier: Sequence[Exchange]) -> dict[str, Any]:
    history = [list(turn) for turn in history_of(earlier)]
    return {
        "id": f"feedback-{exchange.exchange_id}",
        "kind": _kind(answer, bool(history)),
        "question": exchange.question,
        "history": history,
        "gold": [citation.paper.paper_id for citation in answer.citations],
        "accept": [],
        "facts": [],
        "evidence": [quote.text for citation in answer.citations for quote in citation.quotes],
        "split": "test",
    }


def _to_complete(
    question: Mapping[str, Any], exchange: Exchange, answer: Answer, made_with: Mapping[str, str]
) -> dict[str, Any]:
    return {
        **question,
        "kind": "",
        "gold": [],
        "answer": as_text(answer),
        "verdict": exchange.rating,
        "note": exchange.note,
        "within": list(exchange.within),
        "made_with": dict(made_with),
    }


def _kind(answer: Answer, has_history: bool) -> str:
    if answer.abstained:
        return "unanswerable"
    if has_history:
        return "followup"
    return "find" if answer.form == "list" else "single"


def _write(records: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Replace the file in one step, so that nobody reads half of it. Raises InputError."""
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    try:
        write_file(path, lines.encode("utf-8", "backslashreplace"))  # JSON reads the escape of a lone surrogate back
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): give another file.") from error
