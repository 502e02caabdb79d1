"""Stores and loads the weights of the reranker's transformer, and multiplies with them in 8 bits."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from assistant.models import weights
from assistant.models.abstract_model import AbstractModel
from assistant.models.matrices import save_matrices, stored_matrices, unscaled
from assistant.system.processor import has_int8, has_vnni

_UNUSED = "llama.embed_tokens.weight"  # texts come in as embeddings


class Int8Linear(nn.Module):
    """A linear map with weights in 8 bits, whose inputs are quantized for each call, each row by its own largest value.

    torch quantizes all inputs of a call by one scale, which a single large row would set for all (logits then change
    by 0.9 on average); so rows are divided by their largest value before, and multiplied after (0.1).
    """

    def __init__(self, values: torch.Tensor, scales: torch.Tensor) -> None:
        """``values``: 8-bit integers ``(outputs, inputs)``; ``scales``: ``(outputs,)``."""
        super().__init__()
        zeros = torch.zeros(len(scales), dtype=torch.long)
        with warnings.catch_warnings():
            # torch 2.13 says that these tensors will go; it is pinned, and 32 bits are 1.7 times as slow on AVX2.
            warnings.filterwarnings("ignore", "torch.quantize_per_tensor", UserWarning)
            matrix = torch._make_per_channel_quantized_tensor(values, scales.double(), zeros, 0)  # noqa: SLF001
        self._packed = torch.ops.quantized.linear_prepack(matrix, None)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        largest = inputs.abs().amax(dim=-1, keepdim=True).clamp(min=1e-6)
        found: torch.Tensor = torch.ops.quantized.linear_dynamic(inputs / largest, self._packed, not has_vnni())
        return found * largest


def save_model(model: AbstractModel, path: Path) -> None:
    """54 MB with 15 layers."""
    save_matrices({name: value for name, value in model.state_dict().items() if name != _UNUSED}, path)


def load_model(path: Path, *, bfloat16: bool, in_8_bits: bool = True) -> AbstractModel:
    """The model, to compute in 16 bits, or with matrices in 8 bits, or in 32 where torch has no 8-bit products.

    ``in_8_bits`` false: matrices in 32 bits everywhere, to train what is added to them.

    Raises ModelError when the file is damaged.
    """
    with weights.usable(path):
        stored, scales = stored_matrices(path)
        layers = 1 + max(int(name.split(".")[2]) for name in stored if name.startswith("llama.layers."))
        with torch.device("meta"):  # no memory for weights that are replaced at once
            model = AbstractModel(layers)
        if stored.keys() != model.state_dict().keys() - {_UNUSED}:
            raise weights.of_another_model(path)
        if in_8_bits and has_int8() and not bfloat16:
            for name in [name for name in scales if name.startswith("llama.")]:
                _set_linear(model, name, Int8Linear(stored.pop(name), scales.pop(name)))
        state = unscaled(stored, scales, torch.bfloat16 if bfloat16 else torch.float32)
        model.load_state_dict(state, strict=False, assign=True)
    model.llama.rotary_emb = type(model.llama.rotary_emb)(model.llama.config)  # computed, not stored
    return model.eval().requires_grad_(False)


@lru_cache(maxsize=1)
def shared_model(path: Path, *, bfloat16: bool) -> AbstractModel:
    """``load_model``, once: the reranker and the reader of claims use the same weights."""
    return load_model(path, bfloat16=bfloat16)


def _set_linear(model: AbstractModel, name: str, linear: Int8Linear) -> None:
    """Replace the linear map whose matrix has this name."""
    owner, _, attribute = name.removesuffix(".weight").rpartition(".")
    setattr(model.get_submodule(owner), attribute, linear)
