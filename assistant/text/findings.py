"""The words with which a paper leads in to what it found: "Our results on six tasks show that ..."."""

from __future__ import annotations

import re

AUTHORS = r"(?:we|the\s+authors|(?:our|this|the\s+present)\s+(?:study|work|paper|research))"
_KINDS = r"""(?:our|the|these|this|all|both|extensive|empirical|experimental|comprehensive|detailed|ablation
    |quantitative|qualitative)"""
EVIDENCE = rf"""(?:{_KINDS}\s+){{0,3}}
    (?:results|experiments|experimentation|simulations|findings|analys[ei]s|evaluations?|observations)"""
ADVERBS = r"""(?:\s+(?:also|further|then|thus|first|finally|clearly|consistently|empirically|experimentally
    |theoretically))*"""
SHOW = r"""(?:(?:show|demonstrate|find|observe|reveal|confirm|report|conclude|prove|discover|establish)(?:s|d|ed)?
    |found|shown)"""
"""Verbs that state a finding without a doubt."""

_HINT = r"(?:(?:suggest|indicate)(?:s|d|ed)?)"
_ON_WHAT = r"(?:\s+(?:on|of|in|with|from|across|over|using|for|under|at|by)\s[^.;]*?)?,?"
_OWN_FINDING = re.compile(
    rf"""\b(?:{AUTHORS}{ADVERBS}\s+(?:{SHOW}|{_HINT})\s+(?:[\w-]+,?\s+){{0,4}}?that
    |{_KINDS}\s+(?:[\w-]+\s+){{0,2}}?{EVIDENCE}{_ON_WHAT}{ADVERBS}\s+(?:{SHOW}|{_HINT}))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_OTHERS = re.compile(r"\b(?:previous|prior|earlier|recent|existing|others?)\b", re.IGNORECASE)


def states_own_finding(sentence: str) -> bool:
    """Does it say what its own paper found? "The results of earlier studies show" and "it was shown" do not."""
    found = _OWN_FINDING.search(sentence)
    return found is not None and not _OF_OTHERS.search(found[0])
