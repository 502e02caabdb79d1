"""A claim laid beside its source, word piece by word piece: which of its words does the source not bear out?

Each piece of the claim is compared with the pieces of the source that it is nearest to, in three layers of the packaged
MiniLM (attend and compare: Parikh et al., 2016); a small recurrent network reads the comparisons in order and says of
every piece whether it is borne out, and of the claim as a whole whether it is supported. MiniLM stays as it is; what
was trained is the 0.5 million parameters of ``Comparison`` (``evals/training/verifier.py``; model card in
``weights/README.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn.functional import normalize

from assistant.errors import ModelError
from assistant.models.minilm import LONGEST_TEXT_TOKENS, packaged_minilm

LAYERS = (0, 3, 6)  # of MiniLM's hidden states: the words alone, in their phrase, in their sentence
_SHARPNESS = 8.0  # of the attention over the source
_FARTHEST = 20.0  # pieces; a jump in the source counts as no longer than this
_NUMBERS = 3 * len(LAYERS) + 2  # beside the vectors of a piece
_PROJECTED, _COMPARED = 96, 192  # widths
_NO_PIECE = -1e4


class Pieces(NamedTuple):
    """A text's word pieces: where each stands in it, (pieces, 2), and its vectors, a (pieces, 384) for each layer."""

    offsets: Tensor
    vectors: tuple[Tensor, ...]


class Aligned(NamedTuple):
    """Claims beside their sources, padded to the longest.

    ``claim`` and ``source`` (what of the source each piece of the claim attends to): a (claims, pieces, 384) for each
    layer; ``numbers``: (claims, pieces, 11), cosines and order; ``mask``: (claims, pieces), false for padding.
    """

    claim: tuple[Tensor, ...]
    source: tuple[Tensor, ...]
    numbers: Tensor
    mask: Tensor


class PieceEncoder:
    """Texts to word pieces with the packaged MiniLM's vectors. Safe to call from several threads."""

    def __init__(self) -> None:
        """Raises ModelError when the packaged model is missing or damaged."""
        self._tokenizer, self._encoder = packaged_minilm()

    def encode(self, texts: Sequence[str]) -> list[Pieces]:
        """Texts are cut to 256 tokens. Put texts of like length together: a batch is padded to its longest."""
        batch = self._tokenizer(
            list(texts), truncation=True, max_length=LONGEST_TEXT_TOKENS, padding=True, return_tensors="pt",
            return_offsets_mapping=True,
        )  # fmt: skip
        offsets = batch.pop("offset_mapping")
        with torch.inference_mode():
            layers = self._encoder(**batch, output_hidden_states=True).hidden_states
        ends = batch["attention_mask"].sum(dim=1).tolist()
        return [  # without the marks at both ends
            Pieces(offsets[row, 1 : end - 1], tuple(layers[layer][row, 1 : end - 1] for layer in LAYERS))
            for row, end in enumerate(ends)
        ]


def aligned(claim: Pieces, source: Pieces) -> Aligned:
    """One claim beside its source, unpadded: tensors as of ``Aligned`` without their first dimension."""
    cosines = [
        normalize(one, dim=-1) @ normalize(other, dim=-1).T
        for one, other in zip(claim.vectors, source.vectors, strict=True)
    ]
    nearness = cosines[0] + cosines[1]
    attention = (nearness * _SHARPNESS).softmax(dim=1)
    place = nearness.argmax(dim=1).float()
    jump = place.diff(prepend=place[:1])
    numbers = [
        number
        for cosine in cosines
        for nearest in [cosine.topk(min(2, cosine.shape[1]), dim=1).values]
        for number in (nearest[:, 0], nearest[:, -1], cosine.mean(dim=1))
    ]
    numbers += [(jump == 1).float(), jump.abs().clamp(max=_FARTHEST) / _FARTHEST]
    return Aligned(
        claim.vectors,
        tuple(attention @ vectors for vectors in source.vectors),
        torch.stack(numbers, dim=1),
        torch.ones(len(place), dtype=torch.bool),
    )


def padded(items: Sequence[Aligned]) -> Aligned:
    """Several as one."""

    def pad(tensors: Sequence[Tensor]) -> Tensor:
        return nn.utils.rnn.pad_sequence(list(tensors), batch_first=True)

    layers = range(len(LAYERS))
    return Aligned(
        tuple(pad([item.claim[layer] for item in items]) for layer in layers),
        tuple(pad([item.source[layer] for item in items]) for layer in layers),
        pad([item.numbers for item in items]),
        pad([item.mask for item in items]),
    )


class Comparison(nn.Module):
    """What was trained: pieces compared, read in order, and judged."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.project = nn.ModuleList(nn.Linear(384, _PROJECTED) for _ in LAYERS)
        self.compare = nn.Linear(4 * _PROJECTED * len(LAYERS) + _NUMBERS, _COMPARED)
        self.context = nn.GRU(_COMPARED, _COMPARED // 2, bidirectional=True, batch_first=True)
        self.piece = nn.Linear(_COMPARED, 1)
        self.claim = nn.Sequential(nn.Linear(_COMPARED + 3, 64), nn.GELU(), nn.Linear(64, 1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, items: Aligned) -> tuple[Tensor, Tensor]:
        """Logits that a piece is not borne out, (claims, pieces), and that a claim is supported, (claims,)."""
        compared = [items.numbers]
        for project, claim, source in zip(self.project, items.claim, items.source, strict=True):
            one, other = project(claim), project(source)
            compared += [one, other, (one - other).abs(), one * other]
        pieces = nn.functional.gelu(self.compare(self.dropout(torch.cat(compared, dim=-1))))
        pieces = pieces + self.context(pieces)[0]
        doubts = self.piece(self.dropout(pieces)).squeeze(-1).masked_fill(~items.mask, _NO_PIECE)
        count = items.mask.sum(dim=1, keepdim=True)
        mean = (pieces * items.mask.unsqueeze(-1)).sum(dim=1) / count
        worst = torch.cat([doubts.amax(dim=1, keepdim=True), doubts.logsumexp(dim=1, keepdim=True)], dim=1)
        pooled = torch.cat([mean, worst.clamp(min=-20.0), count.log()], dim=1)
        return doubts, self.claim(self.dropout(pooled)).squeeze(-1)


@dataclass(frozen=True, slots=True)
class Reading:
    """``logit``: above 0, the source rather supports the claim. ``doubtful``: the word it bears out least."""

    logit: float
    doubtful: str


class Aligner:
    """Reads claims beside their sources. Safe to call from several threads.

    ``calibration``: ``slope`` and ``intercept`` that make of a logit the log-odds of support.
    """

    def __init__(self, weights: Path) -> None:
        """Raises ModelError when the weights are missing or do not fit."""
        self._encoder = PieceEncoder()
        self._comparison = Comparison().eval()
        try:
            with safe_open(weights, framework="pt") as file:
                names = file.keys()
                self._comparison.load_state_dict({name: file.get_tensor(name).float() for name in names})
                metadata = file.metadata() or {}
                self.calibration = {name: float(metadata[name]) for name in ("slope", "intercept")}
        except (OSError, SafetensorError, RuntimeError, ValueError, KeyError) as error:
            reason = str(error).split("\n")[0]
            raise ModelError(f"The weights {weights} cannot be used ({reason}): reinstall footnote.") from error

    def read(self, source: str, claim: str) -> Reading:
        said, held = self._encoder.encode([claim]) + self._encoder.encode([source])
        if not len(said.offsets) or not len(held.offsets):
            return Reading(-20.0, claim)
        with torch.inference_mode():
            doubts, logit = self._comparison(padded([aligned(said, held)]))
        start, end = said.offsets[int(doubts[0].argmax())].tolist()
        return Reading(float(logit), _word_at(claim, start, end))


def _word_at(text: str, start: int, end: int) -> str:
    """The whole word that a piece of it belongs to."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]
