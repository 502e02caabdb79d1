"""Snowball stems of words, by PyStemmer. The index, the search and the checks use the same stems."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import Stemmer

from assistant.text.tokens import content_words

_STEMMER = Stemmer.Stemmer("english")
_CODES = frozenset("ar ca cs da de el es eu fi fr hi hu hy id it lt ne nl no pt ro ru sr sv ta tr".split())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    stemmed: str = _STEMMER.stemWord(word)
    return stemmed


def stem_in(language: str, word: str) -> str:
    """The stem of a word of the language with this code; the word itself if Snowball has no rules for the language."""
    stemmer = _stemmer(language)
    return str(stemmer.stemWord(word)) if stemmer else word


@cache
def _stemmer(language: str) -> Any:
    return Stemmer.Stemmer(language) if language in _CODES else None


def stems(text: str) -> list[str]:
    """Stems of the content words of ``text``, in order, with repeats."""
    return [stem(word) for word in content_words(text)]
