"""The words with which a paper leads in to what it found: "Our results on six tasks show that ..."."""

from __future__ import annotations

import re

AUTHORS = r"(?:we|the\s+authors|(?:our|this|the\s+present)\s+(?:study|work|paper|research))"
_OWN = "our|these|this|both|extensive|empirical|experimental|comprehensive|detailed|ablation|quantitative|qualitative"
EVIDENCE = rf"""(?:(?:{_OWN}|the|all)\s+){{0,3}}
    (?:results|experiments|experimentation|simulations|findings|analys[ei]s|evaluations?|observations)"""
ADVERBS = r"(?:\s+(?:also|further|then|thus|first|finally|clearly|consistently|empirically)){0,3}"
SHOW = r"""(?:(?:show|demonstrate|find|observe|reveal|confirm|report|conclude|prove|discover|establish)(?:s|d|ed)?
    |found|shown)"""
"""Verbs that state a finding without a doubt."""

_HINT = r"(?:(?:suggest|indicate)(?:s|d|ed)?)"
_ON_WHAT = r"(?:\s(?:on|of|in|with|from|across|over|using|for|under|at|by)\s[^.;]{1,80}?)?,?"
# All repetitions have an upper limit, so that a hostile abstract costs no time.
_OWN_FINDING = re.compile(
    rf"""\b(?:{AUTHORS}{ADVERBS}\s(?:{SHOW}|{_HINT})(?:\s[\w-]+ly)?,?\s+that
    |(?:{_OWN})\s(?:[\w-]+\s){{0,2}}{EVIDENCE}{_ON_WHAT}{ADVERBS}\s(?:{SHOW}|{_HINT})
    |the\s(?:[\w-]+\s)?results{ADVERBS}\s(?:{SHOW}|{_HINT}))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_OTHERS_OR_OPEN = re.compile(
    r"""\b(?:previous(?:ly)?|prior|earlier|recent(?:ly)?|existing|others?|literature|if|suppose|whether|when|unclear|goal
    |aim|to\s+date)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def states_own_finding(sentence: str) -> bool:
    """Does it say what its own paper found? "The results of earlier studies show" and "if we find that" do not."""
    sentence = " ".join(sentence.split())
    found = _OWN_FINDING.search(sentence)
    return found is not None and not _OF_OTHERS_OR_OPEN.search(sentence, 0, found.end())
