"""Says why a question was declined, and which side of a comparison the papers do not cover.

A reason states only what can be looked up: that no title or abstract mentions a name, that the abstract of the paper
asked about contains nothing of the kind that is asked for, or that it lacks words of the question. If nothing of this
kind is found, there is no reason, and the user reads the general one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from itertools import takewhile

from assistant.answering.asked_about import (
    asked_names,
    is_about,
    is_distinctive,
    is_mentioned,
    mentioning,
    paper_asked_about,
)
from assistant.answering.expected_answer import ExpectedAnswer, expected_answer, is_present
from assistant.records import FoundSide, Paper, Retrieval
from assistant.text.part_of_speech import Token, tag_words
from assistant.text.stemming import stems
from assistant.text.tokens import enumeration, is_function_word, is_stop_word, words

_TITLE_WORDS = 8  # of a title that is quoted in a reason
_IN_NOUN_PHRASE = ("NN", "AJ0", "VVG", "UNC")
_VAGUE = frozenset(
    """people person thing things stuff percentage percent share proportion amount kind sort way scheme approach
    technique trick idea megabytes gigabytes terabytes""".split()
)
_MOST_NAMED = 3  # names that one reason lists


def missing_side_notice(sides: Iterable[FoundSide]) -> str:
    """A sentence about the sides of a comparison that no paper is about; empty if none is missing, or all are."""
    sides = list(sides)
    missing = [side.name for side in sides if not side.paper_id]
    return f"No paper here is about {enumeration(missing, 'or')}." if 0 < len(missing) < len(sides) else ""


def reason_for_declining(question: str, found: Retrieval, is_in_library: Callable[[str], bool]) -> str:
    """Why the papers do not answer the question, in one sentence, the most specific first; empty if it is not known.

    ``is_in_library`` tells whether any title or abstract of the library contains words that begin with these.
    """
    papers = [ranked.paper for ranked in found.papers]
    names = asked_names(question, papers)
    expected = expected_answer(question)
    other_names = [name for name in names if not expected or name != expected.subject]
    asked = paper_asked_about(other_names or names, papers)
    unknown = [name for name in names if is_unknown(name, papers) and not is_in_library(name.removesuffix("s"))]
    reasons = (
        _no_result_reason(expected, unknown, papers),
        _no_such_answer_reason(expected, asked),
        f"No paper here mentions {enumeration(unknown[:_MOST_NAMED], 'or')}." if unknown else "",
        _not_together_reason([name for name in names if is_distinctive(name)], papers),
        _nowhere_given_reason(expected, names, papers),
        _not_mentioned_reason(question, asked) if asked else _unknown_words_reason(question, papers, is_in_library),
        "" if asked else _not_together_reason([run for run in _noun_phrases(question) if " " in run], papers),
    )
    return next(filter(None, reasons), "")


def is_unknown(name: str, papers: Iterable[Paper]) -> bool:
    """Does none of the papers mention all words of the name, or words whose first letters it may stand for?"""
    return not any(
        all(is_about(paper, [word]) for word in name.split()) or _spells_out(f"{paper.title} {paper.abstract}", name)
        for paper in papers
    )


def _spells_out(text: str, name: str) -> bool:
    """Does the text contain words with the letters of this acronym as initials, whatever function words are between?"""
    initials = "".join(word[0] for word in words(text) if not is_function_word(word))
    return name.isupper() and name.casefold() in initials


def _nowhere_given_reason(expected: ExpectedAnswer | None, names: Sequence[str], papers: Iterable[Paper]) -> str:
    """None of the abstracts that mention the first name contains anything of the expected kind."""
    about = mentioning(names[0], papers) if expected and names else []
    if not expected or not about or any(is_present(expected, paper.abstract) for paper in about):
        return ""
    return f"No abstract found that mentions {names[0]} gives {expected.label}."


def _no_result_reason(expected: ExpectedAnswer | None, unknown: Sequence[str], papers: Iterable[Paper]) -> str:
    if not expected or expected.kind != "result" or any(is_present(expected, paper.abstract) for paper in papers):
        return ""
    is_unknown = expected.subject in unknown
    return f"{'No paper here mentions' if is_unknown else 'The abstracts give no figure for'} {expected.subject}."


def _no_such_answer_reason(expected: ExpectedAnswer | None, asked: tuple[str, Paper] | None) -> str:
    """The abstract of the paper asked about contains nothing of the expected kind."""
    if not expected or not asked or is_present(expected, asked[1].abstract):
        return ""
    return f"{_abstract_of(*asked)} does not give {expected.label}."


def _not_together_reason(names: Sequence[str], papers: Sequence[Paper]) -> str:
    """Each of two names is in some of the papers, and no paper has both."""
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            first, second = (mentioning(one, papers) for one in (name, other))
            if first and second and not any(paper in second for paper in first):
                return f"No paper here combines {_quoted(name)} with {_quoted(other)}."
    return ""


def _not_mentioned_reason(question: str, asked: tuple[str, Paper]) -> str:
    """The abstract of the paper asked about lacks all words of a compound in the question."""
    known = {*stems(asked[1].title), *stems(asked[1].abstract), *stems(asked[0])}
    lacking = [run for run in _noun_phrases(question) if " " in run and not known.intersection(stems(run))]
    return f"{_abstract_of(*asked)} does not mention {_quoted(lacking[-1])}." if lacking else ""


def _unknown_words_reason(question: str, papers: Iterable[Paper], is_in_library: Callable[[str], bool]) -> str:
    """The library lacks a noun of the question, or an adjective before one.

    Not a word that is nearly spelled as one of the papers: it is a typing error, or another spelling.
    """
    known = [word.replace("-", "") for paper in papers for word in words(f"{paper.title} {paper.abstract}")]
    for run in map(str.split, _noun_phrases(question)):
        for place, word in enumerate(run):
            is_telling = word.isalpha() and word.casefold() not in _VAGUE
            if (
                is_telling
                and not is_in_library(_beginning(word))
                and not get_close_matches(word.casefold(), known, 1, 0.8)
            ):
                return f"No abstract here mentions {_quoted(' '.join(run[place : place + 2]))}."
    return ""


def _noun_phrases(question: str) -> list[str]:
    """The runs of adjectives and nouns in the question that end with a noun."""
    runs: list[list[Token]] = [[]]
    for token in tag_words(question):
        if token.tag.startswith(_IN_NOUN_PHRASE) and not is_stop_word(token.text.casefold()):
            runs[-1].append(token)
        else:
            runs.append([])
    return [" ".join(token.text for token in run) for run in runs if run and run[-1].tag.startswith("NN")]


def _abstract_of(name: str, paper: Paper) -> str:
    """The abstract of a paper, by the name that the question uses, or by the beginning of the title."""
    if is_mentioned(name, paper.title):
        return f"{name}'s abstract" if not name.endswith("s") else f"{name}' abstract"
    title = paper.title.split()
    shown = " ".join(title[:_TITLE_WORDS]) + (" …" if len(title) > _TITLE_WORDS else "")
    return f"The abstract of “{shown}”"


def _beginning(word: str) -> str:
    """What the forms of the word begin with: "loss" for "losses", "librar" for "libraries"."""
    form, stem = word.casefold(), "".join(stems(word))
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(form, stem, strict=False))
    return "".join(letter for letter, _ in shared).removesuffix("i") or form


def _quoted(phrase: str) -> str:
    """The words in quotation marks, unless they are a name."""
    return phrase if phrase != phrase.casefold() else f"“{phrase}”"
