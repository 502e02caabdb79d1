"""Stores the weights of a model: matrices with 8 bits for each number and a scale for each row, vectors in 16 bits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from assistant.models import weights

_SCALE = ".scale"  # what is added to the name of a matrix for the scales of its rows

Stored = dict[str, torch.Tensor]
"""By the names of the weights: the numbers as they are stored, or the scales of the rows of the matrices."""


def save_matrices(state: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write the weights; those of matrices are symmetric around 0."""
    stored: dict[str, torch.Tensor] = {}
    for name, value in state.items():
        if value.dim() < 2:
            stored[name] = value.half()
        else:
            scales = value.abs().amax(dim=1).clamp(min=1e-6) / 127
            stored[name] = (value / scales[:, None]).round().to(torch.int8)
            stored[name + _SCALE] = scales.float()
    save_file({name: value.contiguous() for name, value in stored.items()}, path)


def load_matrices(path: Path) -> Stored:
    """What ``save_matrices`` wrote, in 32 bits. Raises ModelError when the file is damaged."""
    with weights.usable(path):
        return unscaled(*stored_matrices(path), torch.float32)


def stored_matrices(path: Path) -> tuple[Stored, Stored]:
    """The numbers as they are stored, and the scales."""
    stored = load_file(path)
    scales = {name.removesuffix(_SCALE): stored.pop(name) for name in [*stored] if name.endswith(_SCALE)}
    return stored, scales


def unscaled(stored: Stored, scales: Stored, dtype: torch.dtype) -> Stored:
    """The weights themselves."""
    return {
        name: (value * scales[name][:, None] if name in scales else value).to(dtype) for name, value in stored.items()
    }
