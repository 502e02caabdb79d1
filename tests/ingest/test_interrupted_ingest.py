"""Ingests and removals that are stopped, fail or are interrupted are finished later."""

from __future__ import annotations

import pytest

from assistant.errors import IndexDamaged, Stopped
from assistant.index.exact import ExactStore
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing
from ingest.pipeline import ingest_files, rebuild, remove_papers
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import (
    SPARSE,
    expected_chunks,
    fail,
    ids,
    interrupt,
    many,
    stop_at,
    stored_abstracts,
    stored_chunks,
    write_papers,
)
from tests.support.papers import ABSTRACTS, ingest, no_progress


def test_first_ingest_that_fails_before_anything_is_stored_leaves_no_index(settings, papers_file):
    fail(settings, papers_file, "This survey reviews")
    assert not is_indexed(settings)
    ingest([papers_file], settings)
    assert stored_chunks(settings) == expected_chunks(ABSTRACTS)
    assert stored_abstracts(settings) == ABSTRACTS


def test_interrupted_ingest_answers_from_what_is_stored_and_is_finished_by_the_same_command(indexed, tmp_path):
    path = write_papers(tmp_path / "many.jsonl", {**many(70), "Cocks": "Cocks crow."})
    fail(indexed, path, "Cocks")
    index = open_for_reading(indexed, WordCountEmbedding())
    assert (index.is_unfinished, len(index.library)) == (True, 3 + 64)
    assert index.label.endswith("(the last ingest did not finish: run it again)")
    assert len(index.words["passage"].ids) == 3
    index.close()
    assert ingest([path], indexed).new == 7
    assert stored_abstracts(indexed) == {**ABSTRACTS, **many(70), "Cocks": "Cocks crow."}
    assert stored_chunks(indexed) == expected_chunks(stored_abstracts(indexed))


def test_interrupted_change_keeps_the_old_paper_until_it_is_done_again(indexed, papers_file):
    write_papers(papers_file, {SPARSE: "Hens lay eggs. Cocks crow."})
    fail(indexed, papers_file, "Cocks")
    assert stored_abstracts(indexed) == ABSTRACTS
    ingest([papers_file], indexed)
    assert stored_chunks(indexed) == expected_chunks({**ABSTRACTS, SPARSE: "Hens lay eggs. Cocks crow."})


def test_change_interrupted_while_it_is_stored_is_computed_again_from_its_records(indexed, papers_file, monkeypatch):
    write_papers(papers_file, {SPARSE: "Hens lay eggs. Cocks crow.", "Cows": "Cows give milk."})
    monkeypatch.setattr(ExactStore, "put", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ingest([papers_file], indexed)
    monkeypatch.undo()
    index = open_for_reading(indexed, WordCountEmbedding())
    assert (len(index.library), index.is_unfinished) == (3, True)
    index.close()
    report = ingest([papers_file], indexed)
    assert (report.read, report.unchanged, report.resumed) == (2, 2, 2)
    assert "2 papers of an interrupted run were finished." in report.summary()
    changed = {**ABSTRACTS, SPARSE: "Hens lay eggs. Cocks crow.", "Cows": "Cows give milk."}
    assert stored_chunks(indexed) == expected_chunks(changed)
    assert stored_abstracts(indexed) == changed


def test_ingest_that_is_stopped_keeps_the_papers_done_and_is_complete(indexed, writable, tmp_path):
    path = write_papers(tmp_path / "many.jsonl", many(70))
    with pytest.raises(Stopped):
        ingest_files([path], writable, WordCountEmbedding(), stop_at(64))
    writable.close()
    assert len(stored_abstracts(indexed)) == 3 + 64
    assert stored_chunks(indexed) == expected_chunks(stored_abstracts(indexed))
    assert ingest([path], indexed).new == 6


def test_first_ingest_that_is_stopped_at_once_leaves_no_index(settings, papers_file):
    index = open_for_writing(settings, WordCountEmbedding())
    with pytest.raises(Stopped):
        ingest_files([papers_file], index, WordCountEmbedding(), stop_at(0))
    index.close()
    assert not is_indexed(settings)


def test_rebuild_that_is_stopped_is_unfinished(indexed, tmp_path):
    ingest([write_papers(tmp_path / "many.jsonl", many(70))], indexed)
    embedding = WordCountEmbedding()
    index = open_for_writing(indexed, embedding, is_rebuild=True)
    with pytest.raises(Stopped):
        rebuild(index, embedding, stop_at(64))
    index.close()
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        open_for_reading(indexed, embedding)


def interrupted_removal(index, monkeypatch):
    monkeypatch.setattr(ExactStore, "delete_papers", interrupt)
    with pytest.raises(KeyboardInterrupt):
        remove_papers(ids(SPARSE), index)
    monkeypatch.undo()


def test_interrupted_removal_is_finished_by_the_same_again(indexed, writable, monkeypatch):
    interrupted_removal(writable, monkeypatch)
    assert not writable.is_complete
    remove_papers(ids(SPARSE), writable)
    writable.close()
    assert stored_chunks(indexed) == expected_chunks(stored_abstracts(indexed))
    assert len(stored_abstracts(indexed)) == 2


def test_interrupted_removal_is_finished_by_a_rebuild(indexed, writable, monkeypatch):
    interrupted_removal(writable, monkeypatch)
    writable.close()
    index = open_for_writing(indexed, WordCountEmbedding(), is_rebuild=True)
    assert rebuild(index, WordCountEmbedding(), no_progress) == 2
    index.close()
    assert stored_chunks(indexed) == expected_chunks(stored_abstracts(indexed))
