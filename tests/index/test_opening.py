"""What opening an index finds, refuses and says."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest

from assistant.answering.retrieval import Retriever
from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch, IndexMissing
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing
from assistant.settings import Settings
from ingest.pipeline import ingest_files
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import REBUILD, another_program, best_title, papers_on_disk, rebuilt, state, titles
from tests.support.papers import ABSTRACTS, ingest, no_progress


def test_finished_index_opens_with_its_label(indexed):
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert index.label == f"3 papers, {index.fingerprint[:12]}"
        assert len(index.fingerprint) == 64


def test_missing_index_says_how_to_make_one_and_leaves_nothing_behind(settings):
    with pytest.raises(IndexMissing, match="run `footnote ingest PATH") as raised:
        open_for_reading(settings, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    assert not is_indexed(settings)
    assert not settings.home.exists()


def test_index_is_there_once_something_was_ingested(indexed):
    assert is_indexed(indexed)


def test_index_that_was_only_begun_is_missing(settings):
    open_for_writing(settings, WordCountEmbedding()).close()
    assert not is_indexed(settings)
    with pytest.raises(IndexMissing):
        open_for_reading(settings, WordCountEmbedding())


@pytest.mark.parametrize(
    ("made_with", "said"),
    [
        ({"embedding": "another model"}, "embedding another model, and word-count was asked for"),
        ({"dimension": "384"}, "dimension 384, and 64 was asked for"),
        ({"chunking": "sentence-0"}, "chunking sentence-0, and passage140-sentence-3 was asked for"),
        ({"chunking": ""}, "chunking unknown, and passage140-sentence-3 was asked for"),
    ],
)
def test_index_computed_with_other_settings_is_refused_and_repaired_by_a_rebuild(indexed, made_with, said):
    state(indexed.index_folder, **made_with)
    for opening in (open_for_reading, open_for_writing):
        with pytest.raises(IndexMismatch) as raised:
            opening(indexed, WordCountEmbedding())
        assert said in str(raised.value)
        assert REBUILD in str(raised.value)
        assert "\n" not in str(raised.value)
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_rebuild_takes_the_index_to_another_embedding_model(indexed):
    rebuilt(indexed, WordCountEmbedding(fingerprint="another model"))
    with pytest.raises(IndexMismatch):
        open_for_reading(indexed, WordCountEmbedding())
    with closing(open_for_reading(indexed, WordCountEmbedding(fingerprint="another model"))) as index:
        assert len(index.library) == 3


def test_process_that_finds_another_one_writing_answers_from_what_is_stored_and_may_not_write(indexed):
    with another_program(indexed, "open_for_writing"):
        with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
            assert titles(index, "sparse weights")[0] == "Sparse Training of Small Models"
            assert (index.is_being_written, index.is_unfinished, index.vectors.is_exact) == (True, False, True)
            with pytest.raises(IndexInUse, match="start it again to add or remove papers here") as raised:
                index.writing().__enter__()
            assert "\n" not in str(raised.value)
        with pytest.raises(IndexInUse, match="in use by another footnote program"):
            open_for_reading(indexed, while_writing=False)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert not index.is_being_written


def test_an_index_is_refused_while_another_program_rebuilds_it(indexed):
    with another_program(indexed, "open_for_writing", is_rebuild=True):
        with pytest.raises(IndexInUse, match="wait for it or close it") as raised:
            open_for_reading(indexed, WordCountEmbedding())
        assert "\n" not in str(raised.value)


def test_process_that_reads_waits_for_one_that_is_just_replacing_the_word_indexes(indexed, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise IndexDamaged("half of it is there")

    with another_program(indexed, "open_for_writing"):
        monkeypatch.setattr("assistant.index.opening.load_words", fail)
        with pytest.raises(IndexInUse, match="wait for it or close it"):
            open_for_reading(indexed, WordCountEmbedding())


def test_a_process_that_writes_is_refused_while_another_one_reads_and_a_third_may_read(indexed):
    with another_program(indexed, "open_for_reading"):
        assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
        for is_rebuild in (False, True):
            with pytest.raises(IndexInUse) as raised:
                open_for_writing(indexed, WordCountEmbedding(), is_rebuild=is_rebuild)
            assert "\n" not in str(raised.value)
        assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
    open_for_writing(indexed, WordCountEmbedding()).close()


def test_home_that_is_a_file_is_refused(tmp_path):
    home = tmp_path / "home"
    home.write_text("not a folder")
    settings = Settings.load({}, home=home)
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write") as raised:
        open_for_writing(settings, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    with pytest.raises(IndexMissing):
        open_for_reading(settings, WordCountEmbedding())
    assert home.read_text() == "not a folder"


def test_index_folder_that_is_a_file_is_refused(settings):
    settings.home.mkdir()
    settings.index_folder.write_text("not a folder")
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write"):
        open_for_writing(settings, WordCountEmbedding())


@pytest.fixture
def read_only(indexed, tmp_path):
    """The settings of an index on a read-only file system: file permissions would not bind the superuser."""
    mount = shutil.which("mount")
    place = tmp_path / "mounted"
    place.mkdir()
    if not mount or subprocess.run([mount, "-t", "tmpfs", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("mounting a file system takes the superuser")
    try:
        shutil.copytree(indexed.home, place / "home")
        subprocess.run([mount, "-o", "remount,ro", str(place)], check=True)
        yield replace(indexed, home=place / "home")
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
def test_read_only_folder_is_refused_with_advice(read_only, opening):
    with pytest.raises(IndexDamaged, match="make its folder writable, set FOOTNOTE_HOME to another") as raised:
        opening(read_only, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    assert papers_on_disk(read_only) == ABSTRACTS


def test_read_only_parent_is_refused_with_advice(read_only):
    settings = replace(read_only, home=read_only.home / "new")
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write"):
        open_for_writing(settings, WordCountEmbedding())


def test_fingerprint_is_the_same_for_the_same_papers_in_another_order(tmp_path, papers_file):
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text("\n".join(reversed(papers_file.read_text().splitlines())))
    fingerprints = []
    for number, path in enumerate((papers_file, backwards)):
        settings = Settings.load({}, home=tmp_path / f"home {number}")
        ingest([path], settings)
        with closing(open_for_reading(settings, WordCountEmbedding())) as index:
            fingerprints.append(index.fingerprint)
    assert fingerprints[0] == fingerprints[1]


def test_index_without_papers_answers_with_nothing(settings, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as index:
        ingest_files([empty], index, embedding, no_progress)
    with closing(open_for_reading(settings, embedding)) as index:
        found = Retriever(index, embedding).retrieve("What is there?")
    assert (found.papers, found.evidence) == ((), ())
