"""Chooses how a question is answered: from bibliographic records, from the passages of certain papers, or not at all.

The wording has been parsed by ``collection_questions``; this module asks the library whether its names exist.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from assistant.answering.authors_and_years import NO_AUTHORS, Years
from assistant.answering.collection_questions import LookupRequest, as_passage_question, parse_lookup
from assistant.index.library import Library, Order
from assistant.records import Claim, Evidence, Paper, RankedPaper, paper_id_of
from assistant.text.headings import abstract_sentences
from assistant.text.identifiers import name_of_key
from assistant.text.tokens import enumeration

_MAX_LISTED = 10  # papers shown of a longer list
# "What did they find?", in which "they" are the authors that were named.
_ASKS_FOR_ALL_FINDINGS = re.compile(r"what\s+(?:did|do|does|has|have)\s+they\s+\w+\W*", re.IGNORECASE)
OFF_TOPIC_REASON = (
    "I answer from the papers in the library: ask what they say, or look papers up by author, year, venue, title, "
    "DOI, arXiv id or PMID."
)
TOPIC_REASON = (
    "I answer what abstracts say, and I look papers up by author, year, venue, title, DOI, arXiv id or PMID; "
    "I cannot count, list or name papers by their topic yet."
)


@dataclass(frozen=True, slots=True)
class Route:
    """How a question is answered. ``text`` is what to search with.

    ``passages``: from the passages of ``paper_ids``, or of all papers if there are none; ``reason`` is what to say if
    these do not answer. ``records``: with ``claims`` and ``notice``. ``declined``: with ``reason`` and the papers
    ``nearest`` to the question; None stands for those that a search finds.
    """

    kind: Literal["passages", "records", "declined"]
    text: str
    paper_ids: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    notice: str = ""
    reason: str = ""
    nearest: tuple[RankedPaper, ...] | None = None


def choose_route(question: str, library: Library, paper_ids: Collection[str], word_budget: int) -> Route:
    """The route of a cleaned question. ``paper_ids`` limits everything to these papers.

    ``word_budget`` limits the words quoted from an abstract. Raises IndexDamaged when the library cannot be read.
    """
    return _Router(library, frozenset(paper_ids), word_budget).route(parse_lookup(question))


@dataclass(frozen=True, slots=True)
class _Router:
    library: Library
    paper_ids: frozenset[str]
    word_budget: int

    def route(self, request: LookupRequest) -> Route:
        if request.about == "neither":
            return Route("declined", request.text, reason=OFF_TOPIC_REASON, nearest=())
        if request.about == "topic":
            return Route("declined", request.text, reason=TOPIC_REASON)
        if request.identifier:
            return self._by_identifier(request)
        if request.about == "passages":
            return self._by_whole_title(request) or self._limited_passages(request)
        return self._by_title(request) if request.title else self._by_fields(request)

    def _by_identifier(self, request: LookupRequest) -> Route:
        papers = self._chosen(self.library.bibliography.identified(request.identifier))
        name = name_of_key(request.identifier)
        if not papers:
            return Route("declined", request.text, reason=f"No paper {self._here} has the {name}.", nearest=())
        if request.about == "passages":
            ids = tuple(paper.paper_id for paper in papers)
            return Route("passages", request.text, ids, reason=f"The paper with the {name} does not answer this.")
        quotations = _quotations(papers[0], self.word_budget) if request.wants == "report" else ()
        return Route("records", request.text, claims=(*map(_claim, papers), *quotations))

    def _by_title(self, request: LookupRequest) -> Route:
        papers = self._chosen(self.library.bibliography.titled(request.title))[:_MAX_LISTED]
        if papers:
            notice = _missing_facts(request.text, papers[0]) if len(papers) == 1 else ""
            return Route("records", request.text, claims=tuple(map(_claim, papers)), notice=notice)
        if request.title.islower():
            return self.route(as_passage_question(request))
        return Route("declined", request.text, reason=f"No paper {self._here} is titled “{request.title}”.")

    def _by_whole_title(self, request: LookupRequest) -> Route | None:
        """The record and the abstract of a paper if the question consists of its title; otherwise None."""
        papers = self._chosen(self.library.bibliography.identified(f"title:{paper_id_of(request.question)}"))
        if not papers:
            return None
        claims = (_claim(papers[0]), *_quotations(papers[0], self.word_budget), *map(_claim, papers[1:]))
        return Route("records", request.text, claims=claims)

    def _by_fields(self, request: LookupRequest) -> Route:
        if request.venue and not request.is_venue_certain and not self.library.bibliography.in_venue(request.venue):
            return self.route(as_passage_question(request))
        if reason := self._missing_field_reason(request):
            return Route("declined", request.text, reason=reason, nearest=())
        total, papers = self._found(request)
        asked = _described(request)
        if not total:
            others = self._found(replace(request, years=(None, None), venue=""))[1] if request.mention.names else ()
            reason = f"No paper {self._here} is {asked}." if asked else f"There is no paper {self._here}."
            return Route("declined", request.text, reason=reason, nearest=_ranked(others))
        shown = papers[: 1 if request.is_single else _MAX_LISTED]
        claims = tuple(map(_claim, shown)) if asked or request.wants != "count" else ()
        notice = self._count_sentence(request, total, asked)
        if 0 < len(claims) < total:
            notice += f" {self._list_sentence(request, len(claims))}"
        return Route("records", request.text, claims=claims, notice=notice)

    def _count_sentence(self, request: LookupRequest, total: int, asked: str) -> str:
        noun, verb = ("paper", "is") if total == 1 else ("papers", "are")
        subject = f"{total:,} {noun} {self._here}"
        unknown = (
            self.library.bibliography.without_year() if request.years != (None, None) and not self.paper_ids else 0
        )
        sentence = f"{subject} {verb} {asked}." if asked else f"There {verb} {subject}."
        return f"{sentence} {unknown:,} without a year cannot be counted." if unknown else sentence

    def _list_sentence(self, request: LookupRequest, shown: int) -> str:
        """Introduces the papers shown of a longer list."""
        if self.library.years() is None:
            return f"These are {shown} of them:"
        order = "oldest" if request.oldest_first else "newest"
        return f"This is the {order}:" if shown == 1 else f"These are the {shown} {order}:"

    def _found(self, request: LookupRequest) -> tuple[int, tuple[Paper, ...]]:
        """The number of papers that match the fields, and the first of them by year (the newest first by default)."""
        if not (request.mention.names or request.venue or self.paper_ids):
            order: Order = "oldest" if request.oldest_first else "newest"
            listing = self.library.find(order=order, years=request.years, count=_MAX_LISTED)
            return listing.total, listing.papers
        papers = self._matching(request)
        sign = 1 if request.oldest_first else -1
        in_order = sorted(papers, key=lambda paper: (paper.year is None, sign * (paper.year or 0), paper.title))
        return len(papers), tuple(in_order)

    def _matching(self, request: LookupRequest) -> list[Paper]:
        """The papers that match authors, venue and years, of which at least one is given unless papers were chosen."""
        found: list[set[Paper]] = []
        if request.mention.names:
            by_author = [set(self.library.bibliography.by_author(name)) for name in request.mention.names]
            found.append(set.union(*by_author) if request.mention.is_one_enough else set.intersection(*by_author))
        if request.venue:
            found.append(set(self.library.bibliography.in_venue(request.venue)))
        if not found:
            found.append(set(self.library.papers(self.paper_ids).values()))
        return [paper for paper in self._chosen(set.intersection(*found)) if _is_from(request.years, paper)]

    def _missing_field_reason(self, request: LookupRequest) -> str:
        """Why a look-up is impossible: no record at all has the field by which it looks papers up; otherwise empty."""
        no_paper_has = self._no_paper_has
        if request.mention.names and not self.library.bibliography.has_any("authors"):
            return f"{no_paper_has} its authors recorded, so I cannot look papers up by author."
        if (request.years != (None, None) or request.is_newest_or_oldest) and self.library.years() is None:
            return f"{no_paper_has} a year, so I cannot look papers up by year."
        if request.venue and not self.library.bibliography.has_any("venue"):
            return f"{no_paper_has} its journal or venue recorded, so I cannot look papers up by it."
        return ""

    @property
    def _no_paper_has(self) -> str:
        count = len(self.library)
        return "The only paper does not have" if count == 1 else f"None of the {count:,} papers has"

    def _limited_passages(self, request: LookupRequest) -> Route:
        """The passages of the papers by the authors and from the years that the question names."""
        notice = ""
        if unknown := self._unknown_people(request):
            if self.library.bibliography.has_any("authors"):
                return Route("declined", request.text, reason=f"No paper by {enumeration(unknown)} is {self._here}.")
            notice = f"The records contain no authors, so I cannot tell which papers are by {enumeration(unknown)}."
        if notice or not self._are_authors(request):
            request = replace(request, mention=NO_AUTHORS, text=request.question, years=(None, None))
        if request.years != (None, None) and self.library.years() is None:
            notice = f"{self._no_paper_has} a year, so the answer is not limited by year."
            request = replace(request, years=(None, None))
        asked = _described(request)
        if not asked:
            return Route("passages", request.text, tuple(sorted(self.paper_ids)), notice=notice)
        ids = tuple(sorted(self._ids(request)))
        if not ids:
            return Route("declined", request.text, reason=f"No paper {self._here} is {asked}.")
        if request.mention.names and _ASKS_FOR_ALL_FINDINGS.fullmatch(request.text):
            return self._everything_found(request)
        reason = f"No paper {asked} {self._here} answers this."
        return Route("passages", request.text, ids, notice=notice, reason=reason)

    def _everything_found(self, request: LookupRequest) -> Route:
        """Answers "What did Smith find?" with the list of the papers, and with the abstract if there is only one."""
        route = self._by_fields(request)
        total, papers = self._found(request)
        quotations = _quotations(papers[0], self.word_budget) if total == 1 else ()
        return replace(route, claims=(*route.claims, *quotations))

    def _ids(self, request: LookupRequest) -> Collection[str]:
        if request.mention.names:
            return {paper.paper_id for paper in self._matching(request)}
        ids = set(self.library.bibliography.ids_of_years(*request.years))
        return ids & self.paper_ids if self.paper_ids else ids

    def _are_authors(self, request: LookupRequest) -> bool:
        """Are all names, or one where one is enough, those of authors in the library?"""
        known = [bool(self.library.bibliography.by_author(name)) for name in request.mention.names]
        return any(known) if request.mention.is_one_enough else all(known)

    def _unknown_people(self, request: LookupRequest) -> list[str]:
        """The names that no author in the library has, if they can only be names of people; otherwise none.

        A name is that of a person if it is written as only those are ("Jones et al.", "J. Jones"), or if no title or
        abstract contains it, so that it cannot be the name of a method or a place in the library.
        """
        bibliography = self.library.bibliography
        unknown = [name for name in request.mention.names if not bibliography.by_author(name)]
        is_enough = request.mention.is_one_enough and len(unknown) < len(request.mention.names)
        may_be_things = not request.mention.is_certain and any(map(bibliography.is_mentioned, unknown))
        return [] if is_enough or may_be_things else unknown

    def _chosen(self, papers: Iterable[Paper]) -> list[Paper]:
        return [paper for paper in papers if not self.paper_ids or paper.paper_id in self.paper_ids]

    @property
    def _here(self) -> str:
        return "among the chosen papers" if self.paper_ids else "in the library"


def _described(request: LookupRequest) -> str:
    """The fields of a request in words: "by Smith and from 2020 or later"."""
    first, last = request.years
    years = ""
    if first and last:
        years = f"from {first}" if first == last else f"from {first} to {last}"
    elif first or last:
        years = f"from {first} or later" if first else f"from {last} or earlier"
    names = f"by {enumeration(request.mention.names, 'or' if request.mention.is_one_enough else 'and')}"
    parts = [names if request.mention.names else "", f"in {request.venue}" if request.venue else "", years]
    return " and ".join(filter(None, parts))


def _is_from(years: Years, paper: Paper) -> bool:
    first, last = years
    if years == (None, None):
        return True
    return paper.year is not None and (first or paper.year) <= paper.year <= (last or paper.year)


_ASKED_FOR = {
    "authors": r"\bwho\b|\bauthors?\b",
    "year": r"\bwhen\b|\byear\b",
    "venue": r"\bwhere\b|\bjournal\b|\bvenue\b",
}


def _missing_facts(question: str, paper: Paper) -> str:
    """A notice about what the question asks for and the paper's record does not contain; empty if there is nothing."""
    missing = [
        name
        for name, pattern in _ASKED_FOR.items()
        if re.search(pattern, question, re.IGNORECASE) and not getattr(paper, name)
    ]
    return f"The record of this paper contains no {enumeration(missing, 'and no')}." if missing else ""


def _claim(paper: Paper) -> Claim:
    """A paper as a claim that cites its bibliographic record."""
    said = paper.record or "its record contains only the title"
    return Claim(said, (Evidence(paper, 0, 0),), "record", 1.0, lead=paper.title)


def _quotations(paper: Paper, word_budget: int) -> tuple[Claim, ...]:
    """The first sentences of the abstract in at most ``word_budget`` words, but at least one."""
    claims: list[Claim] = []
    for sentence in abstract_sentences(paper.abstract):
        evidence = Evidence(paper, sentence.start, sentence.end)
        word_budget -= len(evidence.text.split())
        if claims and word_budget < 0:
            break
        claims.append(Claim(evidence.text, (evidence,), "quoted", 1.0))
    return tuple(claims)


def _ranked(papers: Iterable[Paper]) -> tuple[RankedPaper, ...]:
    return tuple(RankedPaper(paper, 0.0) for paper in papers)
