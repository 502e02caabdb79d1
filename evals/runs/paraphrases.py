"""Measures which true paraphrases the number rules keep, and which ones with changed numbers they refuse:
``python -m evals.runs.paraphrases``, with ``--verifier`` for the whole verifier.

``paraphrases.jsonl``: sentences with numbers, of the bundled papers and invented ones, and a paraphrase of each.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.answering.rules.numbers import wrong_number_reason
from assistant.answering.verification import SUPPORT_THRESHOLD, open_verifier
from assistant.settings import PACKAGED
from evals.data import FOLDER
from evals.runs.number_changes import CHANGES

PATH = FOLDER / "paraphrases.jsonl"
SPLITS = ("tune", "test", "fresh")


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """``claim`` says in other words what ``source`` says, or a part of it. ``split`` is by paper."""

    paper_id: str
    source: str
    claim: str
    split: str


def load(split: str) -> list[Paraphrase]:
    records = map(json.loads, PATH.read_text(encoding="utf-8").splitlines())
    found = [Paraphrase(record["paper"], record["source"], record["claim"], record["split"]) for record in records]
    return [one for one in found if one.split == split]


def table() -> Iterator[str]:
    """Per split, the share of paraphrases kept and how many of the changed ones are refused."""
    for split in SPLITS:
        paraphrases = load(split)
        kept = sum(not wrong_number_reason(one.claim, [one.source]) for one in paraphrases)
        yield f"{split}: {kept} of {len(paraphrases)} kept ({kept / len(paraphrases):.3f})"
        for kind, change in CHANGES.items():
            changed = [(claim, one.source) for one in paraphrases for claim in change(one.claim)]
            refused = sum(bool(wrong_number_reason(claim, [source])) for claim, source in changed)
            yield f"  {kind}: {refused} of {len(changed)} refused ({refused / len(changed):.3f})"


def verifier_table() -> Iterator[str]:
    """Per split, how many the verifier keeps, and how many it would keep at other thresholds."""
    verifier = open_verifier(PACKAGED)
    for split in SPLITS:
        paraphrases = load(split)
        verdicts = [verifier.verify(one.claim, [one.source]) for one in paraphrases]
        scores = [verifier.judge.probability(one.source, one.claim)[0] for one in paraphrases]
        yield f"{split}: {sum(verdict.supported for verdict in verdicts)} of {len(verdicts)} kept by the verifier"
        for threshold in (0.1, 0.2, 0.3, SUPPORT_THRESHOLD):
            yield f"  judge at {threshold}: {sum(score >= threshold for score in scores)} of {len(scores)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verifier", action="store_true", help="the packaged verifier as well (loads a model)")
    options = parser.parse_args()
    for line in table():
        print(line)
    for line in verifier_table() if options.verifier else ():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
