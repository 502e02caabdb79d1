"""An open index is written while it goes on answering."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from assistant.answering.retrieval import DENSE_ONLY, Retriever
from assistant.errors import IndexInUse
from assistant.index.chroma import ChromaStore
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing
from ingest.pipeline import remove_papers
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import another_program, best_title, fail_at, state_of, titles
from tests.support.papers import HENS, add, make_paper
from tests.support.paths import ROOT


@pytest.fixture
def reading(indexed):
    """The index as a page has it open."""
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        yield index


def test_paper_added_while_the_index_is_open_is_found_by_its_words_and_vectors(reading):
    before = reading.fingerprint
    with reading.writing() as index:
        assert add(index, HENS).new_ids == [HENS.paper_id]
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"
    assert list(reading.words["passage"].best("hens", 5)) == [HENS.paper_id]
    assert list(reading.words["sentence"].best("hens eggs", 5)) == [f"{HENS.paper_id}:sentence:0:14"]
    assert reading.library.find("hen").total == 1
    assert reading.fingerprint != before
    assert reading.label.startswith("4 papers")


def test_paper_removed_while_the_index_is_open_is_found_no_more(reading):
    sparse = make_paper("Sparse Training of Small Models", "").paper_id
    with reading.writing() as index:
        assert remove_papers([sparse], index) == 1
    assert "Sparse Training of Small Models" not in titles(reading, "sparse training")
    assert reading.words["passage"].best("sparse", 5) == {}
    assert reading.label.startswith("2 papers")


def test_what_was_written_is_there_for_the_next_program(reading, indexed):
    with reading.writing() as index:
        add(index, HENS)
    reading.close()
    assert best_title(indexed, "Which birds lay eggs?") == "Hens"


def test_open_index_answers_with_the_words_it_has_until_the_writer_is_done(reading):
    with reading.writing() as index:
        add(index, HENS)
        assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
        assert reading.words["passage"].best("hens", 5) == {}
    assert reading.words["passage"].best("hens", 5) != {}


def test_second_writer_of_this_program_is_refused_at_once_and_the_first_continues(reading):
    with reading.writing() as index, ThreadPoolExecutor(1) as pool:
        with pytest.raises(IndexInUse, match="wait until that is done") as raised:
            pool.submit(reading.writing().__enter__).result(timeout=0.4)
        assert "\n" not in str(raised.value)
        add(index, HENS)
    with reading.writing() as index:
        assert add(index, HENS).unchanged == 1


def test_writer_is_refused_while_another_program_reads_and_this_one_continues_to_read(reading, indexed):
    with another_program(indexed, "open_for_reading"):
        with pytest.raises(IndexInUse, match="in use by another footnote program"), reading.writing():
            pytest.fail("another program reads")
        assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
    with pytest.raises(IndexInUse):
        open_for_writing(indexed, WordCountEmbedding())
    with reading.writing() as index:
        add(index, HENS)


def test_other_programs_may_read_but_not_write_while_papers_are_written(reading, indexed):
    with reading.writing() as index:
        add(index, HENS)
        with pytest.raises(IndexInUse):
            open_for_writing(indexed, WordCountEmbedding())
        with closing(open_for_reading(indexed, WordCountEmbedding())) as other:
            assert titles(other, "Which birds lay eggs?")[0] == "Hens"
    with another_program(indexed, "open_for_reading"):
        assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"


def test_writer_that_fails_leaves_the_open_index_answering_and_the_next_one_finishes(reading, indexed):
    with pytest.raises(RuntimeError), reading.writing() as index:
        add(index, *(make_paper(f"Hens {number}", "Hens lay eggs.") for number in range(70)), progress=fail_at(64))
    assert state_of(reading) == "unfinished"
    assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
    with reading.writing() as index:
        assert add(index).read == 0
    assert state_of(reading) == "complete"
    assert len(reading.words["passage"].best("hens", 100)) == 64
    reading.close()
    open_for_reading(indexed, WordCountEmbedding()).close()


def test_writer_whose_vector_store_fails_leaves_the_open_index_answering_and_the_next_one_finishes(
    reading, monkeypatch
):
    with monkeypatch.context() as failing:
        failing.setattr(ChromaStore, "put", fail_to_write)
        with pytest.raises(OSError, match="Input/output error"), reading.writing() as index:
            add(index, HENS)
    assert reading.vectors.is_exact
    assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"
    with reading.writing() as index:
        add(index)
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"
    assert (state_of(reading), reading.vectors.is_exact) == ("complete", False)


def fail_to_write(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_only_what_has_changed_is_put_in_the_vector_store_even_after_an_interruption(reading, indexed, monkeypatch):
    def refuse(_: object) -> None:
        raise AssertionError("the vector store must not be discarded")

    monkeypatch.setattr("assistant.index.stores.discard_folder", refuse)
    hens = [make_paper(f"Hens {number}", "Hens lay eggs.") for number in range(70)]
    with pytest.raises(RuntimeError), reading.writing() as index:
        add(index, *hens, progress=fail_at(64))
    assert reading.vectors.is_exact
    reading.close()
    embedding = WordCountEmbedding()
    with closing(open_for_writing(indexed, embedding)) as writer:
        add(writer, *hens)
        remove_papers([hens[0].paper_id], writer)
    with closing(open_for_reading(indexed, embedding)) as index:
        assert not index.vectors.is_exact
        assert verify(index) == []


def test_writer_that_did_nothing_changes_nothing(reading):
    before = reading.fingerprint
    with pytest.raises(RuntimeError), reading.writing() as index:
        add(index, HENS, progress=fail_at(0))
    assert (state_of(reading), reading.fingerprint) == ("complete", before)


def test_writing_may_end_in_another_thread_than_it_began(reading):
    writing = reading.writing()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        index = one.submit(writing.__enter__).result()
        other.submit(add, index, HENS).result()
        other.submit(writing.__exit__, None, None, None).result()
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"


def test_index_closed_while_papers_are_written_is_released_when_they_are(reading, indexed):
    with reading.writing() as index:
        reading.close()
        with pytest.raises(IndexInUse):
            open_for_writing(indexed, WordCountEmbedding())
        add(index, HENS)
    open_for_writing(indexed, WordCountEmbedding()).close()


def test_questions_are_answered_from_whole_papers_while_others_are_added_changed_and_removed(reading):
    done = threading.Event()
    retriever = Retriever(reading, WordCountEmbedding())
    flock = [make_paper(f"Hens {number}", f"Hens lay {number} eggs. They sit on them.") for number in range(200)]

    def ask() -> int:
        asked = 0
        while not done.is_set():
            found = retriever.retrieve("Which hens train sparse models and lay eggs?")
            assert found.papers
            assert all(item.text and item.text in item.paper.abstract for item in found.evidence)
            assert reading.library.find("a").total >= 3
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            with reading.writing() as index:
                add(index, *flock)
                add(index, *(replace(paper, abstract="Cocks crow. Hens do not.") for paper in flock[:50]))
                remove_papers([paper.paper_id for paper in flock[100:]], index)
        finally:
            done.set()
        assert min(question.result() for question in asking) > 0
    assert len(reading.words["passage"].best("hens", 200)) == 100


ADD_HENS = """
import sys
from contextlib import closing
from assistant.index.opening import open_for_writing
from assistant.settings import Settings
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import HENS, add
with closing(open_for_writing(Settings.load({}, home=sys.argv[1]), WordCountEmbedding())) as index:
    add(index, HENS)
"""


def test_an_index_opened_again_shows_what_another_program_has_written(indexed):
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
    subprocess.run([sys.executable, "-c", ADD_HENS, str(indexed.home)], cwd=ROOT, check=True)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert {grain: store.count() for grain, store in index.exact.items()} == {"passage": 4, "sentence": 12}
        found = Retriever(index, WordCountEmbedding(), DENSE_ONLY).rank("Which birds lay eggs?", 1)
    assert list(found) == [HENS.paper_id]


def test_index_whose_papers_were_all_removed_opens_and_finds_nothing(reading, indexed):
    with reading.writing() as index:
        assert remove_papers(index.library.content_hashes(), index) == 3
    assert titles(reading, "sparse weights") == []
    reading.close()
    assert is_indexed(indexed)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert Retriever(index, WordCountEmbedding()).retrieve("sparse weights").evidence == ()
        with index.writing() as writer:
            add(writer, HENS)
        assert titles(index, "Which birds lay eggs?") == ["Hens"]
