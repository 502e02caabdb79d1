"""Scores pairs of texts with a classifier that a user names: a transformer that takes both texts as one input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
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
        source = name.removeprefix("hf:")
        is_hub = name.startswith("hf:")
        if not is_hub and not Path(source).expanduser().is_dir():
            raise ModelError(f"No verifier at {name}: give a folder, hf:owner/repo, or {PACKAGED}.")
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        source = source if is_hub else str(Path(source).expanduser())
        try:
            self._tokenizer = Tokenizer(AutoTokenizer.from_pretrained(source, local_files_only=not is_hub))
            self._model: Any = AutoModelForSequenceClassification.from_pretrained(source, local_files_only=not is_hub)
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
