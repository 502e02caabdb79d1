"""Refuses a claim that overstates its evidence: more certain, more general, or causal instead of a correlation.

Only the wording is compared, so a claim in completely different words passes; the verifier's model has to judge it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.answering.rules.clauses import Clause, clauses
from assistant.text.quantities.extraction import Quantity, quantities_in
from assistant.text.sentences import sentences
from assistant.text.stemming import stem, stems

_MODAL_HEDGE = re.compile(r"\b(?:may|might|could|possibly|perhaps|probably|potentially)\s+(?!not\b)", re.IGNORECASE)
_VERB_HEDGE = re.compile(r"\b(?:suggests?|suggested|appears?|appeared|seems?|seemed|hints?)\b", re.IGNORECASE)
# Of the four stems after "suggests", a claim about the same thing has at least three. With two of four, 43 true claims
# would be refused (evals/LOG.md).
_HEDGED_STEMS, _ENOUGH_HEDGED = 4, 3
_HEDGE_IN_CLAIM = re.compile(
    r"\b(?:can(?:not)?|could|may|might|should|would|must|if|likely|probabl[ey]|perhaps|possib\w+|potential\w*|maybe"
    r"|suggest\w*|hint\w*|appear\w*|seem\w*|indicat\w*|evidence|think|thought|believ\w+|hypothes\w+|argu\w+|propos\w+"
    r"|expect\w*|consider\w*|recommend\w*|speculat\w+|promising)\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"""(?<!\bnot\ )(?<!\babove\ )(?<!\bnearly\ )(?<!\balmost\ )\b
    (?:all(?=\s+(?:of\s+)?(?:the\s+|these\s+)?(?:[\w-]+\s+)?[a-z-]+s\b)
    |every(?!\s+(?:hour|day|night|week|month|year|time|one|\w+\s+(?:hours|days|weeks|months|years))\b)
    |always|everyone|everybody|exactly)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ALL_IN_EVIDENCE = re.compile(
    r"\b(?:all|every\w*|always|each|any|anyone|both|entire\w*|whole|complete\w*|full\w*|throughout|across|consistent\w*|uniform\w*"
    r"|universal\w*|regardless|exact\w*|precise\w*|respective\w*|no|none|never|without|invariabl[ey]|total|overall"
    r"|either|various|wide|average)\b|100\s?%",
    re.IGNORECASE,
)
_SOME = re.compile(r"\b(?:some|few)\s+(?:of\s+(?:the\s+|these\s+|our\s+)?)?((?:[\w-]+\s+)?[\w-]+)", re.IGNORECASE)
_PARTIAL = re.compile(
    r"\b(?:some\w*|few|certain|several|part\w*|number|handful|many|multiple|sometimes|occasional\w*|can|may|might|could"
    r"|other\w*|not|subset|variety|various|there)\b|\d",
    re.IGNORECASE,
)
_CONNECTED = re.compile(
    r"\b(?:associated\s+with|associations?|(?:anti)?correlat(?:ed|es?|ions?)|(?:linked|related)\s+(?:to|with))\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(r"\b(?:because|due\s+to|owing\s+to|thanks\s+to|caus(?:e|es|ed|ing))\b", re.IGNORECASE)
_FOLLOWED = re.compile(r"\b(?:after|following|since|when)\b", re.IGNORECASE)
_CAUSE_IN_EVIDENCE = re.compile(
    r"\b(?:because|caus\w+|reasons?|due|owing|thanks|le(?:a|)ds?|leading|results?\s+in|resulting|resulted|attribut\w+"
    r"|explain\w*|driv\w+|produc\w+|induc\w+|trigger\w*|contribut\w+|effects?|affect\w*|impacts?|influenc\w*|therefore"
    r"|thus|hence|mak(?:e|es|ing)|made)\b",
    re.IGNORECASE,
)
_OF = re.compile(r"\s+(?:out\s+)?of\s+(?:(?:the|all|our|these|those)\s+)*", re.IGNORECASE)
_OPENS_WITH_OF = re.compile(r"of\s+(?:(?:the|all|our|these|those)\s+)*", re.IGNORECASE)
_CHANGING = frozenset(
    map(
        stem,
        "lower reduce decrease increase raise improve worsen prevent protect cause produce enhance boost harm cut "
        "shorten prolong".split(),
    )
)


def overstatement_reason(claim: str, evidence: Sequence[str]) -> str:
    """How the claim overstates its evidence; empty when no rule here notices it."""
    source, nearest = " ".join(evidence), _nearest(claim, evidence)
    if hedge := _dropped_hedge(claim, nearest):
        return f"it is more certain than the evidence, which says “{hedge}”"
    if (wide := _ALL.search(claim)) and not _ALL_IN_EVIDENCE.search(source):
        return f"it says “{wide.group()}”, which the evidence does not"
    if some := _dropped_some(claim, nearest):
        return f"the evidence says this only about “{some}”"
    if _is_causal(claim, nearest, source):
        return "it names a cause, which the evidence does not"
    if whole := _of_the_whole(claim, nearest):
        return f"it says about all {whole} what the evidence says about only some of them"
    if _is_reversed_in_time(claim, nearest) or _is_reversed_in_time(nearest, claim):
        return "it says “before” where the evidence says “after”, or the other way round"
    if subject := _confused_subject(claim, nearest):
        return f"the evidence says this about something else, not about “{subject}”"
    return ""


def _nearest(claim: str, evidence: Sequence[str]) -> str:
    """The sentence of the evidence that shares the most words with the claim."""
    claimed = set(stems(claim))
    every = [sentence for text in evidence for sentence in sentences(text)]
    return max(every, key=lambda sentence: len(claimed.intersection(stems(sentence))), default="")


def _dropped_hedge(claim: str, sentence: str) -> str:
    """The hedge ("may", "suggests") of the evidence if the claim states the same without any hedge; otherwise empty."""
    if _HEDGE_IN_CLAIM.search(claim):
        return ""
    claimed = set(stems(claim))
    for match in _MODAL_HEDGE.finditer(sentence):
        hedged = stems(sentence[match.end() :])[:2]
        if len(hedged) == 2 and claimed.issuperset(hedged):
            return match.group().strip()
    for match in _VERB_HEDGE.finditer(sentence):
        hedged = stems(sentence[match.end() :])[:_HEDGED_STEMS]
        if len(claimed.intersection(hedged)) >= _ENOUGH_HEDGED:
            return match.group()
    return ""


def _dropped_some(claim: str, sentence: str) -> str:
    """ "Some mice" of the evidence if the claim says the same about mice in general; otherwise empty."""
    if _PARTIAL.search(claim):
        return ""
    claimed = stems(claim)
    for match in _SOME.finditer(sentence):
        if (noun := stems(match[1])) and noun[0] in claimed[: len(noun) + 1]:
            return match.group()
    return ""


def _is_causal(claim: str, sentence: str, source: str) -> bool:
    """Does the claim state a cause where the evidence reports a correlation, or one event after another?"""
    is_connected = _CONNECTED.search(sentence) is not None
    if (cause := _CAUSE.search(claim)) and not _CAUSE_IN_EVIDENCE.search(source):
        return is_connected or (cause[0].startswith("caus") and _FOLLOWED.search(sentence) is not None)
    if not is_connected or _CONNECTED.search(claim):
        return False
    verbs = {clause.verb for clause in clauses(source)}
    return any(clause.verb in _CHANGING - verbs and clause.has_object for clause in clauses(claim))


def _of_the_whole(claim: str, sentence: str) -> str:
    """The whole, 42 in "detected in 17 of 42 galaxies", if the claim says the same about it; otherwise empty."""
    claimed = {one.value for one in quantities_in(claim)}
    for part, whole in _parts(sentence):
        is_named = whole.value in claimed and part.value not in claimed
        verbs = {clause.verb for clause in clauses(sentence)}
        if whole.start < part.start:
            verbs |= set(stems(sentence[part.end :]))  # in "Of 42 galaxies, 17 had gas" the tagger finds no clause
        if is_named and verbs & {clause.verb for clause in clauses(claim)}:
            return whole.spelled
    return ""


def _parts(sentence: str) -> list[tuple[Quantity, Quantity]]:
    """Pairs of a part and its whole: "17 of 42 galaxies", "Of 42 galaxies, 17"."""
    numbers = [one for one in quantities_in(sentence) if not one.unit]
    found = []
    for one, following in pairwise(numbers):
        if _OF.fullmatch(sentence, one.end, following.start):
            found.append((one, following))
        elif _OPENS_WITH_OF.fullmatch(sentence, 0, one.start) and "," in sentence[one.end : following.start]:
            found.append((following, one))
    return found


def _is_reversed_in_time(earlier: str, later: str) -> bool:
    """Does one sentence say "before" of what the other says "after" of?"""
    before, after = (_following(word, text) for word, text in (("before", earlier), ("after", later)))
    return any(one == other for one in before for other in after)


def _following(word: str, text: str) -> list[list[str]]:
    """The stems of the two content words after each occurrence of a word, if there are two."""
    parts = re.split(rf"\b{word}\b", text, flags=re.IGNORECASE)[1:]
    return [found[:2] for part in parts if len(found := stems(part)) > 1]


def _confused_subject(claim: str, sentence: str) -> str:
    """The subject of the claim if the evidence says the rest, with the same verb, about another of its subjects."""
    if len(in_evidence := clauses(sentence)) < 2:
        return ""
    for clause in clauses(claim):
        same = [other for other in in_evidence if other.verb == clause.verb and other.subject and other.rest]
        if any(_combines(clause, one, other) for one in same for other in same if one is not other):
            return clause.subject_text
    return ""


def _combines(claimed: Clause, one: Clause, other: Clause) -> bool:
    """Does the claim combine the subject of one clause with the rest of the other?"""
    of_one = claimed.subject & (one.subject - other.subject) and not claimed.subject & (other.subject - one.subject)
    of_other = claimed.rest & (other.rest - one.rest) and not claimed.rest & (one.rest - other.rest)
    return bool(of_one and of_other)
