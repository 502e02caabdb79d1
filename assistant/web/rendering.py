"""Records to HTML, by templates that escape every text of papers, people and models; nothing else makes HTML of one."""

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
    """A marker behind a claim, with the words that the claim rests on and where in the abstract they start.

    ``start`` is -1 when the claim rests on the paper's record alone.
    """

    marker: int
    title: str
    start: int
    words: str


def counted(count: int, noun: str) -> str:
    """A number with its noun, which takes an s: 1 paper, 32,159 papers."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def exchange_html(
    exchange: Exchange, answer: Answer | None, *, is_done: bool, ahead: int | None = None, problem: str = ""
) -> str:
    """A question with its answer: waiting (``ahead`` others stand before it), growing, finished, or failed."""
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
        verdict=exchange.verdict,
        note=exchange.note,
    )


def paper_html(
    paper: Paper,
    *,
    is_indexed: bool = True,
    can_remove: bool = False,
    quotes: Iterable[Evidence] = (),
    now: int = -1,
    is_record_cited: bool = False,
    nearest: Sequence[Paper] = (),
) -> str:
    """A paper with its whole abstract; ``quotes`` are marked in it, and most of all the one that starts at ``now``.

    ``is_record_cited`` marks its authors, venue and year too.
    """
    return _TEMPLATES.get_template("source.html").render(
        paper=paper,
        link=link(paper),
        pieces=list(_pieces(paper, quotes, now)),
        is_record_cited=is_record_cited,
        is_indexed=is_indexed,
        can_remove=can_remove,
        nearest=nearest,
    )


def rows_html(papers: Iterable[Paper]) -> str:
    """Rows of the list of papers."""
    return _TEMPLATES.get_template("papers.html").render(papers=papers, authors=_few_authors)


def report_html(summary: str, lists: Iterable[tuple[str, Sequence[str]]] = ()) -> str:
    """What was done, in a line, with named lists to unfold."""
    return _TEMPLATES.get_template("report.html").render(summary=summary, lists=lists)


def progress_html(done: int, total: int, seconds_left: float | None) -> str:
    """How far something is."""
    return _TEMPLATES.get_template("progress.html").render(done=done, total=total, left=_duration(seconds_left))


def problem_html(message: str) -> str:
    """A message for the person, of an error that was expected."""
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
        words = " … ".join(paper.record if quote.is_record else f"“{quote.text}”" for quote in quotes)
        start = next((quote.start for quote in quotes if not quote.is_record), -1)
        found.append(Footnote(marker, paper.title, start, words))
    return found


def _pieces(paper: Paper, quotes: Iterable[Evidence], now: int) -> Iterable[tuple[str, bool, bool]]:
    """The abstract in pieces: the text, whether it is cited, and whether it is what was asked for."""
    place = 0
    for item in sorted(quotes, key=lambda item: item.start):
        start = max(item.start, place)  # sentences do not overlap, but a kept answer is only data
        if item.end > start:
            yield paper.abstract[place:start], False, False
            yield paper.abstract[start : item.end], True, item.start == now
            place = item.end
    yield paper.abstract[place:], False, False


def _few_authors(paper: Paper) -> str:
    shown = ", ".join(paper.authors[:_AUTHORS_SHOWN])
    return f"{shown} et al." if len(paper.authors) > _AUTHORS_SHOWN else shown


def _origin(paper: Paper) -> str:
    """Whose a paper is and of when, as far as known."""
    return ", ".join(filter(None, [_few_authors(paper), str(paper.year or "")]))


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
