"""Scores pairs of texts with a cross-encoder: a transformer that takes both texts as one input (transformers, torch).

A ``CrossEncoder`` is the packaged MiniLM with its six layers fine-tuned and one linear output. It shares the word
embeddings, half of the model, with the packaged one, so a file of weights contains only the layers (model cards in
``weights/README.md``).
A ``PairClassifier`` is a model that a user names.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.models.minilm import Tokenizer, mean_of, packaged_minilm
from assistant.settings import PACKAGED
from assistant.system.processor import has_fast_bfloat16

LONGEST_PAIR_TOKENS = 256
_PAIRS_AT_ONCE = 8
_SUPPORTED_LABELS = ("entail", "support", "consistent")

Pair = tuple[str, str]


class CrossEncoder:
    """Fine-tuned MiniLM. Safe to call from several threads."""

    def __init__(self, weights: Path, *, bfloat16: bool | None = None) -> None:
        """Raises ModelError when the base model or the weights are missing or do not fit.

        ``bfloat16``: multiply in 16 bits, which changes a logit by about 0.02. Default: if the processor is fast at it.
        """
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        self._bfloat16 = has_fast_bfloat16() if bfloat16 is None else bfloat16
        self._tokenizer, packaged = packaged_minilm()
        self._encoder = copy.deepcopy(packaged, {id(packaged.embeddings): packaged.embeddings})
        self._head: Any = torch.nn.Linear(self._encoder.config.hidden_size, 1)
        try:
            trained = {name: value.float() for name, value in load_file(weights).items()}
            self._head.load_state_dict({name: trained.pop(f"head.{name}") for name in ("weight", "bias")})
            shared = [name for name in trained if name.startswith("embeddings.")]
            unexpected = shared or self._encoder.load_state_dict(trained, strict=False).unexpected_keys
        except (OSError, KeyError, RuntimeError, SafetensorError) as error:
            reason = str(error).split("\n")[0]
            raise ModelError(f"The weights {weights} cannot be used ({reason}): reinstall footnote.") from error
        if unexpected:
            raise ModelError(f"The weights {weights} are of another model: reinstall footnote.")

    def logits(self, pairs: Sequence[Pair]) -> list[float]:
        """One logit for each pair of texts. Both texts of a pair are cut to 256 tokens in total."""
        import torch

        # Sorted by length, so that batches contain little padding.
        order = sorted(range(len(pairs)), key=lambda place: len("".join(pairs[place])))
        logits = [0.0] * len(pairs)
        fast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bfloat16)
        with torch.inference_mode(), fast:
            for first in range(0, len(order), _PAIRS_AT_ONCE):
                places = order[first : first + _PAIRS_AT_ONCE]
                batch = _batch(self._tokenizer, [pairs[place] for place in places])
                pooled = mean_of(self._encoder(**batch).last_hidden_state, batch["attention_mask"])
                for place, logit in zip(places, self._head(pooled).squeeze(-1).tolist(), strict=True):
                    logits[place] = logit
        return logits


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
