"""Converts a finished answer to JSON values and back, with its papers, which may change or be removed later.

Each paper is stored once, with all its fields; evidence refers to its paper by id, and is an offset into the abstract.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.errors import InputError
from assistant.records import Answer, Paper

# Pydantic checks the types, fills in defaults for fields that older JSON lacks, and ignores unknown fields.
_PAPERS = TypeAdapter(dict[str, Paper])
_ANSWER = TypeAdapter(Answer)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The fields of the answer as JSON values, and in ``papers`` the papers by their ids."""
    papers: dict[str, dict[str, Any]] = {}

    def with_ids(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        values = {name: _as_list(value) for name, value in fields}
        if "paper" in values:
            paper = values["paper"]
            papers[paper["paper_id"]] = paper
            values["paper"] = paper["paper_id"]
        return values

    return {**asdict(answer, dict_factory=with_ids), "papers": papers}


def _as_list(value: Any) -> Any:
    return [_as_list(item) for item in value] if isinstance(value, tuple) else value


def answer_from_json(values: Any) -> Answer:
    """The answer from the values that ``answer_to_json`` gave. Raises InputError if they are not of that form."""
    try:
        papers = _PAPERS.validate_python(values["papers"])
        answer = _ANSWER.validate_python(_with_papers(values, papers))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise _unreadable(f"{place}: {first['msg']}") from error
    except (KeyError, TypeError) as error:
        raise _unreadable(repr(error)) from error
    short = answer.short.evidence if answer.short else ()
    of_claims = (evidence for claim in answer.claims for evidence in claim.evidence)
    for evidence in (*answer.nearest, *short, *of_claims):
        if not 0 <= evidence.start <= evidence.end <= len(evidence.paper.abstract):
            raise _unreadable(f"no text at {evidence.place}")
    return answer


def _with_papers(value: Any, papers: dict[str, Paper]) -> Any:
    """The value with each id under ``paper`` replaced by the paper, at any depth."""
    if isinstance(value, dict):
        return {
            name: papers[item] if name == "paper" else _with_papers(item, papers)
            for name, item in value.items()
            if name != "papers"
        }
    return [_with_papers(item, papers) for item in value] if isinstance(value, list) else value


def _unreadable(reason: str) -> InputError:
    return InputError(f"This stored answer cannot be read ({reason}): ask the question again.")
