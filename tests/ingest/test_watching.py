"""Folders are watched in a thread, and the index follows."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import closing

import pytest
from pydantic import PrivateAttr

from assistant.errors import IndexMismatch, Stopped
from assistant.index.locks import is_watched_by_another
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.source_table import WatchedFolder
from assistant.services import Given, WatchLine
from ingest.index_on_demand import IndexOnDemand
from ingest.pipeline import ingest_files
from ingest.services import paper_services
from ingest.turns import Turns
from ingest.verifying import verify
from ingest.watch_list import add_folders, checked_folder, forget_folder, watched_folders
from ingest.watching import WatchLog
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import another_program
from tests.support.ingesting import many, write_papers
from tests.support.papers import ABSTRACTS, no_progress
from tests.support.views import joined
from tests.support.watching import folder_in, watch_running

HENS, COWS, GEESE = ({name: f"{name} are animals."} for name in ("Hens", "Cows", "Geese"))


@pytest.fixture
def folder(tmp_path):
    return folder_in(tmp_path)


@pytest.fixture
def index(settings, folder):
    """An empty index with a folder on its list, as the command opens it."""
    index = IndexOnDemand(settings, WordCountEmbedding())
    add_folders(settings, [checked_folder(settings, folder)])
    yield index
    index.close()


def titles(index) -> set[str]:
    return {paper.title for paper in index.library.all_papers()}


def assert_whole(settings) -> None:
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        assert index.is_complete
        assert verify(index) == []


def test_files_that_are_there_at_the_start_are_read(index, folder, settings):
    write_papers(folder / "a.jsonl", HENS | COWS)
    with watch_running(index) as log:
        assert log.wait_for("a.jsonl").what == "added 2"
    assert titles(index) == {"Hens", "Cows"}
    assert_whole(settings)


def test_added_changed_and_deleted_files_are_followed(index, folder, settings):
    with watch_running(index) as log:
        write_papers(folder / "a.jsonl", HENS | COWS)
        assert log.wait_for("a.jsonl").what == "added 2"
        write_papers(folder / "a.jsonl", GEESE | {"Hens": "Hens lay eggs."})
        assert log.wait_for("a.jsonl").what == "added 1, changed 1, removed 1"
        assert titles(index) == {"Hens", "Geese"}
        write_papers(folder / "b.jsonl", COWS)
        log.wait_for("b.jsonl: added 1")
        (folder / "a.jsonl").unlink()
        assert log.wait_for("a.jsonl").what == "deleted: removed 2"
    assert titles(index) == {"Cows"}
    assert_whole(settings)


def test_an_unchanged_file_is_not_read_again_by_the_next_watch(index, folder):
    write_papers(folder / "a.jsonl", HENS)
    with watch_running(index) as log:
        log.wait_for("a.jsonl")
    with watch_running(index) as log:
        write_papers(folder / "b.jsonl", COWS)
        log.wait_for("b.jsonl")
    assert [line.name for line in log.lines] == ["b.jsonl"]


def test_papers_of_other_sources_stay(index, folder, settings, tmp_path):
    outside = write_papers(tmp_path / "outside.jsonl", ABSTRACTS)
    inside = write_papers(folder / "by hand.jsonl", COWS)
    with closing(open_for_writing(settings, WordCountEmbedding())) as writer:
        ingest_files([outside, inside], writer, WordCountEmbedding(), no_progress)
    inside.unlink()
    write_papers(folder / "a.jsonl", HENS)
    write_papers(folder / "b.jsonl", {**GEESE, **dict([*ABSTRACTS.items()][:1])})
    with watch_running(index) as log:
        log.wait_for("b.jsonl: added 2")
        (folder / "b.jsonl").unlink()
        log.wait_for("b.jsonl: deleted")
    assert titles(index) == {*ABSTRACTS, "Cows", "Hens"}


class CountingEmbedding(WordCountEmbedding):
    _texts: list[str] = PrivateAttr(default_factory=list)

    def vectors_of(self, texts):
        self._texts += texts
        return super().vectors_of(texts)


def test_the_papers_of_a_renamed_folder_stay_and_are_not_embedded_again(index, folder, settings):
    (folder / "old").mkdir()
    write_papers(folder / "old/a.jsonl", HENS)
    write_papers(folder / "b.jsonl", COWS)
    embedding = CountingEmbedding()
    with watch_running(index, embedding) as log:
        log.wait_for("old/a.jsonl: added 1")
        embedded = len(embedding._texts)
        (folder / "old").rename(folder / "new")
        log.wait_for("old/a.jsonl: deleted")
    assert len(embedding._texts) == embedded
    assert titles(index) == {"Hens", "Cows"}
    assert str(folder / "new/a.jsonl") in index.library.sources()
    assert_whole(settings)


def test_a_file_that_cannot_be_read_is_logged_once_until_it_changes(index, folder):
    (folder / "a.bib").write_text("nothing")
    (folder / "notes.xyz").write_text("nothing")
    with watch_running(index) as log:
        log.wait_for("a.bib: skipped: it ")
        write_papers(folder / "b.jsonl", HENS)
        log.wait_for("b.jsonl: added 1")
        (folder / "a.bib").write_text("nothing at all")
        log.wait_for("a.bib: skipped: it ")
    assert {line.name for line in log.lines} - {"watch"} == {"a.bib", "b.jsonl"}
    assert len([line for line in log.lines if line.name == "a.bib"]) == 2


def test_a_record_without_a_title_is_logged(index, folder):
    (folder / "a.jsonl").write_text('{"title": "Hens", "abstract": "Hens lay."}\n{"abstract": "Cows give milk."}\n')
    with watch_running(index) as log:
        assert log.wait_for("a.jsonl").what == "added 1, skipped 1: line 2: no title"


def test_papers_go_into_the_collections_of_all_folders_that_hold_the_file(index, folder, settings):
    inner = folder_in(folder, "inner")
    add_folders(settings, [str(folder)], "Animals")
    add_folders(settings, [str(inner)], "Birds")
    write_papers(inner / "a.jsonl", HENS)
    write_papers(folder / "b.jsonl", COWS)
    with watch_running(index) as log:
        log.wait_for("reading 2 new or changed files")
        log.wait_for("added 1")
        log.wait_for("added 1")
    assert index.library.source_table.collections() == {"Animals": 2, "Birds": 1}
    assert len(index.library.sources()) == 2


def test_a_folder_that_is_put_on_the_list_while_the_watch_runs_is_read_and_a_forgotten_one_is_not(
    index, folder, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr("ingest.watching._LIST_SECONDS", 0.05)
    other = folder_in(tmp_path, "other")
    write_papers(other / "a.jsonl", HENS)
    with watch_running(index) as log:
        add_folders(settings, [str(other)])
        log.wait_for("a.jsonl: added 1")
        forget_folder(settings, other)
        (other / "a.jsonl").unlink()
        write_papers(folder / "b.jsonl", COWS)
        log.wait_for("b.jsonl: added 1")
        (folder / "b.jsonl").unlink()
        log.wait_for("b.jsonl: deleted")
    assert titles(index) == {"Hens"}


def test_new_subfolders_are_followed_and_names_that_are_not_utf_8_do_no_harm(index, folder):
    with watch_running(index) as log:
        strange = os.fsdecode(os.fsencode(folder) + (b"/caf\xe9" if sys.platform == "linux" else b"/cafe"))
        os.makedirs(f"{strange}/inner")  # noqa: PTH103 - the name is not UTF-8
        write_papers(folder / "a.jsonl", HENS)
        log.wait_for("a.jsonl: added 1")
        (folder / "new/er").mkdir(parents=True)
        write_papers(folder / "new/er/b.jsonl", COWS)
        log.wait_for("new/er/b.jsonl: added 1")
        write_papers(folder / "new/er/b.jsonl", GEESE)
        log.wait_for("new/er/b.jsonl: added 1, removed 1")
    assert not [line for line in log.lines if line.name == "watch"]


def test_a_folder_that_disappears_removes_nothing_and_is_followed_again_when_it_is_back(
    index, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr("ingest.watching._LIST_SECONDS", 0.05)
    write_papers(folder / "a.jsonl", HENS)
    with watch_running(index) as log:
        log.wait_for("a.jsonl: added 1")
        folder.rename(tmp_path / "elsewhere")
        log.wait_for("is not there: nothing is removed")
        (tmp_path / "elsewhere").rename(folder)
        log.wait_for("is back")
        write_papers(folder / "b.jsonl", COWS)
        log.wait_for("b.jsonl: added 1")
    assert titles(index) == {"Hens", "Cows"}


def test_the_watch_waits_for_another_program_and_says_so_once(index, folder, settings, monkeypatch):
    monkeypatch.setattr("ingest.watching._RETRY_SECONDS", 0.05)
    write_papers(folder / "a.jsonl", HENS)
    with watch_running(index) as log:
        log.wait_for("a.jsonl: added 1")
        with another_program(settings, "open_for_reading"):
            write_papers(folder / "b.jsonl", COWS)
            log.wait_for("in use by another footnote program")
        log.wait_for("the index can be written again")
        log.wait_for("b.jsonl: added 1")
    assert len([line for line in log.lines if "in use" in line.what]) == 1


@pytest.mark.parametrize("opening", ["open_for_reading", "open_for_writing"])
def test_the_list_can_be_changed_while_another_program_holds_the_index(indexed, folder, opening):
    with another_program(indexed, opening):
        add_folders(indexed, [str(folder)])
        assert watched_folders(indexed) == [WatchedFolder(str(folder))]
        forget_folder(indexed, folder)
        assert watched_folders(indexed) == []


def test_changes_are_found_where_the_system_announces_none(index, folder, monkeypatch):
    def refuse(*_):
        raise OSError("no watches left")

    monkeypatch.setattr("ingest.watching.RustNotify", refuse)
    monkeypatch.setattr("ingest.watching._UNANNOUNCED_LOOK_SECONDS", 0.05)
    with watch_running(index) as log:
        log.wait_for("the system does not announce changes (no watches left)")
        write_papers(folder / "a.jsonl", HENS)
        log.wait_for("a.jsonl: added 1")
    assert len([line for line in log.lines if "announce" in line.what]) == 1


class WaitingEmbedding(WordCountEmbedding):
    """Waits in the middle of an ingest until it may go on."""

    _begun: threading.Event = PrivateAttr(default_factory=threading.Event)
    _go: threading.Event = PrivateAttr(default_factory=threading.Event)

    def vectors_of(self, texts):
        self._begun.set()
        assert self._go.wait(60)
        return super().vectors_of(texts)


def test_a_stop_in_the_middle_of_an_ingest_loses_nothing_and_the_next_watch_continues(index, folder, settings):
    embedding = WaitingEmbedding()
    write_papers(folder / "a.jsonl", many(200))
    with watch_running(index, embedding):
        assert embedding._begun.wait(60)
        threading.Timer(0.2, embedding._go.set).start()  # after the stop
    joined("folder-watch")
    assert 0 < len(index.library) < 200
    assert_whole(settings)
    with watch_running(index) as log:
        log.wait_for("a.jsonl: added ")
    assert len(index.library) == 200
    assert_whole(settings)


def test_a_person_adds_papers_before_a_watched_folder_does(indexed, folder):
    """The ingest of the watch stops, the person's papers are added, and the watch continues."""
    embedding = WaitingEmbedding()
    write_papers(folder / "a.jsonl", many(200))
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        services = paper_services(index, embedding)
        services.watch(str(folder), "Birds")
        with services.watching():
            assert embedding._begun.wait(60)
            waited = threading.Event()

            def progress(_done, total):
                waited.set()
                if not total:
                    embedding._go.set()

            added = services.add([Given("hens.jsonl", b'{"title": "Ducks", "abstract": "Ducks swim."}')], progress)
            assert waited.is_set()
            assert added.new == ("Ducks",)
            while not any(line.name == "a.jsonl" for line in services.watch_log()):
                threading.Event().wait(0.05)
        assert len(index.library) == 3 + 1 + 200
        assert index.library.source_table.collections() == {"Birds": 200}


def test_a_watch_is_seen_by_other_programs(index, settings, folder):
    write_papers(folder / "a.jsonl", HENS)
    assert not is_watched_by_another(settings.index_folder)
    with watch_running(index) as log:
        log.wait_for("a.jsonl")
        assert is_watched_by_another(settings.index_folder)


@pytest.mark.usefixtures("index")
def test_an_index_of_another_model_is_refused_at_once(settings):
    with pytest.raises(IndexMismatch):
        IndexOnDemand(settings, WordCountEmbedding(fingerprint="another"))


def test_a_person_who_waits_for_the_watch_can_stop():
    turns = Turns()

    def stop(*_):
        raise Stopped("Stopped.")

    with turns.of_watch():
        with pytest.raises(Stopped), turns.of_person(stop):
            raise AssertionError("the watch still writes")
        assert not turns.has_person
    with turns.of_person(), pytest.raises(Stopped), turns.of_watch():
        raise AssertionError("a person writes")


def test_the_log_keeps_its_last_lines():
    log = WatchLog()
    for number in range(60):
        log.add(WatchLine("2026-01-02T03:04:05+00:00", f"{number}.bib", "added 1"))
    assert len(log.lines()) == 50
    assert str(log.lines()[-1]) == "2026-01-02 03:04:05  59.bib: added 1"


def test_control_characters_in_a_name_stay_on_one_line(index, folder):
    write_papers(folder / "a\nb.jsonl", HENS)
    with watch_running(index) as log:
        assert log.wait_for("added 1").name == "a\\nb.jsonl"
