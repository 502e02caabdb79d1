"""The page adds papers to an open index and removes them, while the index goes on answering questions."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from functools import partial

import pytest

from assistant.answering.retrieval import Retriever
from assistant.errors import InputError, Stopped
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.services import Given
from evals.benchmarks.zotero_server import zotero_server
from ingest.bundled_corpus import CORPUS
from ingest.pipeline import ingest_files
from ingest.services import add_from_zotero, add_papers, refresh_all, remove_from, remove_samples, sample_ids
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ABSTRACTS, make_paper

SPARSE = "Sparse Training of Small Models"
HENS = {"title": "Hens", "abstract": "Hens lay eggs."}
COWS = {"title": "Cows", "abstract": "Cows give milk."}


def no_progress(done, total):
    pass


@pytest.fixture
def index(indexed):
    """The three papers in an index that is open for reading, as the page opens it."""
    index = open_for_reading(indexed, WordCountEmbedding())
    yield index
    index.close()


@pytest.fixture
def add(index):
    return partial(add_papers, index, WordCountEmbedding())


@pytest.fixture
def remove(index):
    return partial(remove_from, index)


def lines(*records: object) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def best(index, question: str) -> str:
    return Retriever(index, WordCountEmbedding()).retrieve(question).papers[0].paper.title


def test_papers_of_a_file_and_of_a_text_are_added_under_the_given_names(index, add, tmp_path):
    upload = tmp_path / "8f3a-temporary"
    upload.write_bytes(lines(HENS))
    added = add([Given("hens.jsonl", upload), Given("pasted text", lines(COWS))], no_progress)
    assert (added.new, added.changed, added.skipped) == (("Hens", "Cows"), (), ())
    assert added.summary.startswith("2 papers read: 2 new, 0 changed, 0 unchanged")
    assert {source: index.library.sources().get(source) for source in ("hens.jsonl", "pasted text")} == {
        "hens.jsonl": 1,
        "pasted text": 1,
    }


def test_several_texts_are_read_separately(add):
    added = add([Given("one.jsonl", lines(HENS)), Given("two.jsonl", lines(COWS))], no_progress)
    assert added.new == ("Hens", "Cows")


def test_open_index_finds_added_papers_at_once(index, add):
    before = index.fingerprint
    add([Given("hens.jsonl", lines(HENS))], no_progress)
    assert best(index, "Which animals lay eggs?") == "Hens"
    assert index.words["passage"].best("eggs", 5)
    assert index.fingerprint != before


def test_changed_papers_are_listed_apart_from_new_ones_and_unchanged_ones_are_not_listed(add):
    tables = "Reading Tables with Unified Models"
    longer = f"{ABSTRACTS[SPARSE]} So it is."
    records = [HENS, {"title": SPARSE, "abstract": longer}, {"title": tables, "abstract": ABSTRACTS[tables]}]
    added = add([Given("mixed.jsonl", lines(*records))], no_progress)
    assert (added.new, added.changed) == (("Hens",), (SPARSE,))
    assert "1 new, 1 changed, 1 unchanged" in added.summary


def test_skipped_records_are_listed_with_place_and_reason(add):
    added = add(
        [Given("bad.csv", b"\x89PNG\x00"), Given("hens.jsonl", lines(HENS, {"abstract": "Only an abstract."}))],
        no_progress,
    )
    assert added.new == ("Hens",)
    assert [skipped.split(" is ")[0] for skipped in added.skipped] == ["bad.csv", "hens.jsonl, line 2: no title"]


def test_unreadable_sources_raise_a_one_line_error_and_change_nothing(index, add, tmp_path):
    before = index.fingerprint
    with pytest.raises(InputError) as raised:
        add([Given("empty.csv", b""), Given("gone.csv", tmp_path / "gone.csv")], no_progress)
    assert str(raised.value) == (
        "empty.csv is empty: nothing to read. gone.csv cannot be read (No such file or directory): check the path."
    )
    assert index.fingerprint == before


def test_progress_counts_the_papers_to_embed(add):
    calls = []
    add([Given("farm.jsonl", lines(HENS, COWS))], lambda done, total: calls.append((done, total)))
    assert calls == [(0, 0), (0, 2), (2, 2)]


def test_stopped_ingest_keeps_the_papers_stored_so_far_and_the_index_answers(index, add):
    many = [{"title": f"Hens {number}", "abstract": "They lay eggs."} for number in range(70)]

    def stop(done, total):
        if done and total:
            raise Stopped(f"Stopped at {done} of {total}.")

    with pytest.raises(Stopped, match="64 of 70"):
        add([Given("many.jsonl", lines(*many))], stop)
    assert len(index.library) == 3 + 64
    assert best(index, "Which animals lay eggs?").startswith("Hens")
    assert add([Given("many.jsonl", lines(*many))], no_progress).summary.startswith("70 papers read: 6 new")


def test_removed_papers_are_counted_and_no_longer_found(index, remove):
    assert best(index, "sparse training") == SPARSE
    assert remove([make_paper(SPARSE, "").paper_id, "nobody"]) == 1
    assert best(index, "sparse training") != SPARSE
    assert index.words["passage"].best("sparse", 5) == {}


def test_removing_unknown_papers_changes_nothing(index, remove):
    before = index.fingerprint
    assert remove(["nobody"]) == remove([]) == 0
    assert index.fingerprint == before


def test_a_removed_paper_can_be_added_again(index, add, remove):
    remove([make_paper(SPARSE, "").paper_id])
    assert add([Given("again.jsonl", lines({"title": SPARSE, "abstract": ABSTRACTS[SPARSE]}))], no_progress).new == (
        SPARSE,
    )
    assert best(index, "sparse training") == SPARSE


SAMPLES = "/opt/an earlier installation/ingest/corpus/hf-papers.txt"


@pytest.fixture
def sampled(index, add):
    """The index with two sample papers, one of which is also in a file of the user."""
    add([Given(SAMPLES, lines(HENS, COWS)), Given("mine.jsonl", lines(COWS))], no_progress)
    return index


def test_sample_ids_are_given_when_there_are_other_papers(sampled):
    assert sample_ids(sampled) == sorted(make_paper(paper["title"], "").paper_id for paper in (HENS, COWS))


def test_sample_ids_are_not_given_when_there_are_no_other_papers(settings):
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        ingest_files([CORPUS], index, WordCountEmbedding(), no_progress)
        assert len(index.library) == 75
        assert sample_ids(index) == []


def test_removed_samples_are_no_longer_found_and_papers_in_other_files_stay(sampled):
    assert remove_samples(sampled, WordCountEmbedding()) == 1
    titles = {paper.title for paper in sampled.library.all_papers()}
    assert titles == {*ABSTRACTS, "Cows"}
    assert sample_ids(sampled) == []
    assert best(sampled, "Which animals lay eggs?") != "Hens"
    assert best(sampled, "Which animals give milk?") == "Cows"


def test_papers_are_added_from_zotero_and_looked_at_again(indexed, papers_file):
    with (
        zotero_server() as zotero,
        closing(open_for_reading(replace(indexed, zotero=zotero.address), WordCountEmbedding())) as index,
    ):
        zotero.put("AAAAAAA0", title="Hens", abstractNote="Hens lay eggs.")
        assert add_from_zotero(index, WordCountEmbedding(), " ", no_progress).new == ("Hens",)
        zotero.put("AAAAAAA1", title="Cows", abstractNote="Cows give milk.")
        papers_file.write_bytes(lines({"title": SPARSE, "abstract": ABSTRACTS[SPARSE]}))
        added = refresh_all(index, WordCountEmbedding(), no_progress)
        assert added.new == ("Cows",)
        assert added.looked_at == (f"{papers_file} has changed.", "zotero: has 2 items: 1 to read, 0 that left it.")
        assert index.library.sources() == {str(papers_file): 1, "zotero:": 2}
