"""The nouns of Footnote: the values that its stages pass on to each other.

    Paper      title, abstract and bibliographic record of one paper
    Chunk      a part of an abstract that is embedded as one text: a passage, or one sentence (its ``Grain``)
    Evidence   a sentence of an abstract that an answer may use, with its ``Role``, or the record of a paper
    Retrieval  what a search found for a question: ranked papers, evidence, and numbers about the search
    FoundSide  one of the things that a question compares, with the best paper about it
    Claim      one sentence of an answer, with the evidence for it and how it is supported (``Support``)
    Verdict    the result of checking a claim against its evidence
    Dropped    a sentence of the model that the check refused
    ShortAnswer  "yes", "no" or "mixed" before the sentences, with the findings of one paper that say so
    Citation   a footnote: a paper, and the quotations from it that the claims of the answer are based on
    Answer     all of this for one question; it grows while it is written, through its ``Stage``s

Evidence is an offset into a stored abstract, and its text is always cut from there: no stage can make a footnote open
words that the paper does not contain. All classes are frozen and import the standard library only.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Grain = Literal["passage", "sentence"]  # a passage is several sentences, embedded with the title before them
Support = Literal["supported", "quoted", "record"]
"""``supported``: words of the model that passed the check. ``quoted``: words of the abstract itself. ``record``: what
the bibliographic record of the paper says."""
Form = Literal["prose", "list"]
"""``list``: one claim per line, as an answer to "Which papers ...?"."""
Role = Literal["background", "aim", "method", "result", "conclusion"]
"""What a sentence of an abstract is for: what was known before, what the paper set out to do, how, what it found, and
what follows from it."""
ROLES: frozenset[Role] = frozenset(get_args(Role))
FINDINGS: frozenset[Role] = frozenset({"result", "conclusion"})
NO_FINDINGS: frozenset[Role] = frozenset({"background", "aim"})
Stage = Literal["searching", "reading", "writing", "checking", "done"]  # reading: the reranker scores sentences


def paper_id_of(title: str) -> str:
    """A stable id from a title: readable words, and eight hex digits of the SHA-1 of the normalised title.

    Titles that differ only in case, punctuation, white space or the encoding of accents have the same id.
    """
    normal = " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold()))
    digest = hashlib.sha1(normal.encode("utf-8"), usedforsecurity=False).hexdigest()[:8]
    ascii_form = unicodedata.normalize("NFKD", normal).encode("ascii", "ignore").decode("ascii")
    slug = "-".join(re.findall(r"[a-z0-9]+", ascii_form))[:48].strip("-")
    return f"{slug or 'paper'}-{digest}"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as its source describes it. All texts are untrusted; unknown fields are empty, or None for the year."""

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
        """The bibliographic record on one line: authors, venue, year and one identifier, as far as they are known."""
        published = ", ".join(filter(None, [self.venue, str(self.year or "")]))
        numbers = {"DOI": self.doi, "arXiv": self.arxiv_id, "PMID": self.pmid}
        number = next((f"{name} {value}" for name, value in numbers.items() if value), "")
        line = ". ".join(filter(None, [", ".join(self.authors), published, number]))
        return " ".join(line.split())

    @property
    def content_hash(self) -> str:
        """SHA-256 over all fields but the id: a paper with an equal hash does not have to be indexed again.

        ``is_retracted`` counts only when it is true, so that hashes from before this field existed stay valid.
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
    """The part ``abstract[start:end]`` of a paper, which is embedded as one text. Offsets count characters."""

    paper_id: str
    grain: Grain
    start: int
    end: int

    @property
    def chunk_id(self) -> str:
        return f"{self.paper_id}:{self.grain}:{self.start}:{self.end}"


def paper_of_chunk(chunk_id: str) -> str:
    """The id of the paper of a chunk; it may contain colons. The id of a paper itself is returned unchanged."""
    return chunk_id.rsplit(":", 3)[0]


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """A paper and its score in a search; higher is better, and only scores of one search can be compared."""

    paper: Paper
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that an answer may be based on: ``paper.abstract[start:end]``. A higher ``score`` is better.

    An empty range (``start == end``) stands for the paper's bibliographic record. ``role`` is empty if it is unknown.
    """

    paper: Paper
    start: int
    end: int
    score: float = 0.0
    role: Role | Literal[""] = ""

    @property
    def text(self) -> str:
        return self.paper.abstract[self.start : self.end]

    @property
    def is_record(self) -> bool:
        return self.start == self.end

    @property
    def place(self) -> tuple[str, int, int]:
        """The id of the paper and the offsets: the same for two pieces of evidence with the same words."""
        return (self.paper.paper_id, self.start, self.end)


@dataclass(frozen=True, slots=True)
class FoundSide:
    """One of the things that a question compares, or one of its two parts, and the id of the best paper about it.

    ``paper_id`` is empty if no paper mentions the name of the side. ``query``: the question without the other sides.
    ``candidates``: ids of papers about the side with their search scores, best first.
    """

    name: str
    paper_id: str
    query: str = ""
    candidates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a search found for a question: papers and evidence, best first.

    ``signals``: numbers about the search, by name; the gate decides from them and the wording of the question.
    ``sides``: what the question compares, or its two parts if two papers answer them; often empty. ``splits``: ways to
    split a question without sides in two parts, of which the reranker finds out whether two papers answer them.
    """

    papers: tuple[RankedPaper, ...]
    evidence: tuple[Evidence, ...]
    signals: dict[str, float] = field(default_factory=dict)
    sides: tuple[FoundSide, ...] = ()
    splits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of checking a claim. ``score`` is between 0 and 1; ``reason`` names the rule that decided."""

    supported: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer and the evidence for it.

    ``score``: how well the evidence supports it, between 0 and 1; a quotation and a record have 1. ``lead``: the title
    or the name of the paper before a quotation or a record in a list, or who says a quotation in prose. ``is_more``:
    does it only add to the answer, so that it is shown on request?
    """

    text: str
    evidence: tuple[Evidence, ...]
    support: Support
    score: float
    lead: str = ""
    is_more: bool = False

    @property
    def purpose(self) -> str:
        """What its evidence is in the paper, if that is not something the paper found: "Background" or "Aim"."""
        roles = {item.role for item in self.evidence}
        if not roles or not roles <= NO_FINDINGS:
            return ""
        return "Background" if "background" in roles else "Aim"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that the model wrote and the check refused, kept so that a user can see why."""

    text: str
    reason: str


ShortWord = Literal["yes", "no", "mixed", "unclear"]
_SHORT_LABELS: Mapping[ShortWord, str] = {"yes": "Yes", "no": "No", "mixed": "Mixed", "unclear": "Not clear from this"}


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """What the findings of one paper answer to a yes/no question. ``probability``: that this is right."""

    word: ShortWord
    evidence: tuple[Evidence, ...]
    probability: float

    @property
    def label(self) -> str:
        return _SHORT_LABELS[self.word]


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: a paper, and the quotations from it that the claims of the answer are based on.

    ``marker``: its number in the answer, from 1. ``rests_on_record``: is a claim based on the record of the paper?
    """

    marker: int
    paper: Paper
    quotes: tuple[Evidence, ...]
    rests_on_record: bool = False


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall-clock seconds from the question to the end of each step; ``first_token``: to the first words to show."""

    retrieve: float = 0.0
    first_token: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A growing or finished answer.

    ``draft``: unchecked text of the sentence that is being written; empty once the answer is done. ``retrieved``: the
    papers that the search found, best first. ``abstained``: was the question declined? ``stopped``: did a user stop
    it? ``confidence``: the gate's probability that the papers answer the question.
    """

    question: str
    stage: Stage = "searching"
    draft: str = ""
    short: ShortAnswer | None = None
    """The answer to a yes/no question in a word; its evidence is that of claims. None where that is not sure enough."""
    claims: tuple[Claim, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    form: Form = "prose"
    abstained: bool = False
    reason: str = ""
    """Why the question was declined, in one sentence for the user; empty for the general reason."""
    notice: str = ""
    """What the user must know before reading the answer, in one sentence; empty if there is nothing to say."""
    failure: str = ""
    """Why the language model failed, if it did: quotations then replace what it did not write."""
    nearest: tuple[Evidence, ...] = ()
    """Of a declined question: the few sentences that come nearest to an answer, best first. They do not answer it."""
    stopped: bool = False
    confidence: float = 0.0
    retrieved: tuple[RankedPaper, ...] = ()
    papers_read: int = 0
    """The number of papers from which the reranker read sentences."""
    seconds: Seconds = Seconds()
    model: str = ""
    index: str = ""
    collection: str = ""
    """The collection that was asked; empty for all papers."""
    collections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The collections that the cited papers are in: pairs of a paper's id and names."""

    @property
    def retracted(self) -> tuple[Citation, ...]:
        """The footnotes of retracted papers."""
        return tuple(citation for citation in self.citations if citation.paper.is_retracted)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """One footnote per paper, numbered in the order in which the claims first cite the papers."""
        return _citations(evidence for claim in self.claims for evidence in claim.evidence)

    @property
    def opening(self) -> tuple[Claim, ...]:
        """The claims that are shown at once."""
        return tuple(claim for claim in self.claims if not claim.is_more)

    @property
    def more(self) -> tuple[Claim, ...]:
        """The claims that are shown on request."""
        return tuple(claim for claim in self.claims if claim.is_more)

    @property
    def nearest_citations(self) -> tuple[Citation, ...]:
        """The nearest sentences of a declined question as footnotes, one per paper."""
        return _citations(self.nearest)

    def markers_of(self, claim: Claim | ShortAnswer) -> tuple[int, ...]:
        """The footnote numbers of a claim or of the short answer, ascending."""
        cited = {evidence.paper.paper_id for evidence in claim.evidence}
        return tuple(citation.marker for citation in self.citations if citation.paper.paper_id in cited)

    @property
    def groundedness(self) -> float:
        """The mean score of the claims; 1.0 if there are none."""
        return sum(claim.score for claim in self.claims) / len(self.claims) if self.claims else 1.0


def _citations(cited: Iterable[Evidence]) -> tuple[Citation, ...]:
    by_paper: dict[str, dict[tuple[str, int, int], Evidence]] = {}
    for evidence in cited:
        by_paper.setdefault(evidence.paper.paper_id, {}).setdefault(evidence.place, evidence)
    return tuple(_citation(marker, list(places.values())) for marker, places in enumerate(by_paper.values(), start=1))


def _citation(marker: int, evidence: Sequence[Evidence]) -> Citation:
    quotes = tuple(item for item in evidence if not item.is_record)
    return Citation(marker, evidence[0].paper, quotes, len(quotes) < len(evidence))
