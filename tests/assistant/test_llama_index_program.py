"""A whole program: papers in Qdrant, a language model on a server, and an answer with footnotes."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace

import pytest
from qdrant_client import QdrantClient

import assistant.assistant
from assistant.assistant import Assistant
from assistant.errors import SettingsError
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.vectors import is_current
from assistant.models.embedder import open_embedder
from assistant.settings import Settings
from ingest.pipeline import ingest_files, ingest_papers
from ingest.verifying import verify
from tests.support.fakes import OVERLAP_VERIFIER, OverlapReranker, WordCountEmbedding
from tests.support.model_server import model_server
from tests.support.papers import ABSTRACTS, HENS, no_progress
from tests.support.qdrant import QDRANT, qdrant_options

QUESTION = "How much does sparse training reduce the cost on the Pile?"
TITLE = "Sparse Training of Small Models"
WRITTEN = "Sparse training reduces the cost by 2.5x on the Pile. [1]"


@pytest.fixture
def server():
    with model_server(words=[f"{word} " for word in WRITTEN.split()]) as server:
        yield server


@pytest.fixture
def packaged(settings, tmp_path, server) -> Settings:
    """Settings with Qdrant in a folder and the model of the server; the other models are the packaged ones."""
    return settings.changed(
        store=QDRANT, store_options=qdrant_options(path=str(tmp_path / "qdrant")), model=server.address
    )


@pytest.fixture
def program(packaged, monkeypatch) -> Settings:
    """The same with small fakes of the other models."""
    monkeypatch.setattr(assistant.assistant, "open_reranker", lambda *_: OverlapReranker())
    monkeypatch.setattr(assistant.assistant, "open_verifier", lambda _: OVERLAP_VERIFIER)
    return packaged.changed(embedding="tests.support.fakes:WordCountEmbedding")


def add_papers(settings: Settings, *files) -> None:
    embedder = open_embedder(settings)
    index = open_for_writing(settings, embedder)
    try:
        report = ingest_files(list(files), index, embedder, no_progress)
        assert not report.skipped
    finally:
        index.close()


@pytest.mark.parametrize("models", ["program", pytest.param("packaged", marks=pytest.mark.models)])
def test_papers_are_added_and_a_question_is_answered_with_footnotes(models, papers_file, server, request):
    program = request.getfixturevalue(models)
    add_papers(program, papers_file)
    with Assistant.open(program) as opened:
        assert not opened.retriever.index.vectors.is_exact  # so Qdrant is searched
        answer = opened.ask(QUESTION)
        nodes = opened.as_retriever(similarity_top_k=2).retrieve(QUESTION)
        response = asyncio.run(opened.as_query_engine().aquery(QUESTION))
    assert answer.claims[0].text == WRITTEN.removesuffix(" [1]")
    (citation,) = answer.citations
    assert (citation.paper.title, citation.quotes[0].text in ABSTRACTS[TITLE]) == (TITLE, True)
    assert (len(nodes), nodes[0].metadata["title"]) == (2, TITLE)
    assert answer.model.startswith("first at 127.0.0.1")
    assert "[1]" in str(response)
    assert response.source_nodes[0].metadata["title"] == TITLE
    assert "sparse models" in server.chats[0]["messages"][-1]["content"]


def test_an_index_whose_store_allows_one_user_is_verified(program, papers_file):
    add_papers(program, papers_file)
    with closing(open_for_reading(program)) as index:
        assert verify(index) == []


def test_a_store_that_lost_its_collection_is_not_searched_and_filled_again(program, papers_file, tmp_path):
    add_papers(program, papers_file)
    with closing(QdrantClient(path=str(tmp_path / "qdrant"))) as client:
        for collection in client.get_collections().collections:
            client.delete_collection(collection.name)
    with Assistant.open(program) as opened:
        assert opened.retriever.index.vectors.is_exact
        assert opened.ask(QUESTION).citations[0].paper.title == TITLE
    add_papers(program, papers_file)
    with Assistant.open(program) as opened:
        assert not opened.retriever.index.vectors.is_exact
        assert opened.ask(QUESTION).citations[0].paper.title == TITLE


def test_wrong_options_of_a_store_are_refused_before_a_paper_is_embedded(program):
    wrong = replace(program, store_options={"collection": "papers"})
    with pytest.raises(SettingsError, match=r"has no option 'collection': did you mean collection_name\?"):
        open_for_writing(wrong, WordCountEmbedding())


def test_papers_are_added_while_questions_are_answered_from_qdrant(program, papers_file):
    add_papers(program, papers_file)
    with Assistant.open(program) as opened:
        index = opened.retriever.index
        with index.writing() as writer:
            ingest_papers([(HENS, "page")], writer, opened.retriever.embedding, no_progress)
            assert opened.ask(QUESTION).citations[0].paper.title == TITLE
        assert not index.vectors.is_exact
        assert opened.retriever.rank("Hens lay eggs", 1).keys() == {HENS.paper_id}


def test_another_collection_or_store_is_filled_without_embedding_again(program, papers_file, tmp_path, monkeypatch):
    add_papers(program, papers_file)
    moved = replace(program, store_options=qdrant_options(path=str(tmp_path / "moved")))
    with Assistant.open(moved) as opened:
        assert opened.retriever.index.vectors.is_exact
    embedder = open_embedder(moved)
    monkeypatch.setattr(embedder, "vectors_of", lambda _: pytest.fail("a text was embedded"))
    index = open_for_writing(moved, embedder)
    ingest_files([papers_file], index, embedder, no_progress)
    index.close()
    with Assistant.open(moved) as opened:
        assert not opened.retriever.index.vectors.is_exact
        assert is_current(moved, opened.retriever.index.library)
        assert opened.ask(QUESTION).citations[0].paper.title == TITLE
