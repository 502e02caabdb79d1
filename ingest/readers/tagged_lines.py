"""Splits files of tagged lines into records: RIS, MEDLINE, Web of Science, RefWorks, refer.

The libraries rispy and nbib read some of these formats, but they report no line numbers, hold the whole file in memory
and need every record to begin and end by the rules, which real exports often break.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import Any, TextIO

from assistant.errors import InputError
from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.unread_fields import with_unread_field

_NUMBER = re.compile(r"<\d{1,9}>|\d{1,9}\.")  # databases write this before a record
_MAXIMUM_SHOWN = 60  # characters of a line in a message


@dataclass(slots=True)
class TaggedRecord:
    """A record that begins at ``line``. ``is_whole`` is false if the file ends in the middle of it.

    ``suspect_line``: number and text of the first line that resembles a misspelled tag; it was read as a continuation
    of the line before it.
    """

    line: int
    fields: dict[str, list[list[str]]] = field(default_factory=dict)  # tag -> its values, each a list of lines
    is_whole: bool = True
    suspect_line: tuple[int, str] | None = None

    @property
    def place(self) -> str:
        return f"line {self.line}"

    def values(self, *tags: str) -> list[str]:
        """All distinct values of these tags, in the order of the tags, each on one line."""
        found = (" ".join(" ".join(lines).split()) for tag in tags for lines in self.fields.get(tag, ()))
        return list(dict.fromkeys(filter(None, found)))

    def value(self, *tags: str) -> str:
        """The first value of the first of these tags that has one; else empty."""
        return next(iter(self.values(*tags)), "")

    def lines(self, *tags: str) -> list[str]:
        """The lines of the first of these tags that has any, for formats with one name per line."""
        for tag in tags:
            lines = [line.strip() for value in self.fields.get(tag, ()) for line in value if line.strip()]
            if lines:
                return lines
        return []


@dataclass(frozen=True, slots=True)
class TagSyntax:
    """How a format of tagged lines is written.

    ``tag_of`` returns the tag and the value of a line, or None for a line that continues the value before it.
    ``begins`` says whether a tag begins the next record; its arguments are the record so far, the tag, and whether a
    blank line precedes it. ``end_tag`` ends a record; it is empty if the format has none. ``misspelled`` matches a line
    that may be a misspelled tag. ``example`` is a line that begins a record, for error messages.
    """

    tag_of: Callable[[str], tuple[str, str] | None]
    begins: Callable[[TaggedRecord, str, bool], bool]
    end_tag: str
    example: str
    misspelled: re.Pattern[str] | None = None


def items(
    text: TextIO, syntax: TagSyntax, fields_of: Callable[[TaggedRecord], dict[str, Any]], used: str
) -> Iterator[Item]:
    """The papers of a text; ``used`` lists the tags that ``fields_of`` reads, separated by spaces.

    Raises InputError if no record begins in the text.
    """
    for record in records(text, syntax):
        yield item(record, fields_of(record), record.place, used)


def records(text: TextIO, syntax: TagSyntax) -> Iterator[TaggedRecord]:
    """The records of a text. Raises InputError if no record begins in it."""
    lines = enumerate(text, start=1)
    number, first = next((one for one in lines if one[1].strip()), (0, ""))
    is_empty = True
    for record in _records(chain([(number, first)], lines), syntax):
        is_empty = False
        yield record
    if is_empty:
        instead = f'; line {number} is "{_shown(first)}"' if number else ""
        raise InputError(f'no line such as "{syntax.example}" begins a record{instead}')


def item(record: TaggedRecord, fields: dict[str, Any], place: str, used: str) -> Item:
    """A paper from the fields of a record; Skipped if it is cut short, or has no title or no abstract.

    The reason then names the line or the tag that may hold the abstract.
    """
    if not record.is_whole:
        return Skipped(record.place, "the file ends in the middle of this record")
    others = {tag: " ".join(record.values(tag)) for tag in record.fields.keys() - set(used.split())}
    found = with_unread_field(paper_from_fields(fields, place), others)
    if isinstance(found, Skipped) and record.suspect_line:
        number, line = record.suspect_line
        reason = f'{found.reason}; line {number}, "{_shown(line)}", has no tag that can be read'
        return replace(found, reason=reason, kind="fault" if found.kind == "no abstract" else found.kind)
    return found


def _records(lines: Iterable[tuple[int, str]], syntax: TagSyntax) -> Iterator[TaggedRecord]:
    record, value, line, is_blank = None, list[str](), "", False
    for number, line in lines:
        if tagged := syntax.tag_of(line):
            tag, text = tagged
            value = [text]
            if record is None or syntax.begins(record, tag, is_blank):
                if record:
                    yield record
                record = TaggedRecord(number)
            record.fields.setdefault(tag, []).append(value)
        elif record:
            value.append(line)
            if record.suspect_line is None and syntax.misspelled and syntax.misspelled.match(line):
                record.suspect_line = number, line
        is_blank = not line.strip() or bool(_NUMBER.fullmatch(line.strip()))
    if record:
        record.is_whole = not syntax.end_tag or syntax.end_tag in record.fields or line.endswith("\n")
        yield record


def begins_with(start: str, tag_of: Callable[[str], tuple[str, str] | None], tags: str, lines_before: int) -> bool:
    """Is a line with one of these tags followed by a tagged line, after at most ``lines_before`` other lines?"""
    lines = [line for line in start.split("\n", 200) if line.strip()][: lines_before + 2]
    found = [tagged[0] if (tagged := tag_of(line)) else "" for line in lines]
    return any(tag and tag in tags.split() and following for tag, following in pairwise(found))


def _shown(line: str) -> str:
    return " ".join(line.split())[:_MAXIMUM_SHOWN]
