"""Measures routing: is a question recognised as being about passages, about the collection, or about neither?

``routing.jsonl`` holds labelled questions: ``route`` and, where it asks by them, ``wants``, ``authors``, ``years``,
``venue``, ``title`` and ``identifier``. Only the wording is judged, not whether a library holds such an author or
title. ``topic`` is the route of what no look-up answers, because every abstract would have to be read. The rules were
fitted on the split ``tune``; ``late`` was written after them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answering.collection_questions import LookupRequest, parse_lookup
from assistant.errors import InputError
from evals.data import FOLDER
from evals.files import numbered_lines

PATH = FOLDER / "routing.jsonl"
SPLITS = ("tune", "test", "late")
ROUTES = ("passages", "collection", "topic", "neither")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with its route and its fields, as ``fields_of`` gives those of a request."""

    question: str
    route: str
    fields: dict[str, Any]
    split: str


@dataclass(frozen=True, slots=True)
class Miss:
    labelled: Labelled
    request: LookupRequest

    def __str__(self) -> str:
        found = self.request.about
        if found == self.labelled.route:
            return f"{self.labelled.question} - {self.labelled.fields}, not {fields_of(self.request)}"
        return f"{self.labelled.question} - {self.labelled.route}, not {found}"


def load(path: Path = PATH) -> list[Labelled]:
    """Raises InputError that names the file and line of the first error."""
    found = []
    for line, place in numbered_lines(path):
        try:
            record = json.loads(line)
            labelled = Labelled(record.pop("question"), record.pop("route"), record, record.pop("split"))
            record.pop("id")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{place} is not a labelled question ({error!r}).") from error
        if labelled.route not in ROUTES or labelled.split not in SPLITS:
            raise InputError(f"{place}: unknown route or split.")
        found.append(labelled)
    return found


def misses(questions: Iterable[Labelled]) -> list[Miss]:
    """The questions with a wrong route, or with the right one and wrong fields."""
    judged = (Miss(labelled, parse_lookup(labelled.question)) for labelled in questions)
    return [one for one in judged if not _is_right(one.labelled, one.request)]


def summary(questions: Sequence[Labelled]) -> str:
    """One line per split: how many routes are right, and for how many questions all fields too."""
    wrong = misses(questions)
    wrong_routes = sum(miss.request.about != miss.labelled.route for miss in wrong)
    return (
        f"{len(questions)} questions: {len(questions) - wrong_routes} routes right, "
        f"{len(questions) - len(wrong)} with the right authors, years, venue, title and identifier too"
    )


def fields_of(request: LookupRequest) -> dict[str, Any]:
    """The fields by which a request looks papers up, without empty ones."""
    first, last = request.years
    fields = {
        "wants": request.wants if request.about == "collection" else "",
        "authors": list(request.mention.names),
        "years": [] if (first, last) == (None, None) else [first, last],
        "venue": request.venue,
        "title": request.title,
        "identifier": request.identifier,
    }
    return {name: value for name, value in fields.items() if value}


def _is_right(labelled: Labelled, request: LookupRequest) -> bool:
    return request.about == labelled.route and fields_of(request) == labelled.fields
