"""A refresh reads again what changed, and nothing else."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import InputError, Stopped
from assistant.index.opening import open_for_writing
from assistant.index.source_table import HowToRead, WatchedFolder
from evals.benchmarks.zotero_server import zotero_server
from ingest.pipeline import ingest_files
from ingest.refreshing import refresh
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import stop_at, stored_abstracts, write_papers
from tests.support.papers import ABSTRACTS, ingest, no_progress
from tests.support.paths import SAMPLES
from tests.support.zotero import synced

HENS, DUCKS = {"Hens": "Hens lay eggs."}, {"Ducks": "Ducks swim."}


class Refreshing:
    """Refreshes an index, and keeps the lines that were said."""

    def __init__(self, settings):
        self.settings = settings
        self.lines: list[str] = []

    def __call__(self, retractions=None, progress=no_progress):
        self.lines = []
        embedding = WordCountEmbedding()
        with closing(open_for_writing(self.settings, embedding)) as writer:
            return refresh(writer, embedding, progress, self.lines.append, retractions)

    def titles(self):
        return sorted(stored_abstracts(self.settings))

    def table(self, change):
        with closing(open_for_writing(self.settings, WordCountEmbedding())) as writer:
            return change(writer.library.source_table)


@pytest.fixture
def refreshing(settings):
    return Refreshing(settings)


@pytest.fixture
def file(settings, tmp_path) -> Path:
    path = write_papers(tmp_path / "birds.jsonl", {**HENS, **DUCKS})
    ingest([path], settings)
    return path


def test_nothing_is_read_while_nothing_has_changed(refreshing, file):
    report = refreshing()
    assert (report.read, refreshing.lines) == (0, [])
    assert file.exists()


def test_a_changed_file_is_mirrored(refreshing, file):
    write_papers(file, {**HENS, "Geese": "Geese fly."})
    report = refreshing()
    assert refreshing.lines == [f"{file} has changed."]
    assert (report.new, len(report.removed_ids)) == (1, 1)
    assert refreshing.titles() == ["Geese", "Hens"]
    assert refreshing().read == 0


def test_a_file_that_no_longer_exists_is_named_and_its_papers_stay(refreshing, file):
    file.unlink()
    assert refreshing().removed_ids == []
    assert refreshing.lines == [f"{file} does not exist any more: its papers stay."]
    assert refreshing.titles() == ["Ducks", "Hens"]


def test_a_file_of_an_earlier_version_is_read_again_once(refreshing, file):
    refreshing.table(lambda table: table.forget([str(file)]))
    assert refreshing().unchanged == 2
    assert refreshing.lines == [f"{file} is read."]
    assert refreshing().read == 0


def test_pasted_text_and_uploads_are_left_alone(refreshing, file, tmp_path, monkeypatch):
    ingest([write_papers(tmp_path / "upload.jsonl", {"Geese": "Geese fly."})], refreshing.settings)
    with (
        closing(open_for_writing(refreshing.settings, WordCountEmbedding())) as writer,
        writer.library.database.transaction() as connection,
    ):
        connection.execute("UPDATE records SET source = 'upload.jsonl' WHERE source LIKE '%upload.jsonl'")
        connection.execute("DELETE FROM source_versions WHERE source LIKE '%upload.jsonl'")
    monkeypatch.chdir(tmp_path / "home")
    assert refreshing().read == 0
    assert refreshing.lines == []
    monkeypatch.chdir(tmp_path)  # another file of the same name adds papers, and takes none away
    write_papers(tmp_path / "upload.jsonl", {"Swans": "Swans fly."})
    refreshing()
    assert refreshing.titles() == ["Ducks", "Geese", "Hens", "Swans"]
    assert file.exists()


def test_a_file_that_was_named_from_another_folder_is_found(refreshing, settings, tmp_path, monkeypatch):
    path = write_papers(tmp_path / "own.jsonl", HENS)
    monkeypatch.chdir(tmp_path)
    ingest([Path("own.jsonl")], settings)
    monkeypatch.chdir("/")
    write_papers(path, {**HENS, **DUCKS})
    assert refreshing().new == 1
    assert refreshing.lines == ["own.jsonl has changed."]
    assert refreshing.table(lambda table: table.how_to_read()) == {"own.jsonl": HowToRead(str(path))}


def test_a_table_is_read_again_with_the_columns_that_were_named(refreshing, settings, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("Name,Text\nHens,Hens lay eggs.\n")
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_files([path], writer, embedding, no_progress, {"title": "Name", "abstract": "Text"})
    path.write_text("Name,Text\nDucks,Ducks swim on ponds.\n")
    assert refreshing().new == 1
    assert refreshing.titles() == ["Ducks"]


def test_a_damaged_file_is_one_line_and_keeps_its_papers(refreshing, file, tmp_path):
    other = write_papers(tmp_path / "other.jsonl", {"Geese": "Geese fly."})
    ingest([other], refreshing.settings)
    file.write_bytes(b"\x00\x01\x02")
    with pytest.raises(InputError, match=r"birds\.jsonl"):
        refreshing()
    write_papers(other, {"Swans": "Swans swim."})
    report = refreshing()
    assert len(report.rejected_files) == 1
    assert refreshing.titles() == ["Ducks", "Hens", "Swans"]


def test_a_refresh_that_is_stopped_continues(refreshing, file):
    write_papers(file, {f"Hens {number}": "They lay eggs." for number in range(100)})
    with pytest.raises(Stopped):
        refreshing(progress=stop_at(64))
    refreshing()
    assert len(refreshing.titles()) == 100


def test_a_file_of_retractions_is_read_and_looked_at_again(refreshing, settings, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"title": "Swans Again", "abstract": "Swans swim.", "DOI": "10.5555/swans.1"}))
    ingest([path], settings)
    table = tmp_path / "rw.csv"
    table.write_bytes((SAMPLES / "retraction_watch.csv").read_bytes())
    assert len(refreshing(table).retracted_ids) == 1
    header, *rows = table.read_text().splitlines()
    table.write_text("\n".join([header, *(one for one in rows if not one.startswith("9007"))]) + "\n")
    assert len(refreshing().changed_ids) == 1
    assert refreshing().read == 0


def test_a_file_of_retractions_that_is_not_there_is_refused(refreshing, file, tmp_path):
    with pytest.raises(InputError, match="check the path"):
        refreshing(tmp_path / "none.csv")
    assert file.exists()


def test_syncs_with_zotero_are_repeated(settings):
    with zotero_server() as zotero:
        refreshing = Refreshing(replace(settings, zotero=zotero.address))
        zotero.put("AAAAAAA0", title="Hens", abstractNote="Hens lay eggs.", tags=[{"tag": "birds"}])
        synced(refreshing.settings, "zotero:#birds", collection="Birds")
        zotero.put("AAAAAAA1", title="Ducks", abstractNote="Ducks swim.", tags=[{"tag": "birds"}])
        assert refreshing().new == 1
        assert refreshing.lines == ["zotero:#birds has 2 items: 1 to read, 0 that left it."]
        assert refreshing.table(lambda table: table.collections()) == {"Birds": 2}


def test_files_are_read_though_zotero_does_not_run(settings, file):
    with zotero_server() as zotero:
        zotero.put("AAAAAAA0", title="Geese", abstractNote="Geese fly.")
        synced(replace(settings, zotero=zotero.address), "zotero:")
    write_papers(file, HENS)
    report = Refreshing(replace(settings, zotero=zotero.address))()
    assert len(report.removed_ids) == 1
    assert "start Zotero" in report.rejected_files[0]


def watch(refreshing, folder):
    refreshing.table(lambda table: table.watch(WatchedFolder(str(folder), "Watched")))


def test_a_watched_folder_is_followed_as_the_watch_does(refreshing, file, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    write_papers(folder / "one.jsonl", {"Geese": "Geese fly."})
    write_papers(folder / "two.jsonl", {"Swans": "Swans swim."})
    watch(refreshing, folder)
    assert refreshing().new == 2
    assert refreshing.table(lambda table: table.collections()) == {"Watched": 2}
    assert refreshing().read == 0
    (folder / "one.jsonl").unlink()
    refreshing()
    assert refreshing.lines == [f"{folder / 'one.jsonl'}: deleted: removed 1."]
    (folder / "two.jsonl").unlink()
    refreshing()
    assert "nothing is removed" in refreshing.lines[0]
    assert refreshing.titles() == ["Ducks", "Hens", "Swans"]
    assert file.exists()


def test_the_papers_of_other_sources_are_not_touched(refreshing, indexed):
    assert refreshing().read == 0
    assert refreshing.titles() == sorted(ABSTRACTS)
    assert indexed.home.exists()
