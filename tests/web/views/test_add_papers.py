from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import assistant.web.views.work
from assistant.errors import InputError, Stopped
from assistant.services import Added, Given
from assistant.web.views.add_papers import AddPapersViews
from ingest.services import paper_services
from tests.support.fakes import WordCountEmbedding
from tests.support.html import ParsedHtml
from tests.support.views import (
    joined,
    services,
)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(assistant.web.views.work, "_REFRESH_SECONDS", 0.001)


@dataclass
class HeldAdding:
    """Waits for ``go`` before it adds papers, and reports progress meanwhile."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    given: list[Given] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)

    def add(self, given, progress, collection="") -> Added:
        self.given += given
        self.collections.append(collection)
        progress(1, 4)
        self.begun.set()
        for _ in range(5_000):  # at least five seconds, so that a failing test ends
            if self.go.wait(0.001):
                break
            progress(1, 4)
        return Added("2 papers read.", new=("Hens",), skipped=("line 2: no title", "line 3: no abstract"))


def last_of(shown: Iterator[tuple[str, bool]]) -> ParsedHtml:
    """What is shown in the end, which must come."""
    until = time.monotonic() + 10
    for html, _ in shown:
        assert time.monotonic() < until, f"it does not end, and shows {html}"
    return ParsedHtml(html)


def upload(folder: Path, name: str = "papers.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"{}")
    return path


def test_adding_shows_progress_and_then_a_report(tmp_path):
    adding = HeldAdding()
    views = AddPapersViews(services(add=adding.add))
    shown = views.add([upload(tmp_path)], "")
    next(shown)
    assert adding.begun.wait(5)
    html, _ = next(shown)
    assert ParsedHtml(html).visible_text.startswith("1 of 4 papers done, about ")
    adding.go.set()
    page = last_of(shown)
    assert page.visible_text.startswith("2 papers read.")
    assert [summary.visible_text for summary in page.all("summary")] == ["New: 1", "Skipped: 2"]


def test_files_are_given_by_name_and_pasted_text_as_bytes(tmp_path):
    adding = HeldAdding()
    adding.go.set()
    path = upload(tmp_path, "my papers.csv")
    last_of(AddPapersViews(services(add=adding.add)).add([path], "Hens\n\nHens lay \ud83d eggs."))
    assert adding.given == [Given("my papers.csv", path), Given("pasted text", b"Hens\n\nHens lay ? eggs.")]


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_form_is_refused_and_starts_nothing(text):
    ((html, is_indexed),) = AddPapersViews(services()).add([], text)
    assert ParsedHtml(html).visible_text == "Choose files or paste text first."
    assert not is_indexed


def test_a_second_ingest_is_refused_until_the_first_has_ended(tmp_path):
    adding = HeldAdding()
    views = AddPapersViews(services(add=adding.add))
    first = views.add([], "Hens")
    next(first)
    path = upload(tmp_path)
    ((html, is_indexed),) = views.add([path], "")
    assert ParsedHtml(html).visible_text == "Other papers are being added: wait until that is done."
    assert not is_indexed
    adding.go.set()
    last_of(first)
    assert path.exists()
    assert last_of(views.add([path], "")).one(role="status")
    assert [one.content for one in adding.given] == [b"Hens", path]


def test_a_cancelled_ingest_stops_and_says_which_papers_stay():
    adding = HeldAdding()
    views = AddPapersViews(services(add=adding.add))
    shown = views.add([], "Hens")
    next(shown)
    assert adding.begun.wait(5)
    views.cancel()
    last = last_of(shown)
    assert last.one(class_="fn-problem").visible_text.startswith("Adding was stopped. The papers stored so far stay.")
    assert not adding.go.is_set()


def test_cancelling_when_nothing_runs_does_not_stop_the_next_ingest():
    adding = HeldAdding()
    adding.go.set()
    views = AddPapersViews(services(add=adding.add))
    views.cancel()
    assert last_of(views.add([], "Hens")).one(role="status")
    views.cancel()
    assert last_of(views.add([], "Cows")).one(role="status")


def test_the_form_is_cleared_only_after_the_papers_are_added():
    adding = HeldAdding()
    shown = AddPapersViews(services(add=adding.add)).add([], "Hens")
    _, is_indexed = next(shown)
    assert not is_indexed
    adding.go.set()
    *_, at_the_end = [is_indexed for _, is_indexed in shown]
    assert at_the_end


def test_a_known_error_is_shown_as_its_message():
    def add(*_):
        raise InputError("papers.csv is empty: nothing to read.")

    last = last_of(AddPapersViews(services(add=add)).add([], "Hens"))
    assert last.visible_text == "papers.csv is empty: nothing to read."


def test_a_bug_shows_a_message_on_the_page_and_a_traceback_in_the_terminal(faults):
    def add(*_):
        raise KeyError("a bug")

    last = last_of(AddPapersViews(services(add=add)).add([], "Hens"))
    joined("add-papers")
    assert last.visible_text == "Adding failed. The error is printed in the terminal that Footnote runs in."
    assert faults == [KeyError]


def test_uploads_are_deleted_after_they_are_added(tmp_path):
    paths = [upload(tmp_path, "one.csv"), upload(tmp_path, "two.csv")]
    seen: list[bool] = []

    def add(*_):
        seen.extend(path.exists() for path in paths)
        paths[1].unlink()  # a file that was deleted already is ignored
        return Added("1 paper read.")

    last_of(AddPapersViews(services(add=add)).add(paths, ""))
    joined("add-papers")
    assert seen == [True, True]
    assert [path.exists() for path in paths] == [False, False]


@pytest.mark.parametrize("error", [InputError("It is empty."), Stopped("Stopped."), KeyError("a bug")], ids=repr)
@pytest.mark.usefixtures("faults")
def test_uploads_that_could_not_be_added_are_kept(tmp_path, error):
    def add(*_):
        raise error

    path = upload(tmp_path)
    assert not any(is_indexed for _, is_indexed in AddPapersViews(services(add=add)).add([path], ""))
    joined("add-papers")
    assert path.exists()


def test_the_report_ends_with_a_remark_if_there_is_one():
    added = Added("1 paper read.", new=("Hens",))
    views = AddPapersViews(services(add=lambda *_: added), lambda: "2 saved questions may have another answer now.")
    assert "2 saved questions may have another answer now." in last_of(views.add([], "Hens")).visible_text


def test_zotero_and_a_refresh_take_the_same_turn_as_files():
    adding = HeldAdding()
    asked: list[str] = []

    def from_zotero(query, progress):
        asked.append(query)
        return adding.add([], progress)

    views = AddPapersViews(
        services(add_from_zotero=from_zotero, refresh=lambda _: Added("Done.", looked_at=("a.bib.",)))
    )
    shown = views.add_from_zotero("Thesis")
    next(shown)
    ((refused, _),) = views.refresh()
    assert ParsedHtml(refused).visible_text == "Other papers are being added: wait until that is done."
    adding.go.set()
    assert last_of(shown).visible_text.startswith("2 papers read.")
    assert asked == ["Thesis"]
    page = last_of(views.refresh())
    assert [summary.visible_text for summary in page.all("summary")] == ["Looked at: 1"]


def test_papers_are_put_into_the_collection_that_is_named(tmp_path):
    adding = HeldAdding()
    adding.go.set()
    path = upload(tmp_path)
    last_of(AddPapersViews(services(add=adding.add)).add([path], "Hens", "  My  birds "))
    assert adding.collections == ["My birds"]
    assert [one.name for one in adding.given] == ["papers.jsonl", "pasted text for My birds"]


def test_texts_that_are_pasted_for_different_collections_stay_apart(make_assistant):
    index = make_assistant().retriever.index
    views = AddPapersViews(paper_services(index, WordCountEmbedding()))
    for title, collection in (("Hens", "Birds"), ("Cows", ""), ("Bats", "Night")):
        text = f'{{"title": "{title}", "abstract": "{title} sleep."}}'
        assert last_of(views.add([], text, collection)).one(role="status")
    assert index.library.source_table.collections() == {"Birds": 1, "Night": 1}


def test_a_text_that_cannot_name_a_collection_is_refused(make_assistant):
    index = make_assistant().retriever.index
    views = AddPapersViews(paper_services(index, WordCountEmbedding()))
    last = last_of(views.add([], '{"title": "Hens", "abstract": "Hens sleep."}', "x\x1b"))
    assert last.one(class_="fn-problem").visible_text.startswith("A collection needs a name")
    assert index.library.find("hens").total == 0
