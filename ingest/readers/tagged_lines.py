"""Records of lines that begin with a tag: RIS, MEDLINE, Web of Science, refer. Where one ends, what its tags hold.

rispy and nbib read some of these forms, but they give no line numbers, hold the whole file in memory, and need every
record to begin and end as the form says; the files that people have do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import Any, TextIO

from assistant.errors import InputError
from ingest.readers.paper_fields import Item, Skipped, paper_from_fields
from ingest.readers.unread_fields import with_unread

_NUMBER = re.compile(r"<\d{1,9}>|\d{1,9}\.")  # that databases write before a record
_SHOWN = 60  # characters of a line in a message


@dataclass(slots=True)
class Record:
    """What stands from one line on. It ``is_whole`` unless the file breaks off in it.

    ``doubtful`` is the first line that looks like a tag written in another way, and its number; it was read as a
    continuation of the line before it.
    """

    line: int
    fields: dict[str, list[list[str]]] = field(default_factory=dict)  # under each tag its values, as lines
    is_whole: bool = True
    doubtful: tuple[int, str] | None = None

    @property
    def place(self) -> str:
        return f"line {self.line}"

    def values(self, *tags: str) -> list[str]:
        """All distinct values under these tags, in the order of the tags, each on one line."""
        found = (" ".join(" ".join(lines).split()) for tag in tags for lines in self.fields.get(tag, ()))
        return list(dict.fromkeys(filter(None, found)))

    def value(self, *tags: str) -> str:
        """The first value under the first of these tags that has any."""
        return next(iter(self.values(*tags)), "")

    def lines(self, *tags: str) -> list[str]:
        """The lines under the first of these tags that has any, for forms that write one name a line."""
        for tag in tags:
            lines = [line.strip() for value in self.fields.get(tag, ()) for line in value if line.strip()]
            if lines:
                return lines
        return []


@dataclass(frozen=True, slots=True)
class Form:
    """How a tagged form is written.

    ``tag_of`` gives the tag and the value of a line, or None for one that continues the value before it. ``begins``
    says whether a tag begins the next record, from the record so far, the tag, and whether a blank line precedes it.
    ``last`` is the tag that ends a record, empty where the form has none. ``nearly`` matches a line that was perhaps
    meant as a tag. ``example`` is a line that begins a record, for messages.
    """

    tag_of: Callable[[str], tuple[str, str] | None]
    begins: Callable[[Record, str, bool], bool]
    last: str
    example: str
    nearly: re.Pattern[str] | None = None


def items(text: TextIO, form: Form, fields_of: Callable[[Record], dict[str, Any]], used: str) -> Iterator[Item]:
    """The papers of a text; ``used`` lists the tags whose values are read.

    Raises InputError where no record begins, with a line that would begin one and the line that is there instead.
    """
    for record in records(text, form):
        if record.is_whole:
            yield item(record, fields_of(record), record.place, used)
        else:
            yield Skipped(record.place, "the file ends in the middle of this record")


def records(text: TextIO, form: Form) -> Iterator[Record]:
    """Raises InputError as ``items`` does."""
    lines = enumerate(text, start=1)
    number, first = next((one for one in lines if one[1].strip()), (0, ""))
    is_empty = True
    for record in _records(chain([(number, first)], lines), form):
        is_empty = False
        yield record
    if is_empty:
        instead = f'; line {number} is "{_shown(first)}"' if number else ""
        raise InputError(f'no line such as "{form.example}" begins a record{instead}')


def item(record: Record, fields: dict[str, Any], place: str, used: str) -> Item:
    """A paper from the fields of a record. Where it has none, the reason names the line or the tag that may hold it."""
    others = {tag: " ".join(record.values(tag)) for tag in record.fields.keys() - set(used.split())}
    found = with_unread(paper_from_fields(fields, place), others)
    if isinstance(found, Skipped) and record.doubtful:
        number, line = record.doubtful
        reason = f'{found.reason}; line {number}, "{_shown(line)}", has no tag that can be read'
        return replace(found, reason=reason, kind="fault" if found.kind == "no abstract" else found.kind)
    return found


def _records(lines: Iterable[tuple[int, str]], form: Form) -> Iterator[Record]:
    record, value, line, is_blank = None, list[str](), "", False
    for number, line in lines:
        if tagged := form.tag_of(line):
            tag, text = tagged
            value = [text]
            if record is None or form.begins(record, tag, is_blank):
                if record:
                    yield record
                record = Record(number)
            record.fields.setdefault(tag, []).append(value)
        elif record:
            value.append(line)
            if record.doubtful is None and form.nearly and form.nearly.match(line):
                record.doubtful = number, line
        is_blank = not line.strip() or bool(_NUMBER.fullmatch(line.strip()))
    if record:
        record.is_whole = not form.last or form.last in record.fields or line.endswith("\n")
        yield record


def begins_with(start: str, tag_of: Callable[[str], tuple[str, str] | None], tags: str, lines_before: int) -> bool:
    """Is a line with one of these tags followed by a tagged line, with at most ``lines_before`` lines before both?"""
    lines = [line for line in start.split("\n", 200) if line.strip()][: lines_before + 2]
    found = [tagged[0] if (tagged := tag_of(line)) else "" for line in lines]
    return any(tag and tag in tags.split() and following for tag, following in pairwise(found))


def _shown(line: str) -> str:
    return " ".join(line.split())[:_SHOWN]
