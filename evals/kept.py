"""Stores results of a run on disk, one JSON object per line, so that a repeated run computes only what is missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import TracebackType
from typing import Any

from assistant.errors import InputError
from assistant.system.disk import flush_and_fsync, write_file


class Kept:
    """Results by key, appended to a file one by one. A line that an interruption truncated is ignored."""

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file cannot be read or written."""
        self._results: dict[str, Any] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            whole = _whole_lines(path.read_text(encoding="utf-8", errors="replace")) if path.exists() else {}
            self._results = whole
            write_file(path, "".join(_line(key, result) for key, result in whole.items()).encode())
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be written ({error.strerror}): set FOOTNOTE_HOME to another.") from error

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def __getitem__(self, key: str) -> Any:
        return self._results[key]

    def __setitem__(self, key: str, result: Any) -> None:
        self._file.write(_line(key, result))
        flush_and_fsync(self._file)
        self._results[key] = result

    def __enter__(self) -> Kept:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._file.close()


def key_of(*parts: Any) -> str:
    """Sixteen hex digits that change if any part changes."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _line(key: str, result: Any) -> str:
    return json.dumps({"key": key, "result": result}) + "\n"


def _whole_lines(text: str) -> dict[str, Any]:
    found = {}
    for line in text.split("\n"):
        try:
            record = json.loads(line)
            found[str(record["key"])] = record["result"]
        except (ValueError, KeyError, TypeError):
            continue
    return found
