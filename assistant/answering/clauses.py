"""Cuts from a sentence of an abstract what only leads in to what it says: "Overall, our results show that ...".

What is left is a part of the sentence, to its end, so that a quotation of it still opens exact words. A lead-in that
weakens what follows ("suggest that", "we argue that") is part of the message and stays.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.records import Evidence

_CONNECTIVE = r"""(?:
    (?:however|moreover|furthermore|additionally|in\ addition|finally|lastly|overall|specifically|in\ particular
    |notably|remarkably|interestingly|importantly|surprisingly|crucially|thus|therefore|hence|consequently|accordingly
    |as\ a\ result|in\ conclusion|in\ summary|in\ contrast|by\ contrast|besides|also|first|second|third|firstly
    |secondly|thirdly|meanwhile|nevertheless|nonetheless),\s+)"""
_WHO = r"""(?:
    we|it\ is|the\ authors
    |(?:(?:our|the|these|this|all|both|extensive|empirical|experimental|further|comprehensive|preliminary|thorough
       |detailed|quantitative|qualitative|ablation|evaluation|human|first|main|new|present|current)\s+){0,4}
     (?:results?|experiments?|findings?|analys[ei]s|evaluations?|study|studies|work|paper|data|observations?|tests?
       |experimentation|investigations?|research)
     (?:\ (?:on|in|of|with|from|across|over)\ (?:[\w-]+\s){1,6}?)?)"""
_SAYS = r"""(?:show|demonstrate|find|observe|reveal|confirm|report|conclude|prove|discover|verify|establish)(?:s|d|ed)?
    |found|shown|see|sees|saw|seen|proven"""
_LEAD_IN = re.compile(
    rf"""(?:{_CONNECTIVE}(?:{_WHO}\s*(?:also|further|thus|then|clearly|consistently|empirically)?\s+(?:{_SAYS})\s+that\s+)?
    |(?:in\ (?:this|our)\ (?:paper|work|study|article),?\s+)?
     {_WHO}\s*(?:also|further|thus|then|clearly|consistently|empirically)?\s+(?:{_SAYS})\s+that\s+)""",
    re.IGNORECASE | re.VERBOSE,
)
_FEWEST_WORDS = 6  # of what is left


def without_lead_in(evidence: Evidence) -> Evidence:
    """The part of the sentence after its lead-in; the whole sentence if it has none, or if little would be left."""
    text = evidence.text
    if not (match := _LEAD_IN.match(text)) or len(text[match.end() :].split()) < _FEWEST_WORDS:
        return evidence
    return replace(evidence, start=evidence.start + match.end())
