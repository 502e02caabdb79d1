from __future__ import annotations

import errno
import shutil
from collections import namedtuple

import pytest

from assistant.errors import IndexDamaged, IndexInUse
from assistant.space import needing_room

Usage = namedtuple("Usage", "total used free")


def fail_with(error, folder, cause=None):
    with needing_room(folder):
        raise error from cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), None),
        (IndexDamaged("papers.sqlite cannot be read."), ValueError("database or disk is full")),
    ],
)
def test_full_disk_is_said_in_a_line_whoever_ran_into_it(tmp_path, error, cause):
    with pytest.raises(IndexDamaged) as raised:
        fail_with(error, tmp_path, cause)
    assert str(raised.value) == (
        f"The disk of {tmp_path} is full: make room and run the same command again; nothing stored is lost."
    )


def test_failure_on_a_disk_with_no_room_left_is_taken_for_that(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100, 0))
    with pytest.raises(IndexDamaged, match="is full"):
        fail_with(IndexDamaged("Failed to apply logs"), tmp_path)


@pytest.mark.parametrize("error", [IndexDamaged("Cut."), IndexInUse("Busy."), OSError(errno.EACCES, "no"), KeyError()])
def test_other_errors_pass(tmp_path, error):
    with pytest.raises(type(error)) as raised:
        fail_with(error, tmp_path)
    assert raised.value is error
