"""Refuses a claim with a number that its evidence does not contain with the same value, unit, limit and counted thing.

A number that the claim mentions twice must be in the evidence twice. The words around the numbers decide which of them
belongs to which name or metric: two numbers of a claim that would fit the evidence better if exchanged are refused.
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

_TIE = 0.02  # a cosine closer to zero does not decide whether two numbers are exchanged
# A number is refused if its context is more similar to that of another number of the evidence than to that of its own
# match, by this difference of cosines. With 0.05 to 0.2, three more wrong claims are found but one or two true
# paraphrases are refused; with 0.3, none is (evals/LOG.md).
_DESCRIBED_AS_ANOTHER = 0.3
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
    """A quantity of a claim that its evidence does not contain, and the reason."""

    quantity: Quantity
    reason: str


def unsupported_quantities(
    claim: str, evidence: Sequence[str], title: str = "", question: str = ""
) -> list[UnsupportedQuantity]:
    """The quantities of a claim that neither its evidence nor the title supports.

    ``question``: says what a number without a noun counts.
    """
    claimed = [one for one in quantities_in(claim) if not _is_pronoun(one)]
    if not claimed or claim.strip() in (text.strip() for text in evidence):
        return []
    in_evidence = [one for text in (*evidence, title) for one in quantities_in(text)]
    asked = _asked_noun(question)
    misfits = [[_misfit(one, other, in_evidence, asked) for other in in_evidence] for one in claimed]
    matched = _matched(claimed, in_evidence, misfits)
    missing = [
        UnsupportedQuantity(one, _reason(one, reasons))
        for one, reasons, other in zip(claimed, misfits, matched, strict=True)
        if other is None and (not one.is_vague or one.value > 1 or _is_contradicted(one, in_evidence))
    ]
    return missing or _exchanged(claimed, matched) or _described_as_another(claimed, in_evidence, matched)


def wrong_number_reason(claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> str:
    """Why the evidence does not contain a number of the claim; empty when it contains all of them."""
    found = unsupported_quantities(claim, evidence, title, question)
    return found[0].reason if found else ""


def _is_pronoun(one: Quantity) -> bool:
    """Is it "one" without a noun, as in "one of them"?"""
    return one.is_vague and one.value <= 1 and not (one.noun or one.unit)


def _asked_noun(question: str) -> frozenset[str]:
    """Stems of what a question asks to count ("how many gardens"); none for other questions."""
    match = _HOW_MANY.search(question)
    return frozenset(map(stem, match[1].casefold().split())) if match else frozenset()


def _misfit(one: Quantity, other: Quantity, in_evidence: Sequence[Quantity], asked: frozenset[str]) -> str:
    """How a quantity of the evidence differs from the claim's (value, unit, limit, change, thing); empty if equal."""
    if not _same_value(one, other):
        return "value"
    if not _same_unit(one, other):
        return "unit"
    if not _same_bound(one, other):
        return "limit"
    if "<change>" in one.context and "<change>" not in other.context and {"<base>", "<new>"} & other.context.keys():
        return "change"
    return "" if _same_thing(one, other, asked) and not _measures_another(one, other, in_evidence) else "thing"


def _same_value(one: Quantity, other: Quantity) -> bool:
    if not (math.isfinite(one.value) and math.isfinite(other.value)):
        return False
    if math.isclose(one.value, other.value, rel_tol=1e-6):
        return True
    unsigned = one if other.value < 0 else other
    return math.isclose(one.value, -other.value, rel_tol=1e-6) and not unsigned.sentence.isdisjoint(_FALLING)


def _same_unit(one: Quantity, other: Quantity) -> bool:
    """A claim may write "12 points" for "+12.00", and leave out "per year"."""
    is_score = one.unit == POINT.name and not other.unit and other.is_signed
    is_rate = other.unit.startswith("1 / ") if not one.unit else one.unit in MONEY and other.unit.startswith(one.unit)
    return one.unit == other.unit or is_score or is_rate


def _same_bound(one: Quantity, other: Quantity) -> bool:
    """Are both limits of the same kind? "Up to 12" is neither 12 nor "at least 12".

    Words that do not always express a limit ("over 12 years") may be left out or added.
    """
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


def _measures_another(one: Quantity, other: Quantity, in_evidence: Sequence[Quantity]) -> bool:
    """Does the evidence use the claim's metric with another number, and another metric with this number?

    "A 340% success rate" is not supported by "from 18.6% to 81.7% success rate (a 340% relative increase)".
    """
    if not one.metric or one.metric in other.things or not other.things:
        return False
    return any(one.metric in rival.things and rival.unit == other.unit for rival in in_evidence)


def _counts(noun: str, other: Quantity) -> bool:
    """Does a quantity of the evidence count the things that a noun, given as a stem, names?"""
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


def _is_contradicted(one: Quantity, in_evidence: Sequence[Quantity]) -> bool:
    return any(other.noun == one.noun and other.unit == one.unit for other in in_evidence)


def _matched(
    claimed: Sequence[Quantity], in_evidence: Sequence[Quantity], misfits: Sequence[Sequence[str]]
) -> list[Quantity | None]:
    """A quantity of the evidence for each of the claim, or None; no quantity is used twice.

    Maximum bipartite matching by augmenting paths (Kuhn, 1955), which tries the quantity with the most similar context
    first.
    """
    taken: dict[int, int] = {}

    def find(number: int, seen: set[int]) -> bool:
        options = [place for place, misfit in enumerate(misfits[number]) if not misfit and place not in seen]
        for place in sorted(options, key=lambda place: -_context_similarity(claimed[number], in_evidence[place])):
            seen.add(place)
            if place not in taken or find(taken[place], seen):
                taken[place] = number
                return True
        return False

    for number in range(len(claimed)):
        find(number, set())
    places = {number: place for place, number in taken.items()}
    return [in_evidence[places[number]] if number in places else None for number in range(len(claimed))]


def _reason(one: Quantity, mismisfits: Sequence[str]) -> str:
    if "thing" in mismisfits:
        return f"the evidence gives the number {one.spelled} for something else"
    if "limit" in mismisfits:
        return f"the evidence gives the number {one.spelled} with another limit, or without one"
    if "change" in mismisfits:
        return f"the evidence gives the number {one.spelled} as what something changed from or to, not by"
    if "unit" in mismisfits:
        return f"the evidence gives the number {one.spelled} in another unit"
    if "" in mismisfits:
        return f"the evidence gives the number {one.spelled} only once"
    return f"the number {one.spelled} is not in the evidence"


def _exchanged(claimed: Sequence[Quantity], matched: Sequence[Quantity | None]) -> list[UnsupportedQuantity]:
    """The first two numbers of the claim that are in each other's place in the evidence."""
    pairs = [(one, match) for one, match in zip(claimed, matched, strict=True) if match is not None]
    for (first, its_match), (second, other_match) in combinations(pairs, 2):
        if _could_exchange(first, its_match, second, other_match) and _fit_better_exchanged(
            first, its_match, second, other_match
        ):
            reason = f"{first.spelled} and {second.spelled} are the other way round in the evidence"
            return [UnsupportedQuantity(first, reason), UnsupportedQuantity(second, reason)]
    return []


def _described_as_another(
    claimed: Sequence[Quantity], in_evidence: Sequence[Quantity], matched: Sequence[Quantity | None]
) -> list[UnsupportedQuantity]:
    """The first number that the claim describes as the evidence describes another number, which the claim lacks."""
    for one, match in zip(claimed, matched, strict=True):
        rivals = [other for other in in_evidence if match and other not in matched and _could_be(one, match, other)]
        for rival in rivals:
            own = {f"#{quantity.value:.6g}" for quantity in (one, match, rival) if quantity}
            if match and (
                _context_similarity(one, rival, own) - _context_similarity(one, match, own) > _DESCRIBED_AS_ANOTHER
            ):
                return [UnsupportedQuantity(one, f"the evidence gives the number {one.spelled} for something else")]
    return []


def _could_be(one: Quantity, match: Quantity, rival: Quantity) -> bool:
    """Does another number of the evidence have the right unit, label and noun, and only another value?"""
    is_other = rival.unit == match.unit and rival.label == match.label and not math.isclose(rival.value, match.value)
    return is_other and (not one.noun or _counts(one.noun, rival))


def _could_exchange(first: Quantity, its_match: Quantity, second: Quantity, other_match: Quantity) -> bool:
    """Do two numbers have the same unit, and no noun or label that distinguishes them?"""
    if its_match.unit != other_match.unit or math.isclose(first.value, second.value):
        return False
    is_labelled = first.label != second.label and first.label == its_match.label and second.label == other_match.label
    nouns = (first.noun, second.noun, its_match.noun, other_match.noun)
    may_count_the_other = _counts(first.noun, other_match) or _counts(second.noun, its_match)
    return not is_labelled and (not all(nouns) or may_count_the_other)


def _fit_better_exchanged(first: Quantity, its_match: Quantity, second: Quantity, other_match: Quantity) -> bool:
    """Are the contexts of two numbers of a claim more similar to the evidence if the numbers are exchanged?

    The words that belong more closely to one number than to the other are compared as vectors: a negative cosine means
    that the words have changed places. The order in the text decides when nothing else distinguishes the two numbers
    ("45 and 47% of A and B"), and when the cosine is near zero.
    """
    is_same_order = (first.start < second.start) == (its_match.start < other_match.start)
    if (other_match if its_match.start < other_match.start else its_match).is_listed:
        return not is_same_order
    own = {f"#{quantity.value:.6g}" for quantity in (first, its_match, second, other_match)}
    own |= _same_noun(its_match, other_match)
    claimed, sourced = _difference(first, second, own), _difference(its_match, other_match, own)
    product = sum(weight * sourced.get(word, 0.0) for word, weight in claimed.items())
    cosine = product / (math.hypot(*claimed.values()) * math.hypot(*sourced.values()) or 1.0)
    return cosine < (-_TIE if is_same_order else _TIE)


def _same_noun(one: Quantity, other: Quantity) -> set[str]:
    """The noun that two shares have in common, which cannot distinguish them: "21% of patients and 38% of those"."""
    is_share = one.unit == other.unit == PERCENT.name
    return {one.noun, other.noun} if is_share and (one.noun == other.noun or not (one.noun and other.noun)) else set()


def _difference(one: Quantity, other: Quantity, without: set[str]) -> dict[str, float]:
    """For each word, how much more closely it belongs to one number than to the other."""
    words = (one.context.keys() | other.context.keys()) - without
    return {word: one.context.get(word, 0.0) - other.context.get(word, 0.0) for word in words}


def _context_similarity(one: Quantity, other: Quantity, without: Collection[str] = ()) -> float:
    """Cosine similarity of the weighted words around two numbers, without some words."""
    mine, its = (
        {word: weight for word, weight in quantity.context.items() if word not in without} for quantity in (one, other)
    )
    product = sum(weight * its.get(word, 0.0) for word, weight in mine.items())
    return product / (math.hypot(*mine.values()) * math.hypot(*its.values()) or 1.0)
