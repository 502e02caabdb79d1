"""Recognises limits of numbers ("up to 12", "at least 12") and their roles in a change ("from 12 to 15")."""

from __future__ import annotations

import re
from typing import Literal

from assistant.text.quantities.numerals import APPROXIMATORS, Numeral

Bound = Literal["", "<", ">"]
Certainty = Literal["sure", "loose", "emphasis"]
"""How clearly the wording expresses a limit: "at most" (sure); "over", which may mean something else (loose); "as many
as", which may only emphasise the number (emphasis)."""

_WINDOW = 60  # characters before a number that are searched for its limit
_RISING = r"(?<!go\ )(?<!goes\ )(?<!went\ )(?<!gone\ )(?<!going\ )"  # "went up to 12" does not limit anything
_UPPER = re.compile(
    rf"""(?P<sure>{_RISING}\bup\ to|\bat\ most|\b(?:no|not)\ (?:more|greater|longer|higher)\ than|\blimited\ to
    |\bmaximum\ of|(?:\b(?:not|never)|n['’]t)\ exceed(?:ed|ing)?
    |(?<!no\ )(?<!not\ )\b(?:less|fewer)\ than|[<≤]=?)\s*{APPROXIMATORS}$
    |\b(?P<emphasis>as\ (?:much|many|high|long|large|far|old|deep)\ as|reach(?:es|ed|ing)?)\s+{APPROXIMATORS}$
    |\b(?:below|under|within)\s+{APPROXIMATORS}$|\b(?:lower|smaller|shorter|younger)\ than\s+$""",
    re.IGNORECASE | re.VERBOSE,
)
_LOWER = re.compile(
    rf"""(?P<sure>\bat\ least|\b(?:no|not)\ (?:less|fewer|lower)\ than|(?<!no\ )(?<!not\ )\bmore\ than|\bminimum\ of
    |(?<!\bnot\ )(?<!\bnever\ )(?<!n['’]t\ )\bexceed(?:s|ed|ing)?|[>≥]=?)\s*{APPROXIMATORS}$(?P<emphasis>)
    |\b(?:over|above|beyond)\s+{APPROXIMATORS}$|\b(?:higher|greater|larger|longer|older)\ than\s+$""",
    re.IGNORECASE | re.VERBOSE,
)
_OR_MORE = re.compile(r"\s?\+|\s+or\s+(?:more|older|longer)\b|\s+at\s+least\b(?!\s+\w*\d)")
_OR_LESS = re.compile(r"\s+or\s+(?:less|fewer|younger)\b|\s+at\s+most\b(?!\s+\w*\d)")
_BASE = re.compile(
    r"\b(?:from|than|versus|vs\.?|against|instead of|compared (?:with|to)|rather than|relative to|between)\s+"
    rf"{APPROXIMATORS}$",
    re.IGNORECASE,
)
_NEW = re.compile(rf"\b(?:to|reach(?:es|ed|ing)?)\s+{APPROXIMATORS}$", re.IGNORECASE)


_CHANGE = re.compile(rf"\bby\s+(?:up\s+to\s+|at\s+least\s+|over\s+|more\s+than\s+)?{APPROXIMATORS}$", re.IGNORECASE)


def bound_of(text: str, number: Numeral) -> tuple[Bound, Certainty]:
    """The limit that the words around a number express: "<" for at most, ">" for at least, "" for none."""
    before = text[max(0, number.start - _WINDOW) : number.start]
    if _OR_MORE.match(text, number.end):
        return ">", "sure"
    if _OR_LESS.match(text, number.end):
        return "<", "sure"
    for bound, pattern in (("<", _UPPER), (">", _LOWER)):
        if match := pattern.search(before):
            certainty = "sure" if match["sure"] else "emphasis" if match["emphasis"] else "loose"
            return bound, certainty  # type: ignore[return-value]
    return "", "sure"


def roles_of(text: str, start: int, end: int) -> set[str]:
    """The roles of the number in a change or comparison.

    ``<base>``: the value before, or the one compared with; ``<new>``: the value after; ``<change>``: the difference.
    """
    before, after = text[max(0, start - _WINDOW) : start], text[end : end + 12]
    roles = set()
    if _BASE.search(before) or re.match(r"\s+(?:before|previously)\b", after):
        roles.add("<base>")
    if _NEW.search(before) or re.match(r"\s+(?:after|now)\b", after):
        roles.add("<new>")
    if _CHANGE.search(before):
        roles.add("<change>")
    return roles
