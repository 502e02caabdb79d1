"""Questions with their answers' JSON, as the evals score them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evals.questions import EvalQuestion
from evals.runs.answers import Scored

ABSTRACTS = {"hens": "Hens lay brown eggs daily. They have 2 legs.", "cows": "Cows give milk."}


def asked(question_id: str = "eggs", gold: tuple[str, ...] = ("hens",), **more: Any) -> EvalQuestion:
    """A question with the facts "brown or white" and "weekly"; unanswerable without ``gold``."""
    kind = "single" if gold else "unanswerable"
    facts = (("brown", "white"), ("weekly",)) if gold else ()
    question = EvalQuestion(question_id, kind, f"What of {question_id}?", (), gold, (), facts, (), "tune")
    return replace(question, **more)


def cites(marker: int, paper_id: str, *quotes: str) -> dict[str, Any]:
    """A footnote whose quotations are where they are in the abstract."""
    starts = [ABSTRACTS[paper_id].find(quote) for quote in quotes]
    spans = [
        {"text": text, "start": start, "end": start + len(text)} for text, start in zip(quotes, starts, strict=True)
    ]
    return {"marker": marker, "paper_id": paper_id, "title": paper_id.title(), "url": "", "quotes": spans}


def claims(text: str, *markers: int, support: str = "quoted") -> dict[str, Any]:
    return {"text": text, "markers": list(markers), "support": support, "score": 1.0}


def said(text: str = "Hens lay brown eggs daily. [1]", **changes: Any) -> dict[str, Any]:
    """An answer's JSON: a quotation about hens with its footnote."""
    return {
        "answer": text,
        "abstained": False,
        "confidence": 0.9,
        "citations": [cites(1, "hens", "Hens lay brown eggs daily.")],
        "claims": [claims("Hens lay brown eggs daily.", 1)],
        "retrieved": [{"paper_id": "hens", "title": "Hens", "score": 1.0}],
        "groundedness": 1.0,
        "seconds": {"retrieve": 0.1, "first_token": 0.2, "total": 0.3},
    } | changes


def declined(**changes: Any) -> dict[str, Any]:
    empty = {"citations": [], "claims": [], "abstained": True, "confidence": 0.1}
    return said("The indexed papers do not answer this question.") | empty | changes


def scored(question: EvalQuestion, answer: dict[str, Any]) -> Scored:
    return Scored(question, answer, ABSTRACTS)
