"""The packaged MiniLM, loaded with transformers only, for questions and the verifier.

Papers are embedded with sentence-transformers. But importing it takes more than a second, and the first question after
a start would wait for that.
"""

from __future__ import annotations

import copy
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.models import weights
from assistant.models.locate import embedding_folder
from assistant.settings import PACKAGED

DIMENSION = 384  # numbers in a vector
LONGEST_TEXT_TOKENS = 256


class Tokenizer:
    """A fast tokenizer that several threads may call with different options.

    A call stores its padding and truncation in the tokenizer. If another thread stores other values meanwhile, a text
    is cut or padded to the wrong length, without an error (tokenizers 0.23: in 35 of 8,000 calls from 8 threads).
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._turn = threading.Lock()

    def __call__(self, *texts: Any, **options: Any) -> Any:
        with self._turn:
            return self._tokenizer(*texts, **options)


def load_minilm() -> tuple[Tokenizer, Any]:
    """A new copy of the packaged tokenizer and transformer, which may be trained. Raises ModelError if damaged."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = embedding_folder(PACKAGED)
    tokenizer = Tokenizer(AutoTokenizer.from_pretrained(folder, local_files_only=True))
    return tokenizer, AutoModel.from_pretrained(folder, local_files_only=True).eval()


@lru_cache
def packaged_minilm() -> tuple[Tokenizer, Any]:
    """As ``load_minilm``, but loaded once and shared by the whole program: never change its weights."""
    return load_minilm()


def mean_of(hidden: Any, mask: Any) -> Any:
    """The mean ``(texts, width)`` of ``(texts, tokens, width)``, over the tokens where ``mask`` is 1."""
    is_text = mask.unsqueeze(-1)
    return (hidden * is_text).sum(dim=1) / is_text.sum(dim=1)


def minilm_with(path: Path) -> Any:
    """The packaged transformer with other layers; it shares the word embeddings, half of the model, with the packaged.

    Raises ModelError when the packaged model or the weights are missing or do not fit.
    """
    from assistant.models.matrices import load_matrices

    _, packaged = packaged_minilm()
    encoder = copy.deepcopy(packaged, {id(packaged.embeddings): packaged.embeddings})
    trained = load_matrices(path)
    with weights.usable(path):
        shared = [name for name in trained if name.startswith("embeddings.")]
        unexpected = shared or encoder.load_state_dict(trained, strict=False).unexpected_keys
    if unexpected:
        raise weights.of_another_model(path)
    return encoder


class QuestionEncoder:
    """Embeds questions: the mean of the token vectors, normalised to unit length.

    Its layers are trained so that a question in everyday words is near the papers that answer it
    (``evals/training/query_encoder.py``). Papers keep the vectors of the packaged model. Safe to call from several
    threads.
    """

    def __init__(self) -> None:
        """Raises ModelError when the packaged model or the weights are missing or damaged."""
        self._tokenizer, _ = packaged_minilm()
        self._encoder = minilm_with(weights.QUERY_ENCODER)

    def vector(self, text: str) -> list[float]:
        import torch

        with torch.inference_mode():
            batch = self._tokenizer(
                [text.strip()], truncation=True, max_length=LONGEST_TEXT_TOKENS, return_tensors="pt"
            )
            mean = mean_of(self._encoder(**batch).last_hidden_state, batch["attention_mask"])
            vector: list[float] = torch.nn.functional.normalize(mean, dim=1)[0].tolist()
            return vector
