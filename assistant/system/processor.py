"""Detects which number formats this processor computes fast."""

from __future__ import annotations

from functools import lru_cache


def has_fast_bfloat16() -> bool:
    """Does it have instructions for bfloat16 (AVX512-BF16, AMX, Arm's BF16)? They are twice as fast as float32."""
    return any(map(_has, ("avx512_bf16", "amx_bf16", "bf16")))


def has_amx() -> bool:
    """Does it multiply matrices of bfloat16 by AMX? That is twice as fast as 8 bits without AMX."""
    return _has("amx_bf16")


def has_int8() -> bool:
    """Can torch multiply matrices of 8-bit integers by FBGEMM? It exists for x86 with AVX2 or AVX512."""
    import torch

    return "fbgemm" in torch.backends.quantized.supported_engines


def has_vnni() -> bool:
    """Does FBGEMM add products of 8-bit integers in 32 bits? Without VNNI its sums of two have 16 bits and overflow.

    FBGEMM uses VNNI with vectors of 512 bits only, not the instructions that processors without AVX512 have.
    """
    return _has("avx512_vnni")


def instruction_sets() -> str:
    """What torch computes with: the width of its vectors, and the processor's instructions for low precision."""
    import torch

    names = ("avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "dot", "bf16")
    return " ".join([torch.backends.cpu.get_cpu_capability(), *filter(_has, names)])


@lru_cache
def _has(name: str) -> bool:
    import torch

    return bool(torch.cpu.get_capabilities().get(name))
