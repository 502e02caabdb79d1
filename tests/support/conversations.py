"""Questions with answers for tests of stored conversations."""

from __future__ import annotations

from assistant.conversations.store import Conversations
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper

PAPER = Paper("hens", "Hens", "Hens lay eggs. They have 2 legs.", ("A", "B"), 2020)
MADE_WITH = {"model": "m", "index": "i", "program": "1", "prompts": "p"}


def answered(question: str = "What do hens do?", said: str = "Hens lay eggs.") -> Answer:
    claim = Claim(said, (Evidence(PAPER, 0, 14, 0.5),), "supported", 0.9)
    return Answer(question, stage="done", claims=(claim,), retrieved=(RankedPaper(PAPER, 1.5),), model="m")


def titles(conversations: Conversations, search: str = "") -> list[str]:
    return [conversation.title for conversation in conversations.find(search)]
