"""Hard rules that refuse a claim by themselves: a number that the evidence does not hold, or holds for another thing;
a name that the evidence does not hold; the opposite polarity. And those that refuse a sentence unread: one that
repeats itself or the question. ``sentence_checks`` has the rules for sentences that say nothing or something else.

Not covered: roles swapped with the same words ("A beats B" for "B beats A"), and whatever needs reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.sentence_checks import emptiness, unsupported
from assistant.stemming import stem, stems
from assistant.text import content_words, is_stop_word, sentences, words

_LEAST_COVERAGE = 0.6  # of its words in the evidence, for a claim to say the same, or to deny it
_SAME = 0.8
_LOOP_WORDS = 5  # said twice in one sentence, they make it one that a small model could not end
_NEIGHBOURS = 3  # words beside a number in which its evidence must name the same thing

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?=[^\d]|$)", re.IGNORECASE)
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"half": "0.5", "hundred": "100", "thousand": "1000"}
_NUMBER_WORDS |= {
    word: str(10 * tens) for tens, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), start=3)
}
_VAGUE_NUMBER_WORDS = frozenset({"one", "zero", "half", "hundred", "thousand"})
_MAGNITUDES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "b": 1e9,
    "billion": 1e9,
    "trillion": 1e12,
    "t": 1e12,
    "percent": 1.0,
}

_NAME_TAIL = re.compile(r"'s$|-(?:based|like|style|trained|parameter)$")  # not part of the name before it

_NEGATIONS = frozenset(
    "not no never without cannot nor neither none hardly fails fail failed unable lacks lack".split()
)
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


def refusal(claim: str, evidence: Sequence[str], title: str = "") -> str:
    """Why the sentences that a claim cites cannot support it; empty when no rule speaks against it.

    ``title``: of the papers cited; a claim may name what only the title names.
    """
    source = " ".join(evidence)
    return (
        _wrong_number(claim, source, title)
        or _unknown_name(claim, f"{title} {source}")
        or _wrong_polarity(claim, evidence)
        or unsupported(claim, evidence, title)
    )


def flaw(sentence: str, question: str) -> str:
    """Why a sentence tells nothing, whatever the evidence holds; empty when it may be worth checking."""
    said = words(sentence)
    runs = [tuple(said[start : start + _LOOP_WORDS]) for start in range(len(said) - _LOOP_WORDS + 1)]
    if len(set(runs)) < len(runs):
        return "it repeats itself"
    new = set(stems(sentence)) - set(stems(question))
    if says_the_same(sentence, question) and not any(word[0].isdigit() for word in new):
        return "it only repeats the question"
    return emptiness(sentence)


def says_the_same(text: str, other: str) -> bool:
    """Are nearly all of the words of ``text`` in ``other``?"""
    return coverage(text, other) >= _SAME


def coverage(claim: str, source: str) -> float:
    """Share of the claim's distinct stems that the source holds; 1 for a claim without content words."""
    claimed = set(stems(claim))
    return len(claimed & set(stems(source))) / len(claimed) if claimed else 1.0


def numbers(text: str) -> list[str]:
    """The numbers of a text in one spelling: ``1,000`` and ``1k`` are ``1000``, ``81.70`` is ``81.7``.

    Digits inside a name (``GPT-3``, ``CIFAR10``) belong to the name and are not numbers.
    """
    return [value for value, _, _ in _numbers_with_places(text)]


def _numbers_with_places(text: str) -> list[tuple[str, int, int]]:
    found = []
    for match in _NUMBER.finditer(text):
        if match.start() >= 2 and text[match.start() - 1] == "-" and text[match.start() - 2].isalpha():
            continue  # the 3 of GPT-3
        found.append(_scaled(float(match.group().replace(",", "").lstrip("+-")), match, text))
    for match in re.finditer(r"[A-Za-z]+", text):
        word = match.group().casefold()
        if word in _NUMBER_WORDS and word not in _VAGUE_NUMBER_WORDS:
            found.append(_scaled(float(_NUMBER_WORDS[word]), match, text))
    return found


def _scaled(value: float, match: re.Match[str], text: str) -> tuple[str, int, int]:
    """The number times the magnitude after it, in one spelling, and the place of both."""
    unit = re.match(r"[\s-]?([A-Za-z]+)\b", text[match.end() :])
    magnitude = _MAGNITUDES.get(unit.group(1).casefold()) if unit else None
    if unit is None or magnitude is None:
        return f"{value:.12g}", match.start(), match.end()
    return f"{value * magnitude:.12g}", match.start(), match.end() + unit.end()


def _wrong_number(claim: str, source: str, title: str) -> str:
    held = _numbers_with_places(source)
    in_title = set(numbers(title))
    for value, start, end in _numbers_with_places(claim):
        places = [(first, last) for other, first, last in held if other == value]
        if not places and value not in in_title:
            return f"the number {claim[start:end]} is not in the evidence"
        thing = _next_content_word(claim, end)
        if places and thing and not any(thing in _near(source, first, last) for first, last in places):
            return f"the evidence gives the number {claim[start:end]} for something else"
    return ""


def _next_content_word(text: str, place: int) -> str:
    """Stem of the word a number counts or measures: the first that carries meaning right after it."""
    following = re.match(r"[\s%-]*([A-Za-z][\w-]*)", text[place:])
    if not following or is_stop_word(following.group(1).casefold()):
        return ""
    counted = content_words(following.group(1))
    return stem(counted[0]) if counted else ""


def _near(text: str, start: int, end: int) -> set[str]:
    """Stems of what a number in the evidence counts: the words right after it, or before it where nothing follows."""
    clause = re.split(r"[.;:()]\s", text[end:] + " ", maxsplit=1)[0]
    after = set(stems(" ".join(clause.split()[: _NEIGHBOURS + 1])))
    return after or set(stems(" ".join(text[:start].split()[-_NEIGHBOURS:])))


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
    denies, is_denied = _negations(claim) > 0, _negations(nearest) > 0
    if denies and not is_denied and coverage(claim, nearest) > _LEAST_COVERAGE:
        return "it denies what the evidence says"
    if is_denied and not denies and _negated_words(nearest) & claimed:
        return "it says what the evidence denies"
    claimed, said = ({stem(word) for word in words(text)} for text in (claim, nearest))  # "more" and "same" as well
    for pair in _STEMMED_OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if claimed & one - said and said & other and not said & one and not claimed & other:
                return "it says the opposite of the evidence (" + ", ".join(sorted(claimed & one)) + ")"
    return ""


def _negations(text: str) -> int:
    found = words(text)
    return sum(_is_negation(word) for word in found)


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def _negated_words(text: str) -> set[str]:
    """Stems of the two words right after a negation, other than "not only": what the text denies."""
    found = words(text)
    denied = [
        " ".join(found[place + 1 : place + 3])
        for place, word in enumerate(found)
        if _is_negation(word) and found[place + 1 : place + 2] != ["only"]
    ]
    return set(stems(" ".join(denied)))
