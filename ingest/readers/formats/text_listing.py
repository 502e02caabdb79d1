"""Reads a web page that lists papers, saved as text: each title, a blank line, and its abstract.

Blocks between blank lines are classified by their shape, for any site: an abstract is a long block of prose, its title
is the short block right before it, and every other short block is page boilerplate (menus, dates, buttons).

Limit: of an abstract with several paragraphs, the later ones are reported as paragraphs without a title.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TextIO

from assistant.errors import InputError
from assistant.text.sentences import sentence_spans
from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import paper_from_fields

NAME = "a page of titles and abstracts saved as text"
SUFFIXES = (".txt", ".text")
MINIMUM_ABSTRACT_WORDS = 30
MAXIMUM_TITLE_WORDS = 40
SENTENCE_END = re.compile(r"""[.!?。！？]["'”’)\]]*$""")


@dataclass(frozen=True, slots=True)
class Block:
    """Adjacent lines that are not blank; ``line`` is the number of the first, counted from 1.

    ``is_ended`` is false for the last block of a file that does not end in a line break.
    """

    line: int
    text: str
    is_ended: bool

    @property
    def place(self) -> str:
        return f"line {self.line}"

    @property
    def is_title(self) -> bool:
        return "\n" not in self.text and len(self.text.split()) <= MAXIMUM_TITLE_WORDS

    @property
    def is_abstract(self) -> bool:
        count = len(self.text.split())
        return count >= MINIMUM_ABSTRACT_WORDS and (count > MAXIMUM_TITLE_WORDS or len(sentence_spans(self.text)) > 1)

    @property
    def is_cut(self) -> bool:
        return not self.is_ended and not SENTENCE_END.search(self.text)


def blocks_of(lines: Iterable[str]) -> Iterator[Block]:
    first, block, line = 0, list[str](), ""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            first = first if block else number
            block.append(line.strip())
        elif block:
            yield Block(first, "\n".join(block), is_ended=True)
            block = []
    if block:
        yield Block(first, "\n".join(block), is_ended=line.endswith("\n"))


def has_papers(start: str) -> bool:
    """Is there a title followed by an abstract?"""
    blocks = blocks_of(io.StringIO(start))
    return any(first.is_title and second.is_abstract for first, second in pairwise(blocks))


recognises = has_papers


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError at the end if there was no abstract."""
    title: Block | None = None
    has_abstract = False
    for block in blocks_of(text):
        if title and not (title.is_title and block.is_abstract):
            yield _boilerplate(title)
            title = None
        if block.is_abstract:
            yield _item(title, block)
            title, has_abstract = None, True
        else:
            title = block
    if not has_abstract:
        raise InputError("no title followed by an abstract")
    if title:
        yield _boilerplate(title)


def _item(title: Block | None, abstract: Block) -> Item:
    if title is None:
        return Skipped(abstract.place, "a paragraph without a title before it")
    if abstract.is_cut:
        return Skipped(abstract.place, "the file ends in the middle of this abstract")
    return paper_from_fields({"title": title.text, "abstract": abstract.text}, abstract.place)


def _boilerplate(block: Block) -> Skipped:
    return Skipped(block.place, f"page boilerplate: {block.text[:60]!r}", "boilerplate")
