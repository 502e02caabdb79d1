"""Discards sentences that say nothing, without looking at the evidence: fragments, repetitions, talk about the text.

A small language model often stops in the middle of a sentence, repeats the question, writes a frame without
content ("The answer is ..."), or copies a sentence in which the authors of a paper say "we".
"""

from __future__ import annotations

import re

from assistant.answering.rules.clauses import main_verb
from assistant.answering.rules.word_overlap import says_the_same
from assistant.text.part_of_speech import tag_words
from assistant.text.stemming import stems
from assistant.text.tokens import words

# A sentence repeats itself from three repeated content words on, if they are a quarter of all its content words:
# 11 of 5,520 true claims do (evals/LOG.md).
_REPEATED_WORDS, _REPEATED_SHARE = 3, 0.25
_LOOP_WORDS = 5  # words in a row that occur twice: the model was in a loop
_NEVER_LAST = frozenset("AT0 DPS PRF CJC CJS CJT".split())  # tags of "the", "its", "of", "and", "because", "that"
_ENDS_AS_QUESTION = re.compile(r"\b(?:how (?:much|many|often|well)|why)\.$", re.IGNORECASE)
_FULL_STOP = re.compile(r"""[.!?…]["'”’)\]]*$""")
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
_AS_AUTHORS = re.compile(r"(?:^(?:We|Our)|(?<![\w-])(?:we|ours?))(?![\w-])")  # "Our World in Data" is a name
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")


def uninformative_reason(sentence: str, question: str) -> str:
    """Why a sentence is refused whatever the evidence says; empty if it has to be compared with the evidence."""
    if _repeats_itself(sentence):
        return "it repeats itself"
    if _AS_AUTHORS.search(_QUOTED.sub("", sentence)):
        return "it speaks as the authors of a paper"
    new = set(stems(sentence)) - set(stems(question))
    if says_the_same(sentence, question) and not any(word[0].isdigit() for word in new):
        return "it only repeats the question"
    return empty_sentence_reason(sentence)


def _repeats_itself(sentence: str) -> bool:
    said = words(sentence)
    runs = [tuple(said[start : start + _LOOP_WORDS]) for start in range(len(said) - _LOOP_WORDS + 1)]
    meant = stems(sentence)
    repeated = len(meant) - len(set(meant))
    return len(set(runs)) < len(runs) or (repeated >= _REPEATED_WORDS and repeated >= _REPEATED_SHARE * len(meant))


def empty_sentence_reason(sentence: str) -> str:
    """Why a sentence says nothing; empty when it is a complete sentence about the papers."""
    plain = sentence.strip()
    if plain.endswith("?") or _ENDS_AS_QUESTION.search(plain):
        return "it is a question"
    if _SELF_TALK.search(plain):
        return "it is about the question or the text, not about the papers"
    if frame := _FRAME.match(plain):
        clause = _THAT_CLAUSE.match(plain, frame.end())
        if not clause:
            return "it says “the answer is” before words that are not a sentence"
        plain = plain[clause.end() :].strip()
    if _is_incomplete(plain):
        return "it is incomplete"
    return "" if main_verb(tag_words(plain)) is not None else "it has no verb"


def _is_incomplete(sentence: str) -> bool:
    """Does it end without a full stop, inside a parenthesis or quotation, or with a word that needs another one?"""
    if not _FULL_STOP.search(sentence) or sentence.count('"') % 2:
        return True
    if any(sentence.count(one) > sentence.count(other) for one, other in ("()", "“”")):
        return True
    tags = [token.tag for token in tag_words(sentence) if token.is_word]
    return bool(tags) and tags[-1] in _NEVER_LAST
