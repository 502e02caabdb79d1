"""A library is written to one file, whole or not at all, also while it changes."""

from __future__ import annotations

import errno
import os
import threading
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import IndexDamaged, IndexMissing, InputError, Stopped
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.snapshot import Snapshot
from ingest.archiving import exporting
from ingest.archiving.manifest import PAPERS
from ingest.pipeline import remove_papers
from tests.support.archives import (
    Unable,
    add_papers,
    everything,
    export,
    import_,
    members_of,
    settings_of,
)
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import fail, write_papers
from tests.support.papers import ABSTRACTS, add, make_paper

HENS = [make_paper(f"Hens {number}", f"Hens lay {number} eggs.") for number in range(200)]


def test_only_its_owner_can_read_an_archive(archive):
    assert archive.stat().st_mode & 0o777 == 0o600
    assert zipfile.ZipFile(archive).testzip() is None


def test_an_empty_home_has_nothing_to_export(here, tmp_path):
    with pytest.raises(IndexMissing):
        export(here, tmp_path / "library.zip")
    assert not here.home.exists()


def test_no_file_in_the_index_is_replaced(there, tmp_path):
    with pytest.raises(InputError, match="in the folder of the index"):
        export(there, there.index_folder / "library.zip")
    (tmp_path / "link").symlink_to(there.index_folder)
    with pytest.raises(InputError, match="in the folder of the index"):
        export(there, tmp_path / "link" / "library.zip")


def test_no_file_is_replaced_that_is_not_an_archive(there):
    before = there.conversations_file.read_bytes()
    with pytest.raises(InputError, match="exists and is not an exported library"):
        export(there, there.conversations_file)
    assert there.conversations_file.read_bytes() == before


def test_an_archive_and_an_empty_file_are_replaced(there, archive, tmp_path):
    (tmp_path / "empty.zip").touch()
    for path in (archive, tmp_path / "empty.zip"):
        assert export(there, path).counts["papers"] == 3


@pytest.mark.parametrize("name", ["", "no such folder/library.zip", "papers.jsonl/library.zip"])
def test_a_path_that_cannot_be_written_is_one_line(there, tmp_path, name):
    with pytest.raises(InputError) as raised:
        export(there, tmp_path / name)
    assert "\n" not in str(raised.value)


def test_a_full_disk_is_one_line_and_leaves_the_last_archive(there, archive, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = archive.read_bytes()
    monkeypatch.setattr(exporting, "_put", full)
    with pytest.raises(IndexDamaged, match="is full: make room"):
        export(there, archive)
    assert archive.read_bytes() == before
    assert {path.suffix for path in archive.parent.iterdir() if path.is_file()} == {".zip", ".jsonl"}


def test_a_stopped_export_leaves_nothing(there, tmp_path):
    def stop(*_):
        raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        export(there, tmp_path / "library.zip", stop)
    assert not (tmp_path / "library.zip").exists()
    assert [*(there.cache_folder / "archives").iterdir()] == []


def test_papers_of_an_interrupted_ingest_are_exported_and_embedded_by_the_import(there, here, tmp_path):
    path = write_papers(tmp_path / "hens.jsonl", {paper.title: paper.abstract for paper in HENS})
    fail(there, path, "Hens lay 150 eggs")
    manifest = export(there, tmp_path / "library.zip")
    imported = import_(here, tmp_path / "library.zip")
    found = everything(here)
    assert len(found["papers"]) == manifest.counts["papers"] >= 3 + 64
    assert imported.computed + imported.taken == len(found["vectors"])


def test_a_vector_file_that_was_replaced_during_the_export_is_read_again(there, tmp_path, monkeypatch):
    """Another process compacts the vectors between the copy of the tables and the reading of the vectors."""
    add_papers(there, "hens", *((paper.title, paper.abstract) for paper in HENS))
    monkeypatch.setattr("assistant.index.exact._LEAST_DEAD_ROWS", 0)
    mapped, tries = Snapshot._mapped, []

    def compacting(snapshot, folder):
        tries.append(folder)
        if len(tries) == 1:
            with closing(open_for_writing(there, WordCountEmbedding())) as writer:
                remove_papers([paper.paper_id for paper in HENS[:190]], writer)
        return mapped(snapshot, folder)

    monkeypatch.setattr(Snapshot, "_mapped", compacting)
    assert export(there, tmp_path / "library.zip").counts["papers"] == 13
    assert len(tries) == 2
    monkeypatch.undo()
    here = settings_of(tmp_path / "here")
    import_(here, tmp_path / "library.zip", Unable())
    assert everything(here) == everything(there)


def test_an_export_while_papers_are_added_and_removed_is_a_library_of_one_moment(there, tmp_path):
    """Papers are added in pairs, so that no archive has one of a pair."""
    done = threading.Event()
    with closing(open_for_reading(there, WordCountEmbedding())) as index:

        def change():
            try:
                for number in range(0, 24, 2):
                    with index.writing() as writer:
                        add(writer, *HENS[number : number + 2])
                        if number % 6 == 4:
                            remove_papers([paper.paper_id for paper in HENS[number - 2 : number]], writer)
            finally:
                done.set()

        thread = threading.Thread(target=change)
        thread.start()
        archives: list[Path] = []
        while not done.is_set() or not archives:
            archives.append(tmp_path / f"library {len(archives)}.zip")
            export(there, archives[-1])
        thread.join()
    assert len(archives) > 1
    for number, path in enumerate((archives[0], archives[len(archives) // 2], archives[-1])):
        here = settings_of(tmp_path / f"here {number}")
        import_(here, path)
        titles = {paper.title for paper in everything(here)["papers"].values()}
        assert {*ABSTRACTS} <= titles
        hens = sorted(int(title.split()[1]) for title in titles - {*ABSTRACTS})
        assert hens == [one for pair in hens[::2] for one in (pair, pair + 1)]


def test_a_text_that_several_papers_contain_has_one_vector(there, here, tmp_path):
    add_papers(there, "hens", ("Hens", "They lay eggs. We thank the farm."), ("Cows", "Cows eat. We thank the farm."))
    manifest = export(there, tmp_path / "library.zip")
    assert manifest.counts["vectors"] == len(everything(there)["vectors"]) - 1
    import_(here, tmp_path / "library.zip", Unable())
    assert everything(here) == everything(there)


def test_the_words_of_a_removed_paper_are_not_in_the_archive(there, tmp_path):
    add_papers(there, "okapi", ("Okapis", "Okapis are shy giraffes."))
    with closing(open_for_writing(there, WordCountEmbedding())) as writer:
        remove_papers([make_paper("Okapis", "").paper_id], writer)
    export(there, tmp_path / "library.zip")
    assert b"giraffes" not in members_of(tmp_path / "library.zip")[PAPERS]


def test_what_a_killed_export_left_is_deleted_after_a_day(there, tmp_path):
    left = there.cache_folder / "archives"
    for name, age in (("old", 100_000), ("new", 0)):
        (left / name).mkdir(parents=True)
        (left / name / "papers.sqlite").touch()
        os.utime(left / name, (time.time() - age, time.time() - age))
    export(there, tmp_path / "library.zip")
    assert [path.name for path in left.iterdir()] == ["new"]
