"""Says why a question was declined, and which side of a comparison the papers do not cover."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.records import FoundSide
from assistant.text.tokens import enumeration


def missing_side_notice(sides: Iterable[FoundSide]) -> str:
    """A sentence about the sides of a comparison that no paper is about; empty if none is missing, or all are."""
    sides = list(sides)
    missing = [side.name for side in sides if not side.paper_id]
    return f"No paper here is about {enumeration(missing, 'or')}." if 0 < len(missing) < len(sides) else ""
