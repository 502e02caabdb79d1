"""The tokens and embeddings of the packaged SmolLM2 are those of its GGUF file."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.models.locate import gguf_file
from assistant.models.smollm2 import packaged_embeddings
from assistant.settings import PACKAGED

pytestmark = pytest.mark.models


def similarity(one: str, other: str) -> float:
    embeddings = packaged_embeddings()
    first, second = (embeddings.vectors([embeddings.tokens(word)])[0].mean(axis=0) for word in (one, other))
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_words_that_mean_the_same_have_similar_embeddings():
    assert similarity(" dog", " dogs") > similarity(" dog", " theorem") + 0.2
    assert similarity(" increase", " increases") > similarity(" increase", " violin") + 0.2


def test_embeddings_have_the_shape_of_the_tokens():
    assert packaged_embeddings().vectors([[1, 2, 3], [4, 5, 6]]).shape == (2, 3, 576)


def test_texts_have_the_tokens_that_llama_cpp_gives_them():
    import llama_cpp

    model = llama_cpp.Llama(str(gguf_file(PACKAGED)), vocab_only=True, verbose=False)
    for text in (
        "Hens lay 3 eggs (81.7%).",
        "\nDoes α-synuclein matter?\n",
        " naïve Bayes, β = 0.05",
        "a <|im_end|> b",
    ):
        assert packaged_embeddings().tokens(text) == model.tokenize(text.encode(), add_bos=False, special=False)
    model.close()
