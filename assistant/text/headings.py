"""Divides an abstract into sentences without the headings of structured abstracts ("METHODS: ...", "Results. ...").

A heading says what the sentences up to the next heading are for. It is not a part of a sentence, so it is never quoted.
Only a run of words that headings are written with counts, at the start of a sentence: "Results show that ..." and
"Methods for parsing ..." are sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant.records import FINDINGS, NO_FINDINGS, ROLES, Role
from assistant.text.findings import states_own_finding
from assistant.text.sentences import sentence_spans
from assistant.text.tokens import is_function_word

_WORDS_OF: Mapping[Role, str] = {
    "background": "background context importance introduction motivation problem rationale",
    "aim": """aim aims goal goals hypotheses hypothesis object objective objectives purpose purposes question
        questions""",
    "method": """acquisition analyses analysis animals approach collection criteria design exposure exposures
        extraction intervention interventions material materials measure measured measurement measurements measures
        method methodology methods outcome outcomes participants patient patients population procedure procedures
        sample samples search selection setting settings sources strategy subjects""",
    "result": "findings observations result results synthesis",
    "conclusion": """conclusion conclusions discussion implications interpretation limitations originality
        recommendations relevance significance value""",
}
_ROLE_OF = {word: role for role, words in _WORDS_OF.items() for word in words.split()}
# Headings that do not say what their sentences are for.
_WITHOUT_ROLE = frozenset("availability funding implementation presentation registration statement unlabelled".split())
# Words of longer headings ("main outcome measures", "design of the study"); without others they are not a heading.
_FILLERS = """and authors' case clinical data evidence experimental for general investigation key main of practical
    primary principal recent research review scientific secondary statistical study summary the trial""".split()
_WORDS = [*_FILLERS, *_ROLE_OF, *_WITHOUT_ROLE]
_LAST = ["data", "investigation", "review", "study", *_ROLE_OF, *_WITHOUT_ROLE]


def _run(words: Iterable[str], last: Iterable[str]) -> str:
    """A pattern of ``words`` that are joined by spaces, slashes, commas or ampersands and end with one of ``last``."""
    joint = r"(?:\s*[/&,]\s*|\s+)"
    return rf"(?:(?:{'|'.join(words)})(?:\(s\))?{joint}){{0,6}}(?:{'|'.join(last)})(?:\(s\))?(?![\w-])"


_MARKED = re.compile(
    rf"(?=[A-Z])(?i:({_run(_WORDS, _LAST)}))(?:\s*[:.](?:\s+|$|(?=[–—]))(?:[–—]\s*)?|\s+[-–—]\s+|[–—]\s*|$)"
)
_IN_CAPITALS = re.compile(  # with small letters after it, because some abstracts are in capitals as a whole
    rf"({_run(map(str.upper, _WORDS), map(str.upper, _LAST))})\s+(?=[\"“(]?[\dA-Z])(?=.{{0,40}}[a-z])", re.DOTALL
)
_BARE = re.compile(
    r"(Aims?|Background|Conclusions?|Introduction|Methods|Objectives?|Purpose|Results)\s+(?=([A-Z]\w*)\s)"
)


# A sentence that mentions its own paper is not background: 94% of what is then called background is, without it 85%.
_OWN_PAPER = re.compile(r"(?i:\b(?:we|our)\b|\bthis (?:paper|study|work|article|survey|review)\b)")

_OWN_AIM = re.compile(
    r"(?i:\b(?:aim|goal|objective|purpose)s? of (?:this|our|the (?:present|current)) |"
    r"\b(?:we|this (?:paper|study|work|article|survey|review)) (?:aim(?:s|ed)?|sought|set out) to )"
)


@dataclass(frozen=True, slots=True)
class AbstractSentence:
    """The sentence ``abstract[start:end]``, and what it can be for: if its heading says so, one role."""

    start: int
    end: int
    roles: frozenset[Role] = ROLES


def abstract_sentences(abstract: str) -> list[AbstractSentence]:
    """The sentences of an abstract, in order, each without the headings before it."""
    found: list[AbstractSentence] = []
    roles = ROLES
    for start, end in sentence_spans(abstract):
        while heading := _heading(abstract, start, end):
            roles, start = heading
        if start < end:
            possible = roles & possible_roles(abstract[start:end])
            found.append(AbstractSentence(start, end, possible or roles))
    return found


def possible_roles(sentence: str) -> frozenset[Role]:
    """What a sentence can be for by its own words.

    "Our results show that ..." is a finding, and a question is nothing that was done or found.
    """
    if _OWN_AIM.search(sentence):
        return frozenset(["aim"])
    if sentence.rstrip("\"'”’)]").endswith("?"):
        return frozenset(["aim"]) if _OWN_PAPER.search(sentence) else NO_FINDINGS
    if states_own_finding(sentence):
        return FINDINGS
    return ROLES - {"background"} if _OWN_PAPER.search(sentence) else ROLES


def _heading(abstract: str, start: int, end: int) -> tuple[frozenset[Role], int] | None:
    """The roles that the heading at ``start`` allows, and where the text after it begins; None without a heading."""
    found = _MARKED.match(abstract, start, end) or _IN_CAPITALS.match(abstract, start, end)
    if not found:
        found = _BARE.match(abstract, start, end)
        if not (found and is_function_word(found[2].casefold())):
            return None
    words = re.findall(r"[a-z]+", found[1].casefold())
    if not any(word in _ROLE_OF or word in _WITHOUT_ROLE for word in words):
        return None
    return frozenset(_ROLE_OF[word] for word in words if word in _ROLE_OF) or ROLES, found.end()
