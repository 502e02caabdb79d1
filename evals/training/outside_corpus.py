"""Writes the abstracts that the reranker was not trained on, and the questions about them, for fitting the gate.

``python -m evals.training.outside_corpus ABSTRACTS... --out FOLDER`` writes ``papers.jsonl``, to be ingested into a
home of its own, and ``questions.jsonl`` in the format of the evaluation questions. ``--others`` more abstracts, about
which nothing is asked, make the search harder.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.records import paper_id_of
from evals.training.reranker_rows import held_out_names, question_lines, texts_of


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("abstracts", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--others", type=int, default=600)
    options = parser.parse_args()
    texts = {name: (title, abstract) for name, title, abstract in texts_of(options.abstracts) if title and abstract}
    lines = question_lines()
    held = set().union(*held_out_names().values())
    asked = {line["doc"] for line in lines}
    others = random.Random(0).sample(sorted(texts.keys() - asked), options.others)
    options.out.mkdir(parents=True, exist_ok=True)
    _write(
        options.out / "papers.jsonl",
        [{"title": texts[name][0], "abstract": texts[name][1]} for name in (*sorted(held), *others)],
    )
    questions = [line for line in lines if line["doc"] in held]
    _write(
        options.out / "questions.jsonl",
        [_question(number, line, texts[line["doc"]][0]) for number, line in enumerate(questions)],
    )
    return 0


def _question(number: int, line: dict[str, Any], title: str) -> dict[str, Any]:
    kind = "single" if line["a"] else "unanswerable"
    gold = [paper_id_of(title)] if line["a"] else []
    empty: dict[str, list[str]] = {"history": [], "accept": [], "facts": [], "evidence": [], "forbid": []}
    return {"id": f"outside-{number}", "kind": kind, "question": line["q"], "gold": gold, "split": "tune", **empty}


def _write(path: Path, records: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
