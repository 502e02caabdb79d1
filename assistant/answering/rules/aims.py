"""Refuses a sentence that states what its evidence only sets out to do: an aim is not a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable

_INTENTION = re.compile(
    r"\b(?:aim|analy[sz]|ask|assess|attempt|compar|consider|describ|determin|develop|evaluat|examin|explor|goal|"
    r"hypothes|intend|introduc|investigat|objective|present|propos|purpose|question|review|seek|study|studie|survey|"
    r"test|try|tries|whether)\w*\b",
    re.IGNORECASE,
)


def aim_reason(sentence: str, roles: Iterable[str]) -> str:
    """Why a sentence may not rest on evidence with these roles; empty unless all of it is an aim of its paper."""
    is_aim_only = {*roles} == {"aim"}
    return "the evidence says what the paper set out to do" if is_aim_only and not _INTENTION.search(sentence) else ""
