"""Writes a library to an archive, also while this process or another one adds papers or answers questions."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from assistant.conversations.moving import copy_conversations
from assistant.errors import InputError
from assistant.index.opening import require_index, upgrade_if_outdated
from assistant.index.snapshot import Snapshot
from assistant.settings import Settings
from assistant.system.disk import is_disk_full_error, replacing, translating_full_disk
from assistant.system.progress import Progress
from assistant.versions import package_version
from ingest.archiving.manifest import (
    CONVERSATIONS,
    FORMAT,
    MANIFEST,
    PAPERS,
    VECTORS,
    VERSION,
    Manifest,
    Member,
    workspace,
)

_BLOCK_BYTES = 1 << 20


def export_library(settings: Settings, path: Path, progress: Progress) -> Manifest:
    """Write the library of a home to ``path``, which is whole or as it was before. Gives what is in it.

    ``progress`` counts the chunks whose vectors are written; an error that it raises ends the export. Raises
    IndexProblem, StoreError, or InputError for a path that cannot be written.
    """
    _check_target(settings, path)
    require_index(settings)
    upgrade_if_outdated(settings)
    with (
        translating_full_disk(settings.cache_folder),
        workspace(settings) as folder,
        _translated(path),
        replacing(path) as temporary,
    ):
        temporary.touch(mode=0o600)  # conversations are private
        with zipfile.ZipFile(temporary, "w") as archive:
            manifest = _write(archive, settings, folder, progress)
            archive.writestr(_member(MANIFEST), manifest.to_json())
    return manifest


def _write(archive: zipfile.ZipFile, settings: Settings, folder: Path, progress: Progress) -> Manifest:
    members: dict[str, Member] = {}
    with closing(Snapshot(settings, folder)) as snapshot:
        facts, counts = snapshot.facts, dict(snapshot.counts)
        total = counts.pop("chunks")

        def blocks() -> Iterator[bytes]:
            progress(0, total)
            for block, done in snapshot.vectors():
                yield block
                progress(done, total)

        members[VECTORS] = _put(archive, _member(VECTORS, is_packed=False), blocks())
    members[PAPERS] = _put(archive, _member(PAPERS), _blocks_of(snapshot.path))
    if settings.conversations_file.exists():
        copy = folder / CONVERSATIONS
        counts |= copy_conversations(settings.conversations_file, copy)
        members[CONVERSATIONS] = _put(archive, _member(CONVERSATIONS), _blocks_of(copy))
    dimension = int(facts["dimension"])
    counts["vectors"] = members[VECTORS].bytes // (2 * dimension)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    vectors = (facts["embedding"], dimension, facts["chunking"])
    return Manifest(FORMAT, VERSION, package_version(), made, *vectors, counts, members)


def _member(name: str, *, is_packed: bool = True) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    return info


def _put(archive: zipfile.ZipFile, info: zipfile.ZipInfo, blocks: Iterable[bytes]) -> Member:
    digest, size = hashlib.sha256(), 0
    with archive.open(info, "w", force_zip64=True) as file:
        for block in blocks:
            file.write(block)
            digest.update(block)
            size += len(block)
    return Member(size, digest.hexdigest())


def _blocks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, _BLOCK_BYTES), b"")


def _check_target(settings: Settings, path: Path) -> None:
    """Raises InputError for a path in the index, and for a file that is not an archive."""
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file, such as {path / 'library.zip'}.")
    if path.resolve().is_relative_to(settings.index_folder.resolve()):
        raise InputError(f"{path} is in the folder of the index: give a path outside {settings.index_folder}.")
    if path.exists() and not _is_archive(path):
        raise InputError(f"{path} exists and is not an exported library: give another name, or delete it first.")


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return {MANIFEST, PAPERS} <= {*archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return path.is_file() and path.stat().st_size == 0


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    with translating_full_disk(path.absolute().parent):
        try:
            yield
        except OSError as error:
            if is_disk_full_error(error):
                raise
            raise InputError(f"{path} cannot be written ({error.strerror}): give another path.") from error


def summary(manifest: Manifest) -> str:
    """What is in an archive, on one line."""
    counts = {"conversations": 0, **manifest.counts}
    return (
        f"{counts['papers']:,} papers of {counts['sources']:,} sources, {counts['vectors']:,} vectors and "
        f"{counts['conversations']:,} conversations."
    )
