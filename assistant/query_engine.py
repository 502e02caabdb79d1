"""The assistant as a llama-index query engine, to be used in a llama-index program."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.footnote_retriever import node_of
from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_json, as_text
from assistant.records import Answer, Citation
from assistant.text.sentences import sentences


class FootnoteQueryEngine(BaseQueryEngine):
    """``query()`` returns a ``Response``: source nodes are quotations and records, metadata is the JSON answer.

    With ``streaming`` the answer is a stream of sentences, and source nodes and metadata are there when it has ended.
    A sentence is streamed only after it was checked, so all of them come when the whole answer has been checked; what
    the model writes before that is never streamed. One answer is made at a time: a second question waits for the first.
    """

    def __init__(self, assistant: AnswerPipeline, streaming: bool = False) -> None:
        super().__init__(callback_manager=CallbackManager())
        self._assistant, self._streaming = assistant, streaming
        self._turn = threading.Lock()
        # One thread of its own: questions that wait for their turn take no thread from the rest of the program.
        self._thread = ThreadPoolExecutor(1, "footnote")

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        if not self._streaming:
            return _response(self._answer(query_bundle.query_str, threading.Event()))
        nodes, metadata = list[NodeWithScore](), dict[str, Any]()

        def streamed() -> Iterator[str]:
            yield from _pieces(self._answer(query_bundle.query_str, threading.Event()), nodes, metadata)

        return StreamingResponse(streamed(), nodes, metadata)  # type: ignore[arg-type]  # an iterator is enough

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        if not self._streaming:
            return _response(await self._answer_in_thread(query_bundle.query_str))
        nodes, metadata = list[NodeWithScore](), dict[str, Any]()

        async def streamed() -> AsyncIterator[str]:
            for piece in _pieces(await self._answer_in_thread(query_bundle.query_str), nodes, metadata):
                yield piece

        return AsyncStreamingResponse(streamed(), nodes, metadata)  # type: ignore[arg-type]

    async def _answer_in_thread(self, question: str) -> Answer:
        """The answer, while the event loop goes on. A task that is cancelled stops the model."""
        stop = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question, stop)
        except asyncio.CancelledError:
            stop.set()
            raise

    def _answer(self, question: str, stop: threading.Event) -> Answer:
        with self._turn:
            *_, finished = self._assistant.stream(question, stop=stop)
            return finished

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _response(answer: Answer) -> Response:
    return Response(response=as_text(answer), source_nodes=_source_nodes(answer), metadata=as_json(answer))


def _pieces(answer: Answer, nodes: list[NodeWithScore], metadata: dict[str, Any]) -> Iterator[str]:
    """The text of an answer, a sentence at a time; ``nodes`` and ``metadata`` are filled before the first."""
    nodes += _source_nodes(answer)
    metadata |= as_json(answer)
    text, start = as_text(answer), 0
    for sentence in sentences(text):
        end = text.index(sentence, start) + len(sentence)
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _source_nodes(answer: Answer) -> list[NodeWithScore]:
    return [node for citation in answer.citations for node in _nodes(citation)]


def _nodes(citation: Citation) -> list[NodeWithScore]:
    """The quotations of a footnote and, where it rests on that, the record of its paper."""
    nodes = [node_of(quote, marker=citation.marker) for quote in citation.quotes]
    if citation.rests_on_record:
        metadata = {"marker": citation.marker, "paper_id": citation.paper.paper_id, "title": citation.paper.title}
        nodes.append(NodeWithScore(node=TextNode(text=citation.paper.record, metadata=metadata), score=1.0))
    return nodes
