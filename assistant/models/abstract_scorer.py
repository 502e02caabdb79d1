"""Scores every sentence of whole abstracts for a question, with the trained lower half of the packaged SmolLM2.

What the model keeps of an abstract it has read is cached: the next question about the same paper costs only its own
tokens. Runs in 16 bits on a processor with AMX, and otherwise in 8 bits, which is faster everywhere else.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from assistant.interfaces import Abstract
from assistant.models.smollm2 import TokenEmbeddings, packaged_embeddings
from assistant.system.processor import has_amx

LONGEST_ABSTRACT_TOKENS = 512  # what follows them is not read
LONGEST_QUESTION_TOKENS = 64
# Abstracts whose keys and values are cached, in 16 bits: 11.5 kB per token, 3 MB each, 150 MB in all.
_CACHED_ABSTRACTS = 48
NOT_READ = -20.0  # the logit of every sentence of an abstract whose title is too long to read any


@dataclass(frozen=True, slots=True)
class _Read:
    """What the model keeps of an abstract: tokens, sentence keys ``(sentences, 256)``, keys and values by layer."""

    length: int
    keys: Any
    kept: Any


class AbstractScorer:
    """Safe to call from several threads, one at a time."""

    def __init__(self, weights: Path, *, bfloat16: bool | None = None) -> None:
        """Raises ModelError when the packaged SmolLM2 or the weights are missing or do not fit.

        ``bfloat16``: compute in 16 bits, or else with weights in 8 bits. Default: if the processor has AMX.
        """
        import torch

        from assistant.models.abstract_weights import shared_model

        bfloat16 = has_amx() if bfloat16 is None else bfloat16
        self._embeddings = packaged_embeddings()
        self._model = shared_model(weights, bfloat16=bfloat16)
        self._computed, self._stored = (torch.bfloat16,) * 2 if bfloat16 else (torch.float32, torch.float16)
        self._cache: OrderedDict[Abstract, _Read] = OrderedDict()
        self._turn = threading.Lock()

    def logits(self, questions: Sequence[str], abstracts: Sequence[Abstract]) -> list[list[list[float]]]:
        """For each question and each abstract one logit per sentence; the 0 of the scale stands for "none answers"."""
        import torch

        if not questions:
            return []
        asked = [question_tokens(self._embeddings, question) for question in questions]
        with self._turn, torch.inference_mode():
            reads = zip(self._read_all(abstracts), abstracts, strict=True)
            by_abstract = [self._scores(asked, read, len(abstract.sentences)) for read, abstract in reads]
        return [[logits[number] for logits in by_abstract] for number in range(len(questions))]

    def _read_all(self, abstracts: Sequence[Abstract]) -> list[_Read]:
        """The abstracts as the model keeps them, from the cache or read now."""
        reads = [self._cache.get(one) or self._read(one) for one in abstracts]
        for one, read in zip(abstracts, reads, strict=True):
            self._cache[one] = read
            self._cache.move_to_end(one)
        while len(self._cache) > _CACHED_ABSTRACTS:
            self._cache.popitem(last=False)
        return reads

    def _read(self, abstract: Abstract) -> _Read:
        """Read alone: in a batch, an abstract gets slightly other numbers, so that logits would depend on the cache."""
        tokens, spans = abstract_tokens(self._embeddings, abstract)
        hidden, kept = self._model.read(self._embedded([tokens]))
        keys = self._model.keys_of(hidden[0], spans) if spans else hidden[0, :0]
        return _Read(len(tokens), keys, [(key[0].to(self._stored), value[0].to(self._stored)) for key, value in kept])

    def _scores(self, questions: Sequence[list[int]], read: _Read, sentences: int) -> list[list[float]]:
        """The logits of each question about one abstract.

        Several abstracts at once would have to be padded to one length, which copies all their keys and values.
        """
        import torch

        if not len(read.keys):
            return [[NOT_READ] * sentences for _ in questions]
        kept = [(key[None].to(self._computed), value[None].to(self._computed)) for key, value in read.kept]
        packed = self._embedded([[token for question in questions for token in question]])
        numbers = torch.tensor([[number for number, question in enumerate(questions) for _ in question]])
        ends = [end - 1 for end in accumulate(map(len, questions))]
        last = self._model.ask(kept, torch.tensor([read.length]), packed, numbers)[0, ends]
        known: list[list[float]] = self._model.scores(read.keys, last).tolist()
        return [logits + [min(logits)] * (sentences - len(logits)) for logits in known]

    def _embedded(self, tokens: Sequence[Sequence[int]]) -> Any:
        import torch

        vectors = torch.from_numpy(self._embeddings.vectors(tokens))
        return vectors.to(self._computed)


def abstract_tokens(embeddings: TokenEmbeddings, abstract: Abstract) -> tuple[list[int], list[tuple[int, int]]]:
    """The tokens of a title and its sentences, and where each sentence is that is read, wholly or in part."""
    tokens = embeddings.tokens(f"{abstract.title.strip()}\n")[:LONGEST_ABSTRACT_TOKENS]
    spans = []
    for sentence in abstract.sentences:
        added = embeddings.tokens(f" {sentence.strip()}")[: LONGEST_ABSTRACT_TOKENS - len(tokens)]
        if not added:
            break
        spans.append((len(tokens), len(tokens) + len(added)))
        tokens = tokens + added
    return tokens, spans


def question_tokens(embeddings: TokenEmbeddings, question: str) -> list[int]:
    """The tokens of a question on its own line; of a longer one the last, where a follow-up says what is asked."""
    tokens = embeddings.tokens(f"\n{question.strip()}\n")
    return tokens[:1] + tokens[1 - LONGEST_QUESTION_TOKENS :] if len(tokens) > LONGEST_QUESTION_TOKENS else tokens
