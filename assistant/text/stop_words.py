"""Function words of several languages, as bm25s lists them."""

from __future__ import annotations

from functools import cache

import bm25s.stopwords

_STOP_WORDS = {"en": "EN_PLUS", "de": "GERMAN", "fr": "FRENCH", "es": "SPANISH", "pt": "PORTUGUESE", "it": "ITALIAN"}
_STOP_WORDS |= {"nl": "DUTCH", "sv": "SWEDISH", "da": "DANISH", "no": "NORWEGIAN", "tr": "TURKISH", "ru": "RUSSIAN"}
_STOP_WORDS |= {"zh": "CHINESE", "ko": "KOREAN"}


@cache
def stop_words(language: str) -> frozenset[str]:
    """The function words of a language by its code, in lower case; none for a language without a list."""
    name = _STOP_WORDS.get(language)
    return frozenset(getattr(bm25s.stopwords, f"STOPWORDS_{name}")) if name else frozenset()
