"""Reads the lines of input files, each with its place for error messages."""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import InputError


def numbered_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines that are not blank, each with ``file, line n``; gzip is decompressed.

    Raises InputError when the file cannot be read, a line is not UTF-8, or there is none.
    """
    is_empty = True
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                line = line.removeprefix(codecs.BOM_UTF8)
                if line.strip():
                    is_empty = False
                    place = f"{path.name}, line {number}"
                    yield _decoded(line, place).rstrip("\r\n"), place
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}): give another file.") from error
    if is_empty:
        raise InputError(f"{path} is empty: nothing to score.")


def read_abstracts(path: Path) -> Iterator[tuple[str, str, str]]:
    """Id, title and abstract of each line ``{id, title, abstract}``.

    Or, in BEIR format, ``{_id, title, text}``: these ids, SciFact's, are numbers and get ``scifact-`` before them.
    Or, as SciTLDR has it, ``{id, title, sentences}``: these ids get ``scitldr-`` before them.
    """
    for line, _ in numbered_lines(path):
        record = json.loads(line)
        if "_id" in record:
            yield f"scifact-{record['_id']}", record["title"], record["text"]
        elif "sentences" in record:
            yield f"scitldr-{record['id']}", record["title"], " ".join(record["sentences"])
        else:
            yield str(record["id"]), record["title"], record["abstract"]


def _decoded(line: bytes, place: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: not UTF-8 text (byte {error.start}): convert the file to UTF-8.") from error
