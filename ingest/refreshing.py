"""Looks again at what papers came from: files, watched folders and queries of Zotero.

What changed is read again as a mirror: papers that a source no longer contains are removed, unless another source
contains them. A file that no longer exists keeps its papers, except in a watched folder. Sources without a file, such
as pasted text, are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.command_line import printable
from assistant.errors import InputError
from assistant.index.library import Library
from assistant.index.source_names import is_of_zotero
from assistant.index.source_table import HowToRead, WatchedFolder
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.system.progress import Progress
from ingest.bundled_corpus import is_bundled
from ingest.pipeline import ingest_sources
from ingest.report import Report
from ingest.sources import Source, name_of_file, sources_in, version_of_file
from ingest.zotero.ingesting import ingest_queries
from ingest.zotero.stored import is_query, stored_queries

Say = Callable[[str], None]


def refresh(
    writer: IndexWriter, embedding: Embedder, progress: Progress, say: Say, retractions: Path | None = None
) -> Report:
    """Bring an index up to date with everything that its papers came from.

    ``say`` gets a line for each thing that is done. ``retractions``: a file of retractions to read too; later refreshes
    look at it as at any other. Raises InputError if nothing could be done of what there was to do.
    """
    look = _Look(writer.library, say)
    for watched in writer.library.source_table.watched():
        look.at_watched(watched)
    look.at_stored_files()
    if retractions:
        look.at_file(retractions.absolute())
    return _ingest(look, [*stored_queries(writer.library)], writer, embedding, progress)


def bring_up_to_date(
    paths: Iterable[Path], writer: IndexWriter, embedding: Embedder, progress: Progress, collection: str = ""
) -> Report:
    """Read the new and changed files at these paths as mirrors; folders are searched.

    The papers of stored files at or below these paths that no longer exist are removed, but not those of a folder that
    is missing or empty, since its drive may be. Everything new is put into ``collection``, if it is not empty.
    """
    look = _Look(writer.library, lambda _: None)
    for path in paths:
        look.at_watched(WatchedFolder(name_of_file(path.absolute()), collection))
    return _ingest(look, [], writer, embedding, progress)


@dataclass
class _Look:
    """What has changed of the files that a library knows, and of those in folders."""

    library: Library
    say: Say
    sources: dict[str, Source] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    collections: dict[str, list[str]] = field(default_factory=dict)
    _watched: set[str] = field(default_factory=set)  # the sources in watched folders

    def __post_init__(self) -> None:
        table, catalogue = self.library.source_table, self.library.catalogue
        self._versions = table.versions()
        self._how = table.how_to_read()
        self._outdated = catalogue.outdated.source_names()
        names = sorted({*self._versions, *catalogue.all_source_names()})
        files = (name for name in names if name and not is_of_zotero(name) and not is_query(name))
        self._paths = {name: Path(self._how.get(name, HowToRead()).path or name) for name in files}
        self._name_of = {name_of_file(path): name for name, path in self._paths.items()}

    def at_watched(self, watched: WatchedFolder) -> None:
        """Look at all files of a folder, or at one file; those that were deleted are gone."""
        folder = Path(watched.folder)
        known = {name: path for name, path in self._paths.items() if path == folder or folder in path.parents}
        self._watched |= known.keys()
        if _may_be_on_a_missing_drive(folder):
            self.say(f"{printable(watched.folder)} is missing or empty: its papers stay.")
            return
        for source in sources_in([folder]) if folder.exists() else ():
            name = self._name_of.get(source.name, source.name)
            self._watched.add(name)
            self.collections.setdefault(watched.collection, []).append(name)
            self._compare(name, Path(source.name), is_a_guess=source.is_a_guess)
        for name, path in known.items():
            if not path.exists():
                self.gone.append(name)
                self.say(f"{printable(name)} was deleted: its papers are removed.")

    def at_stored_files(self) -> None:
        """Look at every file that was read before, apart from those of watched folders."""
        for name, path in self._paths.items():
            if name in self._watched:
                continue
            is_surely_a_file = path.is_absolute() or name in self._versions  # else it may be a text of the page
            if path.is_file():
                self._compare(name, path, is_mirror=is_surely_a_file)
            elif is_surely_a_file and not is_bundled(name):
                self.say(f"{printable(name)} does not exist any more: its papers stay.")

    def at_file(self, path: Path) -> None:
        """Look at one file, which may be new. Raises InputError if there is none."""
        if not path.is_file():
            raise InputError(f"{printable(str(path))} cannot be read: check the path.")
        name = name_of_file(path)
        self._compare(self._name_of.get(name, name), path)

    def _compare(self, name: str, path: Path, *, is_a_guess: bool = False, is_mirror: bool = True) -> None:
        version = version_of_file(path)
        if name in self.sources or (version == self._versions.get(name) and name not in self._outdated):
            return
        columns = self._how.get(name, HowToRead()).columns
        place = name_of_file(path.absolute())
        self.sources[name] = Source(name, lambda: path.open("rb"), is_a_guess, version, columns, is_mirror, place)
        if not is_a_guess:
            self.say(f"{printable(name)} {'has changed' if name in self._versions else 'is read'}.")


def _ingest(
    look: _Look, queries: Sequence[str], writer: IndexWriter, embedding: Embedder, progress: Progress
) -> Report:
    sources = look.sources.values()
    if queries:
        report = ingest_queries(queries, sources, writer, embedding, progress, gone=look.gone, say=look.say)
    else:
        report = ingest_sources(sources, writer, embedding, progress, gone=look.gone)
    with writer.library.database.transaction():
        for collection, names in look.collections.items():
            if collection:
                writer.library.source_table.put_into(collection, [name for name in names if name in report.sources])
    return report


def _may_be_on_a_missing_drive(folder: Path) -> bool:
    """Is there nothing where a folder was? A file that is not there was deleted if its folder holds other files."""
    try:
        place = folder if folder.is_dir() else folder.parent
        return not folder.is_file() and not any(place.iterdir())
    except OSError:
        return True
