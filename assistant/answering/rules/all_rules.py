"""Hard rules that refuse a claim by themselves: a number that the evidence does not hold (``number_rules``);
a name that the evidence does not hold; the opposite polarity. And those that refuse a sentence unread: one that
repeats itself or the question. ``sentence_checks`` has the rules for sentences that say nothing or something else.

Not covered: roles swapped with the same words ("A beats B" for "B beats A"), and whatever needs reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.rules.empty_sentences import addition_reason, empty_sentence_reason
from assistant.answering.rules.numbers import wrong_number_reason
from assistant.answering.rules.overstatement import overstatement_reason
from assistant.text.sentences import sentences
from assistant.text.stemming import stem, stems
from assistant.text.tokens import is_stop_word, words

_LEAST_COVERAGE = 0.6  # of its words in the evidence, for a claim to say the same, or to deny it
_SAME = 0.8
_REPEATED_WORDS, _REPEATED_SHARE = 3, 0.25  # 11 of 5,520 true claims repeat this much (evals/LOG.md)
_LOOP_WORDS = 5  # said twice in one sentence, they make it one that a small model could not end

_NAME_TAIL = re.compile(r"'s$|-(?:based|like|style|trained|parameter)$")  # not part of the name before it

_CONTRAST = re.compile(r",?\s+\b(?:but|whereas|while|although|though)\b\s+", re.IGNORECASE)
_TOO = re.compile(r"\btoo\s+\w+\s+to\s+(\w+)", re.IGNORECASE)
_NEGATIONS = frozenset(
    "not no never without cannot nor neither none hardly fails fail failed unable lacks lack".split()
)
_EFFECT = frozenset(map(stem, "effect change difference benefit influence impact measurable significant".split()))
_OPPOSITES = [
    ({"increase", "raise", "grow", "improve", "enhance", "boost", "gain", "rise"},
     {"decrease", "reduce", "lower", "drop", "degrade", "decline", "fall", "hurt", "worsen", "diminish", "impair",
      "harm"}),
    ({"higher", "better", "larger", "greater", "faster", "stronger", "outperform", "exceed", "surpass"},
     {"less", "worse", "smaller", "slower", "weaker", "underperform", "fewer"}),
    ({"more"}, {"less", "fewer"}),
    ({"same", "similar", "equal", "comparable"}, {"different", "dissimilar", "unequal"}),
    ({"possible", "able", "capable", "sufficient", "necessary", "effective"},
     {"impossible", "incapable", "insufficient", "unnecessary", "ineffective"}),
]  # fmt: skip
_STEMMED_OPPOSITES = [({stem(word) for word in one}, {stem(word) for word in other}) for one, other in _OPPOSITES]


def refusal_reason(claim: str, evidence: Sequence[str], title: str = "", question: str = "") -> str:
    """Why the sentences that a claim cites cannot support it; empty when no rule speaks against it.

    ``title``: of the papers cited; a claim may name what only the title names. ``question``: what a number without a
    noun of its own counts.
    """
    source = " ".join(evidence)
    return (
        wrong_number_reason(claim, evidence, title, question)
        or _unknown_name(claim, f"{title} {source}")
        or _wrong_polarity(claim, evidence)
        or addition_reason(claim, evidence, title)
        or overstatement_reason(claim, evidence)
    )


def uninformative_reason(sentence: str, question: str) -> str:
    """Why a sentence tells nothing, whatever the evidence holds; empty when it may be worth checking."""
    if _repeats_itself(sentence):
        return "it repeats itself"
    new = set(stems(sentence)) - set(stems(question))
    if says_the_same(sentence, question) and not any(word[0].isdigit() for word in new):
        return "it only repeats the question"
    return empty_sentence_reason(sentence)


def _repeats_itself(sentence: str) -> bool:
    """A run of words twice, or a quarter of the words and at least three of them said before."""
    said = words(sentence)
    runs = [tuple(said[start : start + _LOOP_WORDS]) for start in range(len(said) - _LOOP_WORDS + 1)]
    meant = stems(sentence)
    repeated = len(meant) - len(set(meant))
    return len(set(runs)) < len(runs) or (repeated >= _REPEATED_WORDS and repeated >= _REPEATED_SHARE * len(meant))


def says_the_same(text: str, other: str) -> bool:
    """Are nearly all of the words of ``text`` in ``other``?"""
    return word_coverage(text, other) >= _SAME


def word_coverage(claim: str, source: str) -> float:
    """Share of the claim's distinct stems that the source holds; 1 for a claim without content words."""
    claimed = set(stems(claim))
    return len(claimed & set(stems(source))) / len(claimed) if claimed else 1.0


def _unknown_name(claim: str, source: str) -> str:
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
    """Words spelled as names: with a capital or a digit inside, or a capital anywhere but at a sentence's start."""
    found = []
    for sentence in sentences(text) or [text]:
        tokens = re.findall(r"[^\W_]+(?:[-'’.][^\W_]+)*", sentence)
        for place, token in enumerate(tokens):
            is_spelled_as_name = any(mark.isupper() for mark in token[1:]) or (
                any(mark.isdigit() for mark in token) and any(mark.isalpha() for mark in token)
            )
            if is_spelled_as_name or (place > 0 and token[0].isupper() and not is_stop_word(token.casefold())):
                found.append(token)
    return [
        name for name in found if not re.fullmatch(r"\d+(?:\.\d+)?[A-Za-z](?:-parameter)?", name)
    ]  # 1.5B is a number


def _wrong_polarity(claim: str, evidence: Sequence[str]) -> str:
    claimed = set(stems(claim))
    nearest = max(evidence, key=lambda text: len(claimed & set(stems(text))), default="")
    said = set(stems(nearest))
    denied = _negated_words(nearest)
    denies, is_denied = _negations(claim) > 0, _negations(nearest) > 0 or bool(denied)
    if denies and not is_denied and word_coverage(claim, nearest) > _LEAST_COVERAGE:
        return "it denies what the evidence says"
    if is_denied and not denies and denied & claimed:
        return "it says what the evidence denies"
    if is_denied and denies and not _CONTRAST.search(claim) and _denies_other_half(claimed, nearest):
        return "it denies what the evidence says"
    claimed, said = ({stem(word) for word in words(text)} for text in (claim, nearest))  # "more" and "same" as well
    for pair in _STEMMED_OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if claimed & one - said and said & other - denied and not said & one and not claimed & other:
                return "it says the opposite of the evidence (" + ", ".join(sorted(claimed & one)) + ")"
    return ""


def _denies_other_half(claimed: set[str], sentence: str) -> bool:
    """Is the claim about the half of a contrast ("A did, but B did not") that the evidence does not deny?"""
    halves = _CONTRAST.split(sentence)
    if len(halves) != 2:
        return False
    denied, affirmed = sorted(halves, key=_negations, reverse=True)
    if _negations(affirmed):
        return False
    own, other = set(stems(affirmed)) - set(stems(denied)), set(stems(denied)) - set(stems(affirmed))
    telling = other - _negated_words(denied) - _EFFECT or other - _EFFECT  # of "but not on clay" only "clay" tells
    return bool(claimed & own) and not claimed & telling


def _negations(text: str) -> int:
    found = words(text)
    return sum(_is_negation(word) for word in found)


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def _negated_words(text: str) -> set[str]:
    """Stems of the two words right after a negation, other than "not only": what the text denies.

    After "none of the", of the second word of content, the verb; after "but not", of what stands nowhere else in the
    text; and of the verb in "too small to show".
    """
    found = words(text)
    denied: set[str] = set()
    for place, word in enumerate(found):
        if not _is_negation(word) or found[place + 1 : place + 2] == ["only"]:
            continue
        following = stems(" ".join(found[place + 1 : place + 3]))
        if word in ("none", "neither"):
            following = stems(" ".join(found[place + 1 :]))[1:2]
        if word == "not" and found[place - 1 : place] == ["but"]:
            following = [one for one in stems(" ".join(found[place + 1 :])) if stems(text).count(one) == 1][:2]
        denied.update(one for one in following if not one[0].isdigit())
    return denied | {stem(match[1].casefold()) for match in _TOO.finditer(text)}
