"""How closely each word of a sentence belongs to a number in it, by distance, punctuation and conjunctions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text.quantities.bounds import roles_of
from assistant.text.quantities.noun_phrases import PHRASE_ENDS, Item, ends_phrase, stems_of
from assistant.text.quantities.numerals import Numeral

# Chosen with all of evals/data/paraphrases.jsonl in view; they matter little (evals/LOG.md).
_FADING = 0.15  # per word between a word and a number
_SHARED = 0.6  # of the weight of a word before the first number of a sentence, which may be the subject of all
_LEAST_WEIGHT = 0.001  # below it, a word is too far from a number to say anything of it
_ACROSS_BOUNDARY, _ACROSS_NUMBER = 0.4, 0.5  # what is left of a word's weight beyond one of these
_NAME_WEIGHT = _ROLE_WEIGHT = 1.5  # names, other numbers and "from" or "to" say more than other words
_BOUNDARIES = frozenset(
    ", ; : ( ) – — and but while whereas against versus vs than compared or though although".split()
)


def context_weights(text: str, numbers: Sequence[Numeral], items: Sequence[Item], place: int) -> dict[str, float]:
    """Each word of the sentence with how closely it belongs to the number: 1 next to it, less with every word,
    boundary and other number between them."""
    found: dict[str, float] = {}
    first = next(index for index, item in enumerate(items) if item.number >= 0)
    for step in (1, -1):
        weight, index = 1.0, place + step
        while 0 <= index < len(items) and weight > _LEAST_WEIGHT:
            item = items[index]
            weight /= 1 + _FADING
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
    """Is a comma that of "Llemma, which was trained on 200B tokens"? What stands before it belongs to what follows."""
    return items[place].text == "," and place + 1 < len(items) and items[place + 1].folded in ("which", "who", "whose")


def _parts(word: str, *, is_first: bool) -> list[tuple[str, float]]:
    """The stems of a word, and a name whole as well, each with its weight; nothing for a function word."""
    if ends_phrase(word) or word.casefold() in PHRASE_ENDS:
        return []
    is_name = any(mark.isupper() or mark.isdigit() for mark in word[1:]) or (word[0].isupper() and not is_first)
    weight = _NAME_WEIGHT if is_name else 1.0
    whole = [(word.casefold(), weight)] if re.search(r"[-_.\d]", word) else []
    return [(part, weight) for part in stems_of(word)] + whole
