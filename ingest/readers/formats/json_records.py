"""Reads JSON: JSON Lines, an array of records, or the response of a service that holds records in any list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Any, TextIO

import ijson

from assistant.errors import InputError
from ingest.readers.decoding import MAXIMUM_LINE
from ingest.readers.interface import Item, Skipped
from ingest.readers.json_paper_lists import is_record, list_path, records_in, streamed
from ingest.readers.json_service_fields import fields_of, not_a_paper, unread_fields
from ingest.readers.paper_fields import paper_from_fields, retractions_from_fields
from ingest.readers.unread_fields import with_unread_field

NAME = "JSON or JSON Lines"
SUFFIXES = (".json", ".jsonl", ".ndjson")
_START = 65_536  # characters read at a time
_MAXIMUM_HEAD = 8_000_000  # characters in which the list of records must begin; a first record may be long
_MAXIMUM_DEPTH = 2_000  # nested brackets; the memory that ijson needs for paths grows with their square
_BRACKET = re.compile(r"[\[\]{}]")


def recognises(start: str) -> bool:
    return bool(re.match(r'\s*(\{\s*("|\}|$)|\[\s*(\{|\]|$))', start))


def read(text: TextIO) -> Iterator[Item]:
    """A broken line of JSON Lines is skipped; a broken array or object is read up to the error."""
    start = text.read(_START)
    if not start.lstrip().startswith(("{", "[")):
        raise InputError("it does not start with { or [")
    yield from _read_lines(start, text) if _is_lines(start) else _read_document(start, text)


def _is_lines(start: str) -> bool:
    """Is there one object per line, even if the first is broken? Not if one object has many lines or holds a list."""
    first, *others = start.strip().split("\n")
    if not first.startswith("{") or first.strip() == "{":
        return False
    if isinstance(_parsed(first)[0], dict):
        return True
    if others:
        return not _is_beginning(f"{first}\n{others[0]}")
    path = _path_of_list(first)
    return not path and (path == "" or len(start) < _START)


def _is_beginning(text: str) -> bool:
    """Can a JSON document begin with this text?"""
    if max(_levels(text, 0)) > _MAXIMUM_DEPTH:
        return False
    try:
        for _ in ijson.parse(text.encode("utf-8", "replace"), use_float=True):
            pass
    except ijson.IncompleteJSONError as error:
        # The message depends on the backend of ijson.
        return any(word in str(error).casefold() for word in ("premature", "incomplete"))
    except (ijson.JSONError, ValueError):
        return False
    return True


def _read_lines(start: str, text: TextIO) -> Iterator[Item]:
    for number, line in enumerate(_lines(start, text), start=1):
        if line.strip():
            value, fault = _parsed(line)
            records = records_in(value)
            for count, record in enumerate(records, start=1):
                place = f"line {number}" if len(records) == 1 else f"line {number}, record {count}"
                if fault:
                    yield Skipped(place, f"not valid JSON ({fault})")
                else:
                    yield from _items(record, place)


def _lines(start: str, text: TextIO) -> Iterator[str]:
    *whole, last = start.split("\n")
    yield from whole
    yield last + text.readline()
    yield from text


def _parsed(line: str) -> tuple[Any, str]:
    """The value in a line, and what is wrong if there is none."""
    try:
        return json.loads(line), ""
    except RecursionError:
        return None, "too many nested brackets"
    except ValueError as error:  # JSONDecodeError, and numbers of thousands of digits
        return None, str(error)


def _read_document(start: str, text: TextIO) -> Iterator[Item]:
    start, path = _with_list_path(start, text)
    source = _Source(start, text)
    options = {"multiple_values": True, "use_float": True}
    number = 0
    try:
        if path:
            values = streamed(ijson.parse(ijson.from_iter(source), **options), path)
        else:
            values = ijson.items(ijson.from_iter(source), "", **options)
        for value in values:
            source.reset()
            for record in records_in(value):
                number += 1
                yield from _items(record, f"record {number}")
    except (ijson.JSONError, ValueError) as error:
        reason = " ".join(str(error).split())[:100]
        yield Skipped(f"record {number + 1}", f"not valid JSON ({reason}); nothing after it was read")


def _with_list_path(start: str, text: TextIO) -> tuple[str, str]:
    """A longer start that contains the first record, and the path of the list of records, empty if there is none."""
    while (path := _path_of_list(start)) is None and len(start) < _MAXIMUM_HEAD and (more := text.read(len(start))):
        start += more
    is_paper = path not in (None, "", "item") and is_record(_parsed(start)[0])  # its list of references came first
    return start, "" if is_paper else path or ""


def _path_of_list(start: str) -> str | None:
    return "" if max(_levels(start, 0)) > _MAXIMUM_DEPTH else list_path(start)


class _Source:
    """The bytes of a document; raises InputError for a record that is too long or too deeply nested.

    The caller calls ``reset`` after each record.
    """

    def __init__(self, start: str, text: TextIO) -> None:
        self.reset()
        self._chunks = chain([start], iter(lambda: text.read(_START), ""))

    def reset(self) -> None:
        self._length = self._level = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._length += len(chunk)
            levels = _levels(chunk, self._level)
            self._level = levels[-1]
            if self._length > MAXIMUM_LINE:
                raise InputError(f"a record of over {MAXIMUM_LINE:,} characters")
            if max(levels) > _MAXIMUM_DEPTH:
                raise InputError(f"more than {_MAXIMUM_DEPTH:,} nested brackets")
            yield chunk.encode("utf-8", "replace")


def _levels(text: str, level: int) -> list[int]:
    """The number of open brackets after each bracket, starting at ``level``. Those in strings count too."""
    steps = (1 if bracket in "[{" else -1 for bracket in _BRACKET.findall(text))
    return list(accumulate(steps, lambda open_ones, step: max(0, open_ones + step), initial=level))


def _items(record: Any, place: str) -> Iterator[Item]:
    if record is None:  # Semantic Scholar's answer, in a batch, for an unknown id
        yield Skipped(place, "null where the service knows no paper", "not a paper")
    elif not isinstance(record, dict):
        yield Skipped(place, "not a JSON object")
    elif kind := not_a_paper(record):
        yield Skipped(place, f"{kind}, not a paper", "not a paper")
    else:
        fields = fields_of(record)
        yield with_unread_field(paper_from_fields(fields, place), unread_fields(record))
        yield from retractions_from_fields(fields)
