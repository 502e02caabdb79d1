"""Trains low-rank additions to the linear maps of a model that stays as it is (LoRA: Hu et al., 2021)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from evals.training.reranker import CHECKPOINT_STEPS, rate, resume, save_checkpoint

SEED = 0
LEARNING_RATE, WEIGHT_DECAY, CLIP = 1e-3, 0.01, 1.0
_ROWS_PER_STEP = 8


class Sized(Protocol):
    @property
    def length(self) -> int:
        """In tokens."""
        ...


Row = TypeVar("Row", bound=Sized)


def plan(rows: Sequence[Row], passes: float, sorted_together: int) -> list[list[Row]]:
    """The rows of each step, of about the same length: drawn, then sorted within groups of ``sorted_together``."""
    chance = random.Random(SEED)
    steps: list[list[Row]] = []
    while passes > 0:
        chosen = chance.sample(list(rows), int(len(rows) * min(1.0, passes)))
        part: list[list[Row]] = []
        for first in range(0, len(chosen), sorted_together):
            ranked = sorted(chosen[first : first + sorted_together], key=lambda row: row.length)
            part += [ranked[at : at + _ROWS_PER_STEP] for at in range(0, len(ranked), _ROWS_PER_STEP)]
        chance.shuffle(part)
        steps += part
        passes -= 1.0
    return steps


def train(
    model: nn.Module, loss_of: Callable[[Sequence[Row]], torch.Tensor], steps: Sequence[Sequence[Row]], checkpoint: Path
) -> None:
    """Train the weights that need gradients in place, from the checkpoint if there is one."""
    parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
    optimizer = torch.optim.AdamW(parameters.values(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    first = resume(model, optimizer, checkpoint, strict=False)  # what is not trained is not in it
    model.train()
    losses: list[float] = []
    progress = tqdm(range(first, len(steps)), initial=first, total=len(steps), desc="training")
    for number in progress:
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate(number, len(steps))
        loss = loss_of(steps[number])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters.values(), CLIP)
        optimizer.step()
        losses.append(loss.item())
        progress.set_postfix(loss=f"{np.mean(losses[-100:]):.3f}")
        if number % CHECKPOINT_STEPS == CHECKPOINT_STEPS - 1:
            save_checkpoint(parameters, optimizer, number + 1, checkpoint)
