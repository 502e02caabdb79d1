"""Refuses a claim that adds something to its evidence: an evaluation, advice, speculation, or another subject.

Not covered: a true sentence that answers another question; a wrong subject behind a pronoun.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answering.rules.clauses import BE, Clause, clauses
from assistant.answering.rules.evaluative_words import unsupported_evaluative_words
from assistant.text.stemming import stem, stems

_ADDRESSES_USER = re.compile(r"\byou(?:r|rs|rself)?\b", re.IGNORECASE)
_SPECULATES = re.compile(r"\b(?:could|might|would|should)\b", re.IGNORECASE)
_MAY_SPECULATE = re.compile(
    r"\b(?:can|could|may|might|must|should|would|possibl[ey]|potential(?:ly)?|need|necess\w*)\b", re.IGNORECASE
)
_REFERS_BACK = re.compile(
    r"(?:in fact|in other words|so,|to summari[sz]e|this means|in this (?:example|case)|for this reason)", re.IGNORECASE
)
# "To refine the data, ...", "By training longer, ...": a purpose or a means, before the main clause.
_OPENING_PHRASE = re.compile(r"(?:in order to|to|by|because|since|when|if|without)\s[^,;:]+(?=,)", re.IGNORECASE)
# Subjects that may stand for anything that a paper is about.
_GENERIC_SUBJECTS = frozenset(
    map(stem, "paper study article work author authors researcher researchers method model approach system framework "
    "technique result results experiment finding sentence answer abstract number".split())
)  # fmt: skip
_REACH = frozenset(map(stem, "reach attain achieve obtain get score".split()))
_COMPARES = re.compile(r"\bthan\b|\bas\s+\w+\b.*\bas\b")
# Two clauses with the same verb say the same if the evidence has this share of the claim's words after the verb.
_SAME_PREDICATE = 0.5
_FOREIGN_OPENING = 0.5  # the share of an opening phrase that may be missing from the evidence
_SHORT_SUBJECT = 4  # stems; it is not known which words of a longer subject distinguish it from another


def addition_reason(claim: str, evidence: Sequence[str], title: str = "") -> str:
    """What the claim adds to its evidence: an evaluative word, advice, speculation, a reference to a sentence that is
    not there, a purpose or a means, or another subject; empty when it adds none of these.
    """
    source = " ".join(evidence)
    if found := unsupported_evaluative_words(claim, [*evidence, title]):
        return f"the evidence does not call anything “{found[0]}”"
    if _ADDRESSES_USER.search(claim) and not _ADDRESSES_USER.search(source):
        return "it gives advice, which the evidence does not"
    if (modal := _SPECULATES.search(claim)) and not _MAY_SPECULATE.search(source):
        return f"it speculates (“{modal.group()}”), which the evidence does not"
    if (opening := _REFERS_BACK.match(claim)) and opening.group().casefold() not in source.casefold():
        return f"it refers to another sentence (“{opening.group().strip(' ,')}”)"
    if (phrase := _OPENING_PHRASE.match(claim)) and _is_foreign(phrase.group(), f"{source} {title}"):
        return f"the evidence does not say “{phrase.group()}”"
    if subject := _other_subject(claim, evidence, title):
        return f"the evidence says this about something else, not about “{subject}”"
    return ""


def _is_foreign(phrase: str, source: str) -> bool:
    """Do more than half of the phrase's words occur nowhere in the source? A model takes them from the question."""
    said = set(stems(phrase))
    return len(said - set(stems(source))) > _FOREIGN_OPENING * len(said)


def _other_subject(claim: str, evidence: Sequence[str], title: str) -> str:
    """The subject of the claim if the evidence says the same about another subject; otherwise empty."""
    claimed = clauses(claim)
    verbs = {clause.verb for clause in claimed}
    sourced = [clause for sentence in evidence for clause in clauses(sentence, verbs)]
    in_evidence, in_title = frozenset(stems(" ".join(evidence))), frozenset(stems(title))
    for clause in claimed:
        if clause.subject <= _GENERIC_SUBJECTS or not clause.following:
            continue
        same = [other for other in sourced if _is_same_verb(clause, other) and clause.is_passive == other.is_passive]
        is_comparison = _COMPARES.search(claim) is not None
        if any(_has_swapped_roles(clause, other, is_comparison) for other in same):
            return clause.subject_text
        if _is_about_other_subjects(clause, same, in_evidence, in_title):
            return clause.subject_text
    return ""


def _is_same_verb(one: Clause, other: Clause) -> bool:
    return one.verb == other.verb or (one.verb in _REACH and other.verb in _REACH)


def _has_swapped_roles(claimed: Clause, sourced: Clause, is_comparison: bool) -> bool:
    """Are the subject of the claim and its object exchanged in the evidence ("A beats B" for "B beats A")?"""
    own, other = (
        claimed.subject - sourced.subject - _GENERIC_SUBJECTS,
        sourced.subject - claimed.subject - _GENERIC_SUBJECTS,
    )
    if (
        not claimed.has_object
        or (claimed.verb == BE and not is_comparison)
        or not own
        or not own <= sourced.rest
        or own & sourced.before
    ):
        return False
    if other & claimed.following:
        return True
    return own == claimed.subject and bool(claimed.rest & (sourced.subject | sourced.rest))


def _is_about_other_subjects(
    claimed: Clause, same: Iterable[Clause], in_evidence: frozenset[str], in_title: frozenset[str]
) -> bool:
    """Does the evidence say the same, but only about other subjects?"""
    shares = [(len(claimed.following & sourced.following) / len(claimed.following), sourced) for sourced in same]
    best = max((share for share, _ in shares), default=0.0)
    if best < _SAME_PREDICATE or not claimed.subject & (in_evidence | in_title):
        return False
    return not any(_may_share_subject(claimed, sourced, in_evidence) for share, sourced in shares if share == best)


def _may_share_subject(claimed: Clause, sourced: Clause, in_evidence: frozenset[str]) -> bool:
    """May the two clauses be about the same thing? A pronoun or "our method" may be anything."""
    if sourced.subject <= _GENERIC_SUBJECTS:
        return True
    if not claimed.has_object and claimed.verb != BE and claimed.subject & sourced.rest:
        return True  # "accuracy improves" where "the verifier improves accuracy"
    if not claimed.subject & (sourced.before - _GENERIC_SUBJECTS):
        return False
    if max(len(claimed.subject), len(sourced.subject)) > _SHORT_SUBJECT or not claimed.subject & sourced.subject:
        return True
    own, other = (
        claimed.subject - sourced.before - _GENERIC_SUBJECTS,
        sourced.subject - claimed.subject - _GENERIC_SUBJECTS,
    )
    return not (own & in_evidence and other)  # "first passes" are not "second passes"
