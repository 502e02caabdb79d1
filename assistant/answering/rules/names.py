"""Refuses a claim that contains a name (of a method, a data set, a person) which its evidence does not contain."""

from __future__ import annotations

import re

from assistant.text.sentences import sentences
from assistant.text.stemming import stem
from assistant.text.tokens import is_stop_word, words

_NAME_TAIL = re.compile(r"'s$|-(?:based|like|style|trained|parameter)$")  # not part of the name before it
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
# 1.5B, 5x and 7B-parameter are left to the rule for numbers.
_NUMBER_WITH_LETTER = re.compile(r"\d+(?:\.\d+)?[A-Za-z](?:-parameter)?")


def unknown_name_reason(claim: str, source: str) -> str:
    """Why the evidence does not contain a name of the claim; empty when it contains all of them.

    ``source``: evidence and titles as one text. A plural, a possessive and a part of a hyphenated name count as found.
    """
    known = {part for word in words(source) for part in (word, *re.split(r"[-'.]", word))}
    known |= {word.removesuffix("s") for word in known}
    known_stems = {stem(word) for word in known}
    for name in _names(claim):
        folded = name.casefold().replace("’", "'")
        bare = _NAME_TAIL.sub("", folded)
        if known.isdisjoint((folded, bare, bare.removesuffix("s"))) and stem(bare) not in known_stems:
            return f"the name {name} is not in the evidence"
    return ""


def _names(text: str) -> list[str]:
    """Words spelled as names: with a capital or a digit inside, or with a capital after the start of a sentence."""
    found = []
    for sentence in sentences(text) or [text]:
        for place, token in enumerate(_TOKEN.findall(sentence)):
            is_spelled_as_name = any(mark.isupper() for mark in token[1:]) or (
                any(mark.isdigit() for mark in token) and any(mark.isalpha() for mark in token)
            )
            if is_spelled_as_name or (place > 0 and token[0].isupper() and not is_stop_word(token.casefold())):
                found.append(token)
    return [name for name in found if not _NUMBER_WITH_LETTER.fullmatch(name)]
