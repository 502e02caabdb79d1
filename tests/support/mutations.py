"""Damaged files for the tests of readers, as after a failed download, a wrong paste or a disk error."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from types import ModuleType

from hypothesis import settings
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers.interface import Item, Skipped
from tests.support.paths import SAMPLES

LITTLE_TIME = settings(max_examples=120, deadline=None, database=None, derandomize=True)


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def items(reader: ModuleType, text: str) -> list[Item]:
    return list(reader.read(io.StringIO(text)))


def papers(reader: ModuleType, text: str) -> list[Paper]:
    return [item for item in items(reader, text) if isinstance(item, Paper)]


def skipped(reader: ModuleType, text: str) -> list[Skipped]:
    return [item for item in items(reader, text) if isinstance(item, Skipped)]


def mutated(text: str) -> st.SearchStrategy[str]:
    """The text after up to four parts were removed, repeated or overwritten; or any other text."""
    place = st.integers(0, len(text))
    wild = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(list('{}@\\"#$,=<>&;!-\n\x1a\ufeff'))
    step = st.tuples(st.sampled_from([_cut, _doubled, _over]), place, st.integers(0, 200), wild)
    return st.lists(step, min_size=1, max_size=4).map(lambda steps: _after(text, steps)) | st.text()


def reads_or_refuses(reader: ModuleType, text: str) -> bool:
    """Does the reader yield only papers and complete Skipped records, or raise InputError? Other errors are raised."""
    reader.recognises(text[:65_536])
    try:
        return all(isinstance(item, Paper | Skipped) and _is_complete(item) for item in items(reader, text))
    except InputError as error:
        return "\n" not in str(error)


def _is_complete(item: Paper | Skipped) -> bool:
    return isinstance(item, Paper) or ("\n" not in item.place + item.reason and bool(item.place and item.reason))


def _after(text: str, steps: Sequence[tuple[Callable[[str, int, int, str], str], int, int, str]]) -> str:
    for change, place, length, wild in steps:
        text = change(text, place, length, wild)
    return text


def _cut(text: str, place: int, length: int, _wild: str) -> str:
    return text[:place] + text[place + length :]


def _doubled(text: str, place: int, length: int, _wild: str) -> str:
    return text[: place + length] + text[place:]


def _over(text: str, place: int, _length: int, wild: str) -> str:
    return text[:place] + wild + text[place + len(wild) :]
