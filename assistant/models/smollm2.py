"""The tokens and the token embeddings of the packaged SmolLM2, for the reranker that is trained from it.

The embeddings are mapped from where they lie in the GGUF file: nothing is copied. The byte offset is a constant,
because ``locate.gguf_file`` refuses a packaged file with another hash.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.models import weights
from assistant.models.locate import gguf_file
from assistant.settings import PACKAGED

WIDTH = 576  # numbers in the embedding of a token
VOCABULARY = 49_152
_OFFSET_BYTES = 1_785_664  # of the tensor token_embd.weight
# GGUF's type Q8_0: blocks of 32 numbers, each a scale in 16 bits and 32 integers of 8 bits.
_BLOCK = np.dtype([("scale", "<f2"), ("values", "i1", 32)])


class TokenEmbeddings:
    """Texts to tokens, and tokens to vectors. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        """``path``: the packaged GGUF file."""
        from tokenizers import Tokenizer

        self._tokenizer: Any = Tokenizer.from_file(str(weights.TOKENIZER))
        self._tokenizer.encode_special_tokens = True  # in an abstract, the words of a control token are only words
        self._turn = threading.Lock()
        shape = (VOCABULARY, WIDTH // 32)
        self._blocks = np.memmap(path, dtype=_BLOCK, mode="r", offset=_OFFSET_BYTES, shape=shape)

    def tokens(self, text: str) -> list[int]:
        with self._turn:
            found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """The first character of each token and the one after its last."""
        with self._turn:
            found: list[tuple[int, int]] = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return found

    def vectors(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The embeddings ``(texts, tokens, 576)`` of texts with equally many tokens."""
        blocks = self._blocks[np.asarray(tokens)]
        scaled = blocks["values"].astype(np.float32) * blocks["scale"].astype(np.float32)[..., None]
        vectors: NDArray[np.float32] = scaled.reshape(*scaled.shape[:-2], WIDTH)
        return vectors


@lru_cache
def packaged_embeddings() -> TokenEmbeddings:
    """Raises ModelError when the packaged model is missing or damaged."""
    return TokenEmbeddings(gguf_file(PACKAGED))
