"""Files of trained weights; README.md holds their model cards and the commands that write them."""

from __future__ import annotations

from pathlib import Path

QUERY_ENCODER = Path(__file__).with_name("query_encoder.safetensors")
RERANKER = Path(__file__).with_name("reranker.safetensors")
ROLES = Path(__file__).with_name("roles.safetensors")
TOKENIZER = Path(__file__).with_name("smollm2_tokenizer.json")
VERIFIER = Path(__file__).with_name("verifier.safetensors")
