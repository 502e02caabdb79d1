"""Quotations as claims of an answer: which evidence is quoted at once, which on request, and who says it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from assistant.answering.clauses import without_lead_in
from assistant.answering.question import Kind
from assistant.answering.rules.numbers import unsupported_quantities
from assistant.answering.rules.word_overlap import says_the_same, word_coverage
from assistant.answering.selection import NO_NAMES, lead_of
from assistant.records import FINDINGS, NO_FINDINGS, Claim, Evidence
from assistant.text.author_names import byline

_NAME_WORDS = 2  # a longer phrase before the colon of a title is not a name: "Programming Every Example: ..."
_MOST = 0.6  # of the words of a sentence
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)


def fill_with_quotations(
    claims: Sequence[Claim],
    chosen: Sequence[Evidence],
    word_budget: int,
    opening_words: int,
    *,
    of_each_paper: bool = False,
) -> list[Claim]:
    """The claims, then quotations of evidence that they do not mention yet, in at most ``word_budget`` words in all.

    An answer without claims begins with the best quotation, however long it is. Quotations follow, best first, while
    the answer has at most ``opening_words`` words; with ``of_each_paper``, also the first of a paper that is not cited
    yet. The others are shown on request, sorted by paper and by their position in the abstract: among them evidence
    of which a claim repeats most words and all numbers, so that nothing is said twice at once. The first quotation of
    a paper that no claim cites says whose it is.
    """
    opening: list[Evidence] = []
    more: list[Evidence] = []
    introduced = frozenset(item.paper.paper_id for claim in claims for item in claim.evidence)
    cited = set(introduced)
    word_count = words_at_once = sum(len(claim.text.split()) for claim in claims)
    for item in chosen:
        said = [claim.text for claim in claims] + [other.text for other in (*opening, *more)]
        length = len(item.text.split())
        if any(says_the_same(item.text, text) for text in said) or (said and word_count + length > word_budget):
            continue
        word_count += length
        is_first = not said or (of_each_paper and item.paper.paper_id not in cited)
        is_at_once = words_at_once + length <= opening_words and not _is_restated(item, claims)
        cited.add(item.paper.paper_id)
        if is_first or is_at_once:
            opening.append(item)
            words_at_once += length
        else:
            more.append(item)
    papers = list(dict.fromkeys(item.paper.paper_id for item in (*opening, *more)))
    more.sort(key=lambda item: (papers.index(item.paper.paper_id), item.start))
    quotations = [*map(_quotation, opening), *(replace(_quotation(item), is_more=True) for item in more)]
    return [*claims, *_attributed(quotations, introduced)]


def _is_restated(item: Evidence, claims: Iterable[Claim]) -> bool:
    """Does a claim that cites this evidence contain most of its words and all its numbers?"""
    return any(
        item.place in [cited.place for cited in claim.evidence]
        and word_coverage(item.text, claim.text) >= _MOST
        and not unsupported_quantities(item.text, [claim.text])
        for claim in claims
    )


def _attributed(quotations: Sequence[Claim], introduced: Collection[str]) -> Iterator[Claim]:
    """The quotations, of which the first of each paper says whose it is, unless that paper is ``introduced``."""
    seen = set(introduced)
    for claim in quotations:
        (item,) = claim.evidence
        yield claim if item.paper.paper_id in seen else replace(claim, lead=attribution_of(item))
        seen.add(item.paper.paper_id)


def quotations_by_paper(chosen: Sequence[Evidence], kind: Kind) -> tuple[Claim, ...]:
    """The best quotation of each paper, and on request the others paper by paper, under whole titles."""
    by_paper: dict[str, list[Evidence]] = {}
    for item in chosen:
        by_paper.setdefault(item.paper.paper_id, []).append(item)
    opening = [replace(_quotation(best), lead=lead_of(best.paper, kind)) for best, *_ in by_paper.values()]
    more = [
        replace(_quotation(item), lead="" if place else item.paper.title, is_more=True)
        for _, *others in by_paper.values()
        for place, item in enumerate(others)
    ]
    return (*opening, *more)


def _quotation(evidence: Evidence) -> Claim:
    """The sentence without its lead-in, if it has one: an ellipsis stands for it. The footnote opens all of it."""
    text = without_lead_in(evidence.text)
    return Claim(text if text == evidence.text else f"… {text}", (evidence,), "quoted", 1.0)


def attribution_of(item: Evidence) -> str:
    """Who says a quotation in prose: "The MiniPLM paper reports", "Smith et al. (2021) report".

    Empty for background and for an aim, which are labelled as such, and for a paper without a name and authors.
    """
    if item.role in NO_FINDINGS:
        return ""
    verb = "report" if item.role in FINDINGS else "say"
    name, _, rest = item.paper.title.partition(":")
    name = _ARTICLE.sub("", name.strip())
    if rest and name.casefold() not in NO_NAMES and len(name.split()) <= _NAME_WORDS:
        return f"The {name} paper {verb}s"
    authors = byline(item.paper.authors, None)
    if not authors:
        return ""
    year = f" ({item.paper.year})" if item.paper.year else ""
    is_one = len(item.paper.authors) == 1
    return f"{authors}{year} {verb}{'s' if is_one else ''}"
