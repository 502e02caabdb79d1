"""Parses a question about the collection, such as "papers by Smith since 2020", into a look-up by its wording.

A question is about the collection if nothing is left of it after removing its author, years, venue, title or
identifier, and the words that all such questions use. "How many papers by Smith are there?" is one. "How many papers
did the survey review?" and "Which papers are about hedgehogs?" are not: they are about passages, as is every question
that is not in English. The word lists were written with the half ``tune`` of evals/data/routing.jsonl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answering.authors_and_years import (
    NO_AUTHORS,
    PAPERS,
    AuthorMention,
    Years,
    any_of,
    authors_in,
    is_too_long,
    without_authors,
    years_in,
)
from assistant.text.identifiers import first_identifier
from assistant.text.tokens import words

About = Literal["passages", "collection", "topic", "neither"]
Wants = Literal["papers", "count", "facts", "report"]


@dataclass(frozen=True, slots=True)
class LookupRequest:
    """What a question is about and, if it is about the collection, what it looks up in the bibliographic records.

    ``about`` is ``topic`` if a look-up cannot answer it, because every abstract would have to be read ("Which topics
    are covered?"). ``text`` is the question without authors and years, to search the passages with. ``identifier`` is
    a key of ``assistant.index.identity``. Whether ``title`` is that of a paper, and ``venue`` (unless it is certain) a
    journal, is known only to the library. ``is_newest_or_oldest``: are these papers asked for? ``is_single``: or one
    of them?
    """

    about: About
    question: str
    text: str
    wants: Wants = "papers"
    mention: AuthorMention = NO_AUTHORS
    years: Years = (None, None)
    venue: str = ""
    title: str = ""
    identifier: str = ""
    is_venue_certain: bool = True
    oldest_first: bool = False
    is_newest_or_oldest: bool = False
    is_single: bool = False


_PLURAL = any_of("papers articles publications studies abstracts works preprints work everything anything")
_HERE = any_of("library collection corpus index database")
_IN_HERE = rf"(?:here|(?:the|this|your)\ {_HERE})"
_PLACE_WORDS = rf"(?:here|in\ {_IN_HERE})"
_INITIAL_AT_END = re.compile(r"\b[A-Z]\.$")
_NEITHER = re.compile(
    r"""(?:(?:hi|hello|hey|thanks?|thank\ you|good\ (?:morning|afternoon|evening|night)|bye|goodbye|help|please|there
    |a\ lot|very\ much|who\ are\ you|what\ are\ you|what\ can\ (?:you\ do|i\ (?:do|ask))
    |how\ (?:does|do)\ (?:this|you|it)\ work|for\ me|you|again|ok(?:ay)?)[\ ,.!]*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_POLITE = re.compile(
    r"""^(?:(?:please|hello|hi|hey|can|could|would|will)\b[\s,]*(?:you\b\s*)?
    |(?:tell|show|give|get|find|list)\b\s*(?:me\b\s*)?|i(?:'m|\ am)\ looking\ for\b\s*
    |i\ (?:want|would\ like|need)\ (?:to\ (?:know|see|find)\b)?\s*|i'd\ like\ (?:to\ (?:know|see))?\s*
    |do\ you\ know\b\s*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_SHARE = re.compile(r"what (?:percentage|percent|share|fraction|proportion) of\b", re.IGNORECASE)
_COUNT = re.compile(
    rf"""how\ many\b|(?:what\ (?:is|are|was)\s+|what's\s+)?(?:the\s+)?(?:total\s+)?number\ of\b|what\ number\ of\b
    |count\b|how\ (?:big|large)\ is\b(?=.*\b{_HERE}\b)|what\ (?:percentage|percent|share|fraction|proportion)\ of\b""",
    re.IGNORECASE | re.VERBOSE,
)
_RESEARCH_VERBS = any_of(
    "use mention discuss study address cover deal describe report show find found propose apply evaluate consider "
    "concern talk look focus investigate examine explore present introduce test argue claim support measure rely "
    "employ cite compare analy[sz]e assess highlight suggest recommend refer treat tackle model benchmark contain "
    "include"
)
_OF_TOPIC = rf"""(?:(?:that|which|who)\s+)?(?:(?:are|is|were|was|have\ been|has\ been)\s+)?(?:published\s+|written\s+)?
    (?:about|on|concerning|regarding|related\ to|dealing\ with|devoted\ to|focused\ on|{_RESEARCH_VERBS})\b"""
_TOPIC = re.compile(
    rf"""(?:of\s+)?(?:the\s+|these\s+|your\s+|all\s+)*{PAPERS}\s+
    (?:(?:(?:are|is)\s+)?(?:there\s+)?(?:in\s+)?{_IN_HERE}\s+|(?:do\ you|you|we)\ have\s+)?{_OF_TOPIC}""",
    re.IGNORECASE | re.VERBOSE,
)
_OVERVIEW = re.compile(
    rf"""\b(?:authors?|journals?|venues?|years?|topics?|conferences?)\b.*\b(?:in|of)\ {_IN_HERE}\b
    |\b(?:author|journal|venue|year|topic)s?\ (?:has|have|with)\ the\ (?:most|fewest)\ {PAPERS}
    |\bmost\ (?:common|frequent|popular)\ (?:topic|author|journal|venue|year)s?\ (?:of|in|among)\ (?:all\ )?
        (?:the|these|your)\ {PAPERS}
    |\b(?:more|fewer)\ {PAPERS}\ (?:about|on)\b.*\bor\b
    |^(?:(?:which|what|how\ many|any|all|the|of)\ )*(?:{PAPERS}\ (?:{_PLACE_WORDS}\ )?(?:are|is|were|was|have\ been)
        \ retracted|retracted\ {PAPERS}(?:\ (?:are\ there|do\ you\ have|{_PLACE_WORDS}))?)$
    |^(?:which|what)\ (?:authors?|journals?|venues?|years?|topics?|subjects?|fields?)\ (?:have\ you\ got$|do\ you\ have$
        |(?:do|does|are)\ (?:the|these|your)\ {PAPERS}\ (?:cover|from|about)$)
    |^what\ is\ {_IN_HERE}\ about$|^how\ many\ {PAPERS}\b.*\b(?:per|each|every)\ (?:author|journal|venue|year)$""",
    re.IGNORECASE | re.VERBOSE,
)
# Asks for the papers of all other authors or years: a look-up of the named ones would answer the opposite.
_ALL_BUT = re.compile(
    rf"""\b{PAPERS}\b.*(?:\bnot|n['’]t|\bexcept|\bexcluding|\bother\ than|\b(?:anyone|everyone|all)\ but)\s+
    (?:those\s+)?(?:(?:written|published|authored)\s+)?(?:by|in|from|of|since|before|after)?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
# Asks about the contents of one paper, such as its survey or its sample.
_OF_A_PAPER = re.compile(
    r"\baccording to the\b|\b(?:in|by|of|for) (?:the|their|its|this|that) [\w-]*\s?"
    r"(?:survey|review|study|sample|meta-analysis|trial|experiment|dataset|benchmark)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(rf"\b(?:newest|latest|most recent|recent|oldest|earliest)(?:\s+\w+)?\s+{PAPERS}\b", re.IGNORECASE)
_OLDEST = re.compile(r"\b(?:oldest|earliest)\b", re.IGNORECASE)
_SINGLE = re.compile(r"\b(?:paper|article|publication|study|abstract|preprint)\b", re.IGNORECASE)
_PUBLISHED = any_of("published printed written released")
_NAMING = rf"(?:(?:the|a|an|any)\s+{PAPERS}\s+)?(?:called\s+|titled\s+|entitled\s+|named\s+)?"
_NAMED = rf"{_NAMING}(?P<title>.+?)"
_TAIL = r"(?:,?\s+and\s+(?:when|where|in\s+which\s+(?:year|journal)).*)?"
_WHEN = r"(?:when|where|(?:in\s+|at\s+)?(?:what|which)\s+(?:year|journal|venue|conference))"
_WROTE = r"(?:who\s+(?:wrote|authored|published|(?:is|are|was|were)\s+the\s+authors?\s+of)|who's\s+the\s+author\s+of)"
_OF_RECORD = any_of("doi year journal venue authors? date")
_OF_TITLE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_WROTE}\s+{_NAMED}{_TAIL}",
        rf"{_WHEN}\s+(?:was|is|were)\s+{_NAMED}\s+{_PUBLISHED}(?:\s+in)?",
        rf"{_WHEN}\s+did\s+{_NAMED}\s+(?:come\s+out|appear)(?:\s+in)?",
        rf"what\s+(?:is|are)\s+the\s+(?:publication\s+)?{_OF_RECORD}\s+of\s+{_NAMED}",
        rf"(?:do|have)\s+you\s+(?:have|got)\s+{_NAMED}",
        rf"is\s+{_NAMED}\s+(?:(?:in|part\s+of)\s+{_IN_HERE}|indexed|available)",
    )
]
# Asks for the record of a paper that is described, not named ("Who wrote the paper about bats?"): only the abstracts
# can tell which one it is.
_OF_DESCRIBED = re.compile(
    rf"(?:{_WROTE}|{_WHEN}\s+(?:was|did))\s+(?:the|a|an)\s+{PAPERS}\s+{any_of('about on that which using with')}\b",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"^[\"“‘'](.+)[\"”’']$")
_VENUE_WORDS = r"[A-Z][\w&.'’-]*(?:\s+(?:(?:of|and|for|the|on|in|&)\s+)*[A-Z][\w&.'’-]*)*"
_VENUE = re.compile(
    rf"""\b(?:in|from|at|of)\s+(?:the\s+)?(?:journal|magazine|conference|proceedings)\s+(?:of\s+(?=[a-z]))?(?P<named>{_VENUE_WORDS})
    |(?:(?P<sure>\b{_PUBLISHED}|\bappear(?:ed|s)?|\bcame\ out)\s+(?:in|at)|\b{PAPERS}\s+(?:in|at|from))\s+
        (?P<plain>{_VENUE_WORDS})""",
    re.VERBOSE,
)
_FACTS = re.compile(
    r"\b(?:who|when|where|year|journal|venue|authors?|do you have|have you got|in the|in your|indexed)\b", re.I
)
# The words of questions about the collection, apart from the authors, titles and so on that they look up.
_FILLERS = frozenset(
    """which what whose all any every the a an of are is was were there here do does did you your have has had got i we
    me in by from with been be that library collection corpus index database total overall altogether please
    published publish written write wrote authored author appeared appear appears come came out available exist
    exists indexed stored included held hold contain contains everything anything something count number many how
    much list and also ones one big large newest latest recent most oldest earliest ever so far yet or paper papers
    article articles publication publications study studies abstract abstracts work works preprint preprints journal
    year""".split()
)
_PAST = re.compile(r"\b(?:was|were|did|had)\b", re.IGNORECASE)
_PLACE = re.compile(rf"\bin\ {_IN_HERE}\b", re.IGNORECASE | re.VERBOSE)
_LISTING = re.compile(
    rf"\b(?:all|list|do\ you\ have|have\ you\ got|are\ there|there\ are|in\ {_IN_HERE})\b",
    re.IGNORECASE | re.VERBOSE,
)
_SAID_OF_YEARS = re.compile(r"\s+(?:(?:that|which)\s+)?(?:(?:are|were)\s+)?(?:published|written)\s*$", re.IGNORECASE)
_OF_A_RECORD = {"who", "when", "where", "author", "authors", "title", "venue"}
_REPORT = re.compile(
    r"""(?:(?:what\ (?:does|did|do|is|are)|summari[sz]e|describe|explain|about|in|of|the|paper|article|abstract|study
    |reports?|says?|find|found|show|shows|state|conclude|with|doi|arxiv|pmid|id|results?|findings?|main)\b[\s,:]*)*""",
    re.IGNORECASE | re.VERBOSE,
)


_DESCRIBING = frozenset("about on by from in that which any anything published".split())  # not the start of a title
_POINTING = frozenset("the a an this these it".split())  # a title begins with these only if it is capitalised


def parse_lookup(question: str) -> LookupRequest:
    """What a cleaned question asks for, by its wording: its names and titles may not exist in the library."""
    plain = question.strip().rstrip("?! ")
    plain = plain if _INITIAL_AT_END.search(plain) else plain.rstrip(". ")
    if is_too_long(plain):
        return LookupRequest("passages", question, question)
    if _NEITHER.fullmatch(plain):
        return LookupRequest("neither", question, question)
    asked = _POLITE.sub("", plain) or plain
    is_listing = bool(re.match(r"(?:please\s+)?(?:list|show|find|give)", plain, re.IGNORECASE))
    return (
        _exclusion_request(question, asked)
        or _identifier_request(question, asked)
        or _title_request(question, asked)
        or _field_request(question, asked, is_listing)
        or _topic_request(question, asked)
        or _passage_request(question)
    )


def _exclusion_request(question: str, asked: str) -> LookupRequest | None:
    """A request for papers that are *not* by an author or of a year, which a look-up cannot find."""
    mention, period = authors_in(asked), years_in(asked)
    starts = [found.start for found in (mention, period) if found and found != NO_AUTHORS]
    is_all_but = any(_ALL_BUT.search(asked[:start]) for start in starts)
    return LookupRequest("topic", question, question) if is_all_but else None


def _identifier_request(question: str, asked: str) -> LookupRequest | None:
    found = first_identifier(asked)
    if found is None:
        return None
    rest = f"{asked[: found.start]} {asked[found.end :]}".strip(" .,;:()?!")
    if not _REPORT.sub("", rest).strip():
        return LookupRequest("collection", question, question, "report", identifier=found.key)
    is_of_record = _FACTS.search(rest) and not _content(rest, _OF_A_RECORD)
    text = f"{asked[: found.start]}the paper{asked[found.end :]}"
    return LookupRequest("collection" if is_of_record else "passages", question, text, "facts", identifier=found.key)


def _title_request(question: str, asked: str) -> LookupRequest | None:
    for pattern in _OF_TITLE:
        match = pattern.fullmatch(asked)
        title = match.group("title").strip() if match else ""
        if quoted := _QUOTES.match(title):
            return LookupRequest("collection", question, question, "facts", title=quoted.group(1))
        if title and _is_like_a_title(title, asked):
            return LookupRequest("collection", question, question, "facts", title=title)
    return None


def _is_like_a_title(title: str, asked: str) -> bool:
    """Is the text capitalised like a title, or the object of "Who wrote"? A description ("on bats") is neither."""
    first = title.split()[0].casefold()
    if first in _DESCRIBING or years_in(title):
        return False
    capitals = sum(word[0].isupper() for word in title.split())
    is_written = bool(re.match(r"who\b", asked, re.IGNORECASE)) and first not in _POINTING
    return (capitals > 1 and title[0].isupper()) or (is_written and len(title.split()) > 2)


def _field_request(question: str, asked: str, is_listing: bool) -> LookupRequest | None:
    """A look-up by author, years and venue, if the question contains nothing else."""
    mention = authors_in(asked, is_whole=True)
    rest, years = _without_years(without_authors(asked, mention))
    venue = _VENUE.search(rest)
    name = (venue.group("named") or venue.group("plain")) if venue else ""
    rest = rest.replace(name, " ") if name else rest
    is_count = bool(_COUNT.match(asked))
    has_fields = bool(mention.names or name) or years != (None, None)
    is_list = re.search(rf"\b{_PLURAL}\b", asked, re.IGNORECASE) and (is_listing or _LISTING.search(asked))
    has_subject = re.search(
        rf"\b(?:{PAPERS}|{_HERE}|{_PUBLISHED}|publish|write|everything|anything)\b", asked, re.IGNORECASE
    )
    is_newest_or_oldest = bool(_ORDER.search(asked))
    if is_count and _PAST.search(asked) and not has_fields:
        return None  # "How many studies were included?" is about a review
    if not has_subject or not (has_fields or is_count or is_list or is_newest_or_oldest):
        return None
    if _SHARE.match(asked) or _content(rest, {"when", "they"} if mention.names else set()):
        return None
    return LookupRequest(
        "collection",
        question,
        question,
        "count" if is_count else "papers",
        mention,
        years,
        name,
        is_venue_certain=bool(venue and (venue.group("named") or venue.group("sure"))),
        oldest_first=bool(_OLDEST.search(asked)),
        is_newest_or_oldest=is_newest_or_oldest,
        is_single=is_newest_or_oldest and bool(_SINGLE.search(asked)),
    )


def _without_years(text: str) -> tuple[str, Years]:
    period = years_in(text)
    return (f"{text[: period.start]} {text[period.end :]}", period.years) if period else (text, (None, None))


def _topic_request(question: str, asked: str) -> LookupRequest | None:
    if _OVERVIEW.search(asked) or _OF_DESCRIBED.match(asked):
        return LookupRequest("topic", question, question)
    counted = _COUNT.match(asked)
    if not counted or _OF_A_PAPER.search(asked):
        return None
    mention = authors_in(asked, is_whole=True)
    rest, _ = _without_years(without_authors(asked, mention)[counted.end() :])
    is_topic = _TOPIC.match(" ".join(rest.split())) or re.search(
        rf"^\s*(?:the\s+)?{PAPERS}\s+(?:about|on)\b|\b(?:do\ you|you|we)\ have\ (?:about|on)\b", rest, re.IGNORECASE
    )
    return LookupRequest("topic", question, question) if is_topic else None


def _passage_request(question: str) -> LookupRequest:
    """A question about passages, with the authors and years of publication to which it is limited."""
    mention = authors_in(question)
    text = without_authors(question, mention)
    period = years_in(text, of_publication=True)
    years = period.years if period else (None, None)
    if period:
        text = f"{_SAID_OF_YEARS.sub('', text[: period.start])} {text[period.end :]}"
    return LookupRequest("passages", question, " ".join(text.split()), mention=mention, years=mention.years or years)


def _content(text: str, also: set[str]) -> list[str]:
    """The words of a text that do not belong to a look-up."""
    return [word for word in words(_PLACE.sub(" ", text)) if word not in _FILLERS and word not in also]


def as_passage_question(request: LookupRequest) -> LookupRequest:
    """The same question as one about passages, for use when the library lacks the title or venue that it names."""
    return replace(_passage_request(request.question), text=request.question)
