"""Tiny real implementations of the seams, with results that can be worked out by hand."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from numpy.typing import NDArray

from assistant.answering.rules.word_overlap import word_coverage
from assistant.answering.verification import Verifier
from assistant.errors import Stopped
from assistant.interfaces import Embedder, Judge, LanguageModel, Reranker
from assistant.records import Retrieval
from assistant.text.stemming import stems
from prompts import Prompt, Style

DIMENSION = 64


class WordCountEmbedding(BaseEmbedding):
    """A unit vector that counts the stems of a text in 64 buckets: texts with the same words are near."""

    fingerprint: str = "word-count"
    dimension: int = DIMENSION
    device: str = "nowhere"

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self._get_text_embedding(text) for text in texts], dtype=np.float32).reshape(-1, DIMENSION)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        counts = np.zeros(DIMENSION)
        for stem in stems(text):
            counts[zlib.crc32(stem.encode()) % DIMENSION] += 1
        length = np.linalg.norm(counts)
        unit: list[float] = (counts / length if length else counts + 1 / np.sqrt(DIMENSION)).tolist()
        return unit


class OverlapReranker:
    """Counts a sentence as an answer when it contains more than half of the question's stems: logit 10 * share - 5.

    Its signals are ten times that, so that the gate decides the same whatever its coefficients are.
    """

    def rerank(self, question: str, found: Retrieval) -> Retrieval:
        asked = set(stems(question)) or {""}
        evidence = [
            replace(item, score=10 * len(asked & set(stems(f"{item.paper.title} {item.text}"))) / len(asked) - 5)
            for item in found.evidence
        ]
        evidence.sort(key=lambda item: -item.score)
        best = 10 * (evidence[0].score if evidence else -5.0)
        signals = {"evidence_logit": best, "best_paper_logit": best, "search_score": 0.0}
        return replace(found, evidence=tuple(evidence), signals=signals)


class OverlapJudge:
    """Supports a claim as far as the source holds its stems; half of them are not enough."""

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        return word_coverage(claim, source) ** 2, ""


OVERLAP_VERIFIER = Verifier(OverlapJudge(), "overlap")


class ScriptedModel:
    """Writes what it was told to, word by word, and remembers the prompts; stops like a real one."""

    def __init__(self, script: Sequence[str] = (), style: Style = "small") -> None:
        self.label, self.offload, self.style = "scripted", "nowhere", style
        self.script, self.prompts = list(script), list[Prompt]()

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        self.prompts.append(prompt)
        text = self.script.pop(0) if self.script else ""
        for word in text.split(" "):
            if stop.is_set():
                raise Stopped("Stopped.")
            yield word + " "

    def close(self) -> None:
        pass


if TYPE_CHECKING:  # mypy checks here that the fakes satisfy the Protocols
    FAKES: tuple[Embedder, LanguageModel, Reranker, Judge] = (
        WordCountEmbedding(),
        ScriptedModel(),
        OverlapReranker(),
        OverlapJudge(),
    )
