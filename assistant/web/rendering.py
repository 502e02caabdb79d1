"""Answers to HTML. Every text of papers, people and models is escaped here and nowhere else.

Each function gives one line without blank lines, so that a Markdown renderer leaves it alone.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from assistant.presentation import decline
from assistant.records import Answer, Citation, Claim, Evidence, Paper, Stage

_STAGES: dict[Stage, str] = {"searching": "Searching the papers …", "writing": "Writing …", "checking": "Checking …"}
_SUPPORT = {
    "supported": ("checked", "The assistant's words, checked against the footnote"),
    "quoted": ("quoted", "The paper's own words"),
}


def answer_html(answer: Answer) -> str:
    """A growing or finished answer."""
    if answer.stopped:
        return _block('<p class="fn-status">Stopped.</p>')
    if answer.stage != "done":
        draft = f'<p class="fn-draft">{_text(answer.draft)}</p>' if answer.draft else ""
        return _block(f'<p class="fn-status">{_STAGES[answer.stage]}</p>{draft}')
    if answer.abstained:
        return _block(f'<p class="fn-declined">{_text(decline(answer))}</p>')
    claims = "".join(_claim(answer, claim) for claim in answer.claims)
    footnotes = "".join(_footnote(citation) for citation in answer.citations)
    return _block(f'{claims}<div class="fn-notes">{footnotes}</div>{_dropped(answer)}')


def question_html(question: str) -> str:
    return _block(f"<p>{_text(question)}</p>")


def problem_html(message: str) -> str:
    """A message for the person, of an error that was expected."""
    return _block(f'<p class="fn-problem">{_text(message)}</p>')


def _claim(answer: Answer, claim: Claim) -> str:
    label, meaning = _SUPPORT[claim.support]
    quotation = " ".join(item.text for item in claim.evidence)
    markers = "".join(
        f'<sup class="fn-marker" title="{_text(quotation)}">[{marker}]</sup>' for marker in answer.markers_of(claim)
    )
    words = f"“{_text(claim.text)}”" if claim.support == "quoted" else _text(claim.text)
    lead = f'<span class="fn-lead">{_text(claim.lead)}</span>' if claim.lead else ""
    badge = f'<span class="fn-badge fn-{label}" title="{meaning}; support {claim.score:.2f}">{label}</span>'
    return f'<p class="fn-claim">{lead}{words} {markers} {badge}</p>'


def _footnote(citation: Citation) -> str:
    paper = citation.paper
    year = f" ({paper.year})" if paper.year else ""
    quotes = "".join(f"<blockquote>“{_text(quote.text)}”</blockquote>" for quote in citation.quotes)
    return (
        f"<details><summary>[{citation.marker}] {_text(paper.title)}{year}</summary>"
        f'<p class="fn-abstract">{_marked(paper, citation.quotes)}</p>{_link(paper)}</details>{quotes}'
    )


def _marked(paper: Paper, quotes: tuple[Evidence, ...]) -> str:
    """The abstract with the cited sentences marked."""
    parts: list[str] = []
    place = 0
    for quote in sorted(quotes, key=lambda quote: quote.start):
        parts += [_text(paper.abstract[place : quote.start]), f"<mark>{_text(quote.text)}</mark>"]
        place = quote.end
    return "".join([*parts, _text(paper.abstract[place:])])


def _link(paper: Paper) -> str:
    try:
        scheme = urlsplit(paper.url).scheme
    except ValueError:  # http://[
        return ""
    if scheme not in ("http", "https"):
        return ""
    return f'<p><a href="{_text(paper.url)}" target="_blank" rel="noopener noreferrer">{_text(paper.url)}</a></p>'


def _dropped(answer: Answer) -> str:
    if not answer.dropped:
        return ""
    items = "".join(f"<li>{_text(item.text)} — {_text(item.reason)}</li>" for item in answer.dropped)
    summary = f"<summary>Left out as unsupported: {len(answer.dropped)}</summary>"
    return f'<details class="fn-dropped">{summary}<ul>{items}</ul></details>'


def _block(inner: str) -> str:
    return f'<div class="fn">{inner}</div>'


def _text(text: str) -> str:
    return re.sub(r"\s+", " ", escape(text, quote=True))
