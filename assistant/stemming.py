"""Snowball stems of English words, by PyStemmer; the same stems index, search and check."""

from __future__ import annotations

from functools import lru_cache

import Stemmer

from assistant.text import content_words

_STEMMER = Stemmer.Stemmer("english")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    stemmed: str = _STEMMER.stemWord(word)
    return stemmed


def stems(text: str) -> list[str]:
    """Stems of the content words of ``text``, in order, with repeats."""
    return [stem(word) for word in content_words(text)]
