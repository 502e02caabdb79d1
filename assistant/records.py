"""The nouns of Footnote: what every stage takes and gives. Standard library only, frozen, no behaviour beyond
what follows from the fields.

A citation is an offset: ``Evidence`` holds a paper and ``[start, end)`` into its stored abstract, and its text is
always cut from there, so no stage can make a footnote open words that the paper does not hold.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Grain = Literal["passage", "sentence"]
Support = Literal["supported", "quoted", "record"]
Form = Literal["prose", "list"]
Stage = Literal["searching", "reading", "writing", "checking", "done"]


def paper_id_of(title: str) -> str:
    """A stable id from a title: readable words and eight hex digits of the SHA-1 of its normalised form.

    Case, accents' encoding, punctuation and white space do not change it.
    """
    normal = " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold()))
    digest = hashlib.sha1(normal.encode("utf-8"), usedforsecurity=False).hexdigest()[:8]
    ascii_form = unicodedata.normalize("NFKD", normal).encode("ascii", "ignore").decode("ascii")
    slug = "-".join(re.findall(r"[a-z0-9]+", ascii_form))[:48].strip("-")
    return f"{slug or 'paper'}-{digest}"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as it was read. ``title`` and ``abstract`` are verbatim and untrusted text."""

    paper_id: str
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    url: str = ""
    doi: str = ""
    arxiv_id: str = ""
    pmid: str = ""
    is_retracted: bool = False

    @property
    def record(self) -> str:
        """Its authors, venue, year and number, as far as known, on one line; empty when none is."""
        published = ", ".join(filter(None, [self.venue, str(self.year or "")]))
        numbers = {"DOI": self.doi, "arXiv": self.arxiv_id, "PMID": self.pmid}
        number = next((f"{name} {value}" for name, value in numbers.items() if value), "")
        line = ". ".join(filter(None, [", ".join(self.authors), published, number]))
        return " ".join(line.split())

    @property
    def content_hash(self) -> str:
        """SHA-256 over all fields: equal hashes mean there is nothing to index again.

        A paper that is not retracted has the hash that it had before this field existed.
        """
        parts = (
            self.title,
            self.abstract,
            *self.authors,
            str(self.year),
            self.venue,
            self.url,
            self.doi,
            self.arxiv_id,
            self.pmid,
            *(["retracted"] if self.is_retracted else []),
        )
        return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch ``abstract[start:end]`` of a paper that is embedded as one text."""

    paper_id: str
    grain: Grain
    start: int
    end: int

    @property
    def chunk_id(self) -> str:
        return f"{self.paper_id}:{self.grain}:{self.start}:{self.end}"


def paper_of_chunk(chunk_id: str) -> str:
    """The id of a chunk's paper, which may hold colons itself; of a paper's own id, the same."""
    return chunk_id.rsplit(":", 3)[0]


@dataclass(frozen=True, slots=True)
class RankedPaper:
    paper: Paper
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that an answer may rest on: ``paper.abstract[start:end]``.

    No words at all (``start == end``) stand for the paper's record: its title, authors, year, venue and numbers.
    """

    paper: Paper
    start: int
    end: int
    score: float = 0.0

    @property
    def text(self) -> str:
        return self.paper.abstract[self.start : self.end]

    @property
    def is_record(self) -> bool:
        return self.start == self.end

    @property
    def place(self) -> tuple[str, int, int]:
        """What makes two pieces of evidence the same words."""
        return (self.paper.paper_id, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a question found: papers and evidence, best first, and the signals the gate judges by."""

    papers: tuple[RankedPaper, ...]
    evidence: tuple[Evidence, ...]
    signals: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Does the evidence support a claim? ``score`` is 0-1; ``reason`` names the rule that decided."""

    supported: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer and the evidence it rests on.

    ``supported``: the model's words, checked. ``quoted``: the source's own words. ``record``: what the paper's record
    says. ``lead`` is the title that introduces a quotation or a record in a list of papers.
    """

    text: str
    evidence: tuple[Evidence, ...]
    support: Support
    score: float
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence the model wrote and the check refused, kept so that a person can see why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: one paper and the quotations of it that the answer's claims rest on.

    ``rests_on_record``: some claim rests on the paper's record.
    """

    marker: int
    paper: Paper
    quotes: tuple[Evidence, ...]
    rests_on_record: bool = False


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall-clock seconds since the question was asked; ``first_token`` is when the first words could be shown."""

    retrieve: float = 0.0
    first_token: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A growing or finished answer. ``draft`` is unchecked text of the sentence being written, empty once done."""

    question: str
    stage: Stage = "searching"
    draft: str = ""
    claims: tuple[Claim, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    form: Form = "prose"
    abstained: bool = False
    reason: str = ""
    """Why the question was declined, one sentence for the user; empty for the general one."""
    notice: str = ""
    """What the user must know before reading the answer, one sentence; empty when there is nothing to say."""
    stopped: bool = False
    confidence: float = 0.0
    retrieved: tuple[RankedPaper, ...] = ()
    papers_read: int = 0
    """Of how many papers the sentences were read."""
    seconds: Seconds = Seconds()
    model: str = ""
    index: str = ""

    @property
    def retracted(self) -> tuple[Citation, ...]:
        """The footnotes whose papers are retracted."""
        return tuple(citation for citation in self.citations if citation.paper.is_retracted)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One footnote a paper, numbered in the order the claims first cite them."""
        cited: dict[str, dict[tuple[str, int, int], Evidence]] = {}
        for claim in self.claims:
            for evidence in claim.evidence:
                cited.setdefault(evidence.paper.paper_id, {}).setdefault(evidence.place, evidence)
        return tuple(_citation(marker, list(places.values())) for marker, places in enumerate(cited.values(), start=1))

    def markers_of(self, claim: Claim) -> tuple[int, ...]:
        """The footnote numbers of a claim, ascending."""
        cited = {evidence.paper.paper_id for evidence in claim.evidence}
        return tuple(citation.marker for citation in self.citations if citation.paper.paper_id in cited)

    @property
    def groundedness(self) -> float:
        """Mean support score of the claims shown (a quotation scores 1); 1.0 when nothing is claimed."""
        return sum(claim.score for claim in self.claims) / len(self.claims) if self.claims else 1.0


def _citation(marker: int, evidence: Sequence[Evidence]) -> Citation:
    quotes = tuple(item for item in evidence if not item.is_record)
    return Citation(marker, evidence[0].paper, quotes, len(quotes) < len(evidence))
