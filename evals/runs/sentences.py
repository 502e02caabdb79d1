"""Measures whether the check refuses bad sentences and keeps good ones: ``python -m evals.runs.sentences``.

``sentences.jsonl`` holds sentences with their evidence, labelled by hand. The half "rules" was used to write the rules
of ``assistant/answering/rules/empty_sentences.py``; the half "held-out" is about other papers and is only measured. A
kind says what is wrong with a bad sentence.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering.rules.all_rules import refusal_reason
from assistant.answering.rules.empty_sentences import uninformative_reason
from assistant.answering.verification import Verifier, open_verifier
from assistant.errors import InputError
from evals.data import FOLDER
from evals.files import numbered_lines

PATH = FOLDER / "sentences.jsonl"
HALVES = ("rules", "held-out")
GOOD = "good"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, its evidence, and whether an answer may contain it. ``kind`` is GOOD or what is wrong."""

    half: str
    kind: str
    origin: str
    question: str
    title: str
    evidence: tuple[str, ...]
    claim: str

    @property
    def is_good(self) -> bool:
        return self.kind == GOOD


def load(path: Path = PATH, halves: Iterable[str] = HALVES) -> list[Labelled]:
    """Raises InputError that names the line of the first error."""
    found = []
    for line, place in numbered_lines(path):
        try:
            record = json.loads(line)
            texts = {name: str(record[name]) for name in ("half", "kind", "origin", "question", "title", "claim")}
            found.append(Labelled(evidence=tuple(map(str, record["evidence"])), **texts))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{place} is not a labelled sentence ({error!r}): correct the line.") from error
    return [one for one in found if one.half in tuple(halves)]


def refusal_by_rules(one: Labelled) -> str:
    """Why the rules alone refuse a sentence; empty if they accept it."""
    return uninformative_reason(one.claim, one.question) or refusal_reason(
        one.claim, one.evidence, one.title, one.question
    )


def refusal_by_all(one: Labelled, verifier: Verifier) -> str:
    """Why rules and judge together refuse a sentence, as in an answer; empty if they accept it."""
    if reason := uninformative_reason(one.claim, one.question):
        return reason
    verdict = verifier.verify(one.claim, one.evidence, one.title, one.question)
    return "" if verdict.supported else verdict.reason


def table(labelled: Sequence[Labelled], verifier: Verifier | None) -> str:
    """Per half and kind: the number of sentences, and how many the rules alone and the whole check refuse."""
    rows = []
    for half in dict.fromkeys(one.half for one in labelled):
        part = [one for one in labelled if one.half == half]
        counts, ruled, refused = Counter[str](), Counter[str](), Counter[str]()
        for one in part:
            for kind in (one.kind, *([] if one.is_good else ["all bad"])):
                counts[kind] += 1
                ruled[kind] += bool(refusal_by_rules(one))
                refused[kind] += bool(verifier and refusal_by_all(one, verifier))
        rows += [
            f"{half:9} {kind:14} {counts[kind]:5} {ruled[kind]:5} ({ruled[kind] / counts[kind]:4.0%})"
            + (f" {refused[kind]:5} ({refused[kind] / counts[kind]:4.0%})" if verifier else "")
            for kind in sorted(counts, key=lambda kind: (kind != GOOD, kind != "all bad", kind))
        ]
    return "\n".join([f"{'half':9} {'kind':14} count   refused by rules   by all", *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=HALVES, action="append", help="measure only this half")
    parser.add_argument(
        "--rules-only", action="store_true", help="the rules only, without loading the verifier's model"
    )
    parser.add_argument("--show", action="store_true", help="print each sentence with a wrong verdict")
    options = parser.parse_args()
    labelled = load(halves=options.half or HALVES)
    verifier = None if options.rules_only else open_verifier("packaged")
    print(table(labelled, verifier))
    for one in labelled if options.show else []:
        reason = refusal_by_all(one, verifier) if verifier else refusal_by_rules(one)
        if bool(reason) == one.is_good:
            print(f"\n{one.kind}: {one.claim}\n  {reason or 'accepted'}\n  evidence: {' '.join(one.evidence)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
