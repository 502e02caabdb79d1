"""Writes the tokenizer of the packaged SmolLM2 as a file of the library tokenizers.

``python -m evals.training.tokenizer``. transformers makes it from the vocabulary in the GGUF file.
"""

from __future__ import annotations

import sys

from transformers import AutoTokenizer

from assistant.models import weights
from assistant.models.locate import gguf_file
from assistant.settings import PACKAGED


def main() -> int:
    path = gguf_file(PACKAGED)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    tokenizer.backend_tokenizer.save(str(weights.TOKENIZER), pretty=False)
    print(f"Wrote {weights.TOKENIZER}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
