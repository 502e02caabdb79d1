"""What every reader gives back: papers, and a named reason for everything it left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.errors import InputError
from assistant.records import Paper, paper_id_of


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was read and not kept. ``is_fault`` is false for page furniture, which nobody misses."""

    place: str
    reason: str
    is_fault: bool = True


@dataclass(frozen=True, slots=True)
class ReadResult:
    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]


def paper_from_fields(fields: Mapping[str, Any]) -> Paper:
    """A paper from a record with ``title``, ``abstract`` and any of the usual other fields.

    Raises InputError, with the reason alone, where title or abstract is missing or not text.
    """
    values = {str(key).strip().casefold().replace(" ", "_"): value for key, value in fields.items() if key is not None}
    title, abstract = _text(values, "title"), _text(values, "abstract", "summary")
    if not title:
        raise InputError("no title")
    if not abstract:
        raise InputError(f"no abstract for {title[:60]!r}")
    return Paper(
        paper_id=paper_id_of(title),
        title=title,
        abstract=abstract,
        authors=_authors(values.get("authors") or values.get("author")),
        year=_year(values),
        venue=_text(values, "venue", "journal", "booktitle"),
        url=_text(values, "url", "link"),
        doi=_text(values, "doi"),
        arxiv_id=_text(values, "arxiv_id", "arxiv"),
    )


def _text(values: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = values.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise InputError(f"{name} is {type(value).__name__}, not text")
        if "\x00" in value:
            raise InputError(f"{name} holds NUL characters")
        if value.strip():
            return value.strip().encode("utf-8", "replace").decode("utf-8")
    return ""


def _authors(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(name.strip() for name in re.split(r";|\band\b", value) if name.strip())
    if isinstance(value, list):
        names = [item.get("name", "") if isinstance(item, dict) else item for item in value]
        return tuple(str(name).strip() for name in names if name)
    return ()


def _year(values: Mapping[str, Any]) -> int | None:
    for name in ("year", "date", "published", "publication_date"):
        match = re.search(r"\b(1[5-9]\d\d|20\d\d)\b", str(values.get(name) or ""))
        if match:
            return int(match.group())
    return None
