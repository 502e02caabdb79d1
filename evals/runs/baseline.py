"""The baseline: llama-index's CitationQueryEngine, set up as in its documentation, with the same models and papers.

Chunks of 512 tokens of title and abstract, the three nearest, its own prompt. Its answers are scored by the
same measures; a marker counts as a citation of the paper of its source.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.query_engine import CitationQueryEngine

from assistant.answering.question import Turn
from assistant.models.embedder import llama_index_embedding
from assistant.models.language_model import llama_index_llm
from assistant.pipeline import AnswerPipeline
from assistant.text.sentences import sentences
from assistant.text.stemming import stems
from assistant.versions import code_version
from evals.kept import key_of

_NEAREST = 3
_MARKER = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]|\b[Ss]ource (\d{1,3})\b")
_MARKERS_AFTER_STOP = re.compile(r"([.!?])((?:\s*\[[\d,\s]+\])+)(?=\s|$)")
_HEADING = re.compile(r"^Source \d+:\n")  # of the engine, above each source


@dataclass
class StockAnswerer:
    """Answers from the papers of an assistant's index with its two models. It ignores the conversation."""

    assistant: AnswerPipeline
    name: str = "stock"
    _engine: Any = field(init=False, repr=False)
    _abstracts: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        papers = list(self.assistant.retriever.index.library.all_papers())
        self._abstracts = {paper.paper_id: paper.abstract for paper in papers}
        documents = [
            Document(
                text=f"{paper.title}\n\n{paper.abstract}",
                metadata={"paper_id": paper.paper_id, "title": paper.title},
                excluded_llm_metadata_keys=["paper_id", "title"],
                excluded_embed_metadata_keys=["paper_id", "title"],
            )
            for paper in papers
        ]
        index = VectorStoreIndex.from_documents(
            documents, embed_model=llama_index_embedding(self.assistant.retriever.embedding)
        )
        self._engine = CitationQueryEngine.from_args(
            index,
            llm=llama_index_llm(self.assistant.language_model),
            similarity_top_k=_NEAREST,
            citation_chunk_size=512,
        )

    @property
    def key(self) -> str:
        settings = self.assistant.settings
        return key_of(
            self.assistant.retriever.index.fingerprint,
            self.assistant.language_model.label,
            code_version(Path(__file__)),
            (settings.answer_tokens, settings.context_tokens),
        )

    def answer(self, question: str, history: Sequence[Turn]) -> dict[str, Any]:  # noqa: ARG002 - the engine has no history
        started = time.perf_counter()
        response = self._engine.query(question)
        total = time.perf_counter() - started
        text = str(response)
        nodes = response.source_nodes
        markers = {marker for marker in _markers(text) if marker <= len(nodes)}
        return {
            "question": question,
            "answer": text,
            "abstained": False,
            "citations": [_citation(marker, nodes[marker - 1].node) for marker in sorted(markers)],
            "claims": [
                {"text": plain, "markers": [m for m in _markers(sentence) if m in markers]}
                for sentence in sentences(_MARKERS_AFTER_STOP.sub(r"\2\1", text))
                if stems(plain := _MARKER.sub("", sentence).strip())
            ],
            "retrieved": [
                {"paper_id": node.node.metadata["paper_id"], "title": node.node.metadata["title"], "score": node.score}
                for node in nodes
            ],
            "seconds": {"first_token": total, "total": total},
            "model": self.assistant.language_model.label,
            "index": self.assistant.retriever.index.label,
        }

    def abstract(self, paper_id: str) -> str:
        return self._abstracts.get(paper_id, "")


def _markers(text: str) -> list[int]:
    cited = (int(number) for found in _MARKER.findall(text) for number in re.findall(r"\d+", " ".join(found)))
    return [number for number in dict.fromkeys(cited) if number > 0]


def _citation(marker: int, node: Any) -> dict[str, Any]:
    """The whole source counts as cited; it is not a quotation and has no offsets."""
    return {
        "marker": marker,
        "paper_id": node.metadata["paper_id"],
        "title": node.metadata["title"],
        "url": "",
        "record": "",
        "quotes": [{"text": _HEADING.sub("", node.get_content()).strip()}],
    }
