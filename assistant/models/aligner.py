"""The aligner of the packaged judge: compares a claim with its source, word piece by word piece.

Each piece of the claim is compared with the most similar pieces of the source, in three layers of the packaged MiniLM
(attend and compare: Parikh et al., 2016). A small recurrent network takes the comparisons in order. It gives a logit
for each piece, that the source does not support it, and one for the whole claim, that the source supports it. MiniLM is
not changed; the 0.5 million parameters of ``AlignmentNetwork`` are trained (``evals/training/verifier.py``; model card
in ``weights/README.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn.functional import normalize

from assistant.models import weights
from assistant.models.minilm import LONGEST_TEXT_TOKENS, packaged_minilm

# Hidden states of MiniLM: 0 depends on the piece and its position only, 3 also on nearby words, 6 on the sentence.
LAYERS = (0, 3, 6)
_SHARPNESS = 8.0  # factor of the cosines before the softmax: higher puts the attention on fewer pieces
_FARTHEST = 20.0  # pieces: a longer jump in the source counts as one of this length
_NUMBERS = 3 * len(LAYERS) + 2  # features of a piece in addition to its vectors; see ``align``
_PROJECTED, _COMPARED = 96, 192  # widths of the layers
_NO_PIECE = -1e4  # the logit of padding: so low that it never is the largest


class Pieces(NamedTuple):
    """The word pieces of a text.

    ``offsets``: start and end of each in the text, (pieces, 2); ``vectors``: (pieces, 384) for each of ``LAYERS``.
    """

    offsets: Tensor
    vectors: tuple[Tensor, ...]


class Aligned(NamedTuple):
    """Claims with the parts of their sources that they are compared with, padded to the longest claim.

    ``claim``: the vectors of its pieces; ``source``: for each of these pieces, the mean of the source's vectors,
    weighted by attention; both are (claims, pieces, 384) for each of ``LAYERS``. ``numbers``: (claims, pieces, 11),
    cosines and order. ``mask``: (claims, pieces), false for padding.
    """

    claim: tuple[Tensor, ...]
    source: tuple[Tensor, ...]
    numbers: Tensor
    mask: Tensor


class PieceEncoder:
    """Splits texts into word pieces, with the vectors of the packaged MiniLM. Safe to call from several threads."""

    def __init__(self) -> None:
        """Raises ModelError when the packaged model is missing or damaged."""
        self._tokenizer, self._encoder = packaged_minilm()

    def encode(self, texts: Sequence[str]) -> list[Pieces]:
        """Texts are cut to 256 tokens. A batch is padded to its longest text, so give texts of similar length."""
        batch = self._tokenizer(
            list(texts), truncation=True, max_length=LONGEST_TEXT_TOKENS, padding=True, return_tensors="pt",
            return_offsets_mapping=True,
        )  # fmt: skip
        offsets = batch.pop("offset_mapping")
        with torch.inference_mode():
            layers = self._encoder(**batch, output_hidden_states=True).hidden_states
        ends = batch["attention_mask"].sum(dim=1).tolist()
        return [  # without [CLS] and [SEP]
            Pieces(offsets[row, 1 : end - 1], tuple(layers[layer][row, 1 : end - 1] for layer in LAYERS))
            for row, end in enumerate(ends)
        ]


def align(claim: Pieces, source: Pieces) -> Aligned:
    """Align one claim with its source. The tensors have no padding and no first dimension (claims)."""
    cosines = [
        normalize(one, dim=-1) @ normalize(other, dim=-1).T
        for one, other in zip(claim.vectors, source.vectors, strict=True)
    ]
    # Which pieces belong together is decided by the two lower layers, where a vector is still mostly its own word; the
    # highest layer contributes the meaning in the sentence.
    nearness = cosines[0] + cosines[1]
    attention = (nearness * _SHARPNESS).softmax(dim=1)
    # Copied words follow each other in the source too. A jump shows a changed order, such as two names that were
    # swapped; cosines alone do not show it.
    place = nearness.argmax(dim=1).float()
    jump = place.diff(prepend=place[:1])
    # Per layer: the best match, the second best (is the match unique?), and the mean.
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


def pad_batch(items: Sequence[Aligned]) -> Aligned:
    """Join aligned claims into one batch."""

    def pad(tensors: Sequence[Tensor]) -> Tensor:
        return nn.utils.rnn.pad_sequence(list(tensors), batch_first=True)

    layers = range(len(LAYERS))
    return Aligned(
        tuple(pad([item.claim[layer] for item in items]) for layer in layers),
        tuple(pad([item.source[layer] for item in items]) for layer in layers),
        pad([item.numbers for item in items]),
        pad([item.mask for item in items]),
    )


class AlignmentNetwork(nn.Module):
    """The trained part: compares the pieces of a claim with its source, in order, and scores them and the claim."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.project = nn.ModuleList(nn.Linear(384, _PROJECTED) for _ in LAYERS)
        self.compare = nn.Linear(4 * _PROJECTED * len(LAYERS) + _NUMBERS, _COMPARED)
        self.context = nn.GRU(_COMPARED, _COMPARED // 2, bidirectional=True, batch_first=True)
        self.piece = nn.Linear(_COMPARED, 1)
        self.claim = nn.Sequential(nn.Linear(_COMPARED + 3, 64), nn.GELU(), nn.Linear(64, 1))
        self.dropout = nn.Dropout(dropout)

    def forward(self, items: Aligned) -> tuple[Tensor, Tensor]:
        """Logits that a piece is not supported, (claims, pieces), and that a claim is supported, (claims,)."""
        compared = [items.numbers]
        for project, claim, source in zip(self.project, items.claim, items.source, strict=True):
            # Difference and product of both vectors: the features of InferSent (Conneau et al., 2017).
            one, other = project(claim), project(source)
            compared += [one, other, (one - other).abs(), one * other]
        pieces = nn.functional.gelu(self.compare(self.dropout(torch.cat(compared, dim=-1))))
        pieces = pieces + self.context(pieces)[0]  # the residual keeps what the comparison found of each piece
        doubts = self.piece(self.dropout(pieces)).squeeze(-1).masked_fill(~items.mask, _NO_PIECE)
        count = items.mask.sum(dim=1, keepdim=True)
        # One wrong word makes a claim false, so the worst piece counts next to the mean; logsumexp, unlike the maximum,
        # grows with every further doubtful piece.
        mean = (pieces * items.mask.unsqueeze(-1)).sum(dim=1) / count
        worst = torch.cat([doubts.amax(dim=1, keepdim=True), doubts.logsumexp(dim=1, keepdim=True)], dim=1)
        pooled = torch.cat([mean, worst.clamp(min=-20.0), count.log()], dim=1)
        return doubts, self.claim(self.dropout(pooled)).squeeze(-1)


@dataclass(frozen=True, slots=True)
class Support:
    """``logit``: above 0, the source more likely supports the claim; ``weakest_word``: the word it supports least."""

    logit: float
    weakest_word: str


class Aligner:
    """Scores how well sources support claims. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises ModelError when the weights are missing or do not fit."""
        self._encoder = PieceEncoder()
        self._network = AlignmentNetwork().eval()
        with weights.usable(path), safe_open(path, framework="pt") as file:
            names = file.keys()
            self._network.load_state_dict({name: file.get_tensor(name).float() for name in names})

    def score(self, source: str, claim: str) -> Support:
        claimed, given = self._encoder.encode([claim]) + self._encoder.encode([source])
        if not len(claimed.offsets) or not len(given.offsets):
            return Support(-20.0, claim)  # a text without a word supports nothing
        with torch.inference_mode():
            doubts, logit = self._network(pad_batch([align(claimed, given)]))
        start, end = claimed.offsets[int(doubts[0].argmax())].tolist()
        return Support(float(logit), _word_at(claim, start, end))


def _word_at(text: str, start: int, end: int) -> str:
    """The whole word that ``text[start:end]`` is a piece of."""
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]
