"""Tiny real implementations of the seams, with results that can be worked out by hand."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant.answering.rules.rules import coverage
from assistant.answering.verification import Verifier
from assistant.models.language_model import Writer
from assistant.records import Retrieval
from assistant.text.stemming import stems
from prompts import Prompt

DIMENSION = 64


class WordCountEmbedding(BaseEmbedding):
    """A unit vector that counts the stems of a text in 64 buckets: texts with the same words are near."""

    fingerprint: str = "word-count"
    dimension: int = DIMENSION

    def vectors_of(self, texts: Sequence[str]) -> np.ndarray:
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
        return (counts / length if length else counts + 1 / np.sqrt(DIMENSION)).tolist()


class OverlapReader:
    """Reads a sentence as answering when it holds more than half of the question's stems: logit 10 * share - 5.

    Its signals are ten times that, so that the gate decides the same whatever its coefficients are.
    """

    def read(self, question: str, found: Retrieval) -> Retrieval:
        asked = set(stems(question)) or {""}
        evidence = [
            replace(item, score=10 * len(asked & set(stems(f"{item.paper.title} {item.text}"))) / len(asked) - 5)
            for item in found.evidence
        ]
        evidence.sort(key=lambda item: -item.score)
        best = 10 * (evidence[0].score if evidence else -5.0)
        signals = {"total": best, "own": best, "search": 0.0, "margin": 0.0}
        return Retrieval(found.papers, tuple(evidence), signals)


class OverlapJudge:
    """Supports a claim as far as the source holds its stems; half of them are not enough."""

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        return coverage(claim, source) ** 2, ""


OVERLAP_VERIFIER = Verifier(OverlapJudge(), "overlap")


class ScriptedWriter(Writer):
    """Writes what it was told to, word by word, and remembers the prompts; stops like a real one."""

    def __init__(self, script: Sequence[str] = (), style: str = "small") -> None:
        super().__init__(llm=None, label="scripted", style=style, offload="nowhere", answer_tokens=100)
        object.__setattr__(self, "script", list(script))
        object.__setattr__(self, "prompts", [])

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        from assistant.errors import Stopped

        self.prompts.append(prompt)
        text = self.script.pop(0) if self.script else ""
        for word in text.split(" "):
            if stop.is_set():
                raise Stopped("Stopped.")
            yield word + " "

    def close(self) -> None:
        pass
