"""Footnote's search as a llama-index retriever, for the query engines of llama-index."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from itertools import islice

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from assistant.answering.question import checked_question
from assistant.pipeline import AnswerPipeline
from assistant.records import Evidence, Role

_HIDDEN_FROM_MODELS = ["paper_id", "start", "end", "role"]


class FootnoteRetriever(BaseRetriever):
    """Finds sentences of abstracts, by Footnote's search and reranker, best first.

    The text of a node is ``abstract[start:end]``; its metadata are ``paper_id``, ``title``, ``start``, ``end`` and
    ``role``. The score orders the nodes of one question; it is not a probability. Raises QuestionError, ModelError or
    StoreError.
    """

    def __init__(self, assistant: AnswerPipeline, similarity_top_k: int = 5, roles: Collection[Role] = ()) -> None:
        """``roles`` limits the search to sentences with one of these roles."""
        super().__init__()
        self._assistant, self._count, self._roles = assistant, similarity_top_k, roles

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = checked_question(query_bundle.query_str)
        found = self._assistant.retriever.retrieve(question)
        ranked = self._assistant.reranker.rerank(question, found).evidence  # it reads abstracts whole, so filter after
        wanted = (item for item in ranked if not self._roles or item.role in self._roles)
        return [node_of(item) for item in islice(wanted, self._count)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def node_of(evidence: Evidence, **more: object) -> NodeWithScore:
    """A sentence as a node, with ``more`` in its metadata."""
    paper = evidence.paper
    place = {"start": evidence.start, "end": evidence.end, "role": evidence.role}
    node = TextNode(
        id_=f"{paper.paper_id}:{evidence.start}-{evidence.end}",
        text=evidence.text,
        start_char_idx=evidence.start,
        end_char_idx=evidence.end,
        metadata={**more, "paper_id": paper.paper_id, "title": paper.title, **place},
        excluded_llm_metadata_keys=[*more, *_HIDDEN_FROM_MODELS],
        excluded_embed_metadata_keys=[*more, *_HIDDEN_FROM_MODELS],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=paper.paper_id)},
    )
    return NodeWithScore(node=node, score=evidence.score)
