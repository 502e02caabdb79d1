"""The question set: ``questions.jsonl`` in this folder, or a file in the same form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import InputError
from assistant.library import Library
from assistant.questions import Turn

PATH = Path(__file__).parent / "questions.jsonl"
KINDS = ("single", "numeric", "paraphrase", "find", "multi", "followup", "unanswerable", "false_premise")


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
    """Raises InputError naming the first question whose right paper is not indexed: its score would be half true."""
    questions = list(questions)
    known = library.content_hashes().keys()
    for question in questions:
        for paper_id in question.right:
            if paper_id not in known:
                raise InputError(
                    f"Question {question.question_id}: its paper {paper_id} is not indexed: ingest it first "
                    "(`footnote ingest --bundled` for the bundled questions)."
                )


def load(path: Path = PATH, splits: Iterable[str] = ("tune", "test")) -> list[EvalQuestion]:
    """The questions of some splits. Raises InputError naming file and line of a record that does not fit."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            question = EvalQuestion(
                question_id=record["id"],
                kind=record["kind"],
                question=record["question"],
                history=tuple((asked, answered) for asked, answered in record["history"]),
                gold=tuple(record["gold"]),
                accept=tuple(record["accept"]),
                facts=tuple(tuple(fact) for fact in record["facts"]),
                evidence=tuple(record["evidence"]),
                split=record["split"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path.name}, line {number}: {error!r} - mend the line.") from error
        if question.split in splits:
            questions.append(question)
    return questions
