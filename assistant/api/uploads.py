"""Files that clients send and fetch: they lie in the cache folder of the home, which only its owner can read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath

from fastapi import UploadFile

from assistant.errors import InputError
from assistant.services import Given
from assistant.settings import Settings

_NAME_CHARACTERS = 200


def uploads_folder(settings: Settings) -> Path:
    """The folder of all uploads, made if necessary. Raises InputError if that cannot be."""
    folder = settings.cache_folder / "uploads"
    with _translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def store(files: Sequence[UploadFile], settings: Settings) -> tuple[Path, list[Given]]:
    """Copies of uploads, in a new folder, which the caller deletes. Raises InputError, and then leaves nothing.

    The name of an upload is only a name, never a path.
    """
    uploads = uploads_folder(settings)
    with _translated(uploads):
        folder = Path(tempfile.mkdtemp(dir=uploads))
        try:
            return folder, [_stored(folder / str(number), file) for number, file in enumerate(files)]
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def _stored(path: Path, file: UploadFile) -> Given:
    with path.open("wb") as copy:
        shutil.copyfileobj(file.file, copy)
    name = PurePath((file.filename or "upload").replace("\\", "/")).name
    return Given("".join(letter if letter.isprintable() else "?" for letter in name)[-_NAME_CHARACTERS:], path)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}): free space on its disk.") from error
