"""Footnote inside llama-index programs: its query engine, and its search under llama-index's own engines."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from llama_index.core import PromptTemplate
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import CitationQueryEngine, RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer

from assistant.errors import QuestionError
from assistant.footnote_retriever import FootnoteRetriever
from assistant.presentation import as_text
from assistant.query_engine import FootnoteQueryEngine
from prompts import Prompt
from tests.support.fakes import ScriptedModel
from tests.support.papers import ABSTRACTS

QUESTION = "How much does sparse training reduce the cost on the Pile?"
WRITTEN = "Sparse training reduces the cost by 2.5x on the Pile. [1]"
TITLE = "Sparse Training of Small Models"
CITED = "Sparse training reduces the cost by 2.5x on the Pile."


def collected(response) -> list[str]:
    return list(response.response_gen)


async def collected_async(response) -> list[str]:
    return [piece async for piece in response.response_gen]


def test_it_answers_with_the_quotations_as_source_nodes(make_assistant):
    response = FootnoteQueryEngine(make_assistant([WRITTEN])).query(QUESTION)
    assert "2.5x" in response.response
    node = response.source_nodes[0]
    assert node.metadata["title"] == TITLE
    assert node.text == ABSTRACTS[TITLE][node.metadata["start"] : node.metadata["end"]]
    assert response.metadata["citations"][0]["title"] == TITLE


def test_a_stream_has_the_same_answer_nodes_and_metadata_when_it_has_ended(make_assistant):
    whole = FootnoteQueryEngine(make_assistant([WRITTEN])).query(QUESTION)
    response = FootnoteQueryEngine(make_assistant([WRITTEN]), streaming=True).query(QUESTION)
    pieces = collected(response)
    assert "".join(pieces) == whole.response
    assert len(pieces) > 1
    assert [node.node_id for node in response.source_nodes] == [node.node_id for node in whole.source_nodes]
    assert response.metadata["claims"] == whole.metadata["claims"]


def test_a_stream_never_holds_what_the_check_refused(make_assistant):
    false = "Sparse training reduces the cost by 9.5x on the Pile. [1]"
    response = FootnoteQueryEngine(make_assistant([false]), streaming=True).query(QUESTION)
    assert "9.5x" not in "".join(collected(response))
    assert "2.5x" in str(response.get_response().metadata["answer"])


def test_a_declined_question_streams_the_reason(make_assistant):
    assistant = make_assistant(answer_above=1.0)
    response = FootnoteQueryEngine(assistant, streaming=True).query(QUESTION)
    assert "".join(collected(response)) == as_text(assistant.ask(QUESTION))
    assert response.source_nodes == []


def test_a_stream_is_awaited_in_an_event_loop(make_assistant):
    engine = FootnoteQueryEngine(make_assistant([WRITTEN]), streaming=True)

    async def asked():
        response = await engine.aquery(QUESTION)
        return await collected_async(response), response

    pieces, response = asyncio.run(asked())
    assert "2.5x" in "".join(pieces)
    assert response.source_nodes[0].metadata["title"] == TITLE


class HeldModel(ScriptedModel):
    """Waits until it is released, and counts how many callers write at once."""

    def __init__(self) -> None:
        super().__init__([WRITTEN] * 3)
        self.begun, self.released = threading.Event(), threading.Event()
        self.writing, self.most = 0, 0

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        self.writing += 1
        self.most = max(self.most, self.writing)
        self.begun.set()
        while not self.released.wait(0.005) and not stop.is_set():
            pass
        yield from super().write(prompt, stop)
        self.writing -= 1


@pytest.fixture
def held(make_assistant):
    assistant = make_assistant()
    assistant.language_model = model = HeldModel()
    yield assistant, model
    model.released.set()


@pytest.mark.parametrize("streaming", [False, True])
def test_the_event_loop_goes_on_while_a_question_is_answered(held, streaming):
    assistant, model = held
    engine = FootnoteQueryEngine(assistant, streaming)

    async def answered() -> str:
        response = await engine.aquery(QUESTION)
        return "".join(await collected_async(response)) if streaming else str(response)

    async def program() -> tuple[str, int]:
        answer = asyncio.create_task(answered())
        ticks = 0
        while not model.begun.is_set() or ticks < 20:  # the model has begun and is held: only the loop can count
            await asyncio.sleep(0.001)
            ticks += 1
            assert not answer.done()
        model.released.set()
        return await answer, ticks

    answer, ticks = asyncio.run(asyncio.wait_for(program(), 30))
    assert "2.5x" in answer
    assert ticks >= 20


def test_questions_are_answered_one_at_a_time(held):
    assistant, model = held
    engine = FootnoteQueryEngine(assistant)

    async def program() -> list[str]:
        asked = [asyncio.create_task(engine.aquery(QUESTION)) for _ in range(3)]
        while not model.begun.is_set():
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.05)
        model.released.set()
        return [str(response) for response in await asyncio.gather(*asked)]

    answers = asyncio.run(asyncio.wait_for(program(), 30))
    assert all("2.5x" in answer for answer in answers)
    assert model.most == 1


def test_a_cancelled_question_stops_the_model(held):
    assistant, model = held
    engine = FootnoteQueryEngine(assistant)

    async def program() -> None:
        asked = asyncio.create_task(engine.aquery(QUESTION))
        while not model.begun.is_set():
            await asyncio.sleep(0.001)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(asyncio.wait_for(program(), 30))
    with engine._turn:  # the answering thread gives it back only once the model has stopped
        assert not model.released.is_set()


def test_the_retriever_finds_sentences_with_their_places(make_assistant):
    nodes = FootnoteRetriever(make_assistant(), similarity_top_k=3).retrieve(QUESTION)
    assert len(nodes) == 3
    assert nodes[0].text == CITED
    for node in nodes:
        assert node.text == ABSTRACTS[node.metadata["title"]][node.metadata["start"] : node.metadata["end"]]
        assert set(node.metadata) == {"paper_id", "title", "start", "end", "role"}
        assert node.node.ref_doc_id == node.metadata["paper_id"]
    assert [node.score for node in nodes] == sorted((node.score or 0.0 for node in nodes), reverse=True)


def test_the_retriever_finds_only_sentences_with_the_roles_asked_for(make_assistant, monkeypatch):
    assistant = make_assistant()
    found = assistant.retriever.retrieve(QUESTION)
    first, *others = found.evidence
    labelled = replace(found, evidence=(replace(first, role="aim"), *(replace(one, role="result") for one in others)))
    monkeypatch.setattr(type(assistant.retriever), "retrieve", lambda *_: labelled)
    nodes = FootnoteRetriever(assistant, 50, roles=["result", "conclusion"]).retrieve(QUESTION)
    assert len(nodes) == len(others)
    assert {node.metadata["role"] for node in nodes} == {"result"}


def test_the_retriever_leaves_the_event_loop_free(make_assistant, monkeypatch):
    retriever = FootnoteRetriever(make_assistant())
    monkeypatch.setattr(
        retriever._assistant.reranker, "rerank", slow(retriever._assistant.reranker.rerank), raising=True
    )

    async def program() -> int:
        found = asyncio.create_task(retriever.aretrieve(QUESTION))
        ticks = 0
        while not found.done():
            await asyncio.sleep(0.001)
            ticks += 1
        assert (await found)[0].text == CITED
        return ticks

    assert asyncio.run(program()) > 10


def slow(rerank):
    def slowed(*given):
        time.sleep(0.2)
        return rerank(*given)

    return slowed


def test_the_retriever_refuses_what_is_no_question(make_assistant):
    with pytest.raises(QuestionError):
        FootnoteRetriever(make_assistant()).retrieve("   ")


def test_llama_indexs_own_query_engine_answers_from_the_retriever(make_assistant):
    retriever = FootnoteRetriever(make_assistant(), similarity_top_k=2)
    synthesizer = get_response_synthesizer(llm=MockLLM(), text_qa_template=PromptTemplate("{context_str}"))
    engine = RetrieverQueryEngine(retriever, response_synthesizer=synthesizer)
    response = engine.query(QUESTION)  # the mock model repeats its prompt, which is the context
    assert CITED in str(response)
    assert TITLE in str(response)
    assert "paper_id" not in str(response)
    assert [node.metadata["start"] for node in response.source_nodes] == [ABSTRACTS[TITLE].index(CITED), 0]


def test_llama_indexs_own_citation_engine_numbers_the_sentences_of_the_retriever(make_assistant):
    retriever = FootnoteRetriever(make_assistant(), similarity_top_k=2)
    engine = CitationQueryEngine(retriever, llm=MockLLM())
    response = engine.query(QUESTION)
    assert f"Source 1:\n{CITED}" in str(response)
    assert response.source_nodes[0].metadata["paper_id"].startswith("sparse-training")
