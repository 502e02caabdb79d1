"""Parses the draft of a language model into sentences, and finds the evidence that each of them cites.

A citation is a marker such as "[2]"; a sentence without one cites the evidence that shares the most words with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.text.sentences import sentences
from assistant.text.stemming import stems

_MARKERS = re.compile(r"\s*[\[(]\s*(?:sentences?\s*)?(\d+(?:\s*[,;&]\s*\d+)*)\s*[\])]", re.IGNORECASE)
_MARKERS_AFTER_STOP = re.compile(rf"([.!?])((?:{_MARKERS.pattern})+)(?=\s|$)", re.IGNORECASE)
_ENDS_MARKED = re.compile(rf"(?:{_MARKERS.pattern})\W*$", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*+•>]|#{1,6}|\d+[.)]|\[\d+\])\s+")
# Bold, italics and code of Markdown; not the star of "A* search" or the line of "a_b".
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|`)(?=\S)(.+?)(?<=\S)\1(?!\w)")
# A reasoning model writes its reasoning into the answer, often without the opening tag, which its chat template
# contains. A tag may still be incomplete while the text grows.
_TAG = r"(?:think|thinking|thought|reasoning)"
_REASONING = re.compile(rf"<({_TAG})>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_BEFORE_END_OF_REASONING = re.compile(rf"\A.*</{_TAG}>", re.IGNORECASE | re.DOTALL)
_INCOMPLETE_TAG = re.compile(r"</?[a-z]{0,9}\Z", re.IGNORECASE)
_NO_ANSWER = re.compile(r"\bNO ANSWER\b|^\W*(?:answer\W+)?(?i:no answer)\W*$", re.MULTILINE)
_BEGINS_WITH_NO_ANSWER = re.compile(r"\W*(?i:answer\W+)?(?:NO ANSWER\b|(?i:no answer)\W*$)", re.MULTILINE)
_PREAMBLE = re.compile(
    r"^(?:yes|no|sure|certainly|answer|(?:according|based)\s+(?:to|on)\s+(?:the\s+)?(?:text|sentences?|evidence|abstracts?)"
    r"(?:\s+(?:provided|above|given))?|in\s+summary|in\s+short|the\s+answer\s+is(?:\s+that)?)\s*[,:.]\s*"
    r"|^the\s+answer\s+is\s+that\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence of a draft, without its markers. ``cites``: indexes of the evidence, from 0."""

    text: str
    cites: tuple[int, ...]


def parse_draft(text: str, evidence: Sequence[str]) -> list[DraftSentence]:
    """The sentences of a draft with the evidence that they cite.

    A marker without evidence of that number is ignored. A line before another line, or with a marker at its end, is
    complete: it gets a full stop if it has none, because models write lists without them.
    """
    found: list[DraftSentence] = []
    lines = text.rstrip().split("\n")
    for number, line in enumerate(lines, start=1):
        line = _EMPHASIS.sub(r"\2", line)
        for sentence in sentences(_BULLET.sub("", _markers_before_stops(line))):
            plain = _without_markup(sentence)
            if not stems(plain):
                continue
            if number < len(lines) or _ENDS_MARKED.search(sentence):
                plain = _with_full_stop(plain)
            cites = tuple(sorted({number - 1 for number in _marker_numbers(sentence) if 1 <= number <= len(evidence)}))
            found.append(DraftSentence(plain, cites or best_matching_evidence(plain, evidence)))
    return found


def without_reasoning(text: str) -> str:
    """A draft without what the model wrote between ``<think>`` and ``</think>``, also while the draft grows."""
    answer = _BEFORE_END_OF_REASONING.sub("", _REASONING.sub("", text))
    return _INCOMPLETE_TAG.sub("", answer)


def begins_with_no_answer(text: str) -> bool:
    """Does the draft begin with ``NO ANSWER``, the words that the prompt asks for if the evidence does not answer?"""
    return bool(_BEGINS_WITH_NO_ANSWER.match(text))


def contains_no_answer(text: str) -> bool:
    """Does the draft say ``NO ANSWER`` anywhere, for example after sentences that do not answer?"""
    return bool(_NO_ANSWER.search(text))


def _with_full_stop(text: str) -> str:
    return f"{text}." if text[-1].isalnum() or text[-1] in "%)]”" else text


def best_matching_evidence(text: str, evidence: Sequence[str]) -> tuple[int, ...]:
    """The index of the evidence that shares the most stems with the text, as a tuple; empty if nothing is shared."""
    claimed = set(stems(text))
    shared = [len(claimed & set(stems(source))) for source in evidence]
    best = max(shared, default=0)
    return (shared.index(best),) if best else ()


def _markers_before_stops(line: str) -> str:
    """``One. [1] Two. [2]`` as ``One [1]. Two [2].``

    A line that begins with a marker is unchanged: in it, each marker belongs to the sentence after it.
    """
    return line if _MARKERS.match(line) else _MARKERS_AFTER_STOP.sub(r"\2\1", line)


def _marker_numbers(sentence: str) -> list[int]:
    return [int(number) for match in _MARKERS.finditer(sentence) for number in re.findall(r"\d{1,4}", match.group(1))]


def _without_markup(sentence: str) -> str:
    plain = _PREAMBLE.sub("", _MARKERS.sub("", sentence)).strip().strip('"“”')
    return plain[:1].upper() + plain[1:] if plain[:1].islower() and " " in plain else plain
