"""Detects a question that assumes the opposite of its evidence, such as "Why did deaths increase?" when deaths fell.

Only rising and falling quantities are compared, not comparisons, because "A is worse than B" and "B outperforms A"
agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import dropwhile, takewhile

from assistant.text.stemming import stems
from assistant.text.tokens import words

_RISES = frozenset(
    "increase increases increased increasing raise raises raised rise rises rose risen grow grows grew grown double "
    "doubled".split()
)
_FALLS = frozenset(
    "decrease decreases decreased decreasing reduce reduces reduced reducing fall falls fell fallen drop drops dropped "
    "decline declines declined diminish diminished shrink shrank shrunk halve halved".split()
)
_ASSUMES = re.compile(r"\s*(?:why|how|by\s+how|what\s+(?:caused|causes|made|makes|explains))\b", re.IGNORECASE)
_PREPOSITIONS = frozenset("of on in at by for from to with over under above below between after before than as".split())


def false_premise_notice(question: str, evidence: Iterable[str]) -> str:
    """A sentence for the user that quotes what the evidence says instead; empty if nothing contradicts the question."""
    if not _ASSUMES.match(question):
        return ""
    sources = list(evidence)
    for side, opposite in ((_RISES, _FALLS), (_FALLS, _RISES)):
        asked, said = _changes(question, side), [_changes(source, opposite) for source in sources]
        agrees = any(asked.keys() & _changes(source, side).keys() for source in sources)
        for thing in asked:
            found = next((change[thing] for change in said if thing in change), "")
            if found and not agrees and not _changes(question, opposite):
                return f"The question says “{asked[thing]}”; the evidence says the opposite: “{found}”."
    return ""


def _changes(text: str, verbs: frozenset[str]) -> dict[str, str]:
    """What rises or falls in a text: the stem of the thing to the verb that says so."""
    found = words(text)
    return {
        thing: word
        for place, word in enumerate(found)
        if word in verbs and (thing := _noun(found[place + 1 :]) or _noun(dropwhile(_is_preposition, found[:place])))
    }


def _noun(phrase: Iterable[str]) -> str:
    """The stem of the last content word before the first preposition: of "deaths" in "the deaths on roads"."""
    words_before = [
        word for word in takewhile(lambda word: not _is_preposition(word), phrase) if not word.endswith("ly")
    ]
    return next((found[-1] for word in reversed(words_before) if (found := stems(word))), "")


def _is_preposition(word: str) -> bool:
    return word in _PREPOSITIONS
