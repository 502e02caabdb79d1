"""Indexes of earlier versions are brought up to date without embedding anything."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tarfile
from contextlib import closing

import pytest

from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch
from assistant.index.chunking import CHUNKING, EARLIER_CHUNKINGS, chunks_of, embedded_text
from assistant.index.locks import IndexLock
from assistant.index.opening import is_indexed, needs_upgrade, open_for_reading, open_for_writing
from assistant.records import Chunk, Paper
from assistant.settings import Settings
from assistant.text import headings
from assistant.text.sentences import sentence_spans
from ingest.commands import ensure_indexed
from ingest.pipeline import ingest_papers
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import REBUILD, best_title, papers_on_disk, rebuilt, state
from tests.support.papers import ABSTRACTS, ingest, no_progress
from tests.support.paths import STORED


@pytest.fixture
def version_4(tmp_path):
    """The settings of an index that the last version without an exact store wrote: its vectors are only in Chroma."""
    with tarfile.open(STORED / "index-4.tar.gz") as archive:
        archive.extractall(tmp_path / "home", filter="data")
    return Settings.load({}, home=tmp_path / "home")


@pytest.fixture
def earlier(version_4):
    """The settings of an index whose papers are stored as before they could be searched."""
    path = version_4.index_folder / "papers.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        papers = connection.execute("SELECT paper_id, content_hash, source, fields FROM records").fetchall()
        facts = connection.execute("SELECT name, value FROM facts").fetchall()
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE papers (paper_id TEXT PRIMARY KEY, content_hash, source, fields)")
        connection.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT)")
        connection.executemany("INSERT INTO papers VALUES (?, ?, ?, ?)", papers)
        connection.executemany("INSERT INTO facts VALUES (?, ?)", facts)
    return version_4


def test_index_of_an_earlier_version_is_refused_with_advice_when_read_and_not_locked(earlier):
    assert is_indexed(earlier)
    with pytest.raises(IndexMismatch, match="made by an earlier version of Footnote") as raised:
        open_for_reading(earlier, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert "\n" not in str(raised.value)
    open_for_writing(earlier, WordCountEmbedding()).close()


def test_ingest_that_finds_nothing_new_brings_an_index_of_an_earlier_version_up_to_date(earlier, papers_file):
    assert ingest([papers_file], earlier).unchanged == 3
    assert best_title(earlier, "sparse weights") == "Sparse Training of Small Models"


def test_rebuild_brings_an_index_of_an_earlier_version_up_to_date(earlier):
    assert rebuilt(earlier) == 3
    assert papers_on_disk(earlier) == ABSTRACTS
    assert best_title(earlier, "sparse weights") == "Sparse Training of Small Models"


@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
def test_vectors_of_an_index_without_an_exact_store_are_taken_over_from_chroma(version_4, opening):
    opening(version_4, WordCountEmbedding()).close()
    with closing(open_for_reading(version_4, WordCountEmbedding())) as index:
        assert verify(index) == []
        assert not index.vectors.is_exact
        assert {grain: store.count() for grain, store in index.exact.items()} == {"passage": 3, "sentence": 10}
        for grain, part in index.exact.items():
            for rows in part.all_rows():
                texts = {chunk.chunk_id: embedded_text(paper, chunk) for paper, chunk in chunks(index)}
                expected = WordCountEmbedding().vectors_of([texts[name] for name in rows.ids])
                assert rows.vectors == pytest.approx(expected, abs=1e-3), grain
    assert not (version_4.index_folder / "changes.db").exists()
    assert best_title(version_4, "sparse weights") == "Sparse Training of Small Models"


def chunks(index) -> list[tuple[Paper, Chunk]]:
    return [(paper, chunk) for paper in index.library.all_papers() for chunk in chunks_of(paper)]


def test_index_without_an_exact_store_that_is_in_use_says_so_in_one_line(version_4):
    lock = IndexLock(version_4.index_folder, is_writer=False)
    with pytest.raises(IndexInUse, match="wait for it or close it") as raised:
        open_for_reading(version_4, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    lock.release()
    assert best_title(version_4, "sparse weights") == "Sparse Training of Small Models"


def test_index_without_an_exact_store_whose_chroma_lacks_vectors_has_to_be_rebuilt(version_4):
    shutil.rmtree(version_4.index_folder / "chroma")
    with pytest.raises(IndexDamaged, match="holds 0 of 3 passage vectors: run `footnote index rebuild`"):
        open_for_reading(version_4, WordCountEmbedding())
    assert rebuilt(version_4) == 3
    assert best_title(version_4, "sparse weights") == "Sparse Training of Small Models"


def test_index_without_an_exact_store_that_was_killed_while_chroma_was_changed_has_to_be_rebuilt(version_4):
    (version_4.index_folder / "chroma" / "copies" / "footnote.graph").mkdir()
    with pytest.raises(IndexDamaged, match="run `footnote index rebuild`"):
        open_for_reading(version_4, WordCountEmbedding())
    assert rebuilt(version_4) == 3


def cut_at_every_word(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S+", text)]


@pytest.fixture
def other_sentences(indexed, monkeypatch):
    """The settings of an index of an earlier chunking, of whose papers one has other sentences now."""
    title = next(iter(ABSTRACTS))
    state(indexed.index_folder, chunking=next(iter(EARLIER_CHUNKINGS)))
    cut = sentence_spans
    monkeypatch.setattr(
        headings, "sentence_spans", lambda text: cut_at_every_word(text) if text == ABSTRACTS[title] else cut(text)
    )
    return indexed


def test_papers_with_other_sentences_than_in_the_version_before_are_embedded_again_and_no_others(other_sentences):
    embedding = WordCountEmbedding()
    with closing(open_for_writing(other_sentences, embedding)) as writer:
        assert len(writer.library.catalogue.pending()) == 1
        assert ingest_papers([], writer, embedding, no_progress).resumed == 1
    with closing(open_for_reading(other_sentences, embedding)) as index:
        assert verify(index) == []
        assert index.is_at_rest
        assert index.library.fact("chunking") == CHUNKING


def test_an_index_with_other_sentences_answers_before_it_is_brought_up_to_date(other_sentences):
    assert best_title(other_sentences, "sparse weights") == "Sparse Training of Small Models"
    with closing(open_for_reading(other_sentences, WordCountEmbedding())) as index:
        assert index.is_unfinished


def test_an_index_of_an_earlier_chunking_without_other_sentences_stays_complete(indexed):
    state(indexed.index_folder, chunking=next(iter(EARLIER_CHUNKINGS)))
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert verify(index) == []
        assert index.is_at_rest
        assert index.library.fact("chunking") == CHUNKING


def test_a_command_that_answers_first_brings_an_index_of_an_earlier_chunking_up_to_date(
    other_sentences, monkeypatch, capsys
):
    monkeypatch.setattr("assistant.models.embedder.open_embedder", lambda _: WordCountEmbedding())
    open_for_reading(other_sentences, WordCountEmbedding()).close()  # by a process that was killed, for instance
    assert needs_upgrade(other_sentences)
    ensure_indexed(other_sentences)
    assert "embedding 1 paper again" in capsys.readouterr().err
    with closing(open_for_reading(other_sentences, WordCountEmbedding())) as index:
        assert index.is_at_rest
    assert not needs_upgrade(other_sentences)
    ensure_indexed(other_sentences)
    assert capsys.readouterr().err == ""
