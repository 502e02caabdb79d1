"""Finds the papers in a JSON document: a list with any name, or objects nested in the items of a list.

Services wrap papers in many ways: {"data": [...]}, {"recommendedPapers": [...]}, {"response": {"docs": [...]}},
[{"citingPaper": {...}}], {"hits": {"hits": [{"_source": {...}}]}}. An object with a title counts as a paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ijson

_TITLES = {"title", "titles", "display_name", "dc:title", "title_s", "itemtype", "documenttitle", "rel_title"}
"""Keys that only papers have; Zotero's notes have an ``itemType`` and no title."""

_LISTS = ("data", "results", "items", "works", "papers", "records", "message.items")
"""Lists that hold papers even if the object around them has a title, such as the name of a library."""

_LISTS_THAT_MAY_BE_EMPTY = {
    *_LISTS,
    "recommendedPapers",
    "citations",
    "references",
    "collection",
    "docs",
    "hits",
    "result",
}
_CONTAINERS = {"journal", "source", "container", "venue", "host_venue", "publication", "parent", "conference", "series"}
_ABSTRACTS = {"abstract", "abstractnote", "abstract_inverted_index", "summary"}
_DEPTH = 6  # levels of objects and lists that are searched for papers


def list_path(start: str) -> str | None:
    """The path, in ijson's notation, of the list of papers in a document with this start.

    Empty if the document consists of one or more papers without a list; None if more of it is needed to decide.
    """
    state = _ListState()
    try:
        for path, event, value in ijson.parse(start.encode("utf-8", "replace"), use_float=True):
            if (found := state.after(path, event, value)) is not None:
                return found
    except (ijson.JSONError, ValueError):
        pass  # the start is cut off at any place
    return "" if state.is_titled else None


class _ListState:
    """What the events of ijson so far say about the structure of a document."""

    def __init__(self) -> None:
        self.is_titled = False
        self._items = ""  # the path of the items of the list that is open

    def after(self, path: str, event: str, value: Any) -> str | None:
        """The result of ``list_path`` if this event decides it, else None."""
        if event == "start_array" and not path:
            return "item"
        if event == "map_key" and value is not None:
            return self._after_key(path, str(value).casefold())
        if event == "start_array" and not self._items and (not self.is_titled or path in _LISTS):
            self._items = f"{path}.item"
        elif event == "end_array" and f"{path}.item" == self._items:
            self._items = ""
        return "" if event == "end_map" and not path else None

    def _after_key(self, path: str, key: str) -> str | None:
        if not path:
            self.is_titled = self.is_titled or key in _TITLES
            return "" if self.is_titled and key in _ABSTRACTS else None
        is_inside = self._items and f"{path}.".startswith(f"{self._items}.")
        return self._items if is_inside and key in _TITLES else None


def records_in(value: Any) -> list[Any]:
    """The records in a JSON value; the value itself if it has none; nothing for a search without results."""
    found = _records(value, _DEPTH)
    is_empty = isinstance(value, dict) and any(value.get(name) == [] for name in _LISTS_THAT_MAY_BE_EMPTY)
    return found or ([] if is_empty and not is_record(value) else [value])


def is_record(value: Any) -> bool:
    return isinstance(value, dict) and any(str(key).casefold() in _TITLES for key in value)


def _records(value: Any, depth: int) -> list[Any]:
    if depth == 0:
        return []
    if isinstance(value, list):
        inner = [_records(one, depth - 1) for one in value]
        return [one for one, found in zip(value, inner, strict=True) for one in found or [one]] if any(inner) else []
    if not isinstance(value, dict):
        return []
    if is_record(value) and not _is_titled_list(value):
        return [value]
    lists = [one for name, one in value.items() if isinstance(one, list) and name not in _CONTAINERS]
    objects = [one for name, one in value.items() if isinstance(one, dict) and name not in _CONTAINERS]
    return [one for inner in (lists, objects) for held in inner for one in _records(held, depth - 1)]


def _is_titled_list(value: dict[str, Any]) -> bool:
    """Is this object with a title a list of papers, such as a library, and not a paper?"""
    has_abstract = any(str(key).casefold() in _ABSTRACTS for key in value)
    return not has_abstract and any(_has_record(value.get(name)) for name in _LISTS)


def _has_record(value: Any) -> bool:
    return isinstance(value, list) and any(map(is_record, value[:20]))


def streamed(events: Iterator[tuple[str, str, Any]], items: str) -> Iterator[Any]:
    """All values of the list at the path ``items``, and the papers in other lists, from the events of ijson."""
    builder, built = None, ""
    for path, event, value in events:
        if builder is None:
            if event == "start_map" and f".{path}".endswith(".item"):
                builder, built = ijson.ObjectBuilder(), path
            elif path == items and event in ("null", "boolean", "integer", "double", "number", "string"):
                yield value
                continue
            else:
                continue
        builder.event(event, value)
        if event == "end_map" and path == built:
            if built == items or _records(builder.value, _DEPTH):
                yield builder.value
            builder = None
