"""Measures which share of a text's words another text contains, as stems."""

from __future__ import annotations

from assistant.text.stemming import stems

_SAME = 0.8  # from this share on, one text repeats the other


def word_coverage(claim: str, source: str) -> float:
    """Share of the claim's distinct stems that the source contains; 1 for a claim without content words."""
    claimed = set(stems(claim))
    return len(claimed & set(stems(source))) / len(claimed) if claimed else 1.0


def says_the_same(text: str, other: str) -> bool:
    """Does ``other`` contain nearly all words of ``text``?"""
    return word_coverage(text, other) >= _SAME
