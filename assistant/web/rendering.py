"""Renders answers and papers as HTML with templates that escape every text; no other module does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from assistant.conversations.store import Exchange
from assistant.export import link
from assistant.presentation import DECLINED, retraction_warning
from assistant.records import Answer, Claim, Evidence, Paper

_AUTHORS_SHOWN = 3
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Footnote:
    """A marker after a claim, with the text that supports the claim and where it starts in the abstract.

    ``start`` is -1 when only the paper's record supports the claim.
    """

    marker: int
    title: str
    start: int
    text: str


def counted(count: int, noun: str) -> str:
    """A number and a noun with a regular plural: 1 paper, 32,159 papers."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def exchange_html(
    exchange: Exchange, answer: Answer | None, *, is_done: bool, ahead: int | None = None, problem: str = ""
) -> str:
    """A question with its answer: waiting for ``ahead`` others, growing, finished, or failed."""
    return _TEMPLATES.get_template("exchange.html").render(
        question=exchange.question,
        within=len(exchange.within),
        counted=counted,
        answer=answer,
        is_done=is_done,
        ahead=ahead,
        problem=problem,
        declined=DECLINED,
        origin=_origin,
        warning=retraction_warning([str(one.marker) for one in answer.retracted]) if answer else "",
        stages=_stages(answer),
        footnotes=lambda claim: _footnotes(answer, claim) if answer else (),
        rating=exchange.rating,
        note=exchange.note,
    )


def paper_html(
    paper: Paper,
    *,
    is_indexed: bool = True,
    can_remove: bool = False,
    quotes: Iterable[Evidence] = (),
    current: int = -1,
    is_record_cited: bool = False,
    nearest: Sequence[Paper] = (),
) -> str:
    """A paper with its whole abstract, in which ``quotes`` are marked; the one that starts at ``current`` stands out.

    ``is_record_cited`` also marks its authors, venue and year.
    """
    return _TEMPLATES.get_template("source.html").render(
        paper=paper,
        link=link(paper),
        pieces=list(_pieces(paper, quotes, current)),
        is_record_cited=is_record_cited,
        is_indexed=is_indexed,
        can_remove=can_remove,
        nearest=nearest,
    )


def rows_html(papers: Iterable[Paper]) -> str:
    """Rows of the list of papers."""
    return _TEMPLATES.get_template("papers.html").render(papers=papers, authors=_few_authors)


def report_html(summary: str, lists: Iterable[tuple[str, Sequence[str]]] = ()) -> str:
    """A summary of one line, with named lists that unfold."""
    return _TEMPLATES.get_template("report.html").render(summary=summary, lists=lists)


def progress_html(done: int, total: int, seconds_left: float | None) -> str:
    """The progress of an ingest; ``total`` is 0 while files are read."""
    return _TEMPLATES.get_template("progress.html").render(done=done, total=total, left=_duration(seconds_left))


def problem_html(message: str) -> str:
    """The message of a FootnoteError."""
    return _TEMPLATES.get_template("problem.html").render(message=message)


def _stages(answer: Answer | None) -> list[tuple[str, str]]:
    count = answer.papers_read if answer else 0
    reading = f"Reading {counted(count, 'paper')}" if count else "Reading"
    return [("searching", "Searching"), ("reading", reading), ("writing", "Writing"), ("checking", "Checking")]


def _footnotes(answer: Answer, claim: Claim) -> list[Footnote]:
    found = []
    for marker in answer.markers_of(claim):
        paper = answer.citations[marker - 1].paper
        quotes = [item for item in claim.evidence if item.paper.paper_id == paper.paper_id]
        text = " … ".join(paper.record if quote.is_record else f"“{quote.text}”" for quote in quotes)
        start = next((quote.start for quote in quotes if not quote.is_record), -1)
        found.append(Footnote(marker, paper.title, start, text))
    return found


def _pieces(paper: Paper, quotes: Iterable[Evidence], current: int) -> Iterable[tuple[str, bool, bool]]:
    """The abstract in pieces: each with its text, whether it is cited, and whether it is the current quotation."""
    place = 0
    for item in sorted(quotes, key=lambda item: item.start):
        start = max(item.start, place)  # sentences do not overlap, but a stored answer may be damaged
        if item.end > start:
            yield paper.abstract[place:start], False, False
            yield paper.abstract[start : item.end], True, item.start == current
            place = item.end
    yield paper.abstract[place:], False, False


def _few_authors(paper: Paper) -> str:
    shown = ", ".join(paper.authors[:_AUTHORS_SHOWN])
    return f"{shown} et al." if len(paper.authors) > _AUTHORS_SHOWN else shown


def _origin(paper: Paper) -> str:
    """The authors and the year of a paper, if known."""
    return ", ".join(filter(None, [_few_authors(paper), str(paper.year or "")]))


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
