"""Finds the authors and the years of publication that a question mentions, by its wording alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.text.tokens import is_stop_word

Years = tuple[int | None, int | None]
"""The first and the last year; None for no limit."""

# The patterns take time that grows with the square of the length, so longer questions are not searched for authors.
_MOST_WORDS, _MOST_CHARACTERS = 60, 600


def any_of(alternatives: str) -> str:
    """A regular expression for any of the given words, in upper or lower case."""
    return f"(?i:{'|'.join(alternatives.split())})"


PAPERS = any_of("papers? articles? publications? study studies works? abstracts? preprints?")
_INITIAL = r"[^\W\d_a-z]\.(?:-?[^\W\d_a-z]\.)*"
_WORD = r"[^\W\d_a-zß-öø-ÿ][\w’-]*(?:'(?!s\b)\w+)*"  # begins with a capital, or a letter of a script without case
_PARTICLE = any_of("van von der den de del della di da dos du la le el al bin ten ter")
_TITLED = r"(?:Dr|Prof|Professor|Mr|Ms|Mrs)\.?\s+"
_GIVEN = rf"(?:(?:{_INITIAL}|{_WORD})\s+){{0,3}}"
_NAME = rf"(?:{_TITLED})?{_GIVEN}(?:{_PARTICLE}\s+){{0,3}}{_WORD}(?:,\s?(?:{_INITIAL}(?:\s{_INITIAL})?|[A-Z]\b))?"
_NAMES = rf"(?<!\w)(?P<names>{_NAME}(?:(?:,\s+(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+){_NAME}){{0,3}})"
_YEAR = r"(?:1[89]|20)\d\d"
_THINGS = rf"(?i:{PAPERS}|anything|everything|something)"
_FINDINGS = rf"(?:{PAPERS}|experiments?|findings?|results?|survey)"
_VERBS = any_of(
    "find found show shown report reported say said claim claimed argue argued conclude concluded propose "
    "proposed suggest suggested observe observed measure measured discover discovered demonstrate demonstrated "
    "state stated write written publish published author authored describe described study studied investigate "
    "investigated"
)
_WROTE = any_of("wrote written published authored")
_NEXT = any_of(
    "since from in before after between until are is was were do does did that which about on there mention say report"
)
_FOLLOWING = rf"(?=\s*(?:$|[,.?:])|\s+{_NEXT}\b)"

# The text of the group ``gone`` is replaced by the word after the pattern before passages are searched.
_MENTIONS = [
    (re.compile(pattern, re.VERBOSE), replacement)
    for pattern, replacement in (
        (
            rf"""(?P<gone>{_NAMES}(?P<sure>\s+et\s+al\b\.?|,?\s+and\s+(?:colleagues|co-?workers|others)\b)
            (?:,?\s*\(?(?P<year>{_YEAR})\b\)?)?)""",
            "they",
        ),
        (rf"(?<!\b[Tt]he\s)(?P<gone>{_NAMES}\s*\((?P<year>{_YEAR})\))", "they"),
        (rf"^(?P<gone>{_NAMES},?\s+(?P<year>{_YEAR})\s*(?:[:,]|$))", ""),
        (rf"(?P<gone>\b[Aa]ccording\s+to\s+{_NAMES}\s*(?:,|$))", ""),
        (
            rf"\b(?:[Dd]id|[Hh]as|[Hh]ave|[Dd]oes|[Dd]o)\s+(?P<gone>{_NAMES}(?:\s+(?P<year>{_YEAR}))?)\s+(?:ever\s+)?{_VERBS}\b",
            "they",
        ),
        (
            rf"(?P<gone>{_NAMES}(?:['’]s\b|(?<=s)['’]))\s+(?:\w+\s+){{0,2}}{_FINDINGS}\b",
            "the",
        ),
        (
            rf"\b{_THINGS}\b[^?]*?(?P<gone>\b(?:(?:written|authored|published)\s+)?by\s+{_NAMES}){_FOLLOWING}",
            "",
        ),
        (rf"\b{PAPERS}\s+(?:that\s+|which\s+)?(?P<gone>{_NAMES})\s+(?:has\s+|have\s+)?{_WROTE}\b", "they"),
        (rf"\b(?:works?|papers|publications)\s+(?P<gone>of\s+{_NAMES}){_FOLLOWING}", ""),
    )
]
_LOWER_CASE_NAME = re.compile(
    rf"""\b{_THINGS}\s+(?P<gone>(?:(?:written|authored|published)\s+)?by\s+
    (?P<names>[^\W\d_A-Z][\w'’.-]*(?:\s+[^\W\d_A-Z][\w'’.-]*)?))(?=\s*$|\s+(?:since|from|in|before|after|between|until)\b)""",
    re.VERBOSE,
)
_SEPARATOR = re.compile(r",\s+(?:and\s+|or\s+)?(?![^\W\d_](?:\.|$))|\s+(?:and|or|&)\s+")
_PREFIXED = re.compile(r"(?:Mc|Mac|O['’]|D['’]|De|Di|Du|La|Le|Van|Fitz)[A-Z]")
_NOT_NAMES = frozenset("list show find give count summarise summarize compare".split())


@dataclass(frozen=True, slots=True)
class AuthorMention:
    """Authors as they are written in a question, at ``question[start:end]``.

    ``is_one_enough``: papers by one of them are asked for ("Smith or Jones"). ``is_certain``: the names can only be
    those of people ("Smith et al."). ``years``: of publication, as in "Smith (2020)". ``replacement``: the word to put
    in the place of the mention ("they").
    """

    names: tuple[str, ...] = ()
    is_one_enough: bool = False
    is_certain: bool = False
    years: Years | None = None
    start: int = 0
    end: int = 0
    replacement: str = ""


NO_AUTHORS = AuthorMention()


@dataclass(frozen=True, slots=True)
class YearRange:
    """Years that a text mentions at ``text[start:end]``."""

    years: Years
    start: int
    end: int


def is_too_long(question: str) -> bool:
    """Is a question too long to be searched for authors and years?"""
    return len(question) > _MOST_CHARACTERS or len(question.split()) > _MOST_WORDS


def authors_in(question: str, *, is_whole: bool = False) -> AuthorMention:
    """The authors that a question mentions, or NO_AUTHORS.

    ``is_whole``: the question may consist of nothing but "papers by smith", where the name does not need a capital.
    """
    if is_too_long(question):
        return NO_AUTHORS
    for pattern, replacement in _MENTIONS:
        for match in pattern.finditer(question):
            if mention := _mention(match, replacement):
                return mention
    small = _LOWER_CASE_NAME.search(question) if is_whole else None
    return (
        AuthorMention((small.group("names"),), start=small.start("gone"), end=small.end("gone"))
        if small
        else NO_AUTHORS
    )


def without_authors(question: str, mention: AuthorMention) -> str:
    """The question without the mention of authors, or with a pronoun in its place."""
    return f"{question[: mention.start]}{mention.replacement}{question[mention.end :]}" if mention.names else question


def _mention(match: re.Match[str], replacement: str) -> AuthorMention | None:
    groups = match.groupdict()
    text = _without_leading_words(groups["names"])
    if not text:
        return None
    dropped = len(groups["names"]) - len(text)
    names = tuple(re.sub(rf"^{_TITLED}", "", name) for name in _SEPARATOR.split(text))
    if not all(map(_is_like_a_person, names)):
        return None
    is_certain = bool(groups.get("sure")) or bool(re.search(rf"\b{_INITIAL}(?:\s|$)|^{_TITLED}", text))
    year = int(groups["year"]) if groups.get("year") else None
    return AuthorMention(
        names,
        is_one_enough=bool(re.search(r"\bor\b", text)),
        is_certain=is_certain,
        years=(year, year) if year else None,
        start=match.start("names") + dropped if dropped else match.start("gone"),
        end=match.end("gone"),
        replacement=replacement,
    )


def _without_leading_words(names: str) -> str:
    """The names without words of the question before them: "Show Smith", "Does Smith"."""
    words = names.split()
    while words and (is_stop_word(words[0].casefold()) or words[0].casefold() in _NOT_NAMES):
        names = names[len(words.pop(0)) :].lstrip()
    return names


def _is_like_a_person(name: str) -> bool:
    """Is a name not spelled like that of a method (BERT, GPT-4, ImageNet, Chain-of-Thought)?"""
    last = [word for word in name.split() if not word.endswith(".")][-1:]
    if not last or any(map(str.isdigit, name)):
        return False
    parts = re.split(r"[-’']", _PREFIXED.sub("X", last[0]))
    return not any(part[:1].islower() or any(map(str.isupper, part[1:])) for part in parts)


_SPANS = [
    (re.compile(pattern, re.IGNORECASE | re.VERBOSE), kind)
    for pattern, kind in (
        (rf"\bbetween\s+(?P<first>{_YEAR})\s+and\s+(?P<last>{_YEAR})\b", "range"),
        (rf"\bfrom\s+(?P<first>{_YEAR})\s*(?:to|until|till|through|[-–])\s*(?P<last>{_YEAR})\b", "range"),
        (rf"(?:\b(?:in|of|during|from)\s+)?\b(?P<first>{_YEAR})\s?[-–]\s?(?P<last>{_YEAR})\b", "range"),
        (rf"\b(?:since|from)\s+(?P<first>{_YEAR})\s+(?:on|onwards?)\b|\bsince\s+(?P<from>{_YEAR})\b", "since"),
        (rf"\b(?:after|(?:later|newer)\s+than)\s+(?P<first>{_YEAR})\b", "after"),
        (rf"\b(?:before|prior\s+to|(?:earlier|older)\s+than)\s+(?P<first>{_YEAR})\b", "before"),
        (rf"\b(?:until|till|up\s+to)\s+(?P<first>{_YEAR})\b", "until"),
        (r"\b(?:in|from|of|during)\s+the\s+(?P<first>(?:1[89]|20)\d0)['’]?s\b", "decade"),
        (rf"\b(?:in|from|of|during)\s+(?:the\s+year\s+)?(?P<first>{_YEAR})\b", "only"),
        (rf"(?<!\S)(?P<first>{_YEAR})(?=\s+{PAPERS}\b)|(?<=papers\s)(?P<from>{_YEAR})$", "only"),
    )
]
# The text before years of publication: "papers from 2024", "What was found in 2024".
_OF_PUBLICATION = re.compile(
    rf"""(?:\b{PAPERS}(?:\s+(?:that|which))?(?:\s+(?:are|were|was))?(?:\s+published|\s+written)?|\bpublished)\s*$
    |^what\s+(?:was|is|has\s+been)\s+(?:found|reported|shown|known|discovered|published|written)\s*$
    |^(?!what|how|why|when|who|do|does|did)[^?]*\b{PAPERS}\s+(?:about|on)\s+(?:[\w-]+\s+){{1,6}}$""",
    re.IGNORECASE | re.VERBOSE,
)


def years_in(text: str, *, of_publication: bool = False) -> YearRange | None:
    """The years in a text; with ``of_publication``, only if the text says that papers were published then."""
    for pattern, kind in _SPANS:
        for match in pattern.finditer(text):
            if not of_publication or _OF_PUBLICATION.search(text[: match.start()]):
                return YearRange(_years(match.groupdict(), kind), *match.span())
    return None


def _years(found: dict[str, str | None], kind: str) -> Years:
    first = int(found.get("first") or found.get("from") or 0)
    return {
        "range": (first, int(found.get("last") or 0)),
        "since": (first, None),
        "after": (first + 1, None),
        "before": (None, first - 1),
        "until": (None, first),
        "decade": (first, first + 9),
        "only": (first, first),
    }[kind]
