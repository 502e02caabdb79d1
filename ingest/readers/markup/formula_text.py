"""Rules for writing a formula on one line: spaces around operators, brackets around parts of a fraction or a root."""

from __future__ import annotations

import re

from ingest.readers.markup.superscripts import END, EXPONENT, SUBSCRIPT

SPACED_OPERATORS = frozenset("=<>≤≥≈≃≅≠≪≫×·⋅±∓→←↔∈⊂⊆∪∩∝≡∼~")
"""Operators that are written between spaces."""

_SINGLE = re.compile(r"[\w.]+")
_SINGLE_WITH_SCRIPT = re.compile(rf"\w[{SUBSCRIPT}{EXPONENT}]\w+{END}")


def bracketed(part: str, *, keeps_script: bool = False) -> str:
    """A numerator, a denominator or a radicand: in brackets unless it is a single number or word.

    With ``keeps_script``, a letter with one superscript or subscript needs no brackets either.
    """
    is_single = _SINGLE.fullmatch(part) or (keeps_script and _SINGLE_WITH_SCRIPT.fullmatch(part))
    return part if is_single else f"({part})"
