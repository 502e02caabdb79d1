from __future__ import annotations

import threading

import pytest

import assistant.web.views.work
from assistant.errors import InputError
from assistant.web.views.moving import MovingViews
from tests.support.html import ParsedHtml
from tests.support.views import joined, services


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(assistant.web.views.work, "_REFRESH_SECONDS", 0.001)


def text_of(html: str) -> str:
    return ParsedHtml(html).visible_text


def test_an_export_shows_progress_and_then_the_file_to_download(tmp_path):
    go = threading.Event()

    def export(path, progress):
        progress(1, 4)
        assert go.wait(5)
        path.write_bytes(b"library")
        return "3 papers <b>."

    shown = MovingViews(services(export_library=export), tmp_path / "exported").export()
    assert next(shown)[1] is None
    go.set()
    *_, (html, path) = shown
    assert text_of(html) == "Download the file below. It has 3 papers <b>."
    assert path.read_bytes() == b"library"
    assert path.name.startswith("footnote-library-")


def test_an_export_that_fails_leaves_no_file(tmp_path):
    def export(path, _):
        path.write_bytes(b"half")
        raise InputError("The disk is full: make room.")

    *_, (html, path) = MovingViews(services(export_library=export), tmp_path).export()
    joined("job-moving")
    assert (text_of(html), path) == ("The disk is full: make room.", None)
    assert [*tmp_path.iterdir()] == []


def test_an_imported_upload_is_deleted_and_its_summary_shown(tmp_path):
    upload = tmp_path / "library.zip"
    upload.write_bytes(b"library")
    *_, (html, is_done) = MovingViews(services(import_library=lambda *_: "3 papers new."), tmp_path).import_file(upload)
    assert (text_of(html), is_done, upload.exists()) == ("3 papers new.", True, False)


def test_an_import_without_a_file_and_one_that_fails_say_what_to_do(tmp_path):
    upload = tmp_path / "library.zip"
    upload.write_bytes(b"library")
    assert text_of([*MovingViews(services(), tmp_path).import_file(None)][-1][0]) == "Choose an exported file first."
    *_, (html, is_done) = MovingViews(services(), tmp_path).import_file(upload)
    assert text_of(html) == "A library cannot be moved here: use `footnote library`."
    assert not is_done
    assert upload.exists()


def test_a_stopped_import_says_how_to_continue(tmp_path):
    begun = threading.Event()

    def import_library(_, progress):
        while True:
            progress(1, 4)
            begun.set()

    views = MovingViews(services(import_library=import_library), tmp_path)
    shown = views.import_file(tmp_path / "library.zip")
    next(shown)
    assert begun.wait(5)
    views.cancel()
    *_, (html, _) = shown
    assert text_of(html) == "Stopped. The papers added so far stay. Import the same file again to continue."
