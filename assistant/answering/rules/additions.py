"""Refuses sentences that say nothing, or say of one thing what the evidence says of another.

``empty_sentence_reason`` needs no evidence: a phrase without a verb, a sentence that was cut off, a frame without
content ("The answer is ..."), talk about the question or the text. ``addition_reason`` compares with the evidence:
words of judgement that it lacks, and a subject that it gives to another predicate.

Not covered: a true sentence that answers another question; a wrong subject behind a pronoun.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answering.rules.clauses import BE, Clause, clauses, main_verb
from assistant.answering.rules.evaluative_words import unsupported_evaluative_words
from assistant.text.stemming import stem, stems
from assistant.text.tagging import tagged

_NEVER_LAST = frozenset("AT0 DPS PRF CJC CJS CJT".split())  # "the", "its", "of", "and", "because", "that"
_ENDS_AS_QUESTION = re.compile(r"\b(?:how (?:much|many|often|well)|why)\.$", re.IGNORECASE)
_STOPPED = re.compile(r"""[.!?…]["'”’)\]]*$""")
_FRAME = re.compile(
    r"^the\s+(?:correct\s+|short\s+)?answer(?:\s+to\s+[^.,]*?)?\s+(?:is|was|would\s+be|lies)\b", re.IGNORECASE
)
_THAT_CLAUSE = re.compile(r"\s*,?\s*that\b", re.IGNORECASE)
_SELF_TALK = re.compile(
    r"\bas an? (?:ai|assistant|(?:large )?language model)\b"
    r"|\bI(?:'(?:m|ll|d|ve)|\s+(?:am|can|cannot|could|do|don't|have|hope|know|think|believe|would|will|was|were|must))\b"
    r"|\byou(?:r| have| are)?\s+(?:asked?|asking|question|want|need)\b|\blet me\b|\bthank you\b|\b(?:please|sorry)\b"
    r"|\b(?:the|this|these|those)\s+(?:given\s+|provided\s+|above\s+)?"
    r"(?:texts?|sentences?|passages?|question|answer)\s+(?:above\s+|below\s+)?"
    r"(?:says?|tells?|talks?|explains?|gives?|states?|mentions?|asks?|(?:are|is) about)\b"
    r"|\bhere (?:is|are) (?:the|an?|my) answers?\b",
    re.IGNORECASE,
)
_TO_READER = re.compile(r"\byou(?:r|rs|rself)?\b", re.IGNORECASE)
_SUPPOSES = re.compile(r"\b(?:could|might|would|should)\b", re.IGNORECASE)
_MAY_SUPPOSE = re.compile(
    r"\b(?:can|could|may|might|must|should|would|possibl[ey]|potential(?:ly)?|need|necess\w*)\b", re.IGNORECASE
)
_CONTINUES = re.compile(
    r"(?:in fact|in other words|so,|to summari[sz]e|this means|in this (?:example|case)|for this reason)", re.IGNORECASE
)
_NO_SUBJECT = frozenset(
    map(stem, "paper study article work author authors researcher researchers method model approach system framework "
    "technique result results experiment finding sentence answer abstract number".split())
)  # fmt: skip
_REACH = frozenset(map(stem, "reach attain achieve obtain get score".split()))
_COMPARES = re.compile(r"\bthan\b|\bas\s+\w+\b.*\bas\b")
_SAME_PREDICATE = 0.5  # share of the claim's words after its verb that the evidence has after the same verb
_SHORT_SUBJECT = 4  # stems; of longer ones the words that tell two subjects apart are not known


def empty_sentence_reason(sentence: str) -> str:
    """Why a sentence says nothing, whatever the evidence holds; empty when it is a whole sentence about a thing."""
    plain = sentence.strip()
    if plain.endswith("?") or _ENDS_AS_QUESTION.search(plain):
        return "it is a question"
    if _SELF_TALK.search(plain):
        return "it is about the question or the text, not about the papers"
    if frame := _FRAME.match(plain):
        clause = _THAT_CLAUSE.match(plain, frame.end())
        if not clause:
            return "it says “the answer is” before words that are no sentence"
        plain = plain[clause.end() :].strip()
    if _is_incomplete(plain):
        return "it is incomplete"
    return "" if main_verb(tagged(plain)) is not None else "it has no verb"


def _is_incomplete(sentence: str) -> bool:
    """Does it end without a full stop, inside a parenthesis or quotation, or with a word that calls for another?"""
    if not _STOPPED.search(sentence) or sentence.count('"') % 2:
        return True
    if any(sentence.count(one) > sentence.count(other) for one, other in ("()", "“”")):
        return True
    tags = [token.tag for token in tagged(sentence) if token.is_word]
    return bool(tags) and tags[-1] in _NEVER_LAST


def addition_reason(claim: str, evidence: Sequence[str], title: str = "") -> str:
    """What the claim adds to its evidence: a word of judgement, advice, an opening from elsewhere, another subject.

    Empty when it adds none of these.
    """
    source = " ".join(evidence)
    if found := unsupported_evaluative_words(claim, [*evidence, title]):
        return f"the evidence does not call anything “{found[0]}”"
    if _TO_READER.search(claim) and not _TO_READER.search(source):
        return "it gives advice, which the evidence does not"
    if (guess := _SUPPOSES.search(claim)) and not _MAY_SUPPOSE.search(source):
        return f"it supposes (“{guess.group()}”) what the evidence does not"
    if (opening := _CONTINUES.match(claim)) and opening.group().casefold() not in source.casefold():
        return f"it continues another sentence (“{opening.group().strip(' ,')}”)"
    if subject := _other_subject(claim, evidence, title):
        return f"the evidence says this of something else, not of “{subject}”"
    return ""


def _other_subject(claim: str, evidence: Sequence[str], title: str) -> str:
    """The subject of the claim, where the evidence says the same of another one; empty where it does not."""
    claimed = clauses(claim)
    verbs = {clause.verb for clause in claimed}
    said = [clause for sentence in evidence for clause in clauses(sentence, verbs)]
    held, named = frozenset(stems(" ".join(evidence))), frozenset(stems(title))
    for clause in claimed:
        if clause.subject <= _NO_SUBJECT or not clause.following:
            continue
        same = [other for other in said if _is_same_verb(clause, other) and clause.is_passive == other.is_passive]
        if any(_is_swapped(clause, other, _COMPARES.search(claim) is not None) for other in same) or _is_of_another(
            clause, same, held, named
        ):
            return clause.subject_text
    return ""


def _is_same_verb(one: Clause, other: Clause) -> bool:
    return one.verb == other.verb or (one.verb in _REACH and other.verb in _REACH)


def _is_swapped(claimed: Clause, said: Clause, is_comparison: bool) -> bool:
    """Is what tells the subject of the claim apart said of the object in the evidence, and the other way round?"""
    own, other = claimed.subject - said.subject - _NO_SUBJECT, said.subject - claimed.subject - _NO_SUBJECT
    if (
        not claimed.has_object
        or (claimed.verb == BE and not is_comparison)
        or not own
        or not own <= said.rest
        or own & said.before
    ):
        return False
    if other & claimed.following:
        return True
    return own == claimed.subject and bool(claimed.rest & (said.subject | said.rest))


def _is_of_another(claimed: Clause, same: Iterable[Clause], held: frozenset[str], named: frozenset[str]) -> bool:
    """Does the evidence say the same, but only of other subjects?"""
    shares = [(len(claimed.following & said.following) / len(claimed.following), said) for said in same]
    best = max((share for share, _ in shares), default=0.0)
    if best < _SAME_PREDICATE or not claimed.subject & (held | named):
        return False
    return not any(_may_be_subject(claimed, said, held) for share, said in shares if share == best)


def _may_be_subject(claimed: Clause, said: Clause, held: frozenset[str]) -> bool:
    """May the two clauses be about one thing? A pronoun and "our method" may be anything."""
    if said.subject <= _NO_SUBJECT:
        return True
    if not claimed.has_object and claimed.verb != BE and claimed.subject & said.rest:
        return True  # "accuracy improves" where "the verifier improves accuracy"
    if not claimed.subject & (said.before - _NO_SUBJECT):
        return False
    if max(len(claimed.subject), len(said.subject)) > _SHORT_SUBJECT or not claimed.subject & said.subject:
        return True
    own, other = claimed.subject - said.before - _NO_SUBJECT, said.subject - claimed.subject - _NO_SUBJECT
    return not (own & held and other)  # "first passes" are not "second passes"
