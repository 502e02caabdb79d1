"""Reads BibTeX and biblatex, one entry after another.

``bibtexparser`` splits an entry into fields, and ``bibtex_fields`` turns those into a paper. A second entry with the
same key is kept if its title differs, as in two files that were joined; otherwise it is skipped as a fault, as BibTeX
does. An entry that inherits from a later entry of the file is yielded after all others.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import TextIO

from bibtexparser.model import Block, Entry, ImplicitComment, ParsingFailedBlock, String
from bibtexparser.splitter import Splitter

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers.bibtex_fields import MAXIMUM_MACRO, joined, lacks_comma, paper_from_entry
from ingest.readers.bibtex_inheritance import DATA_ONLY, Inheritance
from ingest.readers.interface import Item, Skipped

NAME = "BibTeX"
SUFFIXES = (".bib", ".bibtex")

_BLOCK = re.compile(r"^[ \t]*@\w+[ \t]*[{(]", re.MULTILINE)
_ENTRY = re.compile(r"\s*@\w+\s*[{(]\s*(?P<key>[^\n,{}()=\"]*?)\s*,\s*[\w-]+\s*=")
_OTHER_BLOCK = re.compile(r"\s*@(?:comment|preamble|string)\b", re.IGNORECASE)
_COMMENT = re.compile(r"\s*@comment\b", re.IGNORECASE)
_LINES_BEFORE = 8  # "Scopus", "EXPORT DATE: 1 May 2024"
_NOT_BEFORE = frozenset('\t,;"{<#`')  # characters in the first lines of tables, JSON, HTML and Markdown

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it logs what is yielded as Skipped here


def recognises(start: str) -> bool:
    """A block of BibTeX comes first, after comments and a few lines with which no other format begins."""
    block = _BLOCK.search(start)
    if not block or not (_ENTRY.match(start, block.start()) or _OTHER_BLOCK.match(start, block.start())):
        return False
    before = [line for line in start[: block.start()].split("\n") if line.strip() and not line.startswith("%")]
    return len(before) <= _LINES_BEFORE and not any(_NOT_BEFORE & set(line) for line in before)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if nothing in the text looks like an entry."""
    macros, kept, inheritance = dict[str, str](), set[tuple[str, str]](), Inheritance()
    postponed, line = list[tuple[Entry, int]](), 0
    for line, block in _blocks(text):
        for part in _parts(block):
            if isinstance(part, String):
                macros[part.key.casefold()] = joined(part.value, macros)[:MAXIMUM_MACRO]
            elif part is None:
                yield _broken(block, line)
            elif not inheritance.is_ready(_remembered(part, inheritance)):
                postponed.append((part, line))
            elif part.entry_type.casefold() not in DATA_ONLY:
                yield _unless_repeated(_item(part, line, macros, inheritance), _place(part.key, line), kept)
    for entry, place in postponed:
        if entry.entry_type.casefold() not in DATA_ONLY:
            yield _unless_repeated(_item(entry, place, macros, inheritance), _place(entry.key, place), kept)
    if not line:
        raise InputError("nothing in it looks like @article{key, title = {…}}")


def _blocks(text: TextIO) -> Iterator[tuple[int, str]]:
    """The text from each line that starts with @ to the next such line, after the number of its first line.

    Blocks are parsed one at a time, so that a missing closing brace spoils one entry and not all that follow.
    """
    first, lines = 0, list[str]()
    for number, line in enumerate(text, start=1):
        if _BLOCK.match(line):
            if lines:
                yield first, "".join(lines)
            first, lines = number, []
        if first:
            lines.append(line)
    if lines:
        yield first, "".join(lines)


def _parts(block: str) -> Iterator[Entry | String | None]:
    """Entries and macros; None for a broken one. A comma after an entry means that an extra brace ended it."""
    parts: list[Block] = Splitter(block).split().blocks
    for part, following in zip_longest(parts, parts[1:]):
        is_cut = isinstance(following, ImplicitComment) and following.comment.startswith(",")
        inner = part.ignore_error_block or part if isinstance(part, ParsingFailedBlock) else part  # a repeated field
        if isinstance(inner, Entry):
            yield None if is_cut or any(lacks_comma(field.value) for field in inner.fields) else inner
        elif isinstance(inner, String):
            yield inner
        elif isinstance(inner, ParsingFailedBlock) and not _COMMENT.match(block):
            yield None


def _item(entry: Entry, line: int, macros: dict[str, str], inheritance: Inheritance) -> Item:
    return paper_from_entry(inheritance.completed(entry.entry_type, _fields(entry)), macros, _place(entry.key, line))


def _remembered(entry: Entry, inheritance: Inheritance) -> dict[str, str]:
    """The fields of an entry; from now on other entries can inherit them."""
    fields = _fields(entry)
    inheritance.add(entry.entry_type, entry.key, fields)
    return fields


def _fields(entry: Entry) -> dict[str, str]:
    """Of a repeated field the first counts."""
    return {field.key.casefold(): field.value for field in reversed(entry.fields)}


def _place(key: str, line: int) -> str:
    key = " ".join(key.split())[:60]
    return f"entry {key}" if key else f"line {line}"


def _broken(block: str, line: int) -> Skipped:
    match = _ENTRY.match(block)
    place = _place(match["key"] if match else "", line)
    return Skipped(place, "incomplete: a brace, a quotation mark or a comma is missing or one too many")


def _unless_repeated(item: Item, place: str, kept: set[tuple[str, str]]) -> Item:
    if not isinstance(item, Paper):
        return item
    identity = (place.casefold(), item.paper_id)
    if identity in kept:
        return Skipped(place, "a second entry with this key and title; the first was kept")
    kept.add(identity)
    return item
