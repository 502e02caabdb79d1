"""A damaged index is repaired or refused in one line, and its papers are kept."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import IndexDamaged, StoreError
from assistant.index.chroma import ChromaStore
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing
from ingest.pipeline import ingest_files
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import (
    REBUILD,
    best_title,
    cut_in_half,
    fill_with_garbage,
    papers_on_disk,
    rebuilt,
    state,
    titles,
)
from tests.support.papers import ABSTRACTS, ingest, no_progress


def vectors(folder: Path, grain: str) -> Path:
    (path,) = folder.glob(f"vectors-{grain}-*.f16")
    return path


DAMAGES = {
    "words folder missing": lambda folder: shutil.rmtree(folder / "words-sentence"),
    "word ids cut": lambda folder: cut_in_half(folder / "words-passage" / "ids.json"),
    "word ids missing": lambda folder: (folder / "words-passage" / "ids.json").unlink(),
    "word counts cut": lambda folder: cut_in_half(folder / "words-passage" / "data.csc.index.npy"),
    "vectors missing": lambda folder: vectors(folder, "sentence").unlink(),
    "vectors cut": lambda folder: cut_in_half(vectors(folder, "passage")),
    "rebuild unfinished": lambda folder: state(folder, state="rebuilding"),
}
STORE_DAMAGES = {
    "missing": lambda folder: shutil.rmtree(folder / "chroma"),
    "garbage": lambda folder: fill_with_garbage(folder / "chroma" / "chroma.sqlite3"),
    "cut": lambda folder: cut_in_half(folder / "chroma" / "chroma.sqlite3"),
    "empty": lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b""),
    "collection lost": lambda folder: state(folder, collection="footnote-other"),
    "another store": lambda folder: state(folder, vector_store="http://localhost:8000"),
    "killed while it was changed": lambda folder: killed_while_changed(folder),
}


def killed_while_changed(folder: Path) -> None:
    state(folder, vector_store_state="changing")
    for path in folder.glob("chroma/*/*"):
        path.write_bytes(b"\x80\x03}(X")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_refused_in_one_line_keeps_the_papers_and_is_repaired_by_a_rebuild(indexed, damage):
    DAMAGES[damage](indexed.index_folder)
    with pytest.raises(IndexDamaged) as raised:
        open_for_reading(indexed, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert "\n" not in str(raised.value)
    assert papers_on_disk(indexed) == ABSTRACTS
    assert rebuilt(indexed) == 3
    assert papers_on_disk(indexed) == ABSTRACTS
    assert best_title(indexed, "forgetting in continual learning") == "A Survey of Continual Learning"


class NoEmbedding(WordCountEmbedding):
    def _get_text_embedding(self, text):
        raise AssertionError("nothing needs to be embedded")


@pytest.mark.parametrize("damage", STORE_DAMAGES)
def test_damaged_vector_store_is_not_searched_and_filled_again_by_the_next_ingest_without_embedding(
    indexed, papers_file, damage
):
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert not index.vectors.is_exact
        before = everything_near(index)
    STORE_DAMAGES[damage](indexed.index_folder)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert index.vectors.is_exact
        assert everything_near(index) == before
    embedding = NoEmbedding()
    with closing(open_for_writing(indexed, embedding)) as writer:
        assert ingest_files([papers_file], writer, embedding, no_progress).unchanged == 3
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert not index.vectors.is_exact
        assert everything_near(index) == before
        assert verify(index) == []


def everything_near(index) -> dict[str, object]:
    """All sentences by their cosine with a question."""
    vector = WordCountEmbedding().get_query_embedding("How does sparse training reduce the cost?")
    return {name: pytest.approx(cosine, abs=1e-3) for name, cosine in index.nearest("sentence", vector, 50).items()}


def test_vector_store_that_stays_incomplete_is_refused_in_one_line(indexed, papers_file, monkeypatch):
    shutil.rmtree(indexed.index_folder / "chroma")
    monkeypatch.setattr(ChromaStore, "put", lambda *_: None)
    with pytest.raises(StoreError, match="embedded Chroma does not hold all the vectors") as raised:
        ingest([papers_file], indexed)
    assert "\n" not in str(raised.value)
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_unfinished_index_without_word_indexes_answers_by_its_vectors(indexed):
    state(indexed.index_folder, state="unfinished")
    for grain in ("passage", "sentence"):
        shutil.rmtree(indexed.index_folder / f"words-{grain}")
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert index.is_unfinished
        assert titles(index, "sparse training")[0] == "Sparse Training of Small Models"


def test_index_that_was_killed_while_its_file_was_made_is_missing(settings):
    settings.index_folder.mkdir(parents=True)
    (settings.index_folder / "papers.sqlite").touch()
    assert not is_indexed(settings)


@pytest.mark.parametrize("damage", ["vectors missing", "vectors cut", "rebuild unfinished"])
def test_damaged_index_is_refused_to_a_process_that_writes(indexed, damage):
    DAMAGES[damage](indexed.index_folder)
    with pytest.raises(IndexDamaged) as raised:
        open_for_writing(indexed, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "questions about tables") == "Reading Tables with Unified Models"


def test_damaged_papers_still_count_as_an_index(indexed):
    fill_with_garbage(indexed.index_folder / "papers.sqlite")
    assert is_indexed(indexed)


def test_interrupted_rebuild_is_not_finished_by_an_ingest_that_finds_nothing_new(indexed, papers_file):
    open_for_writing(indexed, WordCountEmbedding(), is_rebuild=True).close()
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        ingest([papers_file], indexed)
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        open_for_reading(indexed, WordCountEmbedding())
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "questions about tables") == "Reading Tables with Unified Models"


@pytest.mark.parametrize("damage", [cut_in_half, fill_with_garbage])
@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
def test_damaged_papers_are_refused_with_advice_and_never_touched(indexed, papers_file, damage, opening):
    path = indexed.index_folder / "papers.sqlite"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(IndexDamaged) as raised:
        opening(indexed, WordCountEmbedding())
    assert "Restore the file from a backup, or move it away and ingest your papers again" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before
    path.rename(path.with_suffix(".damaged"))
    assert ingest([papers_file], indexed).new == 3
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_damaged_lock_is_refused_with_advice_that_repairs_it(indexed):
    lock = indexed.index_folder / "lock.db"
    fill_with_garbage(lock)
    with pytest.raises(IndexDamaged, match="delete the file if it is damaged") as raised:
        open_for_reading(indexed, WordCountEmbedding())
    assert str(lock) in str(raised.value)
    lock.unlink()
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_failed_opening_releases_the_lock(indexed):
    state(indexed.index_folder, state="rebuilding")
    with pytest.raises(IndexDamaged):
        open_for_reading(indexed, WordCountEmbedding())
    state(indexed.index_folder, state="complete")
    open_for_writing(indexed, WordCountEmbedding()).close()


def test_half_written_transaction_of_the_papers_is_rolled_back(indexed):
    path = indexed.index_folder / "papers.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM papers")
    connection.close()  # without a commit, as when a program ends in the middle
    assert papers_on_disk(indexed) == ABSTRACTS
