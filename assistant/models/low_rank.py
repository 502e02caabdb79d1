"""Low-rank additions to the linear maps of the reranker's transformer (LoRA: Hu et al., 2021).

The weights of the transformer are shared and stay as they are, so another use of it costs only its additions.
"""

from __future__ import annotations

import copy

import torch
from torch import nn

from assistant.models.abstract_model import INNER_WIDTH, AbstractModel
from assistant.models.abstract_weights import Int8Linear
from assistant.models.smollm2 import WIDTH

ADDED = 2.0  # factor of what is added: alpha / rank in the paper


class LowRankLinear(nn.Module):
    """A linear map that stays as it is, and a trained one of low rank that is added to it."""

    def __init__(self, base: nn.Module, inputs: int, outputs: int, rank: int, dtype: torch.dtype) -> None:
        """``base``: maps ``(..., inputs)`` to ``(..., outputs)``, of type ``dtype``."""
        super().__init__()
        self.base = base
        self.down = nn.Linear(inputs, rank, bias=False, dtype=dtype)
        self.up = nn.Linear(rank, outputs, bias=False, dtype=dtype)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.base(states) + ADDED * self.up(self.down(states))
        return found


def with_additions(base: AbstractModel, rank: int) -> AbstractModel:
    """A model that shares the weights of ``base`` and adds to each linear map of its layers one of this rank."""
    shared = {id(module): module for module in base.modules() if isinstance(module, nn.Linear | Int8Linear)}
    dtype = base.llama.norm.weight.dtype  # in which it computes; matrices may have 8 bits
    model = copy.deepcopy(base, {**shared, **{id(one): one for one in base.parameters()}})
    for layer in model.llama.layers:
        for owner in (layer.self_attn, layer.mlp):
            for name, linear in list(owner.named_children()):
                if id(linear) in shared:
                    setattr(owner, name, LowRankLinear(linear, *_sizes(name), rank, dtype))
    return model


def _sizes(name: str) -> tuple[int, int]:
    """Inputs and outputs of a linear map of a layer, by its name; a map in 8 bits does not say them."""
    return {"q_proj": (WIDTH, WIDTH), "o_proj": (WIDTH, WIDTH), "down_proj": (INNER_WIDTH, WIDTH)}.get(
        name, (WIDTH, INNER_WIDTH if name in ("gate_proj", "up_proj") else WIDTH // 3)
    )
