"""Refuses a claim that denies what its evidence affirms, affirms what it denies, or uses an antonym ("lower")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.rules.word_overlap import word_coverage
from assistant.text.stemming import stem, stems
from assistant.text.tokens import words

_SAME_STATEMENT = 0.6  # share of a claim's words in the evidence from which its negation contradicts the evidence
_CONTRAST = re.compile(r",?\s+\b(?:but|whereas|while|although|though)\b\s+", re.IGNORECASE)
_TOO = re.compile(r"\btoo\s+\w+\s+to\s+(\w+)", re.IGNORECASE)
_NEGATIONS = frozenset(
    "not no never without cannot nor neither none hardly fails fail failed unable lacks lack".split()
)
_EFFECT = frozenset(map(stem, "effect change difference benefit influence impact measurable significant".split()))
_OPPOSITES = [
    ({"increase", "raise", "grow", "improve", "enhance", "boost", "gain", "rise"},
     {"decrease", "reduce", "lower", "drop", "degrade", "decline", "fall", "hurt", "worsen", "diminish", "impair",
      "harm"}),
    ({"higher", "better", "larger", "greater", "faster", "stronger", "outperform", "exceed", "surpass"},
     {"less", "worse", "smaller", "slower", "weaker", "underperform", "fewer"}),
    ({"more"}, {"less", "fewer"}),
    ({"same", "similar", "equal", "comparable"}, {"different", "dissimilar", "unequal"}),
    ({"possible", "able", "capable", "sufficient", "necessary", "effective"},
     {"impossible", "incapable", "insufficient", "unnecessary", "ineffective"}),
]  # fmt: skip
_STEMMED_OPPOSITES = [({stem(word) for word in one}, {stem(word) for word in other}) for one, other in _OPPOSITES]


def polarity_reason(claim: str, evidence: Sequence[str]) -> str:
    """Why the claim says the opposite of the evidence; empty when it does not.

    Only the text of the evidence that shares most words with the claim is compared: the others may be about
    something else.
    """
    claimed = set(stems(claim))
    nearest = max(evidence, key=lambda text: len(claimed & set(stems(text))), default="")
    denied = _negated_words(nearest)
    denies, is_denied = _negation_count(claim) > 0, _negation_count(nearest) > 0 or bool(denied)
    if denies and not is_denied and word_coverage(claim, nearest) > _SAME_STATEMENT:
        return "it denies what the evidence says"
    if is_denied and not denies and denied & claimed:
        return "it says what the evidence denies"
    if is_denied and denies and not _CONTRAST.search(claim) and _denies_other_half(claimed, nearest):
        return "it denies what the evidence says"
    opposite = _opposite_words(claim, nearest, denied)
    return f"it says the opposite of the evidence ({', '.join(opposite)})" if opposite else ""


def _opposite_words(claim: str, source: str, denied: set[str]) -> list[str]:
    """Stems of the claim whose antonyms the source has, where neither text has both."""
    claimed, sourced = (
        {stem(word) for word in words(text)} for text in (claim, source)
    )  # with stop words such as "more"
    for pair in _STEMMED_OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if claimed & one - sourced and sourced & other - denied and not sourced & one and not claimed & other:
                return sorted(claimed & one)
    return []


def _denies_other_half(claimed: set[str], sentence: str) -> bool:
    """Is the claim about the half of a contrast ("A did, but B did not") that the evidence does not deny?"""
    halves = _CONTRAST.split(sentence)
    if len(halves) != 2:
        return False
    denied, affirmed = sorted(halves, key=_negation_count, reverse=True)
    if _negation_count(affirmed):
        return False
    own, other = set(stems(affirmed)) - set(stems(denied)), set(stems(denied)) - set(stems(affirmed))
    # Of "but it had no effect on clay", "clay" alone identifies the half: "effect" is in many sentences.
    distinctive = other - _negated_words(denied) - _EFFECT or other - _EFFECT
    return bool(claimed & own) and not claimed & distinctive


def _negation_count(text: str) -> int:
    return sum(_is_negation(word) for word in words(text))


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def _negated_words(text: str) -> set[str]:
    """Stems of what the text denies: the two words after a negation, except "not only".

    After "none of the" it is the second content word, which is usually the verb: "none of the drugs cured". After "but
    not" it is the next two words that occur nowhere else in the text. In "too small to show" it is the verb.
    """
    found = words(text)
    denied: set[str] = set()
    for place, word in enumerate(found):
        if not _is_negation(word) or found[place + 1 : place + 2] == ["only"]:
            continue
        following = stems(" ".join(found[place + 1 : place + 3]))
        if word in ("none", "neither"):
            following = stems(" ".join(found[place + 1 :]))[1:2]
        if word == "not" and found[place - 1 : place] == ["but"]:
            following = [one for one in stems(" ".join(found[place + 1 :])) if stems(text).count(one) == 1][:2]
        denied.update(one for one in following if not one[0].isdigit())
    return denied | {stem(match[1].casefold()) for match in _TOO.finditer(text)}
