"""Records of lines that begin with a tag, as in RIS and MEDLINE: where one ends, and what its tags hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TextIO

from assistant.errors import InputError
from ingest.readers.base import Item, Skipped


@dataclass(slots=True)
class Record:
    """What stands from one line on. It ``is_whole`` unless the file breaks off in it."""

    line: int
    fields: dict[str, list[list[str]]] = field(default_factory=dict)  # under each tag its values, as lines
    is_whole: bool = True

    def values(self, *tags: str) -> list[str]:
        """All distinct values under these tags, in the order of the tags, each on one line."""
        found = (" ".join(" ".join(lines).split()) for tag in tags for lines in self.fields.get(tag, ()))
        return list(dict.fromkeys(filter(None, found)))

    def value(self, *tags: str) -> str:
        """The first value under the first of these tags that has any."""
        return next(iter(self.values(*tags)), "")


def records(text: TextIO, tag_line: re.Pattern[str], first: str, last: str) -> Iterator[Record]:
    """The records of a text: one begins with the tag ``first`` or behind the tag ``last``, either of which may lack.

    ``tag_line`` matches a line's tag and value; any other line goes on with the value before it.
    """
    record, value, line = None, list[str](), ""
    for number, line in enumerate(text, start=1):
        if match := tag_line.match(line):
            tag, value = match[1], [match[2] or ""]
            if record is None or tag == first or last in record.fields:
                if record:
                    yield record
                record = Record(number)
            record.fields.setdefault(tag, []).append(value)
        elif record:
            value.append(line)
    if record:
        record.is_whole = last in record.fields or line.endswith("\n")
        yield record


def items(
    text: TextIO, tag_line: re.Pattern[str], first: str, last: str, item: Callable[[Record], Item], example: str
) -> Iterator[Item]:
    """What each whole record is. Raises InputError where no record begins, with a line that would begin one."""
    begins = False
    for record in records(text, tag_line, first, last):
        begins = begins or first in record.fields
        place = f"line {record.line}"
        if first not in record.fields:
            yield Skipped(place, f'a record without the line "{first:4}- " that begins it')
        elif not record.is_whole:
            yield Skipped(place, "the file ends in the middle of this record")
        else:
            yield item(record)
    if not begins:
        raise InputError(f'no line such as "{example}" begins a record')


def begins_with(start: str, tag_line: re.Pattern[str], first: str, lines_before: int) -> bool:
    """Is there a line tagged ``first`` and another tagged one right behind it, at most so many lines from the start?"""
    lines = [line for line in start.split("\n", 200) if line.strip()][: lines_before + 2]
    tags = [match[1] if (match := tag_line.match(line)) else "" for line in lines]
    return any(tag == first and following for tag, following in pairwise(tags))
