"""Names of authors: their parts, and whether a name that somebody typed can be that of an author."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_INITIALS = re.compile(r"[A-Z]{1,3}")


def split_name(author: str) -> tuple[str, str]:
    """Family and given names of an author, as in "Smith, Ada", "Ada Smith" or "Smith AB"; a single name is a family's.

    Lower-case words before the last one belong to the family name (van, de la).
    """
    family, comma, given = (part.strip() for part in " ".join(author.split()).partition(","))
    if comma:
        return family, given
    words = family.split()
    if len(words) > 1 and _INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]):
        return " ".join(words[:-1]), words[-1]  # as PubMed writes names
    start = next((place for place, word in enumerate(words) if word[0].islower()), len(words) - 1)
    return " ".join(words[start:]), " ".join(words[:start])


def could_be(asked: str, author: str) -> bool:
    """Can the author be meant by the name asked for? Case, accents and punctuation aside.

    The family name must hold the one asked for, whole words at a time; a given name, or its initial, must not differ.
    """
    asked_family, asked_given = split_name(asked)
    family, given = split_name(author)
    if not _holds(_words(family), _words(asked_family)):
        # All of a name typed without capitals, or a family name of several words, such as "garcia marquez".
        in_either_order = (_words(f"{given} {family}"), _words(f"{family} {given}"))  # "Wei Chen" and "Chen Wei"
        return _words(asked) in in_either_order or _holds(_words(family), _words(asked))
    return all(_agree(one, other) for one, other in zip(_given(asked_given), _given(given), strict=False))


def byline(authors: Sequence[str], year: int | None) -> str:
    """Family names and year as a text cites them, as far as known: "Smith and Vale, 2021", "Smith et al., 2021"."""
    families = [family for family, _ in map(split_name, authors) if family]
    names = f"{families[0]} et al." if len(families) > 2 else " and ".join(families)
    return ", ".join(filter(None, [names, str(year or "")]))


def folded(text: str) -> str:
    """The text without case, accents and punctuation, its words parted by one space."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(mark))
    return re.findall(r"[^\W_]+", plain)


def _given(given: str) -> list[str]:
    """Given names or initials in order: "J. R.", "JR" and "John Ronald" have two."""
    parts = list(given) if _INITIALS.fullmatch(given) else [given]
    return [word for part in parts for word in _words(part)]


def _agree(one: str, other: str) -> bool:
    return one[0] == other[0] if 1 in (len(one), len(other)) else one == other


def _holds(words: list[str], asked: list[str]) -> bool:
    """Are the words asked for among the others, one after the other?"""
    count = len(asked)
    return count > 0 and any(words[start : start + count] == asked for start in range(len(words) - count + 1))
