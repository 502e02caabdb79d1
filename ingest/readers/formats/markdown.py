"""Reads Markdown or plain text written by hand: one title and abstract, or several abstracts under headings.

    # A title                A title
    Its abstract.
                             Its abstract, which ends like a sentence.
    # Another title
    Its abstract.            Its second paragraph.

If there is a deeper heading "Abstract" or "Summary", only the text under it is the abstract; without one, all text
except the deeper headings themselves is.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TextIO

from assistant.errors import InputError
from ingest.readers.formats.text_listing import MAXIMUM_TITLE_WORDS, SENTENCE_END, blocks_of, has_papers
from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import paper_from_fields

NAME = "Markdown or text with a title line"
SUFFIXES = (".md", ".markdown")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*)")
_MINIMUM_WORDS = 8


def recognises(start: str) -> bool:
    return bool(_HEADING.match(start.lstrip().split("\n", 1)[0])) or _is_one_paper(start)


def read(text: TextIO) -> Iterator[Item]:
    line, number = "", 0
    while not line.strip() and (line := text.readline()):
        number += 1
    if _HEADING.match(line):
        yield from _under_headings(line, text, number)
        return
    whole = line + text.read()
    if not _is_one_paper(whole):
        raise InputError("no title line with an abstract under it")
    title, *paragraphs = [block.text for block in blocks_of(io.StringIO(whole))]
    yield paper_from_fields({"title": title, "abstract": "\n\n".join(paragraphs)}, f"line {number}")


def _is_one_paper(start: str) -> bool:
    """Is this a title line and then sentences? A listing of several papers is left to ``text_listing``."""
    blocks = [block.text for block in blocks_of(io.StringIO(start))]
    if len(blocks) < 2 or has_papers(start):
        return False
    is_title = "\n" not in blocks[0] and len(blocks[0].split()) <= MAXIMUM_TITLE_WORDS
    return is_title and len(blocks[1].split()) >= _MINIMUM_WORDS and bool(SENTENCE_END.search(blocks[1]))


def _under_headings(first: str, text: TextIO, first_number: int) -> Iterator[Item]:
    marks, title = _heading(first)
    place, level, lines = f"line {first_number}", len(marks), list[str]()
    for number, line in enumerate(text, start=first_number + 1):
        marks, heading = _heading(line)
        if marks and len(marks) <= level:
            yield _paper(title, lines, place)
            place, title, lines = f"line {number}", heading, []
        else:
            lines.append(line)
    yield _paper(title, lines, place)


def _paper(title: str, lines: list[str], place: str) -> Item:
    if not title:
        return Skipped(place, "no title")
    sections: dict[str, list[str]] = {"": []}
    section = sections[""]
    for line in lines:
        marks, heading = _heading(line)
        if marks:
            section = sections.setdefault(heading.casefold().rstrip(":"), [])
        else:
            section.append(line)
    kept = sections.get("abstract") or sections.get("summary") or [line for part in sections.values() for line in part]
    abstract = "\n\n".join(block.text for block in blocks_of(kept))
    return paper_from_fields({"title": title, "abstract": abstract}, place)


def _heading(line: str) -> tuple[str, str]:
    """The # marks and the words of a heading; both empty if the line is not a heading."""
    match = _HEADING.match(line)
    if not match:
        return "", ""
    marks, words = match.group(1), match.group(2).strip()
    without_closing = words.rstrip("#")  # "# Title #", but not "# C#"
    return marks, without_closing.strip() if without_closing.endswith((" ", "\t")) else words
