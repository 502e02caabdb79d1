"""Renders answers and papers as HTML with templates that escape every text; no other module does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import jinja2

from assistant.conversations.saved import SavedQuestion
from assistant.conversations.saved_text import outcome, short_change
from assistant.conversations.store import Exchange
from assistant.export import link
from assistant.index.source_names import opens_in_zotero
from assistant.presentation import DECLINED, retraction_warning
from assistant.records import Answer, Claim, Evidence, Paper, Role, ShortAnswer

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


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an abstract. ``role``: of the sentence that begins with it, if the sentence before has another role."""

    text: str
    is_cited: bool = False
    is_current: bool = False
    role: Role | Literal[""] = ""


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
        collection=exchange.collection,
        is_done=is_done,
        ahead=ahead,
        problem=problem,
        stages=_stages(answer),
        rating=exchange.rating,
        note=exchange.note,
        **_of_answer(answer),
    )


def saved_html(saved: SavedQuestion, *, may_have_changed: bool) -> str:
    """A saved question, what changed in its answer since the user last looked, and the answer."""
    diff = saved.diff
    return _TEMPLATES.get_template("saved.html").render(
        saved=saved,
        may_have_changed=may_have_changed,
        diff=diff,
        outcome=outcome(diff) if diff else "",
        short_change=short_change(diff) if diff else "",
        **_of_answer(saved.answer),
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
    roles: Mapping[tuple[int, int], Role] | None = None,
    zotero: Sequence[str] = (),
    collections: Sequence[str] = (),
) -> str:
    """A paper with its whole abstract, in which ``quotes`` are marked; the one that starts at ``current`` stands out.

    ``is_record_cited`` also marks its authors, venue and year. ``roles``: what each sentence is for, by its offsets.
    ``zotero``: links that open the paper in Zotero; texts of any other form are left out. ``collections``: their names.
    """
    return _TEMPLATES.get_template("source.html").render(
        paper=paper,
        link=link(paper),
        pieces=list(_pieces(paper, list(quotes), current, roles or {})),
        is_record_cited=is_record_cited,
        is_indexed=is_indexed,
        can_remove=can_remove,
        nearest=nearest,
        zotero=[one for one in zotero if opens_in_zotero(one)],
        collections=collections,
    )


def rows_html(papers: Iterable[Paper]) -> str:
    """Rows of the list of papers."""
    return _TEMPLATES.get_template("papers.html").render(papers=papers, authors=_few_authors)


def report_html(summary: str, lists: Iterable[tuple[str, Sequence[str]]] = (), remark: str = "") -> str:
    """A summary of one line, with a remark below it and named lists that unfold."""
    return _TEMPLATES.get_template("report.html").render(summary=summary, lists=lists, remark=remark)


def progress_html(done: int, total: int, seconds_left: float | None) -> str:
    """The progress of an ingest; ``total`` is 0 while files are read."""
    return _TEMPLATES.get_template("progress.html").render(done=done, total=total, left=_duration(seconds_left))


def problem_html(message: str) -> str:
    """The message of a FootnoteError."""
    return _TEMPLATES.get_template("problem.html").render(message=message)


def _of_answer(answer: Answer | None) -> dict[str, Any]:
    """What the template of a finished answer needs."""
    return {
        "answer": answer,
        "counted": counted,
        "declined": DECLINED,
        "origin": _origin,
        "warning": retraction_warning([str(one.marker) for one in answer.retracted]) if answer else "",
        "collections_of": dict(answer.collections) if answer else {},
        "footnotes": lambda claim: _footnotes(answer, claim) if answer else (),
    }


def _stages(answer: Answer | None) -> list[tuple[str, str]]:
    """Writing and checking are listed once they have begun: quotations need neither."""
    count = answer.papers_read if answer else 0
    reading = f"Reading {counted(count, 'paper')}" if count else "Reading"
    is_written = answer is not None and answer.stage in ("writing", "checking")
    written = [("writing", "Writing"), ("checking", "Checking")] if is_written else []
    return [("searching", "Searching"), ("reading", reading), *written]


def _footnotes(answer: Answer, claim: Claim | ShortAnswer) -> list[Footnote]:
    found = []
    for marker in answer.markers_of(claim):
        paper = answer.citations[marker - 1].paper
        quotes = [item for item in claim.evidence if item.paper.paper_id == paper.paper_id]
        text = " … ".join(paper.record if quote.is_record else f"“{quote.text}”" for quote in quotes)
        start = next((quote.start for quote in quotes if not quote.is_record), -1)
        found.append(Footnote(marker, paper.title, start, text))
    return found


def _pieces(
    paper: Paper, quotes: Sequence[Evidence], current: int, roles: Mapping[tuple[int, int], Role]
) -> Iterator[Piece]:
    """The abstract in pieces, cut where a quotation begins or ends and where a role begins."""
    labels = dict(_labels(paper.abstract, roles))
    cuts = {0, *labels, *(place for item in quotes for place in (item.start, item.end)), len(paper.abstract)}
    for start, end in pairwise(sorted(cuts)):
        over = [item for item in quotes if item.start <= start and end <= item.end]
        is_current = any(item.start == current for item in over)
        yield Piece(paper.abstract[start:end], bool(over), is_current, labels.get(start, ""))


def _labels(abstract: str, roles: Mapping[tuple[int, int], Role]) -> Iterator[tuple[int, Role]]:
    """The sentences whose role is not that of the sentence before and is not said by a heading: start and role."""
    last: Role | None = None
    place = 0
    for (start, end), role in sorted(roles.items()):
        if role != last and not abstract[place:start].strip():
            yield start, role
        last, place = role, end


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
