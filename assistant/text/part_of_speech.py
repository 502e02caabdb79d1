"""Tags the words of English sentences with their parts of speech, by the Hanover Tagger (Wartena, 2019).

Its English model is part of the package and uses the C5 tags of the British National Corpus: ``VVZ`` is "reaches",
``VVD`` "reached", ``VVN`` "reached" as a participle, ``VM0`` "can", ``NN1`` and ``NN2`` nouns, ``NP0`` a name.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any, NamedTuple

_MODEL = "morphmodel_en.pgz"
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.,+/][^\W_]+)*\+*|[^\w\s]")
_LONGEST_WORD = 60  # letters of a word that are tagged: the time grows with the cube of the length
_LIKELY = 4.0  # the difference of log-probabilities to the best tag, within which another tag is possible
_lock = threading.Lock()  # the tagger fills a cache while it tags, which is not thread-safe


class Token(NamedTuple):
    """A word or a punctuation mark, and its tag; the tags of punctuation begin with ``PU``."""

    text: str
    tag: str

    @property
    def is_word(self) -> bool:
        return self.text[0].isalnum()


@lru_cache(maxsize=512)
def tag_words(text: str) -> tuple[Token, ...]:
    """The words and punctuation marks of one sentence, with their tags."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return ()
    with _lock:
        found = load_tagger().tag_sent([token[:_LONGEST_WORD] for token in tokens])
    return tuple(Token(word, tag.partition("-")[0]) for word, (_, _, tag) in zip(tokens, found, strict=True))


@lru_cache(maxsize=8192)
def possible_tags(word: str, within: float = _LIKELY) -> frozenset[str]:
    """The tags that a word may have in any sentence: those not much less probable than the best one."""
    with _lock:
        found = load_tagger().tag_word(word[:_LONGEST_WORD]) if word else []
    best = max((score for _, score in found), default=0.0)
    return frozenset(tag for tag, score in found if score >= best - within)


@lru_cache(maxsize=1)
def load_tagger() -> Any:
    """The tagger; loading it takes a tenth of a second, once."""
    from HanTa import HanoverTagger

    return HanoverTagger.HanoverTagger(_MODEL)
