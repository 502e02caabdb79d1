"""Parts of speech of English words in their sentence, by the Hanover Tagger (Wartena, 2019).

Its English model comes inside the package and uses the C5 tags of the British National Corpus: ``VVZ`` is "reaches",
``VVD`` "reached", ``VVN`` "reached" as a participle, ``VM0`` "can", ``NN1`` and ``NN2`` nouns, ``NP0`` a name.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any, NamedTuple

_MODEL = "morphmodel_en.pgz"
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.,+/][^\W_]+)*\+*|[^\w\s]")
_LONGEST_WORD = 60  # letters of a word that are read: the time grows with the cube of the length
_LIKELY = 4.0  # natural logarithms below the best reading of a word alone, within which another one is possible
_lock = threading.Lock()  # the tagger fills a cache of words while it reads


class Token(NamedTuple):
    """A word or a mark, and its tag; marks have tags that begin with ``PU``."""

    text: str
    tag: str

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


@lru_cache(maxsize=512)
def tag_words(text: str) -> tuple[Token, ...]:
    """The words and marks of one sentence."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return ()
    with _lock:
        found = load_tagger().tag_sent([token[:_LONGEST_WORD] for token in tokens])
    return tuple(Token(word, tag.partition("-")[0]) for word, (_, _, tag) in zip(tokens, found, strict=True))


@lru_cache(maxsize=8192)
def possible_tags(word: str, within: float = _LIKELY) -> frozenset[str]:
    """The tags that a word may well have, whatever is around it: not much less likely than the likeliest."""
    with _lock:
        found = load_tagger().tag_word(word[:_LONGEST_WORD]) if word else []
    best = max((score for _, score in found), default=0.0)
    return frozenset(tag for tag, score in found if score >= best - within)


@lru_cache(maxsize=1)
def load_tagger() -> Any:
    """The tagger, loaded once: a tenth of a second."""
    from HanTa import HanoverTagger

    return HanoverTagger.HanoverTagger(_MODEL)
