"""Questions to the papers of one collection."""

from __future__ import annotations

import pytest

from assistant.answering.retrieval import Retriever
from assistant.errors import InputError, NotFound
from assistant.index import exact, vectors
from assistant.index.opening import open_library
from assistant.presentation import as_json, as_text, footnotes
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import write_papers
from tests.support.papers import ABSTRACTS, ingest

TABLES, SPARSE = "Reading Tables with Unified Models", "Sparse Training of Small Models"
QUESTION = "Which models answer questions about tables?"


@pytest.fixture
def assistant(make_assistant, settings, tmp_path):
    """Three papers, of which that about tables is also in a collection, and nothing else."""
    path = write_papers(tmp_path / "tables.jsonl", {TABLES: ABSTRACTS[TABLES]})
    ingest([path], settings)
    with open_library(settings, is_writable=True) as library:
        library.source_table.put_into("Tables", [str(path)])
        library.source_table.put_into("Nothing", ["gone.bib"])
    return make_assistant()


def test_an_answer_rests_on_papers_of_the_collection_alone(assistant):
    answer = assistant.ask("What do language models cost?", collection="Tables")
    assert {ranked.paper.title for ranked in answer.retrieved} == {TABLES}
    assert answer.collection == "Tables"


def test_an_answer_names_the_collection_that_was_asked(assistant):
    answer = assistant.ask(QUESTION, collection="Tables")
    assert as_text(answer).startswith("From the collection Tables:\n")
    assert as_json(answer)["collection"] == "Tables"


def test_a_footnote_names_the_collections_of_its_paper_when_all_papers_are_asked(assistant):
    answer = assistant.ask(QUESTION)
    assert answer.collection == ""
    assert f"{TABLES} · Tables" in footnotes(answer)
    assert [one["collections"] for one in as_json(answer)["citations"] if one["title"] == TABLES] == [["Tables"]]
    assert [one["collections"] for one in as_json(answer)["citations"] if one["title"] != TABLES] in (
        [],
        [[]],
        [[], []],
    )


def test_an_unknown_collection_is_named_with_those_there_are(assistant):
    with pytest.raises(NotFound, match="no collection 'tables'; there are: Nothing, Tables"):
        assistant.ask(QUESTION, collection="tables")


def test_a_collection_without_papers_is_not_all_papers(assistant):
    with pytest.raises(InputError, match="holds none now"):
        assistant.ask(QUESTION, collection="Nothing")


def test_chosen_papers_outside_the_collection_are_not_asked(assistant):
    sparse = next(one.paper_id for one in assistant.retriever.index.library.all_papers() if one.title == SPARSE)
    with pytest.raises(InputError, match="holds none of the chosen papers"):
        list(assistant.stream(QUESTION, paper_ids=[sparse], collection="Tables"))


def test_a_large_collection_gives_the_same_papers_as_a_small_one(assistant, monkeypatch):
    retriever = Retriever(assistant.retriever.index, WordCountEmbedding())
    ids = assistant.retriever.index.library.source_table.papers_in("Tables")
    before = retriever.retrieve(QUESTION, paper_ids=ids)
    for module in (exact, vectors):
        monkeypatch.setattr(module, "FEW_PAPERS", 0)
    after = retriever.retrieve(QUESTION, paper_ids=ids)
    assert [one.paper for one in after.papers] == [one.paper for one in before.papers]
    assert [one.score for one in after.papers] == pytest.approx([one.score for one in before.papers], abs=1e-3)
