"""Refuses a claim copied from a part of a sentence when the words left out change its meaning ("no", "if", "may").

"The drug cures" is a part of "No study shows that the drug cures" and of "The drug cures only if it is taken early",
and neither supports it. Not covered: irony, and conditions in another sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from assistant.text.sentences import sentences
from assistant.text.tokens import words

# Words of denial, doubt and belief that change the meaning of a clause after them ("it is doubtful whether").
_CHANGE_WHAT_FOLLOWS = frozenset(
    """no not never nor neither none nobody nothing hardly barely cannot can't don't doesn't didn't isn't aren't wasn't
    weren't won't false wrong untrue myth doubt doubts doubted doubtful unclear unknown unlikely impossible whether
    believed believe thought claimed claim claims assumed assume assumes assuming supposed hypothesis hypothesise
    hypothesised hypothesize hypothesized suspected speculated contrary refute refuted refutes reject rejected rejects
    disprove disproved disproves fail fails failed lack lacks""".split()
)
# Words that limit a clause from either side of it.
_CONDITIONS = frozenset("if unless without except until provided only when would could might should".split())
_BREAK = re.compile(r"[,;:()\[\]—–]|\s-\s")


def omission_reason(claim: str, evidence: Sequence[str]) -> str:
    """Why a claim copied from a part of a sentence says more than the sentence; empty when it does not.

    It does not if the evidence contains the claim in another place without such words.
    """
    said = words(claim)
    found = [
        word
        for text in evidence
        for sentence in sentences(text)
        for word in [_changing_word(said, sentence)]
        if word is not None
    ]
    if not said or not found or "" in found:
        return ""
    return f"it leaves out {found[0]!r}, which changes what the evidence says"


def _changing_word(said: list[str], sentence: str) -> str | None:
    """The first omitted word that changes the meaning; empty if no word does, None if the sentence lacks the claim."""
    clauses = [words(clause) for clause in _BREAK.split(sentence)]
    whole = [word for clause in clauses for word in clause]
    start = next((place for place in range(len(whole)) if whole[place : place + len(said)] == said), None)
    if start is None:
        return None
    bounds = [0, *accumulate(map(len, clauses))]
    end = start + len(said)
    before = whole[max(bound for bound in bounds if bound <= start) : start]
    if _follows_insertion(before, [whole[:bound][-1:] for bound in bounds if bound <= start]):
        before = whole[:start]
    after = whole[end : min(bound for bound in bounds if bound >= end)]
    changing = [word for word in before if word in _CHANGE_WHAT_FOLLOWS]
    changing += [word for word in [*whole[:start], *after] if word in _CONDITIONS]
    return changing[0] if changing else ""


def _follows_insertion(before: list[str], ends: list[list[str]]) -> bool:
    """Is there an insertion between the claim and the words that introduce it?

    "There is no evidence, after ten years, that the drug cures"; "We asked whether, in the wild, the drug cures".
    ``before``: the words between the last punctuation mark and the claim; ``ends``: the last word before each earlier
    punctuation mark.
    """
    return before == ["that"] or ["that"] in ends or ["whether"] in ends
