"""Extracts texts, names and identifiers from nested JSON values, whatever objects and lists a service wraps them in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_TEXT_KEYS = "value p text #text $ content title name display_name journal journal_title url".split()
_ABSTRACT_KEYS = ("abstract", "description", *_TEXT_KEYS)
_SECTION_KEYS = ("label", "heading", "section")
_NAME_KEYS = (
    "name display_name literal full_name fullName collectiveName displayName creator author_name text $ value".split()
)
_NAME_PARTS = (("firstName", "lastName"), ("first_name", "last_name"), ("forename", "surname"), ("given", "family"))
_ID_KINDS = {"doi": "doi", "arxiv": "arxiv_id", "pubmed": "pmid", "pmid": "pmid", "medline": "pmid"}
_DEPTH = 4


def text_in(value: Any, depth: int = _DEPTH) -> str:
    """The text in a value: of several languages the English or first one; of labelled sections all, joined."""
    if isinstance(value, str):
        return value
    if depth == 0:
        return ""
    if isinstance(value, Mapping):
        return next((text for key in _ABSTRACT_KEYS if (text := text_in(value.get(key), depth - 1))), "")
    if not isinstance(value, list) or not value:
        return ""
    if all(isinstance(one, str) for one in value):
        return "\n\n".join(value)
    objects = [one for one in value if isinstance(one, Mapping)]
    if any(key in one for one in objects for key in _SECTION_KEYS):
        return "\n\n".join(_section(one, depth) for one in objects)
    return next((text for one in sorted(objects, key=_rank) if (text := text_in(one, depth - 1))), "")


def _section(section: Mapping[str, Any], depth: int) -> str:
    label = next((section[key] for key in _SECTION_KEYS if isinstance(section.get(key), str)), "")
    return ": ".join(filter(None, (label, text_in(section, depth - 1))))


def _rank(version: Mapping[str, Any]) -> int:
    """Sort key: abstracts before DataCite's other kinds of description, English before other languages."""
    kind = str(version.get("descriptionType") or "Abstract")
    language = str(version.get("lang") or version.get("language") or "en")
    return 2 * (kind != "Abstract") + (not language.startswith("en"))


def names_of(value: Any) -> Any:
    """The names of people as ``paper_from_fields`` takes them; a single text is returned unchanged."""
    if isinstance(value, Mapping):
        inner = next((one for one in value.values() if isinstance(one, list | Mapping)), None)
        return names_of(inner) if inner else [_name(value)]
    if not isinstance(value, list):
        return value
    people = [one for one in value if not isinstance(one, Mapping) or one.get("creatorType", "author") == "author"]
    return [_name(one) for one in people or value]


def _name(person: Any) -> Any:
    if not isinstance(person, Mapping):
        return person
    if isinstance(person.get("author"), Mapping):
        return _name(person["author"])
    whole = next((person[key] for key in _NAME_KEYS if isinstance(person.get(key), str)), "")
    for given, family in _NAME_PARTS:
        if not whole and isinstance(person.get(family), str) and family != "family":
            return " ".join(filter(None, (_string(person.get(given)), person[family])))
    return whole or dict(person)


def date_in(value: Any) -> Any:
    """A date with a digit in it, as text, number or Crossref's nested lists; None if there is none."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        value = value[0]
    if isinstance(value, Mapping) and "year" in value:
        value = text_in(value["year"]) or value["year"]
    return value if re.search(r"\d", str(value)[:1_000]) else None


def identifiers(values: Mapping[str, Any]) -> dict[str, str]:
    """``doi``, ``arxiv_id`` and ``pmid`` from objects and lists of typed ids; names in ``values`` are simplified."""
    found: dict[str, str] = {}
    for name in ("externalids", "ids", "identifier", "identifiers", "dois", "arxiveprints"):
        for kind, value in _typed_ids(values.get(name), {"dois": "doi", "arxiveprints": "arxiv"}.get(name, "")):
            if (field := _ID_KINDS.get(kind.casefold())) and value:
                found.setdefault(field, value)
    plain = {"arxiv_id": ("arxivid", "arxiv"), "pmid": ("pmid", "pubmedid")}
    for field, names in plain.items():
        if value := next((_string(values[name]) for name in names if values.get(name)), ""):
            found.setdefault(field, value)
    return found


def _typed_ids(value: Any, usual: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(str(kind), _string(one)) for kind, one in value.items()]
    found = []
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            kind = next(
                (str(one[key]) for key in ("type", "scheme", "schema", "identifierType") if one.get(key)), usual
            )
            found.append((kind, next((_string(one[key]) for key in ("value", "id", "identifier") if one.get(key)), "")))
        elif isinstance(one, str) and one.casefold().startswith("arxiv:"):
            found.append(("arxiv", one))
    return found


def _string(value: Any) -> str:
    """A text or a number as text; empty for a number with more digits than any id has."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and abs(value) < 10**15 else ""
