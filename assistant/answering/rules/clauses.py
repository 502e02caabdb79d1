"""Splits a sentence into clauses with subject, verb and the rest, by part-of-speech tags and word order."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.text.part_of_speech import Token, possible_tags, tag_words
from assistant.text.stemming import stem, stems

BE = "be"
"""``Clause.verb`` of every form of "to be"."""
_FORMS_OF_BE = frozenset("be is are was were been being".split())
_FINITE = frozenset("VVZ VVD VVB VBZ VBD VBB VHZ VHD VHB VDZ VDD VDB VM0".split())
_VERB_GROUP = frozenset(
    "VVZ VVD VVB VVI VVN VVG VBZ VBD VBB VBI VBN VHZ VHD VHB VHI VHN VDZ VDD VDB VDI VM0 XX0".split()
)
_OPENS_OBJECT = frozenset("AT0 CRD DPS DT0 AV0 PNP".split())
_OPENS_NOUN_PHRASE = ("AT", "DPS", "DT0", "NN", "NP", "AJ", "CRD", "PN", "UNC", "VVG")
_RELATIVES = frozenset("that which who".split())
_SUBORDINATORS = _RELATIVES | frozenset(
    "whom whose where when whenever if because although though while whereas unless until whether how why what".split()
)
_ABBREVIATION = re.compile(r"\s*\(([^\s()]+)\)")  # a single word in parentheses is another name of the same thing
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_BEFORE_AMOUNT = frozenset("about around by nearly over".split())
_VERB_PREFIX = re.compile(r"^(?:out|over|under|re|pre|co|fine-)(?=\w{3})")
_SUBJECT_PRONOUNS = frozenset("i we he she it they".split())
_INTRANSITIVE = frozenset(
    """accounted appeared arrived belonged came coincided collapsed come consisted continued converged declined
    decreased depended died differed disappeared doubled dropped emerged ended erupted existed exploded failed
    formed halved happened improved increased lasted led lived migrated occurred participated passed peaked persisted
    progressed ranged ranked recovered recurred relapsed remained responded returned run started stayed survived
    tripled varied worsened""".split()
)


@dataclass(frozen=True, slots=True)
class Clause:
    """``verb`` is the stem of the main verb of the verb group; the sets contain stems of content words.

    A ``subject`` without stems is a pronoun ("we", "it"), or was not found. ``rest`` is what follows the verb in the
    clause. ``before`` and ``following``: what comes before and after the verb in the whole sentence.
    """

    subject_text: str
    subject: frozenset[str]
    before: frozenset[str]
    verb: str
    is_passive: bool
    has_object: bool
    rest: frozenset[str]
    following: frozenset[str]


def main_verb(tokens: Sequence[Token]) -> int | None:
    """Index of the first finite verb outside of subordinate clauses; None for a phrase without one."""
    for is_finite in (_is_tagged_finite, _may_be_finite):
        is_subordinate = False
        for place, (text, tag) in enumerate(tokens):
            if text.casefold() in _SUBORDINATORS and tag not in ("DT0", "PRP"):
                is_subordinate = True
            elif text == ",":
                is_subordinate = False
            elif place and is_finite(tokens, place):
                if not is_subordinate:
                    return place
                is_subordinate = False
    return None


def clauses(sentence: str, verb_stems: Collection[str] = ()) -> list[Clause]:
    """The clauses with a finite verb, in order, and then the appositions: "Rook, a router" as "Rook is a router".

    ``verb_stems``: verbs that are expected, so that they are also recognised where the tagger took them for nouns.
    """
    tokens = tag_words(_PARENTHESIS.sub("", _ABBREVIATION.sub(r" \1", sentence)))
    verbs = [
        place
        for place in range(1, len(tokens))
        if _may_be_finite(tokens, place) or _is_one_of(tokens, place, verb_stems)
    ]
    verbs = [place for place in verbs if place - 1 not in verbs or tokens[place].tag != "VVI"]
    found: list[Clause] = []
    for number, verb in enumerate(verbs):
        first = verbs[number - 1] + 1 if number else 0
        start = _clause_start(tokens, verb, first)
        if start == verb and tokens[start - 1].text == ",":  # after an apposition: "our method, Ferry, expresses"
            start = first
        end = _group_end(tokens, verb)
        until = len(tokens)
        if number + 1 < len(verbs):
            until = max(end, _clause_start(tokens, verbs[number + 1], end))
        clause = _clause(tokens, start, verb, end, until, found)
        if number and start == first and _follows_relative(tokens, verbs[number - 1]):
            clause = replace(clause, subject=clause.subject | found[-1].subject)  # "patches that fix it change others"
        found.append(clause)
    return found + _appositions(tokens)


def _follows_relative(tokens: Sequence[Token], verb: int) -> bool:
    return any(token.text.casefold() in _RELATIVES for token in tokens[max(0, verb - 2) : verb])


def _is_one_of(tokens: Sequence[Token], place: int, verb_stems: Collection[str]) -> bool:
    """Is the word one of the expected verbs, although the tagger took it for a noun or an infinitive?"""
    text, tag = tokens[place]
    is_noun = tokens[place - 1].tag.startswith(("AT", "AJ", "DPS", "CRD", "PRF", "ORD"))
    return tag in ("VVI", "NN1", "NN2") and not is_noun and stem(text.casefold()) in verb_stems


def _appositions(tokens: Sequence[Token]) -> list[Clause]:
    found = []
    for place in range(1, len(tokens) - 1):
        if tokens[place].text == "," and tokens[place + 1].text.casefold() in ("a", "an"):
            named = _noun_phrase_before(tokens, place)
            if named:
                rest = _stems(tokens[place + 1 :])
                text = " ".join(token.text for token in named)
                found.append(Clause(text, _stems(named), _stems(tokens[:place]), BE, False, False, rest, rest))
    return found


def _clause(tokens: Sequence[Token], start: int, verb: int, end: int, until: int, earlier: Sequence[Clause]) -> Clause:
    subject = _stems(tokens[start:verb])
    opener = tokens[start - 1].text.casefold() if start else ""
    has_pronoun = any(token.tag == "PNP" for token in tokens[start:verb])
    if not subject and not has_pronoun:
        if opener in _RELATIVES or (start < verb and tokens[start].text.casefold() in _RELATIVES):
            subject = _stems(_noun_phrase_before(tokens, start))
        elif opener in ("and", "or", "but") and earlier:
            subject = earlier[-1].subject
    group = [token for token in tokens[verb:end] if token.tag.startswith("V")]
    is_passive = len(group) > 1 and group[-1].tag == "VVN" and any(token.tag.startswith("VB") for token in group)
    word = (group[-1] if group else tokens[verb]).text.casefold()
    return Clause(
        subject_text=" ".join(token.text for token in tokens[start:verb] if token.is_word),
        subject=subject,
        before=_stems(tokens[_subject_start(tokens, verb) : verb]),
        verb=BE if word in _FORMS_OF_BE else stem(word),
        is_passive=is_passive,
        has_object=end < len(tokens) and tokens[end].tag.startswith(_OPENS_NOUN_PHRASE),
        rest=_stems(tokens[end:until]),
        following=_stems(tokens[end:]),
    )


def _subject_start(tokens: Sequence[Token], verb: int) -> int:
    """Index of the first word that may belong to the subject: after a semicolon, a colon or "In this study,"."""
    start = max((place + 1 for place in range(verb) if tokens[place].text in (";", ":")), default=0)
    commas = [place for place in range(start, verb) if tokens[place].text == ","]
    return commas[0] + 1 if commas and tokens[start].tag == "PRP" and commas[0] + 1 < verb else start


def _stems(tokens: Sequence[Token]) -> frozenset[str]:
    return frozenset(stems(" ".join(token.text for token in tokens if token.is_word)))


def _clause_start(tokens: Sequence[Token], verb: int, first: int) -> int:
    """Index where the subject of a verb begins: after the last punctuation mark, conjunction or relative pronoun."""
    for place in range(verb - 1, first - 1, -1):
        text, tag = tokens[place]
        if (tag.startswith(("PU", "CJ", "DTQ", "PNQ", "AVQ")) or text.casefold() == "once") and text not in (
            "(",
            ")",
            '"',
            "-",
        ):
            if tag == "CJC" and text in ("and", "or") and _joins_nouns(tokens, place, verb):
                continue
            return place + 1
    return first


def _joins_nouns(tokens: Sequence[Token], place: int, verb: int) -> bool:
    """Does a conjunction join two nouns of one subject, rather than two verbs?"""
    return place + 1 < verb and place > 0 and not tokens[place - 1].tag.startswith(("V", "PU"))


def _group_end(tokens: Sequence[Token], verb: int) -> int:
    end = verb + 1
    if tokens[verb].tag.startswith("VV") and end < len(tokens) and tokens[end].tag == "TO0":
        end += 1  # "tends to improve"
    while end < len(tokens) and (tokens[end].tag in _VERB_GROUP or tokens[end].tag == "AV0"):
        end += 1
    while end > verb + 1 and tokens[end - 1].tag == "AV0":
        end -= 1
    return end


def _noun_phrase_before(tokens: Sequence[Token], place: int) -> Sequence[Token]:
    """The words of the noun phrase to which a relative clause belongs."""
    last = place - 1
    while last >= 0 and (tokens[last].tag.startswith("PU") or tokens[last].text.casefold() in _RELATIVES):
        last -= 1
    first = last
    while first >= 0 and tokens[first].tag.startswith(
        ("NN", "NP", "AJ", "CRD", "UNC", "VVG", "VVN", "PRF", "DPS", "AT")
    ):
        first -= 1
    if first > 0 and tokens[first].text == ",":  # an apposition: "we present Duel, a framework that"
        return [*_noun_phrase_before(tokens, first), *tokens[first + 1 : last + 1]]
    return tokens[first + 1 : last + 1]


def _is_tagged_finite(tokens: Sequence[Token], place: int) -> bool:
    text, tag = tokens[place]
    if tag == "VVI":  # the base form; without "to" or a modal before it, it is finite
        return not {"TO0", "VM0", "VDB", "VDZ", "VDD"} & {token.tag for token in tokens[max(0, place - 2) : place]}
    return tag in _FINITE or text.casefold() == "cannot"


def _may_be_finite(tokens: Sequence[Token], place: int) -> bool:
    """Is a word that the tagger took for a noun or a participle more likely the verb, judging by its neighbours?"""
    (word, tag), before = tokens[place], tokens[place - 1].tag
    after = tokens[place + 1] if place + 1 < len(tokens) else Token(".", "PUN")
    if _is_tagged_finite(tokens, place):
        return True
    if not word.islower() or after.tag in _FINITE:
        return False
    if before == "PNP" and tokens[place - 1].text.casefold() in _SUBJECT_PRONOUNS:
        return not tag.startswith(("AV", "XX", "PU", "PR", "CJ"))
    if tag == "VVN" and not before.startswith("PU"):
        earlier = tokens[place - 2].tag if before == "AV0" and place > 1 else before
        is_noun_before = earlier.startswith(("NN", "NP"))  # "trapping lowered crab density", unlike "a trained model"
        return (
            after.tag in _OPENS_OBJECT - {"AV0"}
            or word in _INTRANSITIVE
            or (is_noun_before and (after.tag.startswith(("NN", "NP")) or after.text == "half"))
        )
    opens_object = after.tag in _OPENS_OBJECT or after.text in _BEFORE_AMOUNT
    if word.endswith("s") and before != "NN2" and not before.startswith(("AT", "DPS", "PRF")):
        base = _VERB_PREFIX.sub("", word.removesuffix("s"))
        is_verb = "VVZ" in possible_tags(word) or bool({"VVI", "VVB"} & possible_tags(base))
        return (is_verb and (opens_object or word.startswith("out"))) or (
            after.is_word and "VVZ" in possible_tags(word, 0.0)
        )
    return before == "NN2" and after.is_word and bool({"VVI", "VVB"} & possible_tags(word))
