"""A page of paper listings saved as text: blocks between blank lines, a title and then its abstract.

The form is recognised by shape, not by site: an abstract is a long block of prose, its title is the short block
right before it, and every other short block is page furniture (menus, dates, buttons).

Not covered: an abstract of several paragraphs (the later ones are reported as having no title).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from assistant.errors import InputError
from assistant.text import sentence_spans
from ingest.readers.base import ReadResult, Skipped, paper_from_fields

MINIMUM_ABSTRACT_WORDS = 30
MAXIMUM_TITLE_WORDS = 40
_SENTENCE_END = re.compile(r"""[.!?。！？]["'”’)\]]*$""")


def recognises(text: str) -> bool:
    """True when at least one title is followed by an abstract."""
    blocks = [block for _, block in _blocks(text)]
    return any(_is_title(first) and _is_abstract(second) for first, second in pairwise(blocks))


def read(text: str) -> ReadResult:
    papers, skipped = [], []
    title: tuple[int, str] | None = None
    is_cut = bool(text) and not text.endswith("\n") and not _SENTENCE_END.search(text.rstrip())
    blocks = list(_blocks(text))
    for number, (line, block) in enumerate(blocks):
        if not _is_abstract(block):
            if title:
                skipped.append(_without_abstract(*title))
            title = (line, block)
        elif title is None or not _is_title(title[1]):
            skipped.append(Skipped(f"line {line}", "a paragraph without a title before it"))
        elif is_cut and number == len(blocks) - 1:
            skipped.append(Skipped(f"line {line}", "the file ends in the middle of this abstract"))
            title = None
        else:
            try:
                papers.append(paper_from_fields({"title": title[1], "abstract": block}))
            except InputError as error:
                skipped.append(Skipped(f"line {line}", str(error)))
            title = None
    if title:
        skipped.append(_without_abstract(*title))
    return ReadResult(tuple(papers), tuple(skipped))


def _without_abstract(line: int, block: str) -> Skipped:
    return Skipped(f"line {line}", f"page furniture: {block[:60]!r}", is_fault=False)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Blocks of adjacent non-blank lines, each with the number of its first line, counted from 1."""
    first, lines = 0, list[str]()
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            first = first if lines else number
            lines.append(line.strip())
        elif lines:
            yield first, "\n".join(lines)
            lines = []


def _is_title(block: str) -> bool:
    return "\n" not in block and len(block.split()) <= MAXIMUM_TITLE_WORDS


def _is_abstract(block: str) -> bool:
    word_count = len(block.split())
    return word_count >= MINIMUM_ABSTRACT_WORDS and (len(sentence_spans(block)) > 1 or word_count > MAXIMUM_TITLE_WORDS)
