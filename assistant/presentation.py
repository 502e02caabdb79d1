"""Shows answers as plain text and as JSON, for the terminal and for programs. The page has its own templates.

``answer_json`` stores whole answers instead, so that they can be read back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

from assistant.records import Answer, Citation, Claim, Evidence, Form, Paper, RankedPaper, ShortAnswer
from assistant.text.author_names import byline
from assistant.text.tokens import enumeration

Cited = TypeVar("Cited", Evidence, RankedPaper)
_NEAREST_PAPERS = 3
DECLINED = "The indexed papers do not answer this question."


def decline(answer: Answer) -> str:
    """The text in place of an answer: why the question was declined, and the nearest papers."""
    reason = answer.reason or DECLINED
    nearest = "; ".join(_nearest(ranked.paper) for ranked in answer.retrieved[:_NEAREST_PAPERS])
    return f"{reason} Nearest papers: {nearest}." if nearest else reason


def _nearest(paper: Paper) -> str:
    cited_as = byline(paper.authors, paper.year)
    return f"“{paper.title}” ({cited_as})" if cited_as else f"“{paper.title}”"


def claim_text(answer: Answer, claim: Claim) -> str:
    """A claim with its footnote markers; a quotation in quotation marks."""
    return f"{claim_words(claim)} {_markers(answer, claim)}".strip()


def claim_words(claim: Claim) -> str:
    """A claim without its markers."""
    return _before(claim) + (f"“{claim.text}”" if claim.support == "quoted" else claim.text)


def _before(claim: Claim) -> str:
    """What stands before the words: the paper's title or name, and that they are its background or its aim."""
    return "".join(f"{part}: " for part in (claim.lead, claim.purpose) if part)


def as_text(answer: Answer) -> str:
    """The answer in plain text with [n] markers, after the warnings that a user must read first."""
    warning = retraction_warning([f"[{citation.marker}]" for citation in answer.retracted])
    asked = f"From the collection {answer.collection}:" if answer.collection else ""
    return "\n".join(filter(None, [warning, answer.notice, asked, body_text(answer)]))


def with_retractions(answer: Answer, paper_ids: Collection[str]) -> Answer:
    """The answer with these of its papers marked as retracted: a retraction can become known after the answer."""
    if not paper_ids:
        return answer

    def marked(items: Iterable[Cited]) -> tuple[Cited, ...]:
        return tuple(
            replace(item, paper=replace(item.paper, is_retracted=True)) if item.paper.paper_id in paper_ids else item
            for item in items
        )

    claims = tuple(replace(claim, evidence=marked(claim.evidence)) for claim in answer.claims)
    short = answer.short and replace(answer.short, evidence=marked(answer.short.evidence))
    retrieved, nearest = marked(answer.retrieved), marked(answer.nearest)
    return replace(answer, claims=claims, short=short, retrieved=retrieved, nearest=nearest)


def retraction_warning(markers: Sequence[str]) -> str:
    """The warning above an answer that cites retracted papers. ``markers``: their footnotes; empty without any."""
    if not markers:
        return ""
    papers = "a retracted paper" if len(markers) == 1 else "retracted papers"
    return f"This answer cites {papers}: {enumeration(markers)}."


def body_text(answer: Answer) -> str:
    """The claims with their markers, or why there are none, in plain text."""
    more = ["More:", _claims_text(answer, answer.more)] if answer.more else []
    return "\n".join(filter(None, [opening_text(answer), *more]))


def opening_text(answer: Answer) -> str:
    """What is shown at once: the short answer, if there is one, and the first claims, or why there are none."""
    if answer.abstained:
        return decline(answer)
    short = f"{answer.short.label} {_markers(answer, answer.short)}:" if answer.short else ""
    return " ".join(filter(None, [short, _claims_text(answer, answer.opening)]))


def _markers(answer: Answer, claim: Claim | ShortAnswer) -> str:
    return "".join(f"[{marker}]" for marker in answer.markers_of(claim))


def _claims_text(answer: Answer, claims: Sequence[Claim]) -> str:
    return in_form([claim_text(answer, claim) for claim in claims], answer.form)


def in_form(texts: Sequence[str], form: Form) -> str:
    """The texts of claims as one text: one line each in a list, one after another in prose."""
    return "\n".join(f"- {text}" for text in texts) if form == "list" else " ".join(texts)


def footnotes(answer: Answer) -> str:
    """The numbered papers below an answer, each with the words that are cited from it.

    Below a declined question, these are the nearest sentences, without numbers.
    """
    lines = ["Nearest sentences, which do not answer the question:"] if answer.nearest else []
    lines += [f"    “{item.text}” ({item.paper.title})" for item in answer.nearest]
    collections_of = dict(answer.collections)
    for citation in answer.citations:
        year = f" ({citation.paper.year})" if citation.paper.year else ""
        retracted = ", retracted" if citation.paper.is_retracted else ""
        collections = "".join(f" · {name}" for name in collections_of.get(citation.paper.paper_id, ()))
        lines.append(f"[{citation.marker}] {citation.paper.title}{year}{retracted}{collections}")
        lines += [f"    Record: {citation.paper.record}"] * citation.rests_on_record
        lines += [f"    “{quote.text}”" for quote in citation.quotes]
    return "\n".join(lines)


def evidence_json(item: Evidence) -> dict[str, Any]:
    return {"text": item.text, "start": item.start, "end": item.end, "role": item.role}


def paper_json(paper: Paper, collections: Sequence[str] = (), links: Sequence[str] = ()) -> dict[str, Any]:
    """All fields of a paper as JSON values, the names of its collections, and the links that open it in Zotero."""
    more = {"authors": list(paper.authors), "collections": list(collections), "links": list(links)}
    return {**asdict(paper), **more}


def _short_json(answer: Answer, short: ShortAnswer) -> dict[str, Any]:
    return {
        "word": short.word,
        "markers": list(answer.markers_of(short)),
        "quotes": [evidence_json(item) for item in short.evidence],
        "probability": round(short.probability, 4),
    }


def _citation_json(answer: Answer, citation: Citation) -> dict[str, Any]:
    paper = citation.paper
    return {
        "marker": citation.marker,
        "paper_id": paper.paper_id,
        "title": paper.title,
        "url": paper.url,
        "is_retracted": paper.is_retracted,
        "collections": list(dict(answer.collections).get(paper.paper_id, ())),
        "record": paper.record if citation.rests_on_record else "",
        "quotes": [evidence_json(quote) for quote in citation.quotes],
    }


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values. For every quote, ``text == abstract[start:end]``."""
    return {
        "question": answer.question,
        "collection": answer.collection,
        "answer": as_text(answer),
        "opening": opening_text(answer),
        "short": answer.short and _short_json(answer, answer.short),
        "abstained": answer.abstained,
        "reason": answer.reason,
        "notice": answer.notice,
        "failure": answer.failure,
        "retracted": [citation.marker for citation in answer.retracted],
        "confidence": round(answer.confidence, 4),
        "citations": [_citation_json(answer, citation) for citation in answer.citations],
        "claims": [
            {
                "text": f"{claim.lead}: {claim.text}" if claim.lead else claim.text,
                "markers": list(answer.markers_of(claim)),
                "support": claim.support,
                "score": round(claim.score, 4),
                "is_more": claim.is_more,
            }
            for claim in answer.claims
        ],
        "nearest": [{"paper_id": item.paper.paper_id, **evidence_json(item)} for item in answer.nearest],
        "retrieved": [
            {"paper_id": ranked.paper.paper_id, "title": ranked.paper.title, "score": round(ranked.score, 4)}
            for ranked in answer.retrieved
        ],
        "groundedness": round(answer.groundedness, 4),
        "seconds": {
            "retrieve": round(answer.seconds.retrieve, 4),
            "first_token": round(answer.seconds.first_token, 4),
            "total": round(answer.seconds.total, 4),
        },
        "model": answer.model,
        "index": answer.index,
    }
