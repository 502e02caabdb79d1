"""The tab of all papers: search, the HTML of one paper, and removal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.retrieval import Retriever
from assistant.index.library import Library, Order
from assistant.index.source_names import ZOTERO
from assistant.presentation import with_retractions
from assistant.records import Answer, Citation, Paper, Role
from assistant.web.rendering import counted, paper_html, problem_html, rows_html
from assistant.web.views import Data

_ROWS = 50
_NEAREST = 5


@dataclass(frozen=True, slots=True)
class PaperViews:
    """What the tab shows. The scripts of the page call the methods that take ``Data``."""

    retriever: Callable[[], Retriever]
    remove: Callable[[Sequence[str]], int]

    @property
    def library(self) -> Library:
        return self.retriever().index.library

    def is_indexed(self, paper_id: str) -> bool:
        return bool(self.library.papers([paper_id]))

    def find(self, data: Data) -> Data:
        """Some rows of the list as HTML, the number of all papers found, and a message with that number."""
        order: Order = data["order"]
        listing = self.library.find(
            str(data["query"]),
            order=order,
            years=(_year(data["from"]), _year(data["to"])),
            source=str(data["source"]),
            collection=str(data["collection"]),
            first=int(data["first"]),
            count=_ROWS,
        )
        message = counted(listing.total, "paper")
        return {"html": rows_html(listing.papers), "total": listing.total, "message": message}

    def sources(self, _: Data) -> Data:
        """The files that papers came from, each with a label, and the first and the last year, if any is known."""
        names = [(source, f"{_label(source)} ({count})") for source, count in self.library.sources().items()]
        return {"names": names, "years": self.library.years()}

    def collections(self, _: Data) -> Data:
        """The collections, each with a label that has its number of papers."""
        counts = self.library.source_table.collections()
        return {"names": [(name, f"{name} ({count})") for name, count in counts.items()]}

    def paper(self, data: Data) -> str:
        """The HTML of a paper; ``can_remove`` adds a button that removes it."""
        return self.page(str(data["paper"]), can_remove=bool(data.get("can_remove")))

    def page(self, paper_id: str, *, can_remove: bool = False) -> str:
        """The HTML of a paper and the titles of its nearest papers."""
        found = self.library.papers([paper_id]).get(paper_id)
        if found is None:
            return problem_html("This paper is no longer indexed.")
        nearest = self.retriever().nearest(found, _NEAREST)
        return paper_html(
            found,
            can_remove=can_remove,
            nearest=nearest,
            roles=self.roles_of(found),
            zotero=self.links_of(paper_id),
            collections=self.collections_of(paper_id),
        )

    def links_of(self, paper_id: str) -> tuple[str, ...]:
        """The links that open a paper in Zotero."""
        return self.library.links_of([paper_id]).get(paper_id, ())

    def collections_of(self, paper_id: str) -> tuple[str, ...]:
        """The collections that a paper is in now."""
        return self.library.source_table.collections_of([paper_id]).get(paper_id, ())

    def roles_of(self, paper: Paper) -> dict[tuple[int, int], Role]:
        """The roles of the sentences of a paper, by their offsets; none if another abstract is indexed."""
        indexed = self.library.papers([paper.paper_id]).get(paper.paper_id)
        if indexed is None or indexed.abstract != paper.abstract:
            return {}
        found = self.library.roles.of_papers([paper.paper_id])
        return {(start, end): role for (_, start, end), role in found.items()}

    def with_retractions(self, answer: Answer) -> Answer:
        """The answer with those of its papers marked that were retracted after it was made."""
        cited = [citation.paper for citation in answer.citations]
        shown = cited + [ranked.paper for ranked in answer.retrieved] + [item.paper for item in answer.nearest]
        papers = self.library.papers(paper.paper_id for paper in shown)
        return with_retractions(answer, {paper_id for paper_id, paper in papers.items() if paper.is_retracted})

    def cited(self, citation: Citation, start: int) -> str:
        """The HTML of a paper as it was when it was cited, with its quotations; the one at ``start`` stands out."""
        return paper_html(
            citation.paper,
            is_indexed=self.is_indexed(citation.paper.paper_id),
            quotes=citation.quotes,
            current=start,
            is_record_cited=citation.rests_on_record,
            roles=self.roles_of(citation.paper),
            zotero=self.links_of(citation.paper.paper_id),
            collections=self.collections_of(citation.paper.paper_id),
        )

    def remove_papers(self, data: Data) -> str:
        """Removes papers; gives the message for the user."""
        count = self.remove([str(paper_id) for paper_id in data["ids"]])
        return f"{counted(count, 'paper')} removed."


def _label(source: str) -> str:
    """How the filter names a source: Zotero, or a file without its folder."""
    return "Zotero" if source == ZOTERO else source.rsplit("/", 1)[-1]


def _year(value: Any) -> int | None:
    """The value of a field for a year, or None until all four digits are typed."""
    return int(value) if str(value).isdecimal() and len(str(value)) == 4 else None
