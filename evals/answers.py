"""Scores whole answers on the question set: ``python -m evals.answers [--split tune|test|all]``."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.build import Assistant
from assistant.errors import FootnoteError
from assistant.presentation import as_json
from evals.metrics import (
    auroc,
    citation_precision,
    citation_recall,
    fact_recall,
    reciprocal_rank,
    stray_numbers,
)
from evals.questions import PATH, EvalQuestion, load


@dataclass(frozen=True, slots=True)
class Scored:
    """A question, its answer's JSON and the abstracts it cites."""

    question: EvalQuestion
    answer: dict[str, Any]
    abstracts: dict[str, str]

    @property
    def cited(self) -> list[str]:
        return [citation["paper_id"] for citation in self.answer["citations"]]

    @property
    def ranked(self) -> list[str]:
        return [paper["paper_id"] for paper in self.answer["retrieved"]]


def run(assistant: Assistant, questions: Sequence[EvalQuestion]) -> list[Scored]:
    """Ask every question, one after another."""
    scored = []
    for question in tqdm(questions, desc="asking", unit="question", disable=None, leave=False, file=sys.stderr):
        answer = assistant.ask(question.question, question.history)
        abstracts = {citation.paper.paper_id: citation.paper.abstract for citation in answer.citations}
        scored.append(Scored(question, as_json(answer), abstracts))
    return scored


def measures(scored: Sequence[Scored]) -> dict[str, float]:
    """All measures over the answers. A declined answerable question holds no fact and cites nothing."""
    answerable = [one for one in scored if one.question.is_answerable]
    unanswerable = [one for one in scored if not one.question.is_answerable]
    answered = [one for one in answerable if not one.answer["abstained"]]
    return {
        "questions": len(scored),
        "right paper first": _mean(reciprocal_rank(one.ranked, one.question.right) == 1 for one in answerable),
        "right paper in first five": _mean(
            reciprocal_rank(one.ranked, one.question.right) >= 0.2 for one in answerable
        ),
        "facts in 120 words": _facts(answerable),
        "facts, answered only": _facts(answered),
        "citation precision": _mean(citation_precision(one.cited, one.question.right) for one in answered),
        "citation recall": _mean(citation_recall(one.cited, one.question.gold) for one in answered),
        "a right paper cited": _mean(citation_recall(one.cited, one.question.right) > 0 for one in answered),
        "unanswerable declined": _mean(one.answer["abstained"] for one in unanswerable),
        "answerable declined": _mean(one.answer["abstained"] for one in answerable),
        "AUROC of confidence": auroc(
            [one.answer["confidence"] for one in answerable], [one.answer["confidence"] for one in unanswerable]
        ),
        "stray numbers": sum(len(stray_numbers(one.answer, one.abstracts)) for one in scored),
        "sentences of the model": _mean(
            any(claim["support"] == "supported" for claim in one.answer["claims"]) for one in answered
        ),
        "words": _median(lambda one: len(one.answer["answer"].split()), answered),
        "seconds to retrieve": _median(lambda one: one.answer["seconds"]["retrieve"], scored),
        "seconds to first words": _median(lambda one: one.answer["seconds"]["first_token"], scored),
        "seconds in all": _median(lambda one: one.answer["seconds"]["total"], scored),
    }


def _facts(scored: Iterable[Scored]) -> float:
    """Micro average: every fact counts once."""
    recalls = [(fact_recall(one.answer["answer"], [fact])) for one in scored for fact in one.question.facts]
    return _mean(recalls)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else float("nan")


def _median(of: Callable[[Scored], float], scored: Sequence[Scored]) -> float:
    return statistics.median(map(of, scored)) if scored else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("tune", "test", "all"), default="all")
    parser.add_argument("--questions", type=Path, default=PATH)
    parser.add_argument("--output", type=Path, help="write every question with its answer, one JSON object a line")
    options = parser.parse_args()
    splits = ("tune", "test") if options.split == "all" else (options.split,)
    try:
        questions = load(options.questions, splits)
        with Assistant.open() as assistant:
            scored = run(assistant, questions)
    except FootnoteError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 1
    _print(scored)
    if options.output:
        lines = ({"id": one.question.question_id, "kind": one.question.kind, **one.answer} for one in scored)
        options.output.write_text(
            "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
        )
    return 0


def _print(scored: Sequence[Scored]) -> None:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        groups[one.question.split].append(one)
    columns = {name: measures(group) for name, group in groups.items()}
    width = max(len(name) for name in next(iter(columns.values())))
    print(" " * width, *(f"{name:>8}" for name in columns))
    for name in next(iter(columns.values())):
        print(f"{name:{width}}", *(f"{column[name]:8.3f}" for column in columns.values()))
    by_kind: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        by_kind[one.question.kind].append(one)
    for kind, group in by_kind.items():
        found = measures(group)
        print(
            f"{kind:14} {len(group):3}  first {found['right paper first']:.2f}  facts {found['facts in 120 words']:.2f}"
            f"  cited {found['citation precision']:.2f}  declined {_mean(one.answer['abstained'] for one in group):.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
