"""Detects which number formats this processor computes fast."""

from __future__ import annotations


def has_fast_bfloat16() -> bool:
    """Does it have instructions for bfloat16 (AVX512-BF16, AMX, Arm's BF16)? They are twice as fast as float32."""
    import torch

    return any(torch.cpu.get_capabilities().get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
