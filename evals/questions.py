"""Reads question sets: ``data/questions.jsonl``, or a file in the same format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answering.question import Turn
from assistant.errors import InputError
from assistant.index.library import Library
from evals.data import FOLDER
from evals.files import numbered_lines

PATH = FOLDER / "questions.jsonl"
GATE_PATH = FOLDER / "gate.jsonl"  # more questions about the papers of ``tune``, used only to fit the gate
PLAIN_PATH = FOLDER / "plain.jsonl"  # by another maker; the gate is judged on them, not fitted
# Comparisons without names, about papers of both halves: only the margin for parts of a question is fitted on them.
COMPARISONS_PATH = FOLDER / "comparisons.jsonl"
KINDS = ("single", "numeric", "paraphrase", "find", "multi", "followup", "unanswerable", "false_premise")
SPLITS = ("tune", "test")


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question. ``gold`` and ``accept`` are paper ids; each of ``facts`` is a list of alternatives."""

    question_id: str
    kind: str
    question: str
    history: tuple[Turn, ...]
    gold: tuple[str, ...]
    accept: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]
    evidence: tuple[str, ...]
    split: str

    @property
    def right(self) -> tuple[str, ...]:
        """Every paper whose citation is right."""
        return self.gold + self.accept

    @property
    def is_answerable(self) -> bool:
        return bool(self.gold)


def check_indexed(questions: Iterable[EvalQuestion], library: Library) -> None:
    """Raises InputError that names the first question whose right paper is not indexed: it would score too low."""
    questions = list(questions)
    known = library.content_hashes().keys()
    for question in questions:
        for paper_id in question.right:
            if paper_id not in known:
                raise InputError(
                    f"Question {question.question_id}: its paper {paper_id} is not indexed: ingest it first "
                    "(`footnote ingest --bundled` for the bundled questions)."
                )


def load(path: Path = PATH, splits: Iterable[str] = SPLITS) -> list[EvalQuestion]:
    """The questions of some splits. Raises InputError with file and line of the first error, or if none is left."""
    questions: dict[str, EvalQuestion] = {}
    for line, place in numbered_lines(path):
        try:
            question = _question(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{place}: {error!r}: correct the line.") from error
        for name, value, known in (("kind", question.kind, KINDS), ("split", question.split, SPLITS)):
            if value not in known:
                raise InputError(f"{place}: unknown {name} {value!r}: use one of {', '.join(known)}.")
        if question.question_id in questions:
            raise InputError(f"{place}: id {question.question_id!r} occurs twice: give each question its own.")
        questions[question.question_id] = question
    splits = tuple(splits)
    wanted = [question for question in questions.values() if question.split in splits]
    if not wanted:
        raise InputError(f"{path} has no question of the split {' or '.join(splits)}: choose another.")
    return wanted


def _question(record: Any) -> EvalQuestion:
    """Raises ValueError, KeyError or TypeError for a record that is not valid."""
    question_id, kind, question, split = _texts([record[name] for name in ("id", "kind", "question", "split")])
    return EvalQuestion(
        question_id=question_id,
        kind=kind,
        question=question,
        history=tuple((asked, answered) for asked, answered in map(_texts, record["history"])),
        gold=_texts(record["gold"]),
        accept=_texts(record["accept"]),
        facts=tuple(map(_texts, record["facts"])),
        evidence=_texts(record["evidence"]),
        split=split,
    )


def _texts(value: Any) -> tuple[str, ...]:
    """A list of strings. A single string is refused: it would be read as a list of its letters."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{str(value)[:40]} is not a list of strings")
    return tuple(value)
