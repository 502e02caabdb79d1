"""Extracts quantities from a text: a number's value, unit, limit and the noun that it counts, with offsets.

The one place where numbers are read for their meaning. It is not a parser: the counted noun is the first plural among
the words after the number, or the word that a hyphen joins to it. All other words are weighted by their distance,
punctuation and conjunctions (``number_contexts``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from assistant.text.quantities.bounds import Bound, Certainty, bound_of
from assistant.text.quantities.noun_phrases import (
    PHRASE_ENDS,
    Item,
    ends_phrase,
    is_plural,
    is_verb,
    items_of,
    noun_phrase,
    singular,
    stems_of,
)
from assistant.text.quantities.number_contexts import context_weights
from assistant.text.quantities.numerals import APPROXIMATORS, LINK, Numeral, numerals_in
from assistant.text.quantities.units import NONE, PERCENT, POINT, TIMES, Unit
from assistant.text.sentences import sentence_spans
from assistant.text.stemming import stem
from assistant.text.tokens import is_stop_word

YEAR = Unit("calendar year")

_NO_METRIC = frozenset(  # words after a number that compare it, or verbs
    """fell rose won lost died grew went less fewer better worse higher lower larger smaller faster slower greater
    longer shorter older younger absolute relative old deep long wide high tall away apart total times became is was
    were had has""".split()
)
_ANY_METRIC = frozenset(  # words before "of 12" that do not say what is measured
    """size total value score rate level amount average mean median number length count gain increase improvement drop
    reduction rise fall decrease age factor maximum minimum instead out because ahead inside outside front
    regardless""".split()
)
_LABELS = frozenset(  # words before a number that is a part of a name ("week 14")
    """section table figure fig chapter part type grade stage level version week month day year phase step july june
    january february march april may august september october november december no number age eq equation""".split()
)
_SAME_BOUND_WORDS = 6  # at most between two numbers of a list that share one "up to"
_LISTED = re.compile(rf"\s*(?:,|,?\s+and|,?\s+or)\s+{APPROXIMATORS}", re.IGNORECASE)
_FACTOR = re.compile(rf"\bfactors?\s+of\s+{APPROXIMATORS}$", re.IGNORECASE)
_OF = re.compile(r"\s*of\s+(?:(?:the|all|its|these|those|our|their|an?|his|her|original)\s+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity at ``text[start:end]``; all words are given as stems.

    ``value``: in base units. ``unit``: name of the base unit, or "". ``bound`` and ``certainty``: as in ``bounds``.
    ``noun``: what is counted, or "". ``things``: the words from the number to its noun, or a few words after a number
    without one. ``metric``: what is measured (FID in "an FID of 4.17"). ``label``: the name that the number is a part
    of ("Llama 2", "week 14"). ``is_vague``: "hundreds", or "one", which may not count anything. ``is_signed``: has a
    plus or minus. ``is_scaled``: written with K, million etc. ``is_listed``: follows another number after "," or "and".
    ``context``: each word of the sentence with its weight. ``sentence``: the words of the sentence.
    """

    value: float
    unit: str
    start: int
    end: int
    spelled: str
    bound: Bound = ""
    certainty: Certainty = "sure"
    noun: str = ""
    things: frozenset[str] = frozenset()
    metric: str = ""
    label: str = ""
    is_vague: bool = False
    is_signed: bool = False
    is_scaled: bool = False
    is_listed: bool = False
    context: Mapping[str, float] = field(default_factory=dict)
    sentence: frozenset[str] = frozenset()


@lru_cache(maxsize=512)
def quantities_in(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text, in order."""
    found = []
    for start, end in sentence_spans(text):
        found += [replace(one, start=one.start + start, end=one.end + start) for one in _of_sentence(text[start:end])]
    return tuple(found)


def _of_sentence(text: str) -> list[Quantity]:
    numbers = numerals_in(text)
    if not numbers:
        return []
    items = items_of(text, numbers)
    places = [place for place, item in enumerate(items) if item.number >= 0]
    all_stems = frozenset(part for item in items if item.number < 0 for part in stems_of(item.text))
    found: list[Quantity] = []
    for number, place in zip(numbers, places, strict=True):
        one = _quantity(text, number, items, place)
        label = _label(one, found[-1] if found else None, text, items, place)
        found.append(replace(one, label=label, noun="" if label else one.noun, sentence=all_stems))
    for index in reversed(range(len(found) - 1)):
        found[index] = _sharing_noun(text, found[index], found[index + 1])
    for index in range(len(found) - 1):
        found[index + 1] = _sharing_bound(text, found[index], found[index + 1])
        is_listed = _LISTED.fullmatch(text, found[index].end, found[index + 1].start)
        found[index + 1] = replace(found[index + 1], is_listed=is_listed is not None)
    return [
        replace(one, context=context_weights(text, numbers, items, place))
        for one, place in zip(found, places, strict=True)
    ]


def _quantity(text: str, number: Numeral, items: list[Item], place: int) -> Quantity:
    """The quantity of one number, from the words next to it."""
    is_factor = number.unit == NONE and _FACTOR.search(text[max(0, number.start - 60) : number.start])
    unit = TIMES if is_factor else number.unit
    noun, things = _counted(text, number, unit, items, place)
    bound, certainty = bound_of(text, number)
    is_year = (
        unit == NONE
        and not noun
        and number.scale == 1
        and re.fullmatch(r"(?:1[5-9]|20)\d\d", items[place].text) is not None
    )
    metric = "" if noun or is_year else _metric(items, place, number, unit)
    return Quantity(
        value=number.value * unit.factor,
        unit=YEAR.name if is_year else unit.name,
        start=number.start,
        end=number.end,
        spelled=items[place].text,
        bound=bound,
        certainty=certainty,
        noun=noun,
        things=things,
        metric=metric,
        is_vague=number.is_vague,
        is_signed=number.is_signed,
        is_scaled=number.scale != 1,
    )


def _counted(text: str, number: Numeral, unit: Unit, items: list[Item], place: int) -> tuple[str, frozenset[str]]:
    """The stem of the noun that a number counts, or "", and the stems of the words from the number to the noun."""
    if number.is_joined:  # 12-layer
        joined = items[place + 2].text.split("-")[0] if place + 2 < len(items) else ""
        is_counted = unit in (NONE, PERCENT, TIMES) and joined
        return (singular(joined), frozenset({singular(joined)})) if is_counted else ("", frozenset())
    part = _OF.match(text, number.end) if unit in (PERCENT, TIMES) or (number.is_vague and number.value > 1) else None
    start = place + 1
    if part:
        start = next((index for index in range(start, len(items)) if items[index].start >= part.end()), len(items))
    elif unit not in (NONE, PERCENT, POINT, TIMES):
        return "", frozenset()
    phrase = noun_phrase(items, start)
    head = next((index for index, word in enumerate(phrase) if is_plural(word)), None)
    if part and head is None and phrase:
        head = len(phrase) - 1  # 12% of the weight
    if head is None or (unit in (PERCENT, POINT, TIMES) and not part):
        return "", frozenset(part for word in phrase[:3] for part in stems_of(word))
    if phrase[head].casefold() == "data" and head + 1 < len(phrase) and is_plural(phrase[head + 1]):
        head += 1  # data sets
    noun = singular(phrase[head])
    return noun, frozenset({noun} | {part for word in phrase[: head + 1] for part in stems_of(word)})


def _metric(items: list[Item], place: int, number: Numeral, unit: Unit) -> str:
    """The stem of what a number measures, or "": FID in "an FID of 4.17", sparsity in "75% sparsity"."""
    if unit not in (NONE, PERCENT, POINT, TIMES):
        return ""
    before = [item for item in items[max(0, place - 6) : place] if not re.fullmatch(APPROXIMATORS, f"{item.folded} ")]
    if len(before) > 1 and before[-1].folded == "of" and before[-2].number < 0 and before[-2].text[0].isalpha():
        measured = [item.text for item in before[-3:-1] if item.number < 0 and item.text[0].isalpha()]
        if measured[-1].casefold() in _ANY_METRIC:  # success in "a success rate of 12%"
            measured = [word for word in measured[:-1] if not ends_phrase(word)]
        return singular(measured[-1]) if measured else ""
    is_fraction = not number.value.is_integer()
    for word in noun_phrase(items, place + 1):
        is_measured = unit != NONE or is_fraction or word[-1].isupper()
        if is_measured and word.casefold() not in _NO_METRIC and not word.endswith(("ed", "ly")):
            return singular(word)
    return ""


def _sharing_noun(text: str, one: Quantity, following: Quantity) -> Quantity:
    """The quantity with the noun of the next one if they share it: "7B and 13B models"."""
    link = LINK.match(text, one.end)
    if not link or link.end() != following.start or one.noun or one.unit != following.unit or one.label:
        return one
    return replace(one, noun=following.noun, things=following.things)


def _sharing_bound(text: str, one: Quantity, following: Quantity) -> Quantity:
    """The second quantity with the limit of the first if a list shares it: "up to 24% on A, 32% on B"."""
    between = text[one.end : following.start]
    is_list = following.unit == one.unit and re.search(r",|\band\b", between) and ";" not in between
    if not one.bound or following.bound or not is_list or len(between.split()) > _SAME_BOUND_WORDS:
        return following
    return replace(following, bound=one.bound, certainty="emphasis")


def _label(one: Quantity, previous: Quantity | None, text: str, items: list[Item], place: int) -> str:
    """The name that a number is a part of, or "": llama in "Llama 2" and in "Llama 1 and 2", week in "week 14"."""
    if one.unit or one.is_signed or one.is_vague or place == 0 or one.spelled[0].isalpha():
        return ""
    before = items[place - 1]
    is_decimal = "." in one.spelled and before.text[0].isupper() and not is_stop_word(before.folded)
    if one.noun and not is_decimal and before.folded not in _LABELS:
        return ""
    if previous and previous.label and re.fullmatch(r"\s*(?:,|and|or|to|[-–])\s*", text[previous.end : one.start]):
        return previous.label
    if before.number >= 0 or not before.text[0].isalpha() or is_stop_word(before.folded):
        return ""
    is_subject = place + 1 < len(items) and is_verb(items[place + 1].text)  # "Llama 3 reads"
    is_name = before.text[0].isupper() and (place > 1 or not before.text[1:].islower() or is_decimal or is_subject)
    if before.folded in _LABELS or (is_name and before.folded not in PHRASE_ENDS):
        return stem(before.folded.removesuffix("s"))
    return ""
