"""Opens an archive of unknown origin: its members, sizes and hashes are checked before anything is changed.

Only members with the known names are read, and no name in the file ever becomes a path.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from assistant.conversations.moving import add_conversations
from assistant.errors import InputError
from assistant.index.archived import ArchivedLibrary, ArchivedVectors, damaged
from assistant.settings import Settings
from assistant.system.disk import translating_full_disk
from ingest.archiving.manifest import CONVERSATIONS, MANIFEST, PAPERS, VECTORS, Manifest, manifest_of, workspace

_BLOCK_BYTES = 1 << 20
_MANIFEST_BYTES = 1_000_000
_SPARE_BYTES = 50_000_000  # to leave free on the disk
_HEADER_BYTES, _SIGNATURE = 30, b"PK\x03\x04"  # of the header before the content of a member of a zip file
_IS_ENCRYPTED = 0x1

Check = Callable[[], None]
"""Called now and then; an error that it raises ends the work."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A checked archive. ``conversations``: a file, or None if there are none."""

    manifest: Manifest
    library: ArchivedLibrary
    vectors: ArchivedVectors
    conversations: Path | None


@contextmanager
def open_archive(path: Path, settings: Settings, check: Check) -> Iterator[Archive]:
    """The archive in a file, which is checked completely, and whose databases are copied into the home meanwhile.

    Raises InputError for a file that cannot be used, and IndexDamaged when the disk is too full.
    """
    with (
        _opened(path) as file,
        translating_full_disk(settings.home),
        workspace(settings) as folder,
        _zip_of(file) as archive,
    ):
        with _translated():
            manifest = _checked_manifest(archive)
            _check_space(manifest, folder)
            for name in manifest.members:
                _copy_checked(archive, name, manifest, None if name == VECTORS else folder / name, check)
            vectors = _vectors(file, archive.getinfo(VECTORS), manifest)
        with closing(ArchivedLibrary(folder / PAPERS)) as library:
            _check_facts(manifest, library)
            library.check(vectors.count)
            check()
            yield Archive(manifest, library, vectors, _checked_conversations(folder))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    with file:
        yield file


def _zip_of(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise InputError(
            f"The file is not an exported library, or its end is missing ({error}): copy it again, or export it again."
        ) from error


def _checked_manifest(archive: zipfile.ZipFile) -> Manifest:
    """Check the list of members against the manifest, and give the manifest."""
    infos = {info.filename: info for info in archive.infolist()}
    if MANIFEST not in infos:
        raise InputError("This zip file is not a library that Footnote exported: choose another file.")
    if len(infos) != len(archive.infolist()):
        raise damaged("two of its members have one name")
    if any(info.flag_bits & _IS_ENCRYPTED for info in infos.values()):
        raise damaged("it is encrypted")
    if infos[MANIFEST].file_size > _MANIFEST_BYTES:
        raise damaged("its manifest is too long")
    with archive.open(MANIFEST) as file:
        manifest = manifest_of(file.read(_MANIFEST_BYTES))
    if unknown := {*infos} - {*manifest.members, MANIFEST}:
        raise damaged(f"it has {len(unknown)} members that do not belong to a library")
    for name, member in manifest.members.items():
        if name not in infos or infos[name].file_size != member.bytes:
            raise damaged(f"{name} is missing, or has another size than the manifest says")
    return manifest


def _check_space(manifest: Manifest, folder: Path) -> None:
    needed = sum(member.bytes for name, member in manifest.members.items() if name != VECTORS)
    free = shutil.disk_usage(folder).free
    if needed + _SPARE_BYTES > free:
        raise InputError(
            f"The archive needs {needed / 1e6:,.0f} MB on the disk of {folder.parents[1]}, and "
            f"{max(0, free - _SPARE_BYTES) / 1e6:,.0f} MB are free: make room, then try again."
        )


def _copy_checked(archive: zipfile.ZipFile, name: str, manifest: Manifest, copy: Path | None, check: Check) -> None:
    """Read a member up to the size that the manifest says, compare its hash, and write it to ``copy``."""
    member, digest, size = manifest.members[name], hashlib.sha256(), 0
    with archive.open(name) as file, _writing(copy) as write:
        for block in iter(partial(file.read, _BLOCK_BYTES), b""):
            check()
            size += len(block)
            if size > member.bytes:
                break
            digest.update(block)
            write(block)
    if (size, digest.hexdigest()) != (member.bytes, member.sha256):
        raise damaged(f"{name} is not what was exported")


@contextmanager
def _writing(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    if path is None:
        yield len  # nothing is written
        return
    with path.open("xb") as file:
        yield file.write


def _vectors(file: BinaryIO, info: zipfile.ZipInfo, manifest: Manifest) -> ArchivedVectors:
    """The vectors are read where they are in the zip file, which therefore must not have packed them."""
    count, rest = divmod(info.file_size, 2 * manifest.dimension)
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size or rest:
        raise damaged("its vectors are packed, or not whole")
    file.seek(info.header_offset)
    header = file.read(_HEADER_BYTES)
    if len(header) != _HEADER_BYTES or not header.startswith(_SIGNATURE):
        raise damaged("its vectors are missing")
    name_bytes, extra_bytes = struct.unpack("<HH", header[-4:])
    offset = info.header_offset + _HEADER_BYTES + name_bytes + extra_bytes
    return ArchivedVectors(file, offset, count, manifest.dimension)


def _checked_conversations(folder: Path) -> Path | None:
    """A file of this version with what could be read of the conversations, or None if there are none."""
    given, checked = folder / CONVERSATIONS, folder / f"checked-{CONVERSATIONS}"
    if not given.exists():
        return None
    add_conversations(checked, given)
    return checked


def _check_facts(manifest: Manifest, library: ArchivedLibrary) -> None:
    said = {"embedding": manifest.embedding, "dimension": str(manifest.dimension), "chunking": manifest.chunking}
    if library.facts != said:
        raise damaged("its manifest and its papers say different things")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise damaged(error) from error
