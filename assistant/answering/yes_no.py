"""Turns a yes/no question into the statement that a "yes" would make, and into its denial.

The models that compare a text with a claim read statements better than questions, and what they say about a statement
and about its denial shows whether they understood what was asked (evals/LOG.md). Only English is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.text.part_of_speech import Token, possible_tags, tag_words

_TO_BE = frozenset({"is", "are", "was", "were"})
_TO_DO = frozenset({"do", "does", "did"})
_TO_HAVE = frozenset({"has", "have", "had"})
_MODAL = frozenset({"can", "could", "will", "would", "should", "may", "might", "must"})
_AUXILIARY = _TO_BE | _TO_DO | _TO_HAVE | _MODAL
# "X: is it useful?", "The method - does it help?", "And does it ...?"
_TOPIC = re.compile(r"^(?P<topic>.{3,200}?)\s*(?::|\s[-–—])\s+(?P<asked>[^:]+)$", re.DOTALL)
_OPENING = re.compile(r"^(?:(?:but|and|so|or|then|also)\s+)+", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"\bor\b(?!\s+(?:not|more|less|later|so)\b)", re.IGNORECASE)
_PRONOUNS = frozenset({"it", "they", "this", "these", "that", "those"})
_NOUN = ("NN", "NP", "PN", "CRD", "UNC", "ZZ0")
_BEFORE_NOUNS = frozenset({"AT0", "DPS", "PRP", "PRF", "CJC"})
_UNLIKELY = 8.0  # how much less probable than its likeliest tag a word's other tag may be
_INFINITIVE = frozenset({"VVI", "VVB", "VBI", "VBB", "VHI", "VHB", "VDI", "VDB"})
_BARE = frozenset({"VVI", "VHI", "VDI"})
_PREDICATE = ("VVN", "VVG", "VVD", "VBN", "VBG", "VHN", "AT0", "XX0", "TO0", "AJC", "AJS", "PNI")
_COMPARED = frozenset({"better", "worse", "more", "less", "worth"})
_ENDS_IN_ES = re.compile(r"(?:s|sh|ch|x|z|o)$")
_ENDS_IN_Y = re.compile(r"[^aeiou]y$")


class Statements(NamedTuple):
    """What a yes and what a no would say."""

    yes: str
    no: str


def is_yes_no_question(question: str) -> bool:
    """Does it ask for a yes or a no? "Is A or B better?" asks for one of two."""
    asked = _asked(question)[1]
    return _begins_with_auxiliary(asked) and not _ALTERNATIVE.search(asked)


def statements(question: str) -> Statements | None:
    """The statement and its denial; None where the grammar of the question is not recognised."""
    topic, asked = _asked(question)
    auxiliary, _, rest = asked.partition(" ")
    auxiliary, rest = auxiliary.casefold(), rest.strip()
    if not rest or not is_yes_no_question(question):
        return None
    tokens = tag_words(rest)
    if tokens and tokens[0].text.casefold() == "there" and len(tokens) > 1:
        end = len("there")
    else:
        place = _end_of_subject(tokens, auxiliary)
        if place is None:
            return None
        end = _offsets(rest, tokens)[place]
    subject, predicate = rest[:end].strip(), rest[end:].strip()
    if topic and subject.casefold() in _PRONOUNS:
        subject = topic
    subject = subject[:1].upper() + subject[1:]
    no = f"{subject} {auxiliary} not {predicate}."
    return Statements(f"{subject} {_affirmed(auxiliary, predicate)}.", no)


def _asked(question: str) -> tuple[str, str]:
    """The topic before a colon or a dash, if there is one, and the question after it, without its question mark."""
    text = " ".join(question.split()).rstrip("?!. ")
    asked = _OPENING.sub("", text)
    if not _begins_with_auxiliary(asked) and (found := _TOPIC.match(text)):
        return found["topic"], _OPENING.sub("", found["asked"])
    return "", asked


def _begins_with_auxiliary(text: str) -> bool:
    return text.partition(" ")[0].casefold() in _AUXILIARY


def _affirmed(auxiliary: str, predicate: str) -> str:
    """The predicate without "do" and "does": "does lower the risk" as "lowers the risk"."""
    verb, space, rest = predicate.partition(" ")
    if auxiliary == "do":
        return predicate
    if (
        auxiliary == "does"
        and verb.isalpha()
        and not _BARE.isdisjoint(possible_tags(verb.casefold(), within=_UNLIKELY))
    ):
        return f"{_third_person(verb)}{space}{rest}"
    return f"{auxiliary} {predicate}"


def _third_person(verb: str) -> str:
    if verb == "have":
        return "has"
    if _ENDS_IN_ES.search(verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if _ENDS_IN_Y.search(verb) else f"{verb}s"


def _end_of_subject(tokens: Sequence[Token], auxiliary: str) -> int | None:
    """The number of the token with which the predicate begins."""
    find = _predicate_of_to_be if auxiliary in _TO_BE | _TO_HAVE else _infinitive
    places = range(1, len(tokens))
    found = next((place for place in places if find(tokens, place)), None)
    if found is None and find is _infinitive:
        found = next((place for place in places if _may_be_verb(tokens, place)), None)
    return found


def _may_be_verb(tokens: Sequence[Token], place: int) -> bool:
    if tokens[place - 1].tag[:3] in _BEFORE_NOUNS | {"AJ0"} or not tokens[place].text.isalpha():
        return False
    return "VVI" in possible_tags(tokens[place].text.casefold(), within=_UNLIKELY)


def _infinitive(tokens: Sequence[Token], place: int) -> bool:
    """Does the predicate begin here, after "does" or "can"? Nouns that may be verbs count where a noun goes before."""
    token, before = tokens[place], tokens[place - 1]
    if token.tag == "XX0" or (token.tag == "AV0" and place + 1 < len(tokens) and tokens[place + 1].tag in _INFINITIVE):
        return True
    if token.tag in _INFINITIVE:
        return before.tag[:3] not in {"AT0", "DPS", "TO0", "PRP"}
    if not token.tag.startswith("NN1") or before.tag[:3] in _BEFORE_NOUNS | {"VVG"}:
        return False
    follows = tokens[place + 1].tag[:3] if place + 1 < len(tokens) else ""
    is_followed = follows in {"AT0", "DPS", "DT0", "PRP", "AVQ", "CJS", "AJ0", "NN2", "NP0", ""}
    return is_followed and "VVI" in possible_tags(token.text.casefold(), within=_UNLIKELY)


def _predicate_of_to_be(tokens: Sequence[Token], place: int) -> bool:
    """Does the predicate begin here, after "is" or "has"?"""
    token, before = tokens[place], tokens[place - 1]
    after = tokens[place + 1].tag if place + 1 < len(tokens) else ""
    if before.tag[:3] in _BEFORE_NOUNS | {"AJ0", "AV0"} and not (
        before.tag == "AV0" and token.tag[:3] in {"AT0", "AJ0", "VVN"} and place > 1
    ):
        return False
    if token.text.casefold() == "as":
        return False
    if token.tag.startswith(_PREDICATE):
        return not (token.tag == "VVN" and after.startswith(_NOUN))
    if token.tag == "AJ0":
        return True
    if token.text.casefold() in _COMPARED:
        return True
    return token.tag == "AV0" and after[:3] in {"AJ0", "VVN", "AT0", "VVG", "AJC"}


def _offsets(text: str, tokens: Sequence[Token]) -> list[int]:
    found, end = [], 0
    for token in tokens:
        found.append(text.index(token.text, end))
        end = found[-1] + len(token.text)
    return found
