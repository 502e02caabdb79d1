"""The packaged MiniLM by transformers alone, for who reads, checks or asks.

sentence-transformers makes the same vectors of a question. It is what papers are embedded with; but to import it takes
over a second, which whoever asks from a cold start would wait for.
"""

from __future__ import annotations

import threading
from typing import Any

from assistant.models import embedding_folder
from assistant.settings import PACKAGED

DIMENSION = 384  # numbers in a vector
LONGEST_TEXT_TOKENS = 256


def packaged_minilm() -> tuple[Any, Any]:
    """Tokenizer and transformer of the packaged model. Raises ModelError when it is missing or damaged."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder = embedding_folder(PACKAGED)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return tokenizer, AutoModel.from_pretrained(folder, local_files_only=True).eval()


def mean_of(hidden: Any, mask: Any) -> Any:
    """Over the tokens that are no padding: ``(texts, tokens, width)`` and ``(texts, tokens)`` to ``(texts, width)``."""
    weights = mask.unsqueeze(-1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)


class QuestionEncoder:
    """A question to a vector of unit length, as the model's card says: the mean of its tokens, normalised.

    Threads take turns: a fast tokenizer fails when two use it at once ("Already borrowed").
    """

    def __init__(self) -> None:
        """Raises ModelError when the packaged model is missing or damaged."""
        self._tokenizer, self._encoder = packaged_minilm()
        self._turn = threading.Lock()

    def vector(self, text: str) -> list[float]:
        import torch

        with self._turn, torch.inference_mode():
            batch = self._tokenizer(
                [text.strip()], truncation=True, max_length=LONGEST_TEXT_TOKENS, return_tensors="pt"
            )
            mean = mean_of(self._encoder(**batch).last_hidden_state, batch["attention_mask"])
            vector: list[float] = torch.nn.functional.normalize(mean, dim=1)[0].tolist()
            return vector
