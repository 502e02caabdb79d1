"""From the text of a file to papers. A new format is one module with ``recognises`` and ``read``, and a line here."""

from __future__ import annotations

from types import ModuleType

from assistant.errors import InputError
from ingest.readers import jsonl, page, table
from ingest.readers.base import ReadResult, Skipped

READERS: dict[str, ModuleType] = {".jsonl": jsonl, ".ndjson": jsonl, ".csv": table, ".tsv": table, ".txt": page}

__all__ = ["READERS", "ReadResult", "Skipped", "read_papers"]


def read_papers(data: bytes, name: str) -> ReadResult:
    """The papers in a file's bytes, by the reader for its suffix, else by the first that recognises the text.

    Raises InputError naming the file when it is empty, binary, not UTF-8, or in no known form.
    """
    if not data.strip():
        raise InputError(f"{name} is empty: nothing to read.")
    if b"\x00" in data[:65_536]:
        raise InputError(f"{name} is a binary file: export the papers as text, JSONL or CSV.")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text (byte {error.start}): convert it to UTF-8.") from error
    named = READERS.get(name[name.rfind(".") :].casefold()) if "." in name else None
    for reader in [named] if named and named is not page else READERS.values():
        if reader.recognises(text):
            result: ReadResult = reader.read(text)
            return result
    if named and named is not page:
        raise InputError(
            f"{name} does not look like {name[name.rfind('.') :]}: no record with a title and an abstract."
        )
    raise InputError(f"{name} is in no known form: use a saved page of titles and abstracts, JSONL or CSV.")
