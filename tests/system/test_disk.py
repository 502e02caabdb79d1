from __future__ import annotations

import errno
import os
import shutil
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.errors import IndexDamaged, IndexInUse
from assistant.system.disk import replacing, translating_full_disk, write_file

Usage = namedtuple("Usage", "total used free")


def fail_with(error, folder, cause=None):
    with translating_full_disk(folder):
        raise error from cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), None),
        (IndexDamaged("papers.sqlite cannot be read."), ValueError("database or disk is full")),
    ],
)
def test_full_disk_is_reported_in_one_line_whichever_library_noticed_it(tmp_path, error, cause):
    with pytest.raises(IndexDamaged) as raised:
        fail_with(error, tmp_path, cause)
    assert str(raised.value) == (
        f"The disk of {tmp_path} is full: make room and run the same command again; nothing stored is lost."
    )


def test_failure_on_a_disk_without_free_space_is_reported_as_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100, 0))
    with pytest.raises(IndexDamaged, match="is full"):
        fail_with(IndexDamaged("Failed to apply logs"), tmp_path)


def test_file_system_without_capacity_such_as_proc_is_not_reported_as_full(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 0))
    with pytest.raises(FileNotFoundError):
        fail_with(FileNotFoundError(errno.ENOENT, "No such file or directory"), tmp_path)


@pytest.mark.parametrize("error", [IndexDamaged("Cut."), IndexInUse("Busy."), OSError(errno.EACCES, "no"), KeyError()])
def test_other_errors_pass_unchanged(tmp_path, error):
    with pytest.raises(type(error)) as raised:
        fail_with(error, tmp_path)
    assert raised.value is error


def test_file_is_on_disk_before_it_replaces_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "answers.jsonl"
    path.write_text("old")
    path.chmod(0o600)
    events = []
    fsync, rename = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: (events.append("on disk"), fsync(descriptor)))
    monkeypatch.setattr(Path, "replace", lambda self, target: (events.append("renamed"), rename(self, target)))
    write_file(path, b"new")
    assert events == ["on disk", "renamed", "on disk"]  # the file, its new name
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert [*tmp_path.iterdir()] == [path]


def test_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "answers.jsonl"
    path.write_text("old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(path, b"new")
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_file_behind_a_symbolic_link_is_replaced_and_the_link_stays(tmp_path):
    path, link = tmp_path / "settings.toml", tmp_path / "link.toml"
    path.write_text("old")
    link.symlink_to(path)
    write_file(link, b"new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_block_that_raises_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_text("old")
    with pytest.raises(ValueError, match="half"), replacing(path) as temporary:  # noqa: PT012 - it writes, then fails
        temporary.write_text("half")
        raise ValueError("half")
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_threads_that_write_one_file_leave_the_whole_content_of_one(tmp_path):
    path = tmp_path / "kept.json"
    contents = [bytes([letter]) * 10_000 for letter in b"abcdefgh"] * 10
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_file(path, content), contents))
    assert path.read_bytes() in contents
    assert [*tmp_path.iterdir()] == [path]
