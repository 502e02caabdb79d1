"""CSV and TSV with a header line that names at least ``title`` and ``abstract``."""

from __future__ import annotations

import csv
import io

from assistant.errors import InputError
from ingest.readers.base import ReadResult, Skipped, paper_from_fields


def recognises(text: str) -> bool:
    header = text.lstrip().split("\n", 1)[0].casefold()
    return "title" in header and "abstract" in header and any(mark in header for mark in ",;\t")


def read(text: str) -> ReadResult:
    papers, skipped = [], []
    table = text.lstrip("\n")
    blank_lines = len(text) - len(table)
    delimiter = max(",;\t", key=table.split("\n", 1)[0].count)
    rows = csv.DictReader(io.StringIO(table, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in rows:
            try:
                if any(row.pop(None, None) or ()):  # where csv keeps what has no column
                    raise InputError("more fields than the header: put texts in quotation marks")
                papers.append(paper_from_fields(row))
            except InputError as error:
                skipped.append(Skipped(f"line {blank_lines + rows.line_num}", str(error)))
    except csv.Error as error:
        place = f"line {blank_lines + rows.line_num + 1}"  # the line after the last whole row
        skipped.append(Skipped(place, f"not a whole row ({error}); nothing after it was read"))
    return ReadResult(tuple(papers), tuple(skipped))
