"""Files that clients send and fetch: they lie in the cache folder of the home, which only its owner can read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath

from fastapi import UploadFile

from assistant.errors import StoreError
from assistant.services import Given
from assistant.settings import Settings

_NAME_CHARACTERS = 200


def uploads_folder(settings: Settings) -> Path:
    """The folder of all uploads, made if necessary. Raises StoreError if that cannot be."""
    folder = settings.cache_folder / "uploads"
    with _translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def stored(files: Sequence[UploadFile], settings: Settings) -> Iterator[tuple[Path, list[Given]]]:
    """Copies of uploads in a new folder, which is deleted if the block fails; otherwise the block's work deletes it.

    The name of an upload is only a name, never a path. Raises StoreError.
    """
    uploads = uploads_folder(settings)
    with ExitStack() as undo:
        with _translated(uploads):
            folder = Path(tempfile.mkdtemp(dir=uploads))
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            papers = [_stored(folder / str(number), file) for number, file in enumerate(files)]
        yield folder, papers
        undo.pop_all()


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
        raise StoreError(f"{folder} cannot be written ({error.strerror}): free space on its disk.") from error
