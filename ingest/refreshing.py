"""Looks again at what papers came from: files, watched folders and queries of Zotero.

What changed is read again as a mirror: papers that a source no longer contains are removed, unless another source
contains them. A file that no longer exists keeps its papers, except in a watched folder. Sources without a file, such
as pasted text, are left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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
from ingest.folder_listing import inside
from ingest.folder_update import update
from ingest.following import Following
from ingest.pipeline import ingest_sources
from ingest.report import Report
from ingest.sources import Source, name_of_file, version_of_file
from ingest.watch_list import followed
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
    watched = writer.library.source_table.watched()
    look = _Look(writer.library, say, [one.folder for one in watched])
    look.at_stored_files()
    if retractions:
        look.at_file(retractions.absolute())
    followed_report = _look_at_watched(watched, writer, embedding, progress, say)
    report = _ingest(look, [*stored_queries(writer.library)], writer, embedding, progress)
    report.include(followed_report)
    return report


def _look_at_watched(
    watched: Sequence[WatchedFolder], writer: IndexWriter, embedding: Embedder, progress: Progress, say: Say
) -> Report:
    """Do what the watch does at its first look, without waiting until files have settled."""
    following = Following(writer.settings.home.resolve(), settle=0.0)
    folders = [one.folder for one in watched]
    versions = {name: one for folder in folders for name, one in followed(writer.library, folder).items()}
    due = following.look(folders, versions, time.monotonic())
    report = Report()
    outcomes = update(due, watched, writer, embedding, progress, report) if due.read or due.removed else []
    for name, what in (*due.notes, *outcomes):
        say(f"{printable(name)}: {printable(what)}.")
    return report


@dataclass
class _Look:
    """What has changed of the files that a library knows."""

    library: Library
    say: Say
    watched: Sequence[str]
    """Folders whose files are not looked at here."""
    sources: dict[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table, catalogue = self.library.source_table, self.library.catalogue
        self._versions = table.versions()
        self._how = table.how_to_read()
        self._outdated = catalogue.outdated.source_names()
        names = sorted({*self._versions, *catalogue.all_source_names()})
        files = (name for name in names if name and not is_of_zotero(name) and not is_query(name))
        self._paths = {name: Path(self._how.get(name, HowToRead()).path or name) for name in files}
        self._name_of = {name_of_file(path): name for name, path in self._paths.items()}

    def at_stored_files(self) -> None:
        """Look at every file that was read before, apart from those of watched folders."""
        insides = tuple(map(inside, self.watched))
        for name, path in self._paths.items():
            if insides and name.startswith(insides):
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

    def _compare(self, name: str, path: Path, *, is_mirror: bool = True) -> None:
        version = version_of_file(path)
        if name in self.sources or (version == self._versions.get(name) and name not in self._outdated):
            return
        columns = self._how.get(name, HowToRead()).columns
        place = name_of_file(path.absolute())
        self.sources[name] = Source(name, lambda: path.open("rb"), False, version, columns, is_mirror, place)
        self.say(f"{printable(name)} {'has changed' if name in self._versions else 'is read'}.")


def _ingest(
    look: _Look, queries: Sequence[str], writer: IndexWriter, embedding: Embedder, progress: Progress
) -> Report:
    sources = look.sources.values()
    if queries:
        return ingest_queries(queries, sources, writer, embedding, progress, say=look.say)
    return ingest_sources(sources, writer, embedding, progress)
