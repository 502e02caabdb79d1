"""Reading the candidates: a small cross-encoder that sees question and sentence together.

It is the packaged MiniLM with its six layers fine-tuned (``evals/train_reader.py``; model card in
``weights/README.md``). For one sentence it gives a logit on a scale where 0 stands for "no sentence answers", so the
softmax over all sentences and that 0 is the probability that each is the one that answers, and what is left to the 0
that none does. It was trained on questions that are answered by their abstract and on ones that look as if they were.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.models import embedding_folder
from assistant.records import RankedPaper, Retrieval
from assistant.settings import PACKAGED

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
LONGEST_PAIR_TOKENS = 256
CANDIDATES = 24  # sentences read a question
# Weights of a reading, in nats, against the search scores of papers and sentences; chosen on ``tune`` (evals/LOG.md).
PAPER_WEIGHT, SENTENCE_WEIGHT = 0.05, 0.1


class Reader:
    """Scores sentences against a question. Safe to call from several threads."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Raises ModelError when the base model or the weights are missing or do not fit."""
        import torch
        from safetensors.torch import load_file
        from transformers import AutoModel, AutoTokenizer

        folder = embedding_folder(PACKAGED)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._encoder: Any = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        self._head: Any = torch.nn.Linear(self._encoder.config.hidden_size, 1)
        try:
            trained = {name: value.float() for name, value in load_file(weights).items()}
            self._head.load_state_dict({name: trained.pop(f"head.{name}") for name in ("weight", "bias")})
            unexpected = self._encoder.load_state_dict(trained, strict=False).unexpected_keys
        except (OSError, KeyError, RuntimeError) as error:
            raise ModelError(f"The reader's weights {weights} cannot be used ({error}): reinstall footnote.") from error
        if unexpected:
            raise ModelError(f"The reader's weights {weights} are of another model: reinstall footnote.")

    def read(self, question: str, found: Retrieval) -> Retrieval:
        """What was found, ranked anew by search and reading together.

        ``signals`` of the result, on which the gate judges: ``total``, the log of the summed odds of all sentences
        read; ``own``, the same over the best paper's; ``search``, the best search score; ``margin``, its lead.
        """
        candidates = found.evidence[:CANDIDATES]
        logits = self.logits(question, [(item.paper.title, item.text) for item in candidates])
        evidence = [
            replace(item, score=item.score + SENTENCE_WEIGHT * logit)
            for item, logit in zip(candidates, logits, strict=True)
        ]
        by_paper: dict[str, list[float]] = defaultdict(list)
        for item, logit in zip(candidates, logits, strict=True):
            by_paper[item.paper.paper_id].append(logit)
        readings = {paper_id: _log_sum(scores) for paper_id, scores in by_paper.items()}
        least = min(readings.values(), default=0.0)
        papers = [
            RankedPaper(ranked.paper, ranked.score + PAPER_WEIGHT * readings.get(ranked.paper.paper_id, least))
            for ranked in found.papers
        ]
        searched = [ranked.score for ranked in found.papers]
        signals = {
            "total": _log_sum(logits),
            "own": readings.get(found.papers[0].paper.paper_id, least) if found.papers else -math.inf,
            "search": max(searched, default=0.0),
            "margin": searched[0] - searched[1] if len(searched) > 1 else 0.0,
        }
        return Retrieval(
            tuple(sorted(papers, key=lambda ranked: -ranked.score)),
            tuple(sorted(evidence, key=lambda item: (-item.score, item.place))),
            signals,
        )

    def logits(self, question: str, sentences: Sequence[tuple[str, str]]) -> list[float]:
        """One logit for each (title, sentence); above 0 means rather this one than none."""
        import torch

        if not sentences:
            return []
        # Sorted by length, so that a batch holds little padding.
        order = sorted(range(len(sentences)), key=lambda place: len("".join(sentences[place])))
        logits = [0.0] * len(sentences)
        with torch.inference_mode():
            for first in range(0, len(order), 8):
                places = order[first : first + 8]
                texts = [f"{sentences[place][0]}. {sentences[place][1]}" for place in places]
                batch = self._tokenizer(
                    [question] * len(texts), texts, truncation="longest_first", max_length=LONGEST_PAIR_TOKENS,
                    padding=True, return_tensors="pt",
                )  # fmt: skip
                hidden = self._encoder(**batch).last_hidden_state
                mask = batch["attention_mask"].unsqueeze(-1)
                pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
                for place, logit in zip(places, self._head(pooled).squeeze(-1).tolist(), strict=True):
                    logits[place] = logit
        return logits


def _log_sum(values: Sequence[float]) -> float:
    """log of the sum of the exponentials; minus infinity for none."""
    top = max(values, default=-math.inf)
    return top + math.log(sum(math.exp(value - top) for value in values)) if values else top
