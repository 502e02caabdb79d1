"""The list of watched folders, which is kept in the library.

It is changed in a short transaction, also while another process reads the index or writes it: the locks of the index
are about its vectors, and SQLite lets one transaction after another change the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.errors import IndexInUse, InputError
from assistant.index.layout import papers_file
from assistant.index.library import Library
from assistant.index.opening import open_library
from assistant.index.source_table import WatchedFolder, checked_collection
from assistant.settings import Settings
from ingest.folder_listing import FOLLOWED, inside
from ingest.sources import name_of_file

FORGOTTEN = (
    "What its files gave stays: `footnote index sources` lists the files, and `footnote remove --file NAME` removes "
    "what one gave."
)


def checked_folder(settings: Settings, path: str | Path) -> str:
    """The one name of a folder to watch. Raises InputError if it is none, or is a part of the home."""
    try:
        folder = Path(path).expanduser().resolve(strict=True)
        is_folder = folder.is_dir()
        home = settings.home.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # missing; no such user or a loop of links; a null character
        raise InputError(f"There is no folder {str(path)!r}: check the path.") from error
    if not str(path).strip() or not is_folder:
        raise InputError(f"{str(path)!r} is not a folder: give the folder that the files are in.")
    if folder == home or home in folder.parents:
        raise InputError(f"{folder} is in {home}, where Footnote keeps its own files: watch another folder.")
    if name_of_file(folder) != str(folder):
        raise InputError(f"The name of {name_of_file(folder)} is not UTF-8, so it cannot be kept: rename the folder.")
    return str(folder)


def watched_folders(settings: Settings) -> list[WatchedFolder]:
    """The list. Raises IndexMissing where there is no index."""
    with open_library(settings) as library:
        return library.source_table.watched()


def can_be_changed(settings: Settings) -> bool:
    """Is there a library of this version? An earlier one must be opened for writing first."""
    path = papers_file(settings)
    if not path.exists() or not path.stat().st_size:
        return False
    with closing(Library(path, is_writable=False)) as library:
        return library.database.is_current and bool(library.fact("collection"))


def checked_folders(settings: Settings, paths: Sequence[Path], collection: str) -> list[str]:
    """The names of folders to watch. Raises InputError as ``checked_folder`` does, and for a bad collection."""
    if collection:
        checked_collection(collection)
    return [checked_folder(settings, path) for path in paths]


def add_folders(settings: Settings, folders: Sequence[str], collection: str = "") -> list[WatchedFolder]:
    """Put folders, as ``checked_folder`` gives them, on the list; gives them as they are there.

    ``collection``: what their files are put into, those too that were read already; without one, a folder that is on
    the list keeps its own. Raises InputError for a bad name, IndexInUse and IndexDamaged.
    """
    collection = collection and checked_collection(collection)
    with _writable(settings) as library, library.database.transaction():
        table = library.source_table
        kept = {one.folder: one.collection for one in table.watched()}
        added = [WatchedFolder(folder, collection or kept.get(folder, "")) for folder in folders]
        for one in added:
            table.watch(one)
            if collection:
                table.put_into(collection, followed(library, one.folder))
    return added


def forget_folder(settings: Settings, path: str | Path) -> str:
    """Take a folder off the list, also one that is gone; gives its name. Raises InputError if it is not on the list."""
    with _writable(settings) as library, library.database.transaction():
        names = {one.folder for one in library.source_table.watched()}
        folder = next((name for name in _spellings(path) if name in names), None)
        if folder is None:
            watched = ", ".join(sorted(names)) or "none"
            raise InputError(f"{str(path)!r} is not watched; watched are: {watched}.")
        library.source_table.unwatch(folder)
    return folder


def followed(library: Library, folder: str) -> dict[str, str]:
    """The sources in a folder that were read because it is or was watched, with their versions."""
    found = library.source_table.versions(inside(folder))
    return {name: version for name, version in found.items() if version.startswith(FOLLOWED)}


@contextmanager
def _writable(settings: Settings) -> Iterator[Library]:
    if not can_be_changed(settings):
        raise IndexInUse(
            f"The index in {settings.index_folder} must be brought up to date first: run `footnote watch`."
        )
    with closing(Library(papers_file(settings), is_writable=True)) as library:
        yield library


def _spellings(path: str | Path) -> Iterator[str]:
    yield str(path)
    try:
        yield str(Path(path).expanduser().absolute())
        yield str(Path(path).expanduser().resolve())
    except (OSError, RuntimeError, ValueError):
        return
