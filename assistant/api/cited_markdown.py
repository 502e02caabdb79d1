"""An answer as Markdown for chat programs, with the places in the text that rest on each paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assistant.export import escaped_markdown, link
from assistant.presentation import claim_words, decline, retraction_warning
from assistant.records import Answer, Citation, Claim, Paper


@dataclass(frozen=True, slots=True)
class Annotation:
    """``text[start:end]`` rests on the paper at this address. Offsets count characters."""

    start: int
    end: int
    url: str
    title: str

    def as_json(self) -> dict[str, Any]:
        place = {"start_index": self.start, "end_index": self.end, "url": self.url, "title": self.title}
        return {"type": "url_citation", "url_citation": place}


@dataclass(frozen=True, slots=True)
class CitedMarkdown:
    """``pieces`` joined are the whole text."""

    pieces: tuple[str, ...]
    annotations: tuple[Annotation, ...]

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def cited_markdown(answer: Answer, base: str) -> CitedMarkdown:
    """The answer with markers such as ``[1]``, then the numbered papers with the words that are cited.

    ``base``: the address of this server; a paper without an address of its own gets one here.
    """
    writing = _Writing(answer, base)
    warning = retraction_warning([f"[{citation.marker}]" for citation in answer.retracted])
    asked = f"From the collection {answer.collection}:" if answer.collection else ""
    for text in filter(None, (warning, answer.notice, asked)):
        writing.add(f"*{escaped_markdown(text)}*\n\n")
    if answer.abstained:
        writing.add(escaped_markdown(decline(answer)))
    if answer.short:
        markers = "".join(f"[{marker}]" for marker in answer.markers_of(answer.short))
        writing.add(f"**{answer.short.label}** {markers}: ")
    writing.add_claims(answer.opening)
    if answer.more:
        writing.add("\n\nMore:\n\n")
        writing.add_claims(answer.more)
    writing.add_sources(answer.citations)
    return CitedMarkdown(tuple(writing.pieces), tuple(writing.annotations))


class _Writing:
    def __init__(self, answer: Answer, base: str) -> None:
        self._answer, self._base = answer, base
        self.pieces: list[str] = []
        self.annotations: list[Annotation] = []
        self._length = 0

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self._length += len(text)

    def add_claims(self, claims: Iterable[Claim]) -> None:
        is_list = self._answer.form == "list"
        for number, claim in enumerate(claims):
            self.add(("\n" if number else "") + "- " if is_list else " " if number else "")
            start = self._length
            markers = "".join(f"[{marker}]" for marker in self._answer.markers_of(claim))
            self.add(f"{escaped_markdown(claim_words(claim))} {markers}")
            papers = {item.paper.paper_id: item.paper for item in claim.evidence}
            self.annotations += [
                Annotation(start, self._length, self._address(paper), paper.title) for paper in papers.values()
            ]

    def add_sources(self, citations: Iterable[Citation]) -> None:
        for citation in citations:
            paper = citation.paper
            year = f" ({paper.year})" if paper.year else ""
            retracted = ", retracted" if paper.is_retracted else ""
            title = f"[{escaped_markdown(paper.title)}]({self._address(paper)})"
            self.add(f"\n\n\\[{citation.marker}\\] {title}{year}{retracted}")
            if citation.rests_on_record:
                self.add(f"\n> {escaped_markdown(paper.record)}")
            for item in citation.quotes:
                self.add(f"\n> “{escaped_markdown(item.text)}”\n>")

    def _address(self, paper: Paper) -> str:
        return link(paper) or f"{self._base}api/v1/papers/{quote(paper.paper_id, safe='')}"
