"""What an archive is: a zip file of a manifest and the files that the manifest lists with their sizes and hashes.

manifest.json          the format and its version, what made the archive and when, what the vectors were computed with,
                       and the size and SHA-256 of each other member
papers.sqlite          the records of all sources (``assistant/index/snapshot.py``)
vectors.f16            the vectors of all chunks, not compressed: rows of 16-bit numbers
conversations.sqlite   conversations with their ratings and notes, and saved questions; missing if there are none

Nothing of ``settings.toml`` is in it.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.errors import IndexDamaged, InputError
from assistant.index.archived import damaged
from assistant.settings import Settings

FORMAT, VERSION = "footnote-library", 1
MANIFEST, PAPERS, VECTORS, CONVERSATIONS = "manifest.json", "papers.sqlite", "vectors.f16", "conversations.sqlite"
REQUIRED, MEMBERS = frozenset({PAPERS, VECTORS}), frozenset({PAPERS, VECTORS, CONVERSATIONS})
_ABANDONED_SECONDS = 86_400  # what a killed process left is deleted after a day
_GREATEST_DIMENSION = 65_536


@dataclass(frozen=True, slots=True)
class Member:
    """``bytes``: its size when it is not compressed. ``sha256``: hexadecimal digits."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``footnote``: the version of the program. ``made``: ISO 8601, UTC. ``embedding``: fingerprint of the model."""

    format: str
    version: int
    footnote: str
    made: str
    embedding: str
    dimension: int
    chunking: str
    counts: dict[str, int]
    members: dict[str, Member]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


_MANIFEST = TypeAdapter(Manifest)


def manifest_of(content: bytes) -> Manifest:
    """Raises InputError for what is not a manifest of this version."""
    try:
        values: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise damaged("its manifest is not JSON") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise InputError("This zip file is not a library that Footnote exported: choose another file.")
    if values.get("version") != VERSION:
        raise InputError(
            f"The archive has version {values.get('version')!r} of the format, and this Footnote reads {VERSION}: "
            "update Footnote here, then try again."
        )
    try:
        manifest = _MANIFEST.validate_python(values)
    except ValidationError as error:
        raise damaged(f"its manifest: {error.errors()[0]['msg']}") from error
    sizes = [member.bytes for member in manifest.members.values()]
    if not REQUIRED <= {*manifest.members} <= MEMBERS or min(sizes) < 0:
        raise damaged("its manifest does not list the files of a library")
    if not 0 < manifest.dimension <= _GREATEST_DIMENSION:
        raise damaged("its vectors have an impossible dimension")
    return manifest


@contextmanager
def workspace(settings: Settings) -> Iterator[Path]:
    """A temporary folder in the home, which only its owner can read. Raises IndexDamaged if it cannot be made."""
    parent = settings.cache_folder / "archives"
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise IndexDamaged(
            f"{parent} cannot be made ({error.strerror}): set FOOTNOTE_HOME to a folder you can write."
        ) from error
    for abandoned in parent.iterdir():
        if time.time() - abandoned.stat().st_mtime > _ABANDONED_SECONDS:
            rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
