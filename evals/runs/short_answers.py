"""Measures the words "Yes", "No" and "Mixed" before answers: ``python -m evals.runs.short_answers --home HOME``.

``yes_no.jsonl``: questions about the bundled papers, each with the paper that decides it, the sentences that do, and
the word. None of them is used to fit anything. ``HOME`` must hold the bundled papers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from assistant.assistant import Assistant
from assistant.errors import FootnoteError
from assistant.records import Answer, ShortWord
from evals.data import FOLDER

PATH = FOLDER / "yes_no.jsonl"


@dataclass(frozen=True, slots=True)
class YesNoQuestion:
    question_id: str
    question: str
    paper_id: str
    evidence: tuple[str, ...]
    word: ShortWord


def load() -> list[YesNoQuestion]:
    records = map(json.loads, PATH.read_text(encoding="utf-8").splitlines())
    return [
        YesNoQuestion(one["id"], one["question"], one["paper"], tuple(one["evidence"]), one["word"]) for one in records
    ]


def outcome_of(question: YesNoQuestion, answer: Answer) -> str:
    """Whether a word stands before the answer, and whether it is right."""
    if answer.abstained:
        return "declined"
    if answer.short is None:
        return "no word"
    if answer.short.word == question.word:
        return "right"
    return "opposite" if {answer.short.word, question.word} == {"yes", "no"} else "other"


def table(asked: Iterable[tuple[YesNoQuestion, Answer]]) -> Iterator[str]:
    """Per right word how many answers have which outcome, and the share of the words said that are right."""
    outcomes = [(question.word, outcome_of(question, answer)) for question, answer in asked]
    for word in ("yes", "no", "mixed", "unclear"):
        found = Counter(outcome for right, outcome in outcomes if right == word)
        yield f"{word}: " + ", ".join(f"{outcome} {count}" for outcome, count in found.most_common())
    said = [outcome for _, outcome in outcomes if outcome in ("right", "opposite", "other")]
    share = f" ({said.count('right') / len(said):.2f})" if said else ""
    yield f"said {len(said)} of {len(outcomes)}, right {said.count('right')}{share}, opposite {said.count('opposite')}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    options = parser.parse_args()
    try:
        with Assistant.open(home=options.home) as assistant:
            asked = [(one, assistant.ask(one.question)) for one in tqdm(load(), desc="asking")]
    except FootnoteError as error:
        print(f"short_answers: {error}", file=sys.stderr)
        return 1
    for question, answer in asked:
        if (outcome := outcome_of(question, answer)) in ("opposite", "other"):
            print(f"{outcome} ({answer.short.label if answer.short else ''}): {question.question}")
    for line in table(asked):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
