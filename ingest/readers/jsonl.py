"""JSON Lines: one paper an object, with ``title``, ``abstract`` and the usual other fields."""

from __future__ import annotations

import json

from assistant.errors import InputError
from ingest.readers.base import ReadResult, Skipped, paper_from_fields


def recognises(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def read(text: str) -> ReadResult:
    papers, skipped = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            if not isinstance(fields, dict):
                raise InputError("not a JSON object")
            papers.append(paper_from_fields(fields))
        except (json.JSONDecodeError, RecursionError) as error:
            skipped.append(Skipped(f"line {number}", f"not whole JSON ({error})"))
        except InputError as error:
            skipped.append(Skipped(f"line {number}", str(error)))
    return ReadResult(tuple(papers), tuple(skipped))
