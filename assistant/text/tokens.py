"""Words of a text: case-folded, without stop words, and joined to an enumeration. Pure functions, no models."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_FUNCTION_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but
    by can could did do does doing down during each few for from further had has have having he her here hers him his
    how i if in into is it its itself just let me more most my no nor not now of off on once only or other our ours
    out over own same she should so some such than that the their theirs them then there these they this those
    through to too under until up us very was we were what when where which while who whom why will with would you
    your yours""".split()
)
# Words that say how to answer or that any paper could be asked with; not function words, but of no use in a search.
_QUESTION_WORDS = frozenset(
    """abstract according author authors describe explain find give list paper papers please show studies study tell
    work""".split()
)
_STOP_WORDS = _FUNCTION_WORDS | _QUESTION_WORDS
_WORD = re.compile(r"[^\W_]+(?:['’.+-][^\W_]+)*\+*")


def words(text: str) -> list[str]:
    """Case-folded words of ``text``; ``GPT-3.5``, ``c++`` and ``don't`` stay whole."""
    return [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())]


def is_function_word(word: str) -> bool:
    """Expects a case-folded word, as ``is_stop_word`` does."""
    return word in _FUNCTION_WORDS


def is_stop_word(word: str) -> bool:
    """Is it a function word, or a word of questions such as "paper", "show" or "according"?"""
    return word in _STOP_WORDS


def content_words(text: str) -> list[str]:
    """Words that carry meaning, hyphened words in their parts: ``pre-training`` gives ``pre``, ``training``."""
    found: list[str] = []
    for word in words(text):
        parts = [part for part in re.split(r"[-'.]", word) if part]
        found += [part for part in parts if part not in _STOP_WORDS and (len(part) > 1 or part.isdigit())]
    return found


def enumeration(items: Sequence[str], word: str = "and") -> str:
    """The items as one text: "A", "A and B", "A, B and C"."""
    return f" {word} ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
