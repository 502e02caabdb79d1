"""Detects which number formats this processor computes fast."""

from __future__ import annotations

from functools import lru_cache


def has_fast_bfloat16() -> bool:
    """Does it have instructions for bfloat16 (AVX512-BF16, AMX, Arm's BF16)? They are twice as fast as float32."""
    return any(map(_has, ("avx512_bf16", "amx_bf16", "bf16")))


def has_amx() -> bool:
    """Does it multiply matrices of bfloat16 by AMX? That is twice as fast as 8 bits without AMX."""
    return _has("amx_bf16")


def has_vnni() -> bool:
    """Does it multiply 8-bit numbers without overflow (VNNI)? Otherwise one factor may have seven bits only."""
    return _has("avx512_vnni") or _has("avx_vnni") or not _has("avx2")


def instruction_sets() -> str:
    """What torch computes with: the width of its vectors, and the processor's instructions for low precision."""
    import torch

    names = ("avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "dotprod", "bf16")
    return " ".join([torch.backends.cpu.get_cpu_capability(), *filter(_has, names)])


@lru_cache
def _has(name: str) -> bool:
    import torch

    return bool(torch.cpu.get_capabilities().get(name))
