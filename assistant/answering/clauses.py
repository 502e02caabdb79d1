"""Cuts from a sentence of an abstract what only leads in to what it says: "Overall, our results show that ...".

A lead-in that weakens what follows ("suggest that", "preliminary results"), says for what it holds ("experiments in
mice") or names others ("studies show that") is part of the message and stays.
"""

from __future__ import annotations

import re

from assistant.text.findings import ADVERBS, AUTHORS, EVIDENCE, SHOW

_CONNECTIVE = r"""(?:
    (?:however|moreover|furthermore|additionally|in\s+addition|finally|lastly|overall|specifically|in\s+particular
    |notably|remarkably|interestingly|importantly|surprisingly|crucially|thus|therefore|hence|consequently|accordingly
    |as\s+a\s+result|in\s+conclusion|in\s+summary|in\s+contrast|by\s+contrast|besides|meanwhile|nevertheless
    |nonetheless),\s+)"""
_LEAD_IN = re.compile(
    rf"""(?:{_CONNECTIVE})?
    (?:(?:in\s+(?:this|our)\s+(?:paper|work|study|article),?\s+)?
     (?:{AUTHORS}|{EVIDENCE}){ADVERBS}\s+{SHOW}\s+that\s+)?""",
    re.IGNORECASE | re.VERBOSE,
)
_SECOND_VERB = re.compile(
    r"\b(?:and|but|or)\s+(?:(?:also|further)\s+)?(?:suggest|indicate|argue|imply|show|demonstrate|find|reveal|propose|that)",
    re.IGNORECASE,
)
_FEWEST_WORDS = 6  # of what is left


def without_lead_in(sentence: str) -> str:
    """The sentence from after its lead-in to its end; all of it if it has none, or if little would be left.

    A sentence with a second message that the lead-in introduces, too ("and suggest that ...", "and that ..."), stays.
    """
    rest = _LEAD_IN.sub("", sentence, count=1)  # it always matches at the start, with no words if there is no lead-in
    return sentence if len(rest.split()) < _FEWEST_WORDS or _SECOND_VERB.search(rest) else rest
