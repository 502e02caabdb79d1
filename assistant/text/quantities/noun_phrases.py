"""Finds the noun phrase after a number ("28 open data sets"), in a sentence split into words, punctuation and numbers.

It is not a parser: a noun phrase ends at the first function word, punctuation mark or number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.text.part_of_speech import possible_tags
from assistant.text.quantities.numerals import Numeral
from assistant.text.stemming import stem, stems
from assistant.text.tokens import is_function_word, is_stop_word

_LONGEST_PHRASE = 6  # words between a number and the noun that it counts
_ITEM = re.compile(r"[^\W_]+(?:['’._+-][^\W_]+)*|[^\w\s]")
PHRASE_ENDS = frozenset(
    """per across among within versus vs via against without compared each every both while whereas although though than
    respectively when whose since despite including such like one""".split()
)
"""Words that end a noun phrase, in addition to function words."""
_SKIPPED = frozenset("other further more such additional new different".split())  # before what is counted
_IRREGULAR_PLURALS = frozenset(
    """people children men women mice data criteria phenomena media bacteria corpora feet teeth larvae species series
    sheep fish radii nuclei fungi genera""".split()
)
_NOT_PLURAL = ("ss", "us", "is", "as", "'s", "’s")


@dataclass(frozen=True, slots=True)
class Item:
    """A word, a punctuation mark or a number of a sentence; ``number`` is the index of a number, -1 for others."""

    text: str
    start: int
    end: int
    number: int = -1

    @property
    def folded(self) -> str:
        return self.text.casefold()


def items_of(text: str, numbers: list[Numeral]) -> list[Item]:
    """The sentence as words, punctuation marks and numbers, in order."""
    items: list[Item] = []
    place = 0
    for index, number in enumerate(numbers):
        items += [
            Item(match.group(), match.start(), match.end()) for match in _ITEM.finditer(text, place, number.start)
        ]
        items.append(Item(text[number.start : number.end], number.start, number.end, index))
        place = number.end
    return items + [Item(match.group(), match.start(), match.end()) for match in _ITEM.finditer(text, place)]


def noun_phrase(items: list[Item], start: int) -> list[str]:
    """The words from an index on that may belong to one noun."""
    if start < len(items) and items[start].number >= 0:  # the "1.5B parameter" in "28 1.5B parameter models"
        start += 2 if items[start].text[-1].isalpha() and items[start].text[0].isdigit() else len(items)
    words: list[str] = []
    for item in items[start : start + _LONGEST_PHRASE]:
        if item.folded in _SKIPPED and not words:
            continue
        is_word = item.number < 0 and item.text[0].isalnum()
        if not is_word or ends_phrase(item.text) or item.folded in PHRASE_ENDS or is_verb(item.text):
            break
        words.append(item.text)
    return words


def ends_phrase(word: str) -> bool:
    """Is it a function word that is not spelled as a name (the metric IS)?"""
    return is_function_word(word.casefold()) and not _is_name(word)


def is_verb(word: str) -> bool:
    """Can a word only be a finite verb ("goes", "fell")? Participles may also be a part of a noun phrase."""
    tags = possible_tags(word) if word.isalpha() and word.islower() else frozenset()
    return bool(tags) and all(tag[0] == "V" and tag[2] in "BDZ0" for tag in tags)


def is_plural(word: str) -> bool:
    if word[-1] == "s" and word[-2:-1].isupper():
        return True  # GPUs
    last = word.casefold().split("-")[-1]
    return last in _IRREGULAR_PLURALS or (len(last) > 2 and last.endswith("s") and not last.endswith(_NOT_PLURAL))


def singular(word: str) -> str:
    """The stem of the last part of a word: GPU for GPUs, task for sub-tasks."""
    last = word.split("-")[-1]
    return stem(last[:-1].casefold() if last[-1:] == "s" and last[-2:-1].isupper() else last.casefold())


def stems_of(word: str) -> list[str]:
    is_counted = is_stop_word(word.casefold()) and not ends_phrase(word)  # papers, or a name; ``stems`` drops them
    return (
        [stem(word.casefold())] if is_counted else [*stems(word), *([singular(word)] if word[-2:-1].isupper() else [])]
    )


def _is_name(word: str) -> bool:
    return len(word) > 1 and word.isupper()
