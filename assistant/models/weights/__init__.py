"""Files of trained weights; README.md holds their model cards and the commands that write them."""

from __future__ import annotations

from pathlib import Path

RERANKER = Path(__file__).with_name("reranker.safetensors")
VERIFIER = Path(__file__).with_name("verifier.safetensors")
ROLES = Path(__file__).with_name("roles.safetensors")
