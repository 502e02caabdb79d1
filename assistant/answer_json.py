"""A finished answer as JSON values and back, so that it can be drawn again after its papers changed or were removed.

Each paper is stored once, with all its fields; evidence refers to it by id and stays an offset into its abstract.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.errors import InputError
from assistant.records import Answer, Paper

# Pydantic checks the types, gives defaults to what an older record lacks, and passes over what it does not know.
_PAPERS = TypeAdapter(dict[str, Paper])
_ANSWER = TypeAdapter(Answer)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values: its fields, and the table ``papers`` that their ids refer to."""
    papers: dict[str, dict[str, Any]] = {}

    def referring(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        record: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in fields}
        if "paper" in record:
            paper = record["paper"]
            papers[paper["paper_id"]] = paper
            record["paper"] = paper["paper_id"]
        return record

    return {**asdict(answer, dict_factory=referring), "papers": papers}


def answer_from_json(record: Any) -> Answer:
    """The answer that was made a record. Raises InputError when the record does not fit."""
    try:
        papers = _PAPERS.validate_python(record["papers"])
        answer = _ANSWER.validate_python(_with_papers(record, papers))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise _misfit(f"{place}: {first['msg']}") from error
    except (KeyError, TypeError) as error:
        raise _misfit(repr(error)) from error
    for evidence in (evidence for claim in answer.claims for evidence in claim.evidence):
        if not 0 <= evidence.start <= evidence.end <= len(evidence.paper.abstract):
            raise _misfit(f"no words at {evidence.place}")
    return answer


def _with_papers(value: Any, papers: dict[str, Paper]) -> Any:
    """The value with each reference to a paper replaced by the paper, at any depth."""
    if isinstance(value, dict):
        return {
            name: papers[item] if name == "paper" else _with_papers(item, papers)
            for name, item in value.items()
            if name != "papers"
        }
    return [_with_papers(item, papers) for item in value] if isinstance(value, list) else value


def _misfit(reason: str) -> InputError:
    return InputError(f"This is no record of an answer ({reason}): ask the question again.")
