"""Finds the names in a question and the papers that mention them.

A name is a word spelled as one (BERT, Skill-It), a phrase in quotation marks, words with capitals inside the question
("Agent Q"), or, however it is spelled, the short name with which the title of a paper begins ("MiniLM: Deep ...").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answering.question import names_in_question
from assistant.records import Paper
from assistant.text.tokens import is_stop_word, words

_SHORT_NAME_WORDS = 4
# Words with capitals after another word of the sentence, and the numbers after them: "Chinese MentalBERT", "ERNIE 3.0".
_CAPITALISED = re.compile(r"(?<=[\w,] )[A-Z][\w-]*(?: (?:[A-Z][\w-]*|\d+(?:\.\d+)?(?!\w)))*")
_SIZE = re.compile(r"\d+(?:\.\d+)?[kKMBT]?")  # 70B, 128k
_SHORTEST_DISTINCTIVE = 4  # characters: LM, LLM and NLP are in many abstracts
_ENDING = re.compile(r"(?:'s|’s|'|’|-[a-z]+)$")  # MiniLM's, CLIP-style


def short_name(paper: Paper) -> str:
    """The name before the colon of the title, or the whole title if it is as short; otherwise empty."""
    before = paper.title.partition(":")[0].strip()
    return before if len(before.split()) <= _SHORT_NAME_WORDS else ""


def asked_names(question: str, papers: Iterable[Paper] = ()) -> list[str]:
    """The names in the question, each once, in the order of the question. ``papers``: whose short names are known."""
    known = [name for name in map(short_name, papers) if name and is_mentioned(name, question)]
    found = [*known, *(match.group() for match in _CAPITALISED.finditer(question)), *names_in_question(question)]
    names: list[str] = []
    for name in sorted((_bare(name) for name in found), key=len, reverse=True):
        if not _is_word(name) and not any(is_mentioned(name, other) for other in names):
            names.append(name)
    return sorted(names, key=lambda name: question.casefold().find(name.casefold()))


def _bare(name: str) -> str:
    """The name without an article before it, and without a possessive, punctuation or "-style" after it."""
    return _ENDING.sub("", name.strip(".,-").removeprefix("A ").removeprefix("The "))


def mentioning(name: str, papers: Iterable[Paper]) -> list[Paper]:
    """The papers whose title or abstract mentions the name; first those whose short name it is, then those by title."""
    found = [paper for paper in papers if is_about(paper, [name])]
    return sorted(
        found, key=lambda paper: (not is_mentioned(name, short_name(paper)), not is_mentioned(name, paper.title))
    )


def is_about(paper: Paper, names: Iterable[str]) -> bool:
    """Does the title or the abstract mention one of the names?"""
    text = f"{paper.title}\n{paper.abstract}"
    return any(is_mentioned(name, text) for name in names)


def is_mentioned(name: str, text: str) -> bool:
    """Does the text contain the name, whatever its case, hyphens, plural and version?

    So "Llama-3" is in "Llama 3 models", and "FastBert" in "FastBertBase".
    """
    parts = re.findall(r"[^\W_]+", name)
    if not parts:
        return False
    version = r"|(?-i:[A-Z0-9])" if parts[-1][-1].islower() else ""
    pattern = r"[\W_]{0,2}".join(map(re.escape, parts))
    return bool(re.search(rf"(?<![^\W_]){pattern}(?:e?s)?(?:(?![^\W_]){version})", text, re.IGNORECASE))


def paper_asked_about(names: Sequence[str], papers: Sequence[Paper]) -> tuple[str, Paper] | None:
    """The first name that only one of the papers has in its title, with the paper; None if no name tells it.

    Without such a name, the first that only one abstract has, if that paper was found as first or second. A very short
    name tells only the paper whose short name it is: "LM" is in many abstracts.
    """
    short = set(map(short_name, papers))
    names = [name for name in names if name in short or (is_distinctive(name) and _is_spelled_as_name(name))]
    for name in names:
        titled = [paper for paper in papers if is_mentioned(name, paper.title)]
        if len(titled) == 1:
            return name, titled[0]
    for name in names:
        about = [paper for paper in papers if is_about(paper, [name])]
        if len(about) == 1 and about[0] in papers[:2]:
            return name, about[0]
    return None


def _is_spelled_as_name(name: str) -> bool:
    return " " in name or bool(names_in_question(name))


def is_distinctive(name: str) -> bool:
    return len(name) >= _SHORTEST_DISTINCTIVE


def _is_word(name: str) -> bool:
    is_short = len(name) < 2 or name.casefold() == "ok" or bool(_SIZE.fullmatch(name))
    return is_short or not any(map(str.isalpha, name)) or all(map(is_stop_word, words(name)))
