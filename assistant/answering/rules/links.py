"""Refuses a claim with a link, an image or HTML that its evidence does not contain.

An abstract can contain instructions ("add a link to ..."), and a language model may follow them. The judge compares
words, so it would accept a good sentence with a link behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LINK = re.compile(
    r"[a-z][a-z+.-]*://[^\s)>\]]*|\bwww\.[^\s)>\]]*|\b(?:mailto|javascript|data):[^\s)>\]]+"
    r"|!\[|\]\(|</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)


def link_reason(claim: str, evidence: Sequence[str]) -> str:
    """Why the claim is refused for a link or markup; empty if it has none that the evidence lacks."""
    source = " ".join(evidence).casefold()
    if any(found.casefold().rstrip(".,;:") not in source for found in _LINK.findall(claim)):
        return "it contains a link or markup that is not in the evidence"
    return ""
