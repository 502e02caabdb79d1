"""Is the kind of answer that a question asks for recognised: a list of papers, a comparison, a number, or prose?

``question_kinds.jsonl`` holds labelled questions: ``kind``, whether the question asks for a ``number``, and the
``sides`` of a comparison. Only the wording is judged. The rules were fitted on the split ``tune``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering.question import QuestionType, question_type
from assistant.errors import InputError
from evals.data import FOLDER
from evals.files import numbered_lines

PATH = FOLDER / "question_kinds.jsonl"
SPLITS = ("tune", "test")
KINDS = ("list", "comparison", "number", "prose")


@dataclass(frozen=True, slots=True)
class Labelled:
    """``kind``: one of KINDS; ``sides``: how many things a comparison compares, 0 for another kind."""

    question: str
    kind: str
    sides: int
    split: str


def load(path: Path = PATH) -> list[Labelled]:
    """Raises InputError that names the file and the line of the first error."""
    return [_labelled(line, place) for line, place in numbered_lines(path)]


def _labelled(line: str, place: str) -> Labelled:
    try:
        record = json.loads(line)
        kind = "number" if record["number"] else record["kind"]
        labelled = Labelled(record["question"], kind, record.get("sides", 0), record["split"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place} is not a labelled question ({error!r}).") from error
    if labelled.kind not in KINDS or labelled.split not in SPLITS:
        raise InputError(f"{place}: unknown kind or split.")
    return labelled


def found_kind(asked: QuestionType) -> str:
    """The kind of a question as the labels name it: a question in prose that asks for a number is a ``number``."""
    return "number" if asked.asks_for_number and asked.kind == "prose" else asked.kind


def is_right(labelled: Labelled) -> bool:
    asked = question_type(labelled.question)
    return found_kind(asked) == labelled.kind and labelled.sides in (0, asked.compared)


def table(questions: Sequence[Labelled]) -> Iterator[str]:
    """One line per kind and one for all: how many questions are recognised."""
    for kind in (*KINDS, "all"):
        chosen = [one for one in questions if kind in ("all", one.kind)]
        right = sum(map(is_right, chosen))
        if chosen:
            yield f"{kind:10} {right:3} of {len(chosen):3} recognised ({right / len(chosen):.2f})"


def misses(questions: Sequence[Labelled]) -> Iterator[str]:
    for one in questions:
        if not is_right(one):
            asked = question_type(one.question)
            sides = f" of {one.sides}, not {asked.compared}" if one.sides and asked.kind == one.kind else ""
            yield f"{one.question} - {one.kind}{sides}, found {found_kind(asked)}"
