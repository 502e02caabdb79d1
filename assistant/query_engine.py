"""The assistant as a llama-index query engine, to be dropped into a llama-index program."""

from __future__ import annotations

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_json, as_text


class FootnoteQueryEngine(BaseQueryEngine):
    """``query()`` gives a ``Response`` whose source nodes are the quotations and whose metadata is the JSON answer."""

    def __init__(self, assistant: AnswerPipeline) -> None:
        super().__init__(callback_manager=CallbackManager())
        self._assistant = assistant

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._assistant.ask(query_bundle.query_str)
        nodes = [
            NodeWithScore(
                node=TextNode(
                    text=quote.text,
                    metadata={
                        "marker": citation.marker,
                        "paper_id": citation.paper.paper_id,
                        "title": citation.paper.title,
                        "start": quote.start,
                        "end": quote.end,
                    },
                ),
                score=quote.score,
            )
            for citation in answer.citations
            for quote in citation.quotes
        ]
        return Response(response=as_text(answer), source_nodes=nodes, metadata=as_json(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return self._query(query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}
