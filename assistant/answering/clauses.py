"""Cuts from a sentence of an abstract what only leads in to what it says: "Overall, our results show that ...".

What points back to a sentence that is not quoted goes, too: "To address this issue, we ...". A lead-in that weakens
what follows ("suggest that", "preliminary results"), says for what it holds ("experiments in mice") or names others
("studies show that") is part of the message and stays.
"""

from __future__ import annotations

import re

from assistant.text.findings import ADVERBS, AUTHORS, EVIDENCE, SHOW

_CONNECTIVE = r"""(?:however|moreover|furthermore|further|additionally|in\s+addition|finally|lastly|overall|specifically
    |in\s+particular|notably|remarkably|interestingly|importantly|surprisingly|crucially|thus|therefore|hence
    |consequently|accordingly|as\s+a\s+result|in\s+conclusion|in\s+summary|in\s+contrast|by\s+contrast|besides|meanwhile
    |nevertheless|nonetheless),|(?:first|firstly|secondly|thirdly|next|then|here),(?=\s+(?:we|to)\b)"""
_IN_PAPER = r"(?:in\s+(?:this|our)\s+(?:paper|work|study|article|survey|report),?(?=\s+(?:we|the\s+authors)\b))"
_BACKWARD = r"""(?:to\s+this\s+end,
    |(?:in\s+order\s+)?to\s+(?:address|tackle|overcome|solve|resolve|mitigate|alleviate|remedy|fill|close|bridge|meet
        |answer|create|combat|counter|handle|investigate|study|verify|test|achieve|do)\s+
     (?:(?:this|these|that|those|such)(?:\s+[\w-]+){0,2}|the\s+(?:above|aforementioned)(?:\s+[\w-]+){1,2}
       |the\s+(?:gap|issue|problem|challenge|limitation|weakness|question)s?)
     ,(?=\s+(?:we|the\s+authors|this\s+(?:paper|work|study|article))\b))"""
_OPENING = re.compile(rf"(?:(?:{_CONNECTIVE}|{_IN_PAPER}|{_BACKWARD})\s+)*", re.IGNORECASE | re.VERBOSE)
_LEAD_IN = re.compile(
    rf"""(?:{AUTHORS}|{EVIDENCE}){ADVERBS}\s+{SHOW}\s+that(?:,?\s+however,)?\s+""",
    re.IGNORECASE | re.VERBOSE,
)
_SECOND_VERB = re.compile(
    r"""(?:\b(?:and|but|or|then|as\s+well\s+as)\b(?:[\s,]+\w+){0,2}?[\s,]+|,\s+)
    (?:that|suggest|indicate|argue|imply|show|demonstrate|find|reveal|propose)""",
    re.IGNORECASE | re.VERBOSE,
)
_FEWEST_WORDS = 6  # of what is left


def without_lead_in(sentence: str) -> str:
    """The sentence from after its lead-in to its end; all of it if it has none, or if little would be left.

    A sentence with a second message that the lead-in introduces, too ("and suggest that ...", "and that ..."), stays.
    """
    text = _without(_OPENING, sentence)
    rest = _without(_LEAD_IN, text)
    return text if _SECOND_VERB.search(rest) else rest


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text from after the pattern at its start; all of it if little would be left."""
    found = pattern.match(text)
    rest = text[found.end() :] if found else text
    return rest if len(rest.split()) >= _FEWEST_WORDS else text
