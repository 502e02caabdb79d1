"""Finds the mark of a publisher on the title of a retracted paper, as in "RETRACTED ARTICLE: Moss tea heals bones".

A retraction notice ("Retraction: ...", "Retraction notice to ...") has no such mark and is not a retracted paper.
"""

from __future__ import annotations

import re

_MARK = re.compile(
    r"""^\W{0,3}(?:
        (?i:retracted) (?:[ ]+(?i:article|paper|chapter|publication|review))? \W{0,2} [:\].)\u2013\u2014]
    |   WITHDRAWN (?:[ ]+(?:ARTICLE|PAPER|CHAPTER))? \W{0,2} [:\]]
    ) \s*
    |   \s* \((?i:retracted[ ](?:article|paper|publication))\b [^()]* \) \W{0,2}$  # Web of Science
    """,
    re.VERBOSE,
)


def has_retraction_mark(title: str) -> bool:
    return bool(_MARK.search(title))


def without_retraction_mark(title: str) -> str:
    """The title as it was before the paper was retracted."""
    return _MARK.sub("", title)
