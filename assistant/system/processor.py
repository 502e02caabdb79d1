"""What this processor is fast at."""

from __future__ import annotations


def has_fast_bfloat16() -> bool:
    """Does it multiply in 16 bits (AVX512-BF16, AMX, Arm's BF16)? Then it does so twice as fast as in 32."""
    import torch

    return any(torch.cpu.get_capabilities().get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
