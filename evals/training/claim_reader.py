"""Trains the reader of claims (``assistant/models/claim_reader.py``) into weights.

``python -m evals.training.claim_reader --abstracts FILE... --trials FILE --summaries FILE --checkpoint FILE``; the
README of this folder says which files. The transformer of the reranker stays as it is, and low-rank additions to its
linear maps are trained (LoRA). One source is read once, and all claims about it see it and themselves only. The loss
is the cross-entropy of the verdict, and of each token to be wrong where it is known which are.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from assistant.models import weights
from assistant.models.abstract_weights import load_model
from assistant.models.claim_reader import ClaimModel, claim_tokens, source_tokens
from assistant.models.matrices import save_matrices
from evals.metrics import auroc
from evals.training.claim_rows import NOT_SUPPORTED, SUPPORTED, Row, load
from evals.training.low_rank import SEED, plan, train
from evals.training.reranker import Batches

PASSES = 1.0
_SORTED_TOGETHER = 256  # rows
_WRONG_WEIGHT = 3.0  # of a token that is wrong; there are few of them


@dataclass(frozen=True, slots=True)
class Tokens:
    """A row in tokens; ``wrong``: for each claim which of its tokens are wrong, or None where that is not known."""

    kind: str
    source: list[int]
    claims: list[list[int]]
    verdicts: list[int]
    wrong: list[torch.Tensor | None]

    @property
    def length(self) -> int:
        return len(self.source) + sum(map(len, self.claims))


class ClaimBatches(Batches):
    """Rows of claims as tensors."""

    def tokens(self, row: Row) -> Tokens:
        claims = [claim_tokens(self.embeddings, claim.text) for claim in row.claims]
        wrong = [
            None if claim.wrong is None else self._wrong(claim.text, claim.wrong, len(tokens))
            for claim, tokens in zip(row.claims, claims, strict=True)
        ]
        source = source_tokens(self.embeddings, row.source)
        return Tokens(row.kind, source, claims, [claim.verdict for claim in row.claims], wrong)

    def _wrong(self, claim: str, spans: Sequence[tuple[int, int]], count: int) -> torch.Tensor:
        """1 for each token that overlaps a span of the claim, which stands after a line break."""
        offsets = self.embeddings.offsets(f"\n{claim.strip()}\n")[:count]
        return torch.tensor(
            [float(any(start < last + 1 and first + 1 < end for first, last in spans)) for start, end in offsets]
        )

    def judged(self, model: ClaimModel, rows: Sequence[Tokens]) -> list[list[tuple[torch.Tensor, torch.Tensor]]]:
        """For each row and each of its claims the logits of the verdicts, and of its tokens to be wrong."""
        lengths = torch.tensor([len(row.source) for row in rows])
        return model(self.embedded([row.source for row in rows]), lengths, *self.packed([row.claims for row in rows]))  # type: ignore[no-any-return]


def initial_model() -> ClaimModel:
    """The reranker's transformer in 32 bits; what is added to it is zero."""
    model = ClaimModel(load_model(weights.RERANKER, bfloat16=False, in_8_bits=False))
    model.requires_grad_(False)
    for name, parameter in model.named_parameters():
        if is_trained(name):
            parameter.requires_grad_(True)
            if name.endswith(("up.weight", "bias")):
                nn.init.zeros_(parameter)
    nn.init.normal_(model.verdict.weight, std=0.01)
    return model


def is_trained(name: str) -> bool:
    return ".down.weight" in name or ".up.weight" in name or name.startswith(("verdict.", "wrong."))


def loss_of(
    row: Tokens, judged: Sequence[tuple[torch.Tensor, torch.Tensor]]
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """The cross-entropies of the verdicts, and of the tokens of each claim of which it is known which are wrong."""
    verdicts, tokens = [], []
    for (logits, doubts), verdict, wrong in zip(judged, row.verdicts, row.wrong, strict=True):
        shares = logits.float().log_softmax(dim=0)
        verdicts.append(-(torch.logsumexp(shares[1:3], dim=0) if verdict == NOT_SUPPORTED else shares[verdict]))
        if wrong is not None:
            weight = torch.tensor(_WRONG_WEIGHT)
            tokens.append(
                nn.functional.binary_cross_entropy_with_logits(
                    doubts.float(), wrong, pos_weight=weight, reduction="none"
                )
            )
    return torch.stack(verdicts), tokens


def step_loss(model: ClaimModel, batches: ClaimBatches, rows: Sequence[Tokens]) -> torch.Tensor:
    """The mean over the verdicts, and that over the tokens of which it is known whether they are wrong."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        judged = batches.judged(model, rows)
    found = [loss_of(row, one) for row, one in zip(rows, judged, strict=True)]
    tokens = [loss for _, of_row in found for loss in of_row]
    return torch.cat([of_row for of_row, _ in found]).mean() + (torch.cat(tokens).mean() if tokens else 0.0)


def held_out_scores(model: ClaimModel, batches: ClaimBatches, rows: Sequence[Tokens]) -> str:
    """AUROC of "supported" for each kind."""
    model.eval()
    scores: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for group in tqdm(plan(rows, 1.0, _SORTED_TOGETHER), desc="held out"):
            for row, judged in zip(group, batches.judged(model, group), strict=True):
                for (logits, _), verdict in zip(judged, row.verdicts, strict=True):
                    scores[row.kind][verdict != SUPPORTED].append(float(logits.float().log_softmax(dim=0)[SUPPORTED]))
    return ", ".join(f"{kind} {auroc(*of_kind):.3f}" for kind, of_kind in sorted(scores.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--abstracts", nargs="+", type=Path, required=True)
    parser.add_argument("--trials", type=Path, required=True, help="Evidence Inference")
    parser.add_argument("--summaries", type=Path, required=True, help="SciTLDR")
    parser.add_argument("--checkpoint", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    rows = load(options.abstracts, options.trials, options.summaries)
    batches, model = ClaimBatches(), initial_model()
    tokens = {held: [batches.tokens(row) for row in rows if row.is_held_out == held] for held in (False, True)}
    steps = plan(tokens[False], PASSES, _SORTED_TOGETHER)
    train(model, lambda rows: step_loss(model, batches, rows), steps, options.checkpoint)
    save_matrices({name: value for name, value in model.state_dict().items() if is_trained(name)}, weights.CLAIM_READER)
    print(f"Wrote {weights.CLAIM_READER}.")
    print(f"held out: {held_out_scores(model, batches, tokens[True])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
