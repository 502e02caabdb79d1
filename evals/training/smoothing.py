"""Moves large activations into the weights, so that 8 bits lose little (SmoothQuant: Xiao et al., 2023).

A few channels of a transformer's activations are far larger than the others, and would set the scale for all when a
row is quantized. Dividing a channel by a factor where it is made, and multiplying the weights that use it by the same
factor, changes nothing that the model computes in 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from assistant.models.abstract_model import AbstractModel

STRENGTH = 0.6  # how much of the difficulty moves from activations to weights; the paper's alpha
_SMALLEST = 1e-5


def smooth(model: AbstractModel, run: Callable[[], None]) -> None:
    """Change the weights in place. ``run`` lets the model read typical texts."""
    largest = _largest_inputs(model, run)
    with torch.no_grad():
        for number, layer in enumerate(model.llama.layers):
            attention, mlp = layer.self_attn, layer.mlp
            inputs = (attention.q_proj, attention.k_proj, attention.v_proj)
            _fold(layer.input_layernorm.weight, inputs, largest[number, "attention"])
            _fold(layer.post_attention_layernorm.weight, (mlp.gate_proj, mlp.up_proj), largest[number, "mlp"])
            _fold(mlp.up_proj.weight, (mlp.down_proj,), largest[number, "down"])
            _fold_values(attention, largest[number, "output"], model.llama.config)


def _largest_inputs(model: AbstractModel, run: Callable[[], None]) -> dict[tuple[int, str], torch.Tensor]:
    """The largest absolute value of each input channel of four linear maps of each layer."""
    largest: dict[tuple[int, str], torch.Tensor] = {}

    def watch(key: tuple[int, str]) -> Callable[[Any, tuple[torch.Tensor, ...]], None]:
        def hook(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            found = inputs[0].detach().float().abs().flatten(end_dim=-2).amax(dim=0)
            largest[key] = torch.maximum(largest.get(key, found), found)

        return hook

    handles = [
        linear.register_forward_pre_hook(watch((number, name)))
        for number, layer in enumerate(model.llama.layers)
        for name, linear in (
            ("attention", layer.self_attn.q_proj),
            ("output", layer.self_attn.o_proj),
            ("mlp", layer.mlp.gate_proj),
            ("down", layer.mlp.down_proj),
        )
    ]
    run()
    for handle in handles:
        handle.remove()
    return largest


def _factors(largest: torch.Tensor, consumers: tuple[Any, ...]) -> torch.Tensor:
    weights = torch.cat([consumer.weight for consumer in consumers]).abs().amax(dim=0)
    return (largest.clamp(min=_SMALLEST) ** STRENGTH / weights.clamp(min=_SMALLEST) ** (1 - STRENGTH)).clamp(
        min=_SMALLEST
    )


def _fold(producer: torch.Tensor, consumers: tuple[Any, ...], largest: torch.Tensor) -> None:
    """``producer``: the weight of a norm ``(channels,)``, or a matrix whose rows make the channels."""
    factors = _factors(largest, consumers)
    producer /= factors if producer.dim() == 1 else factors[:, None]
    for consumer in consumers:
        consumer.weight *= factors


def _fold_values(attention: Any, largest: torch.Tensor, config: Any) -> None:
    """Values of one key-value head are read by several heads, which must share a factor."""
    heads, groups = config.num_key_value_heads, config.num_attention_heads // config.num_key_value_heads
    factors = _factors(largest, (attention.o_proj,)).view(heads, groups, -1).amax(dim=1)
    attention.v_proj.weight /= factors.reshape(-1, 1)
    attention.o_proj.weight *= factors[:, None].expand(-1, groups, -1).reshape(-1)
