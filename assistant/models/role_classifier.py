"""Says what each sentence of an abstract is for, from the vectors that the packaged MiniLM gives its sentences.

Two logistic regressions (``evals/training/roles.py``; model card in ``weights/README.md``): one tells background, aim,
method and finding apart, the other results from conclusions among the findings. Public abstracts with labelled
sentences do not tell these two apart, and headings of structured abstracts do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.models import weights
from assistant.records import Role

KINDS: tuple[tuple[Role, ...], ...] = (("background",), ("aim",), ("method",), ("result", "conclusion"))
"""The classes of the first regression; the second one divides the last of them."""
_ORDER: tuple[Role, ...] = tuple(role for kind in KINDS for role in kind)
_PARTS = 5  # of an abstract, for the place of a sentence


class RoleClassifier:
    """The packaged classifier, without torch. Safe to call from several threads."""

    def __init__(self, path: Path = weights.ROLES) -> None:
        """Raises ModelError when the weights are missing or damaged."""
        from safetensors.numpy import load_file

        with weights.usable(path):
            stored = load_file(path)
            kind, finding = (stored[name].astype(np.float32) for name in ("kind", "finding"))
        self._kind, self._finding = kind, finding

    def probabilities(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """``(sentences, roles)``, in the order of ``_ORDER``, for the vectors of all sentences of one abstract."""
        known = features(vectors)
        kinds = _softmax(known @ self._kind[:-1] + self._kind[-1])
        is_conclusion = 1 / (1 + np.exp(-(known @ self._finding[:-1] + self._finding[-1])))
        found: NDArray[np.float32] = np.column_stack(
            [kinds[:, :3], kinds[:, 3] * (1 - is_conclusion), kinds[:, 3] * is_conclusion]
        )
        return found

    def roles(self, vectors: NDArray[np.floating], allowed: Sequence[frozenset[Role]]) -> list[Role]:
        """The most probable of the roles that are allowed for each sentence of one abstract."""
        return [
            max(permitted, key=lambda role: (row[_ORDER.index(role)], role))
            for row, permitted in zip(self.probabilities(vectors), allowed, strict=True)
        ]


def features(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """``(sentences, 3 * dimension + 8)``: each sentence, half of either neighbour, and its place in the abstract.

    In 16 bits as they are stored, so that a role does not depend on whether a vector was stored before.
    """
    count, dimension = vectors.shape
    own = vectors.astype(np.float16).astype(np.float32)
    around = np.zeros((count + 2, dimension), dtype=np.float32)
    around[1:-1] = own / 2
    place = (np.arange(count, dtype=np.float32) + 0.5) / max(count, 1)
    parts = np.eye(_PARTS, dtype=np.float32)[(place * _PARTS).astype(int)]
    ends = np.zeros((count, 2), dtype=np.float32)
    ends[:1, 0] = ends[-1:, 1] = 1
    return np.column_stack([own, around[:-2], around[2:], place, parts, ends])


@lru_cache
def packaged_classifier() -> RoleClassifier:
    """Loaded once. Raises ModelError when the weights are missing or damaged."""
    return RoleClassifier()


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
    return shares
