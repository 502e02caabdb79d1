"""Finds numbers in a text, in digits or in words ("1.5B", "two thirds", "10^-5"), and computes their values.

Digits of a name (GPT-3, CIFAR10, 2-Wasserstein), ordinals (3rd) and decades (1990s) are not numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.text.quantities.units import NONE, PERCENT, TIMES, Unit, unit_at

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS: dict[str, float] = {word: float(value) for value, word in enumerate(_SMALL)}
_WORDS |= {word: 10.0 * tens for tens, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_LETTERS = {"k": 1e3, "K": 1e3, "M": 1e6, "mn": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}
_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_TIMES = {
    "twice": 2.0,
    "doubled": 2.0,
    "doubles": 2.0,
    "doubling": 2.0,
    "thrice": 3.0,
    "tripled": 3.0,
    "triples": 3.0,
    "tripling": 3.0,
}

_POWER = r"(?:\s?\^\s?(?:\{\s?)?([-+−–]?\d{1,4})(?:\s?\})?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}))"
_DIGITS = (
    r"(?P<mantissa>(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+)"
    r"(?P<e>[eE][-+−]?\d{1,4}(?!\w))?(?P<ten>(?:\s?[×x·*]\s?|\\times\s?)10(?=\s?\^|[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]))?"
)
_MONEY = {"$": Unit("dollar"), "€": Unit("euro"), "£": Unit("pound sterling")}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺−–", "0123456789-+--")
# A word that begins with a letter keeps all that is joined to it: GPT-3, Mistral-7B-v0.1, twenty-four, BERT_BASE.
_TOKEN = re.compile(rf"(?P<word>[^\W\d_][^\W_]*(?:[-'’._/+][^\W_]+)*)|{_DIGITS}")
_POWER_AFTER = re.compile(_POWER)
_NAME_TAIL = re.compile(r"[^\W_]*(?:[-–.×][^\W_]+)*")
_SCALE = re.compile(
    rf"({'|'.join(_LETTERS)})(?![^\W_])|[\s-]?({'|'.join(_SCALES)})s?\b|\s(B|M|bn)(?![^\W_])", re.IGNORECASE
)
_ANY_WORD = "|".join([*_WORDS, *_SCALES])
_IN_WORDS = re.compile(
    rf"(?:an?\s+(?=(?:{'|'.join(_SCALES)})\b))?(?:{_ANY_WORD})(?:(?:-|\s+|(?<=hundred)\s+and\s+)(?:{_ANY_WORD}))*(?![^\W_])",
    re.IGNORECASE,
)
_HALF = re.compile(rf"half(?:\s+(?:of\s+)?an?\s+({'|'.join(_SCALES)}|(?=(?:hour|day|year|month)\b)))?\b", re.IGNORECASE)
_FRACTION = re.compile(rf"(an?|{'|'.join(_SMALL[1:])})[\s-]({'|'.join(_PARTS)})(s?)(?![^\W_])", re.IGNORECASE)
_AFTER_PART = re.compile(r"\s+(?:of|in|on|as|to|for|at|by|than|more|less|fewer|lower|higher)\b|\s*(?:[.,;:)]|$)")
_WHOLE = f"{'|'.join(_SMALL[2:] + _TENS)}|hundred|thousand"
_ONE_IN = re.compile(
    rf"(?:one\s+in|({'|'.join(_SMALL[1:])})\s+out\s+of)\s+(?:(\d+)|({_WHOLE}))\b",
    re.IGNORECASE,
)
_FOLD = re.compile(rf"({_WHOLE})[\s-]?fold\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"(?:tens|dozens|hundreds|thousands|millions|billions)"
    r"(?:\s+of\s+(?:dozens|thousands|millions|billions|trillions)\b)*(?![^\W_])",
    re.IGNORECASE,
)
_VAGUE_VALUES = {"tens": 10.0} | {f"{word}s": value for word, value in _SCALES.items()}

APPROXIMATORS = (
    r"(?:(?:the|an?|about|around|roughly|approximately|some|nearly|almost|only|just|another|even|merely)\s+|~\s*)*"
)
"""Words before a number that do not change its value ("about")."""
LINK = re.compile(
    rf"\s*(?:and|or|to|[-–/±])\s*(?:even\s+)?(?:(?:up to|at least|over|more than)\s+)?{APPROXIMATORS}", re.IGNORECASE
)
"""The text between two numbers that may share a scale, a unit or a noun ("7 and 13 billion")."""
_COMPARED = re.compile(
    r",?\s*(?:rather than|instead of|(?:up |down )?from|versus|vs\.?|compared (?:with|to)|against|not)\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at ``text[start:end]``, with its scale and unit.

    ``value`` includes the ``scale`` (1e9 for B or billion). ``is_vague``: "hundreds", or "one", which may not count
    anything. ``is_joined``: a hyphen joins it to the word that it counts ("12-layer"). ``is_word``: in words.
    """

    value: float
    start: int
    end: int
    unit: Unit = NONE
    is_signed: bool = False
    scale: float = 1.0
    is_vague: bool = False
    is_joined: bool = False
    is_word: bool = False


def numerals_in(text: str) -> list[Numeral]:
    """The numbers of a text, in order."""
    found: list[Numeral] = []
    place = 0
    while match := _TOKEN.search(text, place):
        numeral, place = _in_words(text, match) if match["word"] else _in_digits(text, match)
        if numeral:
            found.append(numeral)
    for index in reversed(range(len(found) - 1)):
        found[index] = _sharing(text, found[index], found[index + 1])
    for index in range(1, len(found)):
        found[index] = _compared(text, found[index], found[index - 1])
    return found


def _sharing(text: str, one: Numeral, following: Numeral) -> Numeral:
    """The number with the scale and unit of the next one if they share them: "7 and 13 billion", "5-10%"."""
    link = LINK.match(text, one.end)
    is_alone = one.unit == NONE and one.scale == 1 and not one.is_joined and abs(one.value) < 1000
    if not link or link.end() != following.start or not is_alone or (following.is_word and not one.is_word):
        return one
    return replace(one, value=one.value * following.scale, scale=following.scale, unit=following.unit)


def _compared(text: str, one: Numeral, previous: Numeral) -> Numeral:
    """The number with the unit of the previous one that is compared with it: "51 seconds, down from 74"."""
    is_alone = one.unit == NONE and one.scale == 1 and not one.is_joined
    is_measured = previous.unit not in (NONE, PERCENT, TIMES)
    if not (is_alone and is_measured and _COMPARED.fullmatch(text, previous.end, one.start)):
        return one
    return replace(one, unit=previous.unit)


def _in_digits(text: str, match: re.Match[str]) -> tuple[Numeral | None, int]:
    """The number that begins with these digits, or None for a name such as 3D; and where the text after it begins."""
    before = text[max(0, match.start() - 2) : match.start()]
    sign = before[-1:] if before[-1:] in ("-", "−", "+") and not before[:-1].strip(" \t\n([{,;:=~$") else ""
    value, end = _value(text, match)
    money = _MONEY.get(text[max(0, match.start() - 1) : match.start()], NONE)
    numeral = Numeral(-value if sign in ("-", "−") else value, match.start() - len(sign), end, money, bool(sign))
    return _with_what_follows(text, numeral)


def _value(text: str, match: re.Match[str]) -> tuple[float, int]:
    """The value of digits with their exponent (``3 × 10^4``, ``10⁻⁵``, ``2^16``, ``1e-4``), and where it ends."""
    mantissa = float(match["mantissa"].replace(",", ""))
    if match["e"]:
        return float(f"{mantissa}{match['e'].translate(_RAISED)}"), match.end()
    power = _POWER_AFTER.match(text, match.end())
    if not power:
        return mantissa, match.end()
    exponent = int((power[1] or power[2]).translate(_RAISED))
    if match["ten"] or mantissa == 10:
        return float(f"{mantissa if match['ten'] else 1.0}e{exponent}"), power.end()
    try:
        return mantissa**exponent, power.end()
    except (OverflowError, ZeroDivisionError):
        return float("inf"), power.end()


def _with_what_follows(text: str, numeral: Numeral) -> tuple[Numeral | None, int]:
    """The number with its scale, its unit and the hyphen to a counted word; None if it is a part of a name."""
    extended = _with_unit(text, _with_scale(text, numeral))
    following = text[extended.end : extended.end + 2]
    is_ordinal_or_decade = numeral.end - numeral.start == 4 and text[numeral.end : extended.end] == "s"
    if following[:1].isalnum() or is_ordinal_or_decade:
        tail = _NAME_TAIL.match(text, extended.end)
        return None, tail.end() if tail else extended.end
    if following[:1] in ("-", "–") and following[1:].isalpha():
        if following[1:].isupper() and extended.end == numeral.end:
            tail = _NAME_TAIL.match(text, extended.end)
            return None, tail.end() if tail else extended.end
        return replace(extended, is_joined=True), extended.end + 1
    return extended, extended.end


def _with_scale(text: str, numeral: Numeral) -> Numeral:
    match = _SCALE.match(text, numeral.end)
    if not match:
        return numeral
    letter = match[1] or match[3]
    scale = _LETTERS.get(letter) if letter else _SCALES[match[2].casefold()]
    if scale is None:
        return numeral
    return replace(numeral, value=numeral.value * scale, end=match.end(), scale=scale)


def _with_unit(text: str, numeral: Numeral) -> Numeral:
    if numeral.unit != NONE:
        return numeral
    gap = re.compile(r"[\s-]?\s?").match(text, numeral.end)
    found = unit_at(text, gap.end()) if gap else None
    if found is None or text[found[1] : found[1] + 1].isalnum():
        return numeral
    return replace(numeral, unit=found[0], end=found[1])


def _in_words(text: str, match: re.Match[str]) -> tuple[Numeral | None, int]:
    """The number that begins with this word, or None; and where the text after it begins."""
    start, word = match.start(), match["word"].casefold()
    if word in _TIMES:
        return Numeral(_TIMES[word], start, match.end(), TIMES, is_word=True), match.end()
    if word in ("double", "triple") and re.compile(r"\s+(?:the|its|their|that|those)\b").match(text, match.end()):
        return Numeral(2.0 if word == "double" else 3.0, start, match.end(), TIMES, is_word=True), match.end()
    if word == "single":
        return _with_what_follows(text, Numeral(1.0, start, match.end(), is_vague=True, is_word=True))
    for parse in (_fold, _one_in, _fraction, _half, _vague, _cardinal):
        if numeral := parse(text, start):
            return _with_what_follows(text, numeral) if numeral.unit == NONE else (numeral, numeral.end)
    return None, match.end()


def _fold(text: str, start: int) -> Numeral | None:
    match = _FOLD.match(text, start)
    return match and Numeral(_cardinal_value(match[1]), start, match.end(), TIMES, is_word=True)


def _one_in(text: str, start: int) -> Numeral | None:
    """ "One in five" as 20%, "nine out of ten" as 90%."""
    match = _ONE_IN.match(text, start)
    if not match:
        return None
    part = _cardinal_value(match[1]) if match[1] else 1.0
    whole = float(match[2]) if match[2] else _cardinal_value(match[3])
    return Numeral(100 * part / whole, start, match.end(), PERCENT, is_word=True) if whole else None


def _fraction(text: str, start: int) -> Numeral | None:
    """ "A third of" and "two thirds" as per cent; "a third party" and "two third parties" are not numbers."""
    match = _FRACTION.match(text, start)
    if not match:
        return None
    count = _WORDS.get(match[1].casefold(), 1.0)
    is_part = (
        match[3] if count > 1 else match[2].casefold() in ("half", "quarter") or _AFTER_PART.match(text, match.end())
    )
    return (
        Numeral(100 * count / _PARTS[match[2].casefold()], start, match.end(), PERCENT, is_word=True)
        if is_part
        else None
    )


def _half(text: str, start: int) -> Numeral | None:
    """ "Half" as 50%, "half a million" as a number, "half an hour" as half of the unit that follows."""
    match = _HALF.match(text, start)
    if not match:
        return None
    if match[1]:  # a scale
        return Numeral(
            _SCALES[match[1].casefold()] / 2, start, match.end(), scale=_SCALES[match[1].casefold()], is_word=True
        )
    if " " in match.group():
        return Numeral(0.5, start, match.end() - 1, is_word=True)
    return Numeral(50.0, start, match.end(), PERCENT, is_word=True)


def _vague(text: str, start: int) -> Numeral | None:
    match = _VAGUE.match(text, start)
    if not match:
        return None
    value = 1.0
    for word in match.group().casefold().split():
        value *= _VAGUE_VALUES.get(word, 1.0)
    return Numeral(value, start, match.end(), is_vague=True, is_word=True)


def _cardinal(text: str, start: int) -> Numeral | None:
    match = _IN_WORDS.match(text, start)
    if not match or _is_name(text, match):
        return None
    value = _cardinal_value(match.group())
    return Numeral(value, start, match.end(), is_vague=value <= 1 and " " not in match.group(), is_word=True)


def _cardinal_value(words: str) -> float:
    total = group = 0.0
    for word in re.split(r"[\s-]+", words.casefold()):
        if word in _WORDS:
            group += _WORDS[word]
        elif word == "hundred":
            group = (group or 1.0) * 100
        elif word in _SCALES:
            total, group = total + (group or 1.0) * _SCALES[word], 0.0
    return total + group


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Is it a part of a name (Connect Four), or a one or zero joined to a word (one-shot)?"""
    before = text[max(0, match.start() - 60) : match.start()].split()[-1:]
    is_part_of_name = match.group()[0].isupper() and bool(before) and before[0][0].isupper() and before[0][-1].isalnum()
    is_joined = text[match.end() : match.end() + 1] == "-"
    return is_part_of_name or (is_joined and match.group().casefold() in ("zero", "one"))
