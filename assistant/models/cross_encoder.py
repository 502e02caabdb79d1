"""Scores pairs of texts with a model that a user names: a transformer that takes both texts as one input.

Two kinds: a classifier that checks claims, and a ranker that compares questions with passages.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.models.locate import is_on_disk
from assistant.models.minilm import Tokenizer
from assistant.settings import PACKAGED

LONGEST_PAIR_TOKENS = 256
_PAIRS_AT_ONCE = 8
_SUPPORTED_LABELS = ("entail", "support", "consistent")

Pair = tuple[str, str]


def _batch(tokenizer: Tokenizer, pairs: Sequence[Pair]) -> Any:
    return tokenizer(
        [one for one, _ in pairs],
        [other for _, other in pairs],
        truncation="longest_first",
        max_length=LONGEST_PAIR_TOKENS,
        padding=True,
        return_tensors="pt",
    )


class PairClassifier:
    """A classifier of text pairs that a user names: natural-language inference, or factual consistency.

    Its output called "entailment", "supported" or "consistent" (or the second of two without such names, or the only
    one) is the probability that the first text, the premise, supports the second. Safe to call from several threads.
    """

    def __init__(self, name: str) -> None:
        """``name``: a folder, or ``hf:owner/repo``, which is downloaded if not in the cache. Raises ModelError."""
        source, is_local = _located(name, "verifier")
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        try:
            self._tokenizer = Tokenizer(AutoTokenizer.from_pretrained(source, local_files_only=is_local))
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(source, local_files_only=is_local)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).split("\n")[0]
            raise ModelError(f"The verifier {name} does not load ({reason}): give another with `verifier`.") from error
        self._model.eval()
        self._supported = _supported_output(name, self._model.config.id2label)

    def probabilities(self, pairs: Sequence[Pair]) -> list[float]:
        """For each pair, the probability that the first text supports the second."""
        import torch

        found: list[float] = []
        with torch.inference_mode():
            for first in range(0, len(pairs), _PAIRS_AT_ONCE):
                logits = self._model(**_batch(self._tokenizer, pairs[first : first + _PAIRS_AT_ONCE])).logits
                shares = logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)
                found += shares[:, self._supported].tolist()
        return found


class PairRanker:
    """A sentence-transformers CrossEncoder that a user names. Safe to call from several threads.

    Its scores are what its last layer gives, before a sigmoid that would flatten the best ones.
    """

    def __init__(self, name: str) -> None:
        """``name``: a folder, or ``hf:owner/repo``, which is downloaded if not in the cache. Raises ModelError."""
        source, is_local = _located(name, "reranker")
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        try:
            self._model = CrossEncoder(source, local_files_only=is_local, activation_fn=Identity())
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).split("\n")[0]
            raise ModelError(f"The reranker {name} does not load ({reason}): give another with `reranker`.") from error
        if self._model.num_labels != 1:
            raise ModelError(
                f"The reranker {name} gives {self._model.num_labels} scores for a pair, not one: give a CrossEncoder "
                "that was trained to rank passages."
            )
        # sentence-transformers does not lock its tokenizer (see ``minilm.Tokenizer``).
        self._turn = threading.Lock()

    def scores(self, pairs: Sequence[Pair]) -> list[float]:
        """For each question and passage a score, higher for a better answer. Pairs are cut to what the model reads."""
        if not pairs:
            return []
        with self._turn:
            found: list[float] = self._model.predict(list(pairs), show_progress_bar=False).tolist()
        return found


def _located(name: str, what: str) -> tuple[str, bool]:
    """The folder or the hub's ``owner/repo``, and whether it is on the disk. Raises ModelError if it is neither."""
    if name.startswith("hf:"):
        source = name.removeprefix("hf:")
        return source, is_on_disk(source)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ModelError(f"No {what} at {name}: give a folder, hf:owner/repo, or {PACKAGED}.")
    return str(folder), True


def _supported_output(name: str, labels: Mapping[int, str]) -> int:
    """The number of the output that means support. Raises ModelError when no label says which it is."""
    for number, label in labels.items():
        if label.casefold().startswith(_SUPPORTED_LABELS):
            return number
    if len(labels) <= 2 and all(label.startswith("LABEL_") for label in labels.values()):
        return len(labels) - 1
    listed = ", ".join(labels.values())
    raise ModelError(
        f"The verifier {name} has no output for support (its labels are {listed}): give a model for "
        "natural-language inference or factual consistency."
    )
