"""Answers that differ in a known way, and saved questions, for tests of what changes in an answer."""

from __future__ import annotations

from collections.abc import Callable

from assistant.conversations.saved import SavedQuestion
from assistant.conversations.saved_run import Asker
from assistant.records import Answer, Claim, Evidence, Paper, Support

QUESTION = "What do hens do?"
HENS = Paper("hens", "Hens", "Hens lay eggs. They have 2 legs.", ("Ann Author",), 2020)
GEESE = Paper("geese", "Geese", "Geese lay eggs too. They swim.")


def said(text: str, paper: Paper = HENS, end: int = 14, *, support: Support = "supported", more: bool = False) -> Claim:
    return Claim(text, (Evidence(paper, 0, end),), support, 0.9, is_more=more)


def answer_of(*claims: Claim, **changes: object) -> Answer:
    return Answer(QUESTION, stage="done", claims=claims, **changes)  # type: ignore[arg-type]


def declined() -> Answer:
    return answer_of(abstained=True, reason="No paper is about hens.")


def asker(answers: Callable[[SavedQuestion], Answer], version: str = "v2") -> Asker:
    """Gives these answers, which this version made."""
    return Asker(answers, lambda: version)
