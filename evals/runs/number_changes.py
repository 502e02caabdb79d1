"""Changes the numbers of a claim so that they are wrong: another value, unit or noun, an invented share, a swap.

Each change uses the text alone, not the extraction of quantities that it tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_WORDS = """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty""".split()
_NUMBER = re.compile(
    rf"""(?<![\w.^-])(?<![A-Za-z]\s-)\d+(?:,\d{{3}})*(?:\.\d+)?(?![\w^]|[.-]\w|-\d|\s?[×x]\s?10)
    |(?<![\w.^-])\d+(?:,\d{{3}})*(?:\.\d+)?(?=[kKMBTx]\b|\s(?:million|billion|thousand)\b)
    |\b(?:{"|".join(_WORDS)})\b(?!\s(?:in\s)?(?:{"|".join(_WORDS)})\b)(?!\s(?:thirds|million|billion))""",
    re.VERBOSE | re.IGNORECASE,
)
_ENUMERATION = re.compile(r"\(\d\)")
_UNIT = re.compile(
    r"\s?(\\?%|percent\b)|[\s-](minutes?|hours?|days?|weeks?|months?|years?|seconds?|mg|km|cm|ms)\b|(x\b|[\s-](?:times|fold)\b)"
)
_OTHER_TIME = {"minute": "hour", "hour": "minute", "day": "month", "week": "day", "month": "day", "year": "month",
               "second": "hour", "mg": "g", "km": "m", "cm": "km", "ms": "s"}  # fmt: skip
_JOINED = re.compile(r"\s(?:and|to|or)\s")
_SCALE = r"(?:[kKMBT]\b|\s(?:thousand|million|billion|trillion)\b)?"
_STOPS = frozenset(
    """a an the of in on at to for from by with and or but than that which who when while as is are was were be has have
    had into per over under across within between both where if not it its their this these""".split()
)
_NOUNS = "violins galaxies nurses tokens parameters hedgehogs bridges layers".split()
_LIMITS = {
    "up to": "at least", "at most": "at least", "at least": "at most", "more than": "less than", "over": "at most",
    "fewer than": "more than", "less than": "more than", "as much as": "at least", "as many as": "at least",
    "below": "at least", "under": "at least", "above": "at most",
}  # fmt: skip
_LIMIT = re.compile(rf"\b({'|'.join(_LIMITS)})(?=\s(?:the\s)?(?:\d(?![\d,]*\+)|{'|'.join(_WORDS)}))", re.IGNORECASE)


def number_spans(text: str) -> list[tuple[int, int]]:
    """The positions of numbers in a text, without digits in names and list marks such as (1)."""
    marks = [match.span() for match in _ENUMERATION.finditer(text)]
    return [
        match.span()
        for match in _NUMBER.finditer(text)
        if not any(start <= match.start() < end for start, end in marks)
    ]


def other_values(text: str) -> Iterator[str]:
    """Each number with another value."""
    for start, end in number_spans(text):
        yield text[:start] + _other_value(text[start:end]) + text[end:]


def other_units(text: str) -> Iterator[str]:
    """Each number in another unit: percent as points, minutes as hours, 2.5x as per cent, a count as a share."""
    for _, end in number_spans(text):
        unit = _UNIT.match(text, end)
        scale = re.compile(_SCALE).match(text, end)
        if unit and unit[1]:
            yield text[:end] + " points" + text[unit.end() :]
            if not _JOINED.match(text, unit.end()):  # "from 18 to 81%" is the same as "from 18% to 81%"
                yield text[:end] + text[unit.end() :]
        elif unit and unit[2]:
            plural = "s" if unit[2].endswith("s") and unit[2] != "ms" else ""
            name = unit[2] if unit[2] == "ms" else unit[2].removesuffix("s")
            yield text[: unit.start(2)] + _OTHER_TIME[name] + plural + text[unit.end() :]
        elif unit and unit[3]:
            yield text[:end] + " percent" + text[unit.end() :]
        elif scale and _noun_span(text, scale.end()):
            yield text[: scale.end()] + " percent of" + text[scale.end() :]


def other_nouns(text: str) -> Iterator[str]:
    """Each number with another noun, one that the text does not contain."""
    for index, (_, end) in enumerate(number_spans(text)):
        if noun := _counted_span(text, end):
            others = [other for other in _NOUNS if other[:-1] not in text.casefold()]
            yield text[: noun[0]] + others[index % len(others)] + text[noun[1] :]


def invented_shares(text: str) -> Iterator[str]:
    """An invented share, with the digits of a number in the text."""
    for start, end in number_spans(text):
        if text[start].isdigit():
            yield re.sub(r"[.!?]?$", f", which is {text[start:end]}% of all readers.", text, count=1)


def swapped(text: str) -> Iterator[str]:
    """Two numbers swapped, unless they are the ends of one range or list."""
    spans = number_spans(text)
    for first, one in enumerate(spans):
        for other in spans[first + 1 :]:
            left, right = text[slice(*one)], text[slice(*other)]
            is_mixed = left.isalpha() != right.isalpha() and any(
                text[end : end + 1].isalpha() for _, end in (one, other)
            )
            if left.casefold() != right.casefold() and not is_mixed and not _is_one_range(text, one, other):
                yield text[: one[0]] + right + text[one[1] : other[0]] + left + text[other[1] :]


def other_limits(text: str) -> Iterator[str]:
    """ "Up to" as "at least", and the other way round."""
    for match in _LIMIT.finditer(text):
        yield text[: match.start()] + _LIMITS[match[1].casefold()] + text[match.end() :]


CHANGES: dict[str, Callable[[str], Iterator[str]]] = {
    "value": other_values,
    "unit": other_units,
    "noun": other_nouns,
    "share": invented_shares,
    "swap": swapped,
    "limit": other_limits,
}


def _other_value(number: str) -> str:
    if number.casefold() in _WORDS:
        return _WORDS[(_WORDS.index(number.casefold()) + 3) % len(_WORDS)]
    last = max(index for index, mark in enumerate(number) if mark.isdigit())
    return f"{number[:last]}{(int(number[last]) + 3) % 10 or 5}{number[last + 1 :]}"


def _counted_span(text: str, end: int) -> tuple[int, int] | None:
    """The position of the noun that a number counts: the first plural after it, or the whole of a share."""
    scale = re.compile(_SCALE).match(text, end)
    place = scale.end() if scale else end
    share = re.compile(r"\s?(?:%|percent)(\sof\s(?:(?:the|all|its|their|these)\s)?)?").match(text, place)
    if share:
        return _noun_span(text, share.end()) if share[1] else None
    return None if _UNIT.match(text, end) else _noun_span(text, place)


def _noun_span(text: str, place: int) -> tuple[int, int] | None:
    for count, match in enumerate(re.compile(r"[\s-]([A-Za-z][\w-]*)|\S").finditer(text, max(0, place - 1))):
        word = match[1]
        if count == 0 and match.start() < place:
            continue
        if not word or word.casefold() in _STOPS or count > 5:
            return None
        if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
            return match.span(1)
    return None


def _is_one_range(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two numbers mean the same in either order: between 66 and 77, 3 and 3.1, 2015 to 2019, hundreds to 10?"""
    between = text[one[1] : other[0]]
    before = text[: one[0]].split()[-1:]
    is_joined = re.fullmatch(r"[\s\w%]{0,12}?\s?(?:and|or|to|[-–,±])\s", between.replace("percent", "%"))
    return (
        bool(is_joined)
        and "±" not in between
        and (before == ["between"] or not re.search(r"\bfrom\s$", text[: one[0]]))
    )
