"""Weights how closely each word of a sentence belongs to a number, by distance, punctuation and conjunctions.

The weights are compared as vectors (``rules/numbers.py``) to tell which number of a claim is which in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.quantities.bounds import roles_of
from assistant.text.quantities.noun_phrases import PHRASE_ENDS, Item, ends_phrase, stems_of
from assistant.text.quantities.numerals import Numeral

# Chosen on all of evals/data/paraphrases.jsonl; other values change little (evals/LOG.md).
_DECAY = 0.15  # the weight is divided by 1.15 for each word between a word and a number
_SHARED = 0.6  # factor for words before the first number of a sentence, which may be the subject of all numbers
_LEAST_WEIGHT = 0.001  # a word with a smaller weight is ignored
_ACROSS_BOUNDARY, _ACROSS_NUMBER = 0.4, 0.5  # factors for words on the other side of a boundary, or of another number
_NAME_WEIGHT = _ROLE_WEIGHT = 1.5  # names, other numbers and roles ("from", "to") distinguish more than other words
_BOUNDARIES = frozenset(
    ", ; : ( ) – — and but while whereas against versus vs than compared or though although".split()
)


def context_weights(text: str, numbers: Sequence[Numeral], items: Sequence[Item], place: int) -> dict[str, float]:
    """The stem of each word of a sentence with its weight: 1 next to the number, less with each word, boundary or other
    number between the two.

    Other numbers are included as "#" with their value, and the roles of ``roles_of`` as words. ``place``: the index of
    the number in ``items``.
    """
    found: dict[str, float] = {}
    first = next(index for index, item in enumerate(items) if item.number >= 0)
    for step in (1, -1):
        weight, index = 1.0, place + step
        while 0 <= index < len(items) and weight > _LEAST_WEIGHT:
            item = items[index]
            weight /= 1 + _DECAY
            if item.number >= 0:
                part = f"#{numbers[item.number].value * numbers[item.number].unit.factor:.6g}"
                found[part] = max(weight * _NAME_WEIGHT, found.get(part, 0.0))
                weight *= _ACROSS_NUMBER
            elif item.folded in _BOUNDARIES and not _opens_relative_clause(items, index):
                weight *= _ACROSS_BOUNDARY
            elif item.text[0].isalnum():
                is_shared = index < first  # the subject and verb of several numbers
                for part, share in _parts(item.text, is_first=index == 0):
                    share *= _SHARED if is_shared and share == 1 else 1
                    found[part] = max(weight * share, found.get(part, 0.0))
            index += step
    for role in roles_of(text, items[place].start, items[place].end):
        found[role] = _ROLE_WEIGHT
    return found


def _opens_relative_clause(items: Sequence[Item], place: int) -> bool:
    """Is it the comma of "Llemma, which was trained on 200B tokens"? What precedes it belongs to what follows."""
    return items[place].text == "," and place + 1 < len(items) and items[place + 1].folded in ("which", "who", "whose")


def _parts(word: str, *, is_first: bool) -> list[tuple[str, float]]:
    """The stems of a word with their weights, and a name also as a whole; nothing for a function word."""
    if ends_phrase(word) or word.casefold() in PHRASE_ENDS:
        return []
    is_name = any(mark.isupper() or mark.isdigit() for mark in word[1:]) or (word[0].isupper() and not is_first)
    weight = _NAME_WEIGHT if is_name else 1.0
    whole = [(word.casefold(), weight)] if re.search(r"[-_.\d]", word) else []
    return [(part, weight) for part in stems_of(word)] + whole
