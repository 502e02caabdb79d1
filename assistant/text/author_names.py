"""Splits names of authors into their parts, and compares a name in a question with the name of an author."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_INITIALS = re.compile(r"[A-Z]{1,3}")


def split_name(author: str) -> tuple[str, str]:
    """Family and given names of an author, as in "Smith, Ada", "Ada Smith" or "Smith AB".

    A single name is a family name. Lower-case words before the last one belong to the family name (van, de la).
    """
    family, comma, given = (part.strip() for part in " ".join(author.split()).partition(","))
    if comma:
        return family, given
    words = family.split()
    if len(words) > 1 and _INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]):
        return " ".join(words[:-1]), words[-1]  # as PubMed writes names
    start = next((place for place, word in enumerate(words) if word[0].islower()), len(words) - 1)
    return " ".join(words[start:]), " ".join(words[:start])


def can_mean(asked: str, author: str) -> bool:
    """Can the name in a question mean this author? Case, accents and punctuation do not count.

    The family name must contain the whole words of the family name in the question. Given names, or their initials,
    must not differ.
    """
    asked_family, asked_given = split_name(asked)
    family, given = split_name(author)
    if not _contains(_words(family), _words(asked_family)):
        # A whole name without capitals, or a family name of several words, such as "garcia marquez".
        in_either_order = (_words(f"{given} {family}"), _words(f"{family} {given}"))  # "Wei Chen" and "Chen Wei"
        return _words(asked) in in_either_order or _contains(_words(family), _words(asked))
    return all(_agree(one, other) for one, other in zip(_given(asked_given), _given(given), strict=False))


def byline(authors: Sequence[str], year: int | None) -> str:
    """Family names and year in the form of a citation: "Smith and Vale, 2021", "Smith et al., 2021"."""
    families = [family for family, _ in map(split_name, authors) if family]
    names = f"{families[0]} et al." if len(families) > 2 else " and ".join(families)
    return ", ".join(filter(None, [names, str(year or "")]))


def folded(text: str) -> str:
    """The words of the text in lower case, without accents and punctuation, with one space between them."""
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(mark))
    return re.findall(r"[^\W_]+", plain)


def _given(given: str) -> list[str]:
    """Given names or initials in order; "J. R.", "JR" and "John Ronald" all have two."""
    parts = list(given) if _INITIALS.fullmatch(given) else [given]
    return [word for part in parts for word in _words(part)]


def _agree(one: str, other: str) -> bool:
    return one[0] == other[0] if 1 in (len(one), len(other)) else one == other


def _contains(words: list[str], asked: list[str]) -> bool:
    """Do the words contain those of ``asked``, one after the other?"""
    count = len(asked)
    return count > 0 and any(words[start : start + count] == asked for start in range(len(words) - count + 1))
