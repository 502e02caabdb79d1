"""Does the evidence hold every quantity of a claim: the same value, in the same unit, of the same thing?

A number said twice must be in the evidence twice. Which of several numbers belongs to which name or metric is judged
by the words around them: two numbers of a claim that would fit the evidence better the other way round are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from assistant.text.quantities.extraction import Quantity, quantities_in
from assistant.text.quantities.units import MONEY, PERCENT, POINT, TIMES
from assistant.text.stemming import stem

_TIE = 0.02  # a difference of fit below this decides nothing
_BORROWED = 0.3  # how much more a number must be like another of the evidence than like its own to be refused
_FALLING = frozenset(
    map(stem, "fall fell drop decrease decline reduce lower lose loss less below minus negative shrink".split())
)
_SAME_NOUNS = [
    frozenset(map(stem, group.split()))
    for group in (
        "paper study article publication work",
        "patient participant subject person people individual adult",
        "dataset corpus set",
        "task benchmark dataset",
        "approach method strategy technique way",
        "domain field area",
        "reason factor cause",
    )
]
_MODELS = frozenset(map(stem, "model lm llm transformer network student teacher decoder encoder".split()))
_PEOPLE = frozenset(map(stem, "people persons individuals".split()))
_KINDS_OF_PEOPLE = frozenset(
    map(
        stem,
        """patients participants subjects adults employees workers passengers members students children women men nurses
        volunteers respondents users residents donors smokers infants workers doctors adolescents""".split(),
    )
)
_HOW_MANY = re.compile(
    r"\b(?:how\s+many|(?:what|which)\s+number\s+of|number\s+of)\s+((?:[\w-]+\s*){1,4})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class UnsupportedQuantity:
    """A quantity of a claim that its evidence does not hold, and why."""

    quantity: Quantity
    reason: str


def unsupported_quantities(
    claim: str, evidence: Sequence[str], title: str = "", question: str = ""
) -> list[UnsupportedQuantity]:
    """The quantities of a claim that neither its evidence nor the title bears out.

    ``question``: what a number without a noun of its own counts.
    """
    claimed = [one for one in quantities_in(claim) if not _says_nothing(one)]
    if not claimed or claim.strip() in (text.strip() for text in evidence):
        return []
    held = [one for text in (*evidence, title) for one in quantities_in(text)]
    asked = _asked_noun(question)
    fits = [[_misfit(one, other, held, asked) for other in held] for one in claimed]
    matched = _matched(claimed, held, fits)
    missing = [
        UnsupportedQuantity(one, _reason(one, reasons))
        for one, reasons, other in zip(claimed, fits, matched, strict=True)
        if other is None and (not one.is_vague or one.value > 1 or _is_contradicted(one, held))
    ]
    return missing or _misplaced(claimed, matched) or _borrowed(claimed, held, matched)


def wrong_number_reason(claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> str:
    """Why the evidence does not hold a number of the claim; empty when it holds all of them."""
    found = unsupported_quantities(claim, evidence, title, question)
    return found[0].reason if found else ""


def _says_nothing(one: Quantity) -> bool:
    """ "One" without a noun is mostly a pronoun."""
    return one.is_vague and one.value <= 1 and not (one.noun or one.unit)


def _asked_noun(question: str) -> frozenset[str]:
    """Stems of the words that a question asks to be counted; none for other questions."""
    match = _HOW_MANY.search(question)
    return frozenset(map(stem, match[1].casefold().split())) if match else frozenset()


def _misfit(one: Quantity, other: Quantity, held: Sequence[Quantity], asked: frozenset[str]) -> str:
    """Why a quantity of the evidence is not the claim's: value, unit, limit or thing; empty when it is."""
    if not _same_value(one, other):
        return "value"
    if not _same_unit(one, other):
        return "unit"
    if not _same_bound(one, other):
        return "limit"
    if "<change>" in one.context and "<change>" not in other.context and {"<base>", "<new>"} & other.context.keys():
        return "change"
    return "" if _same_thing(one, other, asked) and not _measures_another(one, other, held) else "thing"


def _same_value(one: Quantity, other: Quantity) -> bool:
    if not (math.isfinite(one.value) and math.isfinite(other.value)):
        return False
    if math.isclose(one.value, other.value, rel_tol=1e-6):
        return True
    unsigned = one if other.value < 0 else other
    return math.isclose(one.value, -other.value, rel_tol=1e-6) and not unsigned.sentence.isdisjoint(_FALLING)


def _same_unit(one: Quantity, other: Quantity) -> bool:
    """A claim may call "+12.00" 12 points, and leave out "per year"."""
    is_score = one.unit == POINT.name and not other.unit and other.is_signed
    is_rate = other.unit.startswith("1 / ") if not one.unit else one.unit in MONEY and other.unit.startswith(one.unit)
    return one.unit == other.unit or is_score or is_rate


def _same_bound(one: Quantity, other: Quantity) -> bool:
    """ "Up to 12" is neither 12 nor "at least 12"; a bound whose wording may mean something else may be left out."""
    if one.bound == other.bound:
        return True
    is_measured = one.unit not in ("", PERCENT.name, POINT.name, TIMES.name)
    if not other.bound:
        return one.certainty == "emphasis" or (one.certainty == "loose" and is_measured)
    return not one.bound and other.certainty != "sure"


def _same_thing(one: Quantity, other: Quantity, asked: frozenset[str]) -> bool:
    if one.label != other.label:
        labelled, bare = (one, other) if one.label else (other, one)
        return labelled.label in bare.sentence and not bare.noun and not bare.label
    if one.noun:
        return _counts(one.noun, other)
    if one.metric:
        return one.metric in other.things or _is_among(one.metric, other.sentence)
    is_bare = not (one.unit or one.label or one.things)
    return not (asked and is_bare) or bool(asked & (other.things | {other.noun}))


def _measures_another(one: Quantity, other: Quantity, held: Sequence[Quantity]) -> bool:
    """Is what a number of the claim measures that of another number of the evidence, and its own something else?

    "A 340% success rate" is not in "from 18.6% to 81.7% success rate (a 340% relative increase)".
    """
    if not one.metric or one.metric in other.things or not other.things:
        return False
    return any(one.metric in rival.things and rival.unit == other.unit for rival in held)


def _counts(noun: str, other: Quantity) -> bool:
    """Does a quantity of the evidence count this?"""
    if noun == other.noun or any(noun in group and other.noun in group for group in _SAME_NOUNS):
        return True
    if noun in _PEOPLE and other.noun in _KINDS_OF_PEOPLE:
        return True
    if other.is_scaled and noun in other.things:
        return True  # 1.5B parameter models have 1.5B parameters
    if noun == stem("parameters") and other.is_scaled and not (other.things - _MODELS):
        return True  # so do 1.5B models, and Llama-3 (8B)
    return not other.noun and _is_among(noun, other.sentence)


def _is_among(noun: str, words: frozenset[str]) -> bool:
    return noun in words or any(noun in group and not group.isdisjoint(words) for group in _SAME_NOUNS)


def _is_contradicted(one: Quantity, held: Sequence[Quantity]) -> bool:
    return any(other.noun == one.noun and other.unit == one.unit for other in held)


def _matched(
    claimed: Sequence[Quantity], held: Sequence[Quantity], fits: Sequence[Sequence[str]]
) -> list[Quantity | None]:
    """A quantity of the evidence for each of the claim, none used twice; the likelier first (Kuhn's algorithm)."""
    taken: dict[int, int] = {}

    def find(number: int, seen: set[int]) -> bool:
        options = [place for place, misfit in enumerate(fits[number]) if not misfit and place not in seen]
        for place in sorted(options, key=lambda place: -_likeness(claimed[number], held[place])):
            seen.add(place)
            if place not in taken or find(taken[place], seen):
                taken[place] = number
                return True
        return False

    for number in range(len(claimed)):
        find(number, set())
    places = {number: place for place, number in taken.items()}
    return [held[places[number]] if number in places else None for number in range(len(claimed))]


def _reason(one: Quantity, misfits: Sequence[str]) -> str:
    if "thing" in misfits:
        return f"the evidence gives the number {one.spelled} for something else"
    if "limit" in misfits:
        return f"the evidence gives the number {one.spelled} with another limit, or without one"
    if "change" in misfits:
        return f"the evidence gives the number {one.spelled} as what something changed from or to, not by"
    if "unit" in misfits:
        return f"the evidence gives the number {one.spelled} in another unit"
    if "" in misfits:
        return f"the evidence gives the number {one.spelled} only once"
    return f"the number {one.spelled} is not in the evidence"


def _misplaced(claimed: Sequence[Quantity], matched: Sequence[Quantity | None]) -> list[UnsupportedQuantity]:
    """The first number that fits its evidence worse than another number of the evidence would."""
    pairs = [(one, other) for one, other in zip(claimed, matched, strict=True) if other is not None]
    for (one, its), (other, others) in combinations(pairs, 2):
        if _could_swap(one, its, other, others) and _fits_better_swapped(one, its, other, others):
            reason = f"{one.spelled} and {other.spelled} are the other way round in the evidence"
            return [UnsupportedQuantity(one, reason), UnsupportedQuantity(other, reason)]
    return []


def _borrowed(
    claimed: Sequence[Quantity], held: Sequence[Quantity], matched: Sequence[Quantity | None]
) -> list[UnsupportedQuantity]:
    """The first number whose words are those of another number of the evidence, which the claim does not hold."""
    for one, its in zip(claimed, matched, strict=True):
        rivals = [other for other in held if its and other not in matched and _could_be(one, its, other)]
        for rival in rivals:
            own = {f"#{quantity.value:.6g}" for quantity in (one, its, rival) if quantity}
            if its and _likeness(one, rival, own) - _likeness(one, its, own) > _BORROWED:
                return [UnsupportedQuantity(one, f"the evidence gives the number {one.spelled} for something else")]
    return []


def _could_be(one: Quantity, its: Quantity, rival: Quantity) -> bool:
    """Could the number of a claim be another one of the evidence, but for its value?"""
    is_other = rival.unit == its.unit and rival.label == its.label and not math.isclose(rival.value, its.value)
    return is_other and (not one.noun or _counts(one.noun, rival))


def _could_swap(one: Quantity, its: Quantity, other: Quantity, others: Quantity) -> bool:
    """Have two numbers the same unit, and neither noun nor label of their own that keeps them apart?"""
    if its.unit != others.unit or math.isclose(one.value, other.value):
        return False
    is_labelled = one.label != other.label and one.label == its.label and other.label == others.label
    nouns = (one.noun, other.noun, its.noun, others.noun)
    return not is_labelled and (not all(nouns) or _counts(one.noun, others) or _counts(other.noun, its))


def _fits_better_swapped(one: Quantity, its: Quantity, other: Quantity, others: Quantity) -> bool:
    """Do the words around two numbers of a claim speak for each other's place in the evidence?

    Where order alone tells two numbers apart ("45 and 47% of A and B"), and where the words do not, order decides.
    """
    is_same_order = (one.start < other.start) == (its.start < others.start)
    if (others if its.start < others.start else its).is_listed:
        return not is_same_order
    own = {f"#{quantity.value:.6g}" for quantity in (one, its, other, others)} | _same_noun(its, others)
    claimed, held = _difference(one, other, own), _difference(its, others, own)
    gain = sum(weight * held.get(word, 0.0) for word, weight in claimed.items())
    likeness = gain / (math.hypot(*claimed.values()) * math.hypot(*held.values()) or 1.0)
    return likeness < (-_TIE if is_same_order else _TIE)


def _same_noun(one: Quantity, other: Quantity) -> set[str]:
    """What two numbers both count, which cannot tell them apart; "21% of patients and 38% of those"."""
    is_share = one.unit == other.unit == PERCENT.name
    return {one.noun, other.noun} if is_share and (one.noun == other.noun or not (one.noun and other.noun)) else set()


def _difference(one: Quantity, other: Quantity, without: set[str]) -> dict[str, float]:
    """How much more closely each word belongs to one number than to the other."""
    words = (one.context.keys() | other.context.keys()) - without
    return {word: one.context.get(word, 0.0) - other.context.get(word, 0.0) for word in words}


def _likeness(one: Quantity, other: Quantity, without: Collection[str] = ()) -> float:
    """Cosine of the words around two numbers."""
    mine, its = (
        {word: weight for word, weight in quantity.context.items() if word not in without} for quantity in (one, other)
    )
    product = sum(weight * its.get(word, 0.0) for word, weight in mine.items())
    return product / (math.hypot(*mine.values()) * math.hypot(*its.values()) or 1.0)
