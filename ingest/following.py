"""Decides which files of watched folders are read, and which sources are removed because their file is gone.

It compares what is in the folders with the versions that are stored, so that nothing is lost when a change was not
announced or was made while nobody watched.

    a file is          what happens
    new or changed     It is read when its size, its times and its rights have stayed the same for ``settle`` seconds.
    unreadable         It is not read again until one of these changes.
    gone               Its source is removed after ``settle`` seconds; but while other files are still being written,
                       which may be the same papers under a new name, after at most ``confirm`` seconds.
    gone with all      If the folder is still the directory in which files were seen, they are removed after
      others           ``confirm`` seconds. If not, or if they were gone at the first look, nothing is removed: a drive
                       that is not mounted leaves an empty folder.
    in a folder that   Nothing is removed.
      is not there
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.folder_listing import FoundFile, Listing, inside, list_folder

SETTLE_SECONDS = 2.0
CONFIRM_SECONDS = 30.0


@dataclass
class Due:
    """What is to be done now.

    ``removed``: names of sources. ``notes``: pairs of a name and what is to be said of it. ``next_look``: in how many
    seconds more may be due although nothing changes; None if never. ``folders``: where to expect changes, by identity.
    """

    read: list[FoundFile] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    next_look: float | None = None
    folders: dict[tuple[int, int], str] = field(default_factory=dict)

    def look_again(self, seconds: float) -> None:
        self.next_look = seconds if self.next_look is None else min(seconds, self.next_look)


class Following:
    """Remembers what the watched folders were like at earlier looks."""

    def __init__(self, home: Path, settle: float = SETTLE_SECONDS, confirm: float = CONFIRM_SECONDS) -> None:
        """``home``: a folder that is never looked into."""
        self._home, self._settle, self._confirm = home, settle, confirm
        self._states: dict[str, tuple[tuple[int, ...], float]] = {}  # of files to read: their states, and since when
        self._tried: dict[str, tuple[int, ...]] = {}  # the states in which files were read, or could not be
        self._gone: dict[str, float] = {}  # when each file was first missed
        self._identities: dict[str, tuple[int, int]] = {}  # of folders, when they last held a file that was read
        self._noted: set[tuple[str, str]] = set()
        self._away: set[str] = set()  # the folders that were not there

    def look(self, folders: Sequence[str], versions: Mapping[str, str], now: float) -> Due:
        """What is due at the time ``now``, in seconds.

        ``versions``: the stored versions of the sources that were read in watched folders.
        """
        due = Due()
        listings = {folder: list_folder(folder, self._home) for folder in folders}
        present: dict[str, FoundFile] = {}
        for found in filter(None, listings.values()):
            present |= found.files
            due.folders |= found.folders
        missing, late, kept = set[str](), set[str](), set[str]()
        notes: list[tuple[str, str]] = []
        for folder, listing in listings.items():
            known = {name for name in versions if name.startswith(inside(folder))}
            gone = known - present.keys()
            missing |= gone
            if listing:
                notes += _notes_of(listing)
                kept |= {name for name in gone if name.startswith(tuple(map(inside, listing.unlisted)))}
            if listing and (not known or len(gone) < len(known)):
                self._identities[folder] = listing.identity
            elif listing and self._identities.get(folder) == listing.identity:
                late |= gone
                if not _may_hold_papers(listing):
                    notes.append((folder, f"{_files(known)} gone: removed soon, unless the folder fills again"))
            else:
                kept |= gone
                why = f"{_files(known)} gone, as when a drive is not mounted" if listing else "is not there"
                notes.append((folder, f"{why}: nothing is removed"))
        away = {folder for folder in folders if listings[folder] is None}
        self._note(notes, away, due)
        is_settling = self._choose_read(present, versions, now, due)
        self._choose_removed(missing - kept, late, is_settling, now, due)
        return due

    def tried(self, files: Iterable[FoundFile]) -> None:
        """These files were read, or could not be: leave them alone until they change."""
        self._tried.update({file.name: file.state for file in files})

    def _choose_read(self, present: Mapping[str, FoundFile], versions: Mapping[str, str], now: float, due: Due) -> bool:
        """Choose the files to read; gives whether others that probably contain papers are still being written."""
        before, self._states = self._states, {}
        if not self._away:
            self._tried = {name: state for name, state in self._tried.items() if name in present}
        is_settling = False
        for name, file in present.items():
            if versions.get(name) == file.version or self._tried.get(name) == file.state:
                continue
            state, since = before.get(name, ((), now))
            since = since if state == file.state else now
            self._states[name] = (file.state, since)
            if now - since >= self._settle:
                due.read.append(file)
            else:
                due.look_again(since + self._settle - now)
                is_settling = is_settling or not file.is_a_guess
        return is_settling

    def _choose_removed(self, gone: set[str], late: set[str], is_settling: bool, now: float, due: Due) -> None:
        self._gone = {name: self._gone.get(name, now) for name in sorted(gone)}
        for name, since in self._gone.items():
            wait = self._confirm if name in late or is_settling else self._settle
            if now - since >= wait:
                due.removed.append(name)
            else:
                due.look_again(since + wait - now)

    def _note(self, notes: Sequence[tuple[str, str]], away: set[str], due: Due) -> None:
        """Say what was not said at the last look."""
        due.notes = [(folder, "is back") for folder in sorted(self._away - away)]
        due.notes += [note for note in dict.fromkeys(notes) if note not in self._noted]
        self._noted, self._away = {*notes}, away


def _notes_of(listing: Listing) -> list[tuple[str, str]]:
    skipped = [(name, f"skipped: {reason}") for name, reason in listing.unlisted.items()]
    return skipped + [(name, "skipped: a link that leads out of the folder is not followed") for name in listing.links]


def _may_hold_papers(listing: Listing) -> bool:
    return not all(file.is_a_guess for file in listing.files.values())


def _files(names: Collection[str]) -> str:
    return "its only file is" if len(names) == 1 else f"all its {len(names)} files are"
