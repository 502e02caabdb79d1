"""The watched folders on the tab where papers are added."""

from __future__ import annotations

import pytest

from assistant.errors import InputError
from assistant.index.source_table import WatchedFolder
from assistant.services import WatchLine
from assistant.web.views.folders import FolderViews
from tests.support.views import services


def test_folders_and_the_last_lines_are_shown_the_newest_first():
    lines = [WatchLine(f"2026-01-02T03:04:0{second}+01:00", "a.bib", f"added {second}") for second in (1, 2)]
    views = FolderViews(services(watched_folders=lambda: [WatchedFolder("/papers", "Birds")], watch_log=lambda: lines))
    assert views.folders({}) == {
        "folders": [{"folder": "/papers", "collection": "Birds"}],
        "lines": [
            {"time": "2026-01-02 03:04:02", "name": "a.bib", "what": "added 2"},
            {"time": "2026-01-02 03:04:01", "name": "a.bib", "what": "added 1"},
        ],
    }


def test_a_folder_is_watched_and_forgotten_with_a_message():
    asked = []

    def watch(*given):
        asked.append(given)
        return WatchedFolder("/papers", given[1])

    views = FolderViews(services(watch=watch, forget=lambda *given: asked.append(given)))
    assert views.watch_folder({"folder": "/papers/", "collection": ""}) == "/papers is watched."
    assert views.watch_folder({"folder": "/papers", "collection": "Birds"}).endswith("into the collection Birds.")
    assert "Its papers stay" in views.forget_folder({"folder": "/papers"})
    assert asked == [("/papers/", ""), ("/papers", "Birds"), ("/papers",)]


def test_a_path_that_does_not_exist_is_refused():
    def watch(*_):
        raise InputError("There is no folder '/x': check the path.")

    with pytest.raises(InputError):
        FolderViews(services(watch=watch)).watch_folder({"folder": "/x", "collection": ""})
