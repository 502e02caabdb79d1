"""The assistant as a llama-index query engine, to be dropped into a llama-index program."""

from __future__ import annotations

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_json, as_text
from assistant.records import Citation


class FootnoteQueryEngine(BaseQueryEngine):
    """``query()`` gives a ``Response``: source nodes are quotations and records, metadata is the JSON answer."""

    def __init__(self, assistant: AnswerPipeline) -> None:
        super().__init__(callback_manager=CallbackManager())
        self._assistant = assistant

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._assistant.ask(query_bundle.query_str)
        nodes = [node for citation in answer.citations for node in _nodes(citation)]
        return Response(response=as_text(answer), source_nodes=nodes, metadata=as_json(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return self._query(query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _nodes(citation: Citation) -> list[NodeWithScore]:
    """The quotations of a footnote and, where it rests on that, the record of its paper."""
    named = {"marker": citation.marker, "paper_id": citation.paper.paper_id, "title": citation.paper.title}
    nodes = [
        NodeWithScore(
            node=TextNode(text=quote.text, metadata={**named, "start": quote.start, "end": quote.end}),
            score=quote.score,
        )
        for quote in citation.quotes
    ]
    if citation.rests_on_record:
        nodes.append(NodeWithScore(node=TextNode(text=citation.paper.record, metadata=named), score=1.0))
    return nodes
