"""Files of trained weights; README.md holds their model cards and the commands that write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import ModelError

CLAIM_READER = Path(__file__).with_name("claim_reader.safetensors")
QUERY_ENCODER = Path(__file__).with_name("query_encoder.safetensors")
RERANKER = Path(__file__).with_name("reranker.safetensors")
ROLES = Path(__file__).with_name("roles.safetensors")
TOKENIZER = Path(__file__).with_name("smollm2_tokenizer.json")
VERIFIER = Path(__file__).with_name("verifier.safetensors")


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Raises ModelError for whatever goes wrong while the weights of this file are read and put into a model."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
        reason = str(error).split("\n")[0]
        raise ModelError(f"The weights {path} cannot be used ({reason}): reinstall footnote.") from error


def of_another_model(path: Path) -> ModelError:
    return ModelError(f"The weights {path} are of another model: reinstall footnote.")
