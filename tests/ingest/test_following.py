"""Which files of watched folders are due, at times that the tests choose."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.following import Due, Following

SETTLE, CONFIRM = 2.0, 30.0
LATER = SETTLE + 0.1


@dataclass
class Watched:
    """Folders in ``root``, the clock, and the versions that are stored: what is due is done at once."""

    root: Path
    following: Following
    folders: list[str]
    now: float = 1_000.0
    versions: dict[str, str] = field(default_factory=dict)

    def look(self, seconds: float = 0.0) -> Due:
        self.now += seconds
        due = self.following.look(self.folders, self.versions, self.now)
        self.versions |= {file.name: file.version for file in due.read if not file.is_a_guess}
        for name in due.removed:
            del self.versions[name]
        self.following.tried(due.read)
        return due

    def read(self, seconds: float = 0.0) -> list[str]:
        return sorted(self._short(file.name) for file in self.look(seconds).read)

    def removed(self, seconds: float = 0.0) -> list[str]:
        return sorted(map(self._short, self.look(seconds).removed))

    def settled(self) -> list[str]:
        """What is read of what is there now."""
        self.look()
        return self.read(LATER)

    def write(self, name: str, text: str = "{}") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def _short(self, name: str) -> str:
        return str(Path(name).relative_to(self.root))


@pytest.fixture
def watched(tmp_path) -> Watched:
    root = tmp_path.resolve() / "papers"
    root.mkdir()
    return Watched(root, Following(tmp_path / "home", SETTLE, CONFIRM), [str(root)])


def test_a_new_file_is_read_when_it_has_stayed_the_same_for_a_moment(watched):
    watched.write("a.jsonl")
    due = watched.look()
    assert due.read == []
    assert due.next_look == SETTLE
    assert watched.read(LATER) == ["a.jsonl"]
    assert watched.read(LATER) == []


def test_a_file_that_grows_is_read_only_when_it_has_ended_growing(watched):
    for length in range(1, 5):
        watched.write("a.jsonl", "{}\n" * length)
        assert watched.read(SETTLE - 0.1) == []
    assert watched.read(LATER) == ["a.jsonl"]


def test_a_changed_file_is_read_again(watched):
    watched.write("a.jsonl")
    watched.settled()
    watched.write("a.jsonl", "{}\n{}")
    assert watched.settled() == ["a.jsonl"]


def test_a_file_that_is_replaced_by_renaming_another_over_it_is_read_again_and_not_removed(watched):
    watched.write("a.jsonl")
    watched.settled()
    watched.write(".a.jsonl.tmp", "{}\n{}").replace(watched.root / "a.jsonl")
    due = watched.look()
    assert due.removed == []
    assert watched.read(LATER) == ["a.jsonl"]


@pytest.mark.parametrize(
    "name",
    [".hidden.bib", ".git/a.bib", "a.bib.crdownload", "a.bib.part", "a.bib~", ".a.bib.swp", "~$a.csv", "#a.bib#"],
)
def test_hidden_and_temporary_files_are_never_read(watched, name):
    watched.write(name)
    due = watched.look()
    assert (due.read, due.next_look, due.notes) == ([], None, [])


def test_a_file_that_could_not_be_read_is_left_alone_until_its_content_or_its_rights_change(watched):
    path = watched.write("a.jsonl")
    watched.settled()
    watched.versions.clear()  # it could not be read
    assert watched.read(LATER) == []
    path.chmod(0o600)
    assert watched.settled() == ["a.jsonl"]


def test_a_deleted_file_is_removed_when_others_are_left(watched):
    path = watched.write("a.jsonl")
    watched.write("b.jsonl")
    watched.settled()
    path.unlink()
    assert watched.removed() == []
    assert watched.removed(LATER) == ["a.jsonl"]
    assert watched.removed(LATER) == []


def test_a_file_that_comes_back_at_once_is_not_removed(watched):
    path = watched.write("a.jsonl")
    watched.write("b.jsonl")
    watched.settled()
    away = path.rename(watched.root.parent / "elsewhere")
    watched.look()
    away.rename(path)
    assert watched.removed(LATER) == []


def test_a_renamed_file_is_read_under_its_new_name_before_the_old_one_is_removed(watched):
    path = watched.write("a.jsonl")
    watched.write("b.jsonl")
    watched.settled()
    path.rename(watched.root / "c.jsonl")
    watched.look()
    due = watched.look(LATER)
    assert [file.path.name for file in due.read] == ["c.jsonl"]
    assert [Path(name).name for name in due.removed + watched.look(LATER).removed] == ["a.jsonl"]


def test_all_files_of_a_renamed_subfolder_move(watched):
    watched.write("a.jsonl")
    watched.write("old/b.jsonl")
    watched.settled()
    (watched.root / "old").rename(watched.root / "new")
    watched.look()
    due = watched.look(LATER)
    assert [Path(file.name).parent.name for file in due.read] == ["new"]
    assert [Path(name).parent.name for name in due.removed + watched.look(LATER).removed] == ["old"]


def test_a_folder_that_is_not_there_removes_nothing_and_says_so_once(watched):
    watched.write("a.jsonl")
    watched.settled()
    away = watched.root.rename(watched.root.parent / "renamed")
    assert watched.look().notes == [(str(watched.root), "is not there: nothing is removed")]
    later = watched.look(CONFIRM * 10)
    assert (later.removed, later.notes) == ([], [])
    away.rename(watched.root)
    back = watched.look()
    assert (back.removed, back.notes) == ([], [(str(watched.root), "is back")])
    assert watched.read(LATER) == []


def test_a_folder_that_another_takes_the_place_of_removes_nothing(watched):
    """An unmounted drive leaves the empty folder in which it was mounted."""
    watched.write("a.jsonl")
    watched.settled()
    watched.root.rename(watched.root.parent / "drive")
    watched.root.mkdir()
    due = watched.look()
    assert "as when a drive is not mounted: nothing is removed" in due.notes[0][1]
    assert watched.removed(CONFIRM * 10) == []


def test_a_folder_that_is_empty_at_the_first_look_removes_nothing(watched):
    path = watched.write("a.jsonl")
    watched.settled()
    path.unlink()
    watched.following = Following(watched.root, SETTLE, CONFIRM)  # the program was started again
    watched.look()
    assert watched.removed(CONFIRM * 10) == []


def test_a_file_that_was_deleted_while_nobody_watched_is_removed_when_others_are_left(watched):
    path = watched.write("a.jsonl")
    watched.write("b.jsonl")
    watched.settled()
    path.unlink()
    watched.following = Following(watched.root.parent / "home", SETTLE, CONFIRM)
    watched.look()
    assert watched.removed(LATER) == ["a.jsonl"]


def test_the_last_files_of_a_folder_are_removed_only_when_it_stays_empty(watched):
    path = watched.write("a.jsonl")
    watched.settled()
    path.unlink()
    assert watched.look().notes == [
        (str(watched.root), "its only file is gone: removed soon, unless the folder fills again")
    ]
    assert watched.removed(LATER) == []
    assert watched.removed(CONFIRM) == ["a.jsonl"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the rights of a folder do not bind this user")
def test_what_is_in_a_folder_that_cannot_be_read_is_not_removed(watched):
    watched.write("a.jsonl")
    watched.write("closed/b.jsonl")
    watched.settled()
    (watched.root / "closed").chmod(0)
    try:
        assert "it cannot be read" in watched.look().notes[0][1]
        assert watched.removed(CONFIRM * 10) == []
    finally:
        (watched.root / "closed").chmod(0o700)


def test_a_file_in_two_overlapping_folders_is_one_source(watched):
    watched.write("inner/a.jsonl")
    watched.folders.append(str(watched.root / "inner"))
    assert watched.settled() == ["inner/a.jsonl"]


def test_a_file_that_moves_to_another_watched_folder_is_read_there_and_removed_here(watched):
    for name in ("one/a.jsonl", "one/b.jsonl", "two/c.jsonl"):
        watched.write(name)
    watched.folders = [str(watched.root / "one"), str(watched.root / "two")]
    watched.settled()
    (watched.root / "one/a.jsonl").rename(watched.root / "two/a.jsonl")
    watched.look()
    due = watched.look(LATER)
    assert [file.path for file in due.read] == [watched.root / "two/a.jsonl"]
    assert due.removed + watched.look(LATER).removed == [str(watched.root / "one/a.jsonl")]


def test_a_file_that_grows_for_ever_delays_a_removal_but_does_not_prevent_it(watched):
    path = watched.write("a.jsonl")
    watched.write("b.jsonl")
    watched.settled()
    path.unlink()
    removed = []
    for number in range(40):
        watched.write("log.csv", "x" * number)
        removed.append(watched.removed(1.0))
    assert removed.index(["a.jsonl"]) >= CONFIRM - 1


def test_sources_outside_the_watched_folders_are_never_removed(watched):
    watched.versions = {"/elsewhere/a.jsonl": "watched 1:1", f"{watched.root}-more/b.jsonl": "watched 1:1"}
    watched.write("c.jsonl")
    watched.settled()
    assert watched.removed(CONFIRM * 10) == []
