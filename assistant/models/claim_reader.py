"""Reads a source and then a claim about it, and says whether the source supports or contradicts it, or tells nothing.

It is the transformer of the reranker with low-rank additions to its linear maps (``low_rank.py``), trained on
claims with known verdicts (``evals/training/claim_reader.py``; model card in ``weights/README.md``). The weights of the
reranker are shared, so the additions are all that it costs in memory.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from assistant.models import weights
from assistant.models.abstract_model import AbstractModel
from assistant.models.abstract_weights import shared_model
from assistant.models.low_rank import with_additions
from assistant.models.matrices import load_matrices
from assistant.models.smollm2 import WIDTH, TokenEmbeddings, packaged_embeddings
from assistant.system.processor import has_amx

LONGEST_SOURCE_TOKENS, LONGEST_CLAIM_TOKENS = 400, 120  # what follows them is not read
RANK = 8
_STATE_SCALE = 1 / 4  # of hidden states before the heads, whose weights then have the usual size
_SMALLEST_SHARE = 1e-5
VERDICTS = ("supported", "contradicted", "not told", "mixed")


class Reading(NamedTuple):
    """What the reader says about a claim.

    ``supported``: the log-odds of "supported" against "contradicted" or "not told". ``wrong``: the highest logit of a
    token to be wrong. ``shares``: the probability of each of ``VERDICTS``.
    """

    supported: float
    wrong: float
    shares: tuple[float, ...]

    def log_share(self, verdict: str) -> float:
        return math.log(max(_SMALLEST_SHARE, self.shares[VERDICTS.index(verdict)]))

    @property
    def leaning(self) -> float:
        """The log-odds of "supported" against "contradicted"."""
        return self.log_share("supported") - self.log_share("contradicted")


class ClaimModel(nn.Module):
    """The transformer with additions, and two heads: one for the verdict, one for the tokens that are wrong."""

    def __init__(self, base: AbstractModel) -> None:
        """``base``: its weights are shared and not changed."""
        super().__init__()
        self.reader = with_additions(base, RANK)
        self.verdict = nn.Linear(4 * WIDTH, len(VERDICTS))
        self.wrong = nn.Linear(WIDTH, 1)

    def forward(
        self, source: torch.Tensor, lengths: torch.Tensor, claims: torch.Tensor, numbers: torch.Tensor
    ) -> list[list[tuple[torch.Tensor, torch.Tensor]]]:
        """For each source and each claim about it the logits of the verdicts, and of its tokens to be wrong.

        ``source``: embedded texts ``(sources, tokens, 576)``, of ``lengths`` tokens. ``claims``, ``numbers``: the
        embedded claims about each source, one after another, and which claim a token belongs to, as in
        ``AbstractModel.ask``.
        """
        hidden, kept = self.reader.read(source)
        states = self.reader.ask(kept, lengths, claims, numbers).float()
        found = []
        for row, length in enumerate(lengths.tolist()):
            mean = hidden[row, :length].float().mean(dim=0)
            count = int(numbers[row].max()) + 1
            found.append([self._judged(states[row, numbers[row] == number], mean) for number in range(count)])
        return found

    def _judged(self, claim: torch.Tensor, source: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        wrong = self.wrong(claim * _STATE_SCALE).squeeze(-1)
        states = torch.cat([claim[-1], claim.mean(dim=0), claim[wrong.argmax()], source])
        return self.verdict(states * _STATE_SCALE), wrong


class ClaimReader:
    """Safe to call from several threads, one at a time."""

    def __init__(self, path: Path, *, bfloat16: bool | None = None) -> None:
        """Raises ModelError when the packaged SmolLM2 or the weights are missing or do not fit.

        ``bfloat16``: compute in 16 bits, or else with weights in 8 bits. Default: if the processor has AMX.
        """
        bfloat16 = has_amx() if bfloat16 is None else bfloat16
        self._embeddings = packaged_embeddings()
        self._dtype = torch.bfloat16 if bfloat16 else torch.float32
        self._model = ClaimModel(shared_model(weights.RERANKER, bfloat16=bfloat16))
        added = load_matrices(path)
        unknown = self._model.load_state_dict(added, strict=False).unexpected_keys
        if unknown or not added:
            raise weights.of_another_model(path)
        self._model.eval().requires_grad_(False)
        self._turn = threading.Lock()

    def read(self, source: str, claims: Sequence[str]) -> list[Reading]:
        """What is said about each claim; it does not depend on the other claims."""
        if not claims:
            return []
        read = source_tokens(self._embeddings, source)
        asked = [claim_tokens(self._embeddings, claim) for claim in claims]
        with self._turn, torch.inference_mode():
            packed = self._embedded([token for tokens in asked for token in tokens])
            numbers = torch.tensor([[number for number, tokens in enumerate(asked) for _ in tokens]])
            (judged,) = self._model(self._embedded(read), torch.tensor([len(read)]), packed, numbers)
        return [_reading(logits.float(), wrong.float()) for logits, wrong in judged]

    def _embedded(self, tokens: Sequence[int]) -> torch.Tensor:
        return torch.from_numpy(self._embeddings.vectors([tokens])).to(self._dtype)


@lru_cache(maxsize=1)
def packaged_claim_reader() -> ClaimReader:
    """The packaged reader, once: the judge and the short answers use the same. Raises ModelError if damaged."""
    return ClaimReader(weights.CLAIM_READER)


def _reading(logits: torch.Tensor, wrong: torch.Tensor) -> Reading:
    supported = logits[0] - torch.logsumexp(logits[1:3], dim=0)
    return Reading(float(supported), float(wrong.max()), tuple(logits.softmax(dim=0).tolist()))


def source_tokens(embeddings: TokenEmbeddings, source: str) -> list[int]:
    return embeddings.tokens(source.strip())[:LONGEST_SOURCE_TOKENS] or embeddings.tokens("\n")


def claim_tokens(embeddings: TokenEmbeddings, claim: str) -> list[int]:
    """The tokens of a claim, or of a question to be answered yes or no, on its own line."""
    return embeddings.tokens(f"\n{claim.strip()}\n")[:LONGEST_CLAIM_TOKENS]
