"""What kind of answer a question asks for, such as a licence, a count or a result on a benchmark, and is it in a text?

A text without such a thing cannot answer the question; a text with one may answer it. Pure functions over English
patterns; a question that matches none of them expects nothing in particular.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.answering.asked_about import is_mentioned
from assistant.text.sentences import sentences
from assistant.text.stemming import stems

Kind = Literal["licence", "authors", "count", "size", "date", "price", "hardware", "setting", "result", "long form"]


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """``label``: what is asked for, in words for the user: "the number of layers".

    ``subject``: what is counted or set ("layers"), the name of the benchmark, or the acronym; empty for other kinds.
    """

    kind: Kind
    label: str
    subject: str = ""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_NAME = r"[\w.+-]*(?:[A-Z][\w.+-]*[A-Z0-9]|\d[\w.+-]*[A-Za-z])[\w+-]*"  # a benchmark or data set: GSM8K, XNLI
_LICENCE = _pattern(r"\blicen[cs](?:e|ed|es|ing)\b")
_AUTHORS = _pattern(
    r"""^\W*who\s+(?:(?:is|are|was|were)\s+the\s+authors?\b|(?:has\s+)?(?:wrote|written|made|created|built)\b)
    |\bauthors?\s+of\b"""
)
_SIZE = _pattern(r"\bhow\s+(?:big|large)\s+(?:is|was|are|were)\b[^?]*\b(?:parameters|model|network)\b")
_DATE = _pattern(r"^\W*when\s+(?:was|were|did)\b|\b(?:what|which)\s+(?:year|date|month)\b")
_PRICE = _pattern(
    r"""\bhow\s+much\s+(?:does|do|did|would|will)\b[^?]*(?<!the\ )\bcost\b(?!\s+of)
    |\bwhat\s+(?:does|do|did)\b[^?]*\bcost\s*\??$
    |\bwhat\s+(?:is|was)\s+the\s+price\b"""
)
_HARDWARE = _pattern(r"\b(?:which|what)\s+(?:(?:kind|type)\s+of\s+)?(?:gpus?|tpus?|hardware|machines?|processors?)\b")
_SETTING = _pattern(
    r"""\b(?:what|which|how\s+(?:large|big|high|long))\b[^?]*?\b(?P<what>learning\s+rate|batch\s+size|epsilon|temperature
    |vocabulary\s+size|dropout|weight\s+decay|context\s+(?:length|window)|(?:input|sequence)\s+length|masking\s+rate
    |threshold)\b(?!\s+schedule)"""
)
_STANDS_FOR = _pattern(r"\bwhat\s+(?:does|is)\s+(?P<what>[\w.+-]+)\s+(?:stand|short)\s+for\b")
_COUNT = _pattern(
    r"""\b(?:how\s+many|(?:what|which)\s+number\s+of)\s+
    (?P<what>people|children|women|men|(?:[\w-]+\s+){0,2}?(?!does\b|was\b|has\b)[\w-]{2,}s)\b"""
)
_UNIT = _pattern(r"\b(?:times|points|percent|percentage\s+points)$")
_MEASURED = _pattern(
    r"""\b(?:accuracy|scores?|fid|bleu|rouge|f1|elo|perplexity|(?:success|error|win|pass)\s+rates?|points|percent(?:age)?
    |exact\s+match|results?|how\s+(?:much|well|far)\b[^?]*\bimprove)\b"""
)
_ASKS_FOR_PAPERS = _pattern(r"\b(?:which|what|any)\s+(?:ones?|papers?|works?|stud(?:y|ies)|of\s+(?:these|them))\b")
_BENCHMARK = re.compile(rf"\b(?:on|improves?)\s+(?:the\s+)?({_NAME})|\s({_NAME})\s+(?:accuracy|score)")


def expected_answer(question: str) -> ExpectedAnswer | None:
    """What the question asks for, if its wording says so."""
    for kind, label, pattern in _QUESTIONS:
        if found := pattern.search(question):
            subject = " ".join(found.groupdict().get("what", "").split())
            return ExpectedAnswer(kind, label.format(subject), subject)
    is_measured = _MEASURED.search(question) and not _ASKS_FOR_PAPERS.search(question)
    if is_measured and (found := _BENCHMARK.search(question)):
        name = found[1] or found[2]
        return ExpectedAnswer("result", f"a figure for {name}", name)
    if (found := _COUNT.search(question)) and not _UNIT.search(found["what"]) and not found["what"].isupper():
        return ExpectedAnswer("count", f"the number of {found['what']}", found["what"])
    return None


def is_present(expected: ExpectedAnswer, text: str) -> bool:
    """Does a sentence of the text contain something of the expected kind? In doubt, it does."""
    return any(_is_in(expected, sentence) for sentence in sentences(text))


_QUESTIONS: tuple[tuple[Kind, str, re.Pattern[str]], ...] = (
    ("licence", "a licence", _LICENCE),
    ("authors", "the names of its authors", _AUTHORS),
    ("size", "the number of parameters", _SIZE),
    ("date", "a date", _DATE),
    ("price", "a price", _PRICE),
    ("hardware", "the hardware", _HARDWARE),
    ("setting", "the {}", _SETTING),
    ("long form", "the long form of {}", _STANDS_FOR),
)
_NUMBER = r"(?:\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?)\b)"
_HAS_NUMBER = re.compile(_NUMBER, re.IGNORECASE)
_SIZES = re.compile(r"\d\s?[BM]\b|\b(?:billion|million)\b|\d[^.]*\bparameters?\b")
_SIGNS: dict[Kind, re.Pattern[str]] = {
    "licence": _pattern(
        r"\blicen[cs]e|\b(?:mit|apache|gpl|bsd)\b|\bcc[- ]by\b|\bpublic\s+domain\b|\bcreative\s+commons\b"
    ),
    "authors": _pattern(r"\bet\s+al\b|\b(?:made|created|built|developed|written|proposed|introduced)\s+by\b"),
    "size": _SIZES,
    "date": _pattern(r"\b(?:19|20)\d\d\b"),
    "price": _pattern(r"[$€£¥]|\b(?:dollars?|usd|euros?|cents?)\b"),
    "hardware": _pattern(r"\b(?:[gct]pus?|[avh]100s?|rtx|nvidia|cores?|cluster|machines?|processors?)\b"),
}


def _is_in(expected: ExpectedAnswer, sentence: str) -> bool:
    if sign := _SIGNS.get(expected.kind):
        return bool(sign.search(sentence))
    if expected.kind == "long form":
        return bool(
            re.search(
                rf"\w\s+\(\s*{re.escape(expected.subject)}s?\s*[),]|\b{re.escape(expected.subject)}\s+\(\w+\s", sentence
            )
        )
    if not _HAS_NUMBER.search(sentence.replace(expected.subject, "")):
        return False
    if expected.kind == "count" and "parameter" in expected.subject:
        return bool(_SIZES.search(sentence))
    if expected.kind == "result":
        return is_mentioned(expected.subject, sentence)
    return set(stems(expected.subject)[-1:]) <= set(stems(sentence))
