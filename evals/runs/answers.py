"""Scores whole answers to a question set: facts, citations, abstention, times.

The assistant is asked through the same code as by users. Each answer is stored, so a repeated run asks only what is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.answering.question import Turn
from assistant.answering.verification import Verifier
from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_json
from assistant.system.progress import NamedProgress
from assistant.versions import answer_version
from evals.kept import Kept, key_of
from evals.metrics import (
    attribution,
    citation_precision,
    citation_recall,
    fact_recall,
    is_found,
    numbers_supported,
)
from evals.questions import EvalQuestion

MAIN_MEASURE = "facts in 120 words"
AUROC = "AUROC of confidence"
MEASURES = (
    AUROC,
    "right paper first",
    "right paper in first five",
    MAIN_MEASURE,
    "all facts",
    "facts at once",
    "citation precision",
    "citation recall",
    "ALCE citation recall",
    "ALCE citation precision",
    "groundedness",
    "quotations verbatim",
    "numbers supported",
    "with a sentence of the model",
    "unanswerable declined",
    "answerable declined",
    "words",
    "seconds to retrieve",
    "seconds to first words",
    "seconds in all",
)


class Answerer(Protocol):
    """Anything that answers questions: the assistant, or a baseline."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str:
        """Changes if anything changes that its answers depend on."""
        ...

    def answer(self, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """The answer as JSON (``assistant.presentation.as_json``); a baseline may leave out keys."""
        ...

    def abstract(self, paper_id: str) -> str: ...


@dataclass(frozen=True, slots=True)
class FootnoteAnswerer:
    """The assistant itself."""

    assistant: AnswerPipeline
    name: str = "footnote"

    @property
    def key(self) -> str:
        return answer_version(self.assistant)

    def answer(self, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        return as_json(self.assistant.ask_completely(question, history))

    def abstract(self, paper_id: str) -> str:
        papers = self.assistant.retriever.index.library.papers([paper_id])
        return papers[paper_id].abstract if paper_id in papers else ""


@dataclass(frozen=True, slots=True)
class Scored:
    """A question, its answer's JSON and the abstracts it cites."""

    question: EvalQuestion
    answer: dict[str, Any]
    abstracts: Mapping[str, str]

    @property
    def cited(self) -> list[str]:
        return [citation["paper_id"] for citation in self.answer["citations"]]

    @property
    def at_once(self) -> str:
        """What is shown at once; a baseline shows all of its answer."""
        text: str = self.answer.get("opening", self.answer["answer"])
        return text

    @property
    def ranked(self) -> list[str]:
        return [paper["paper_id"] for paper in self.answer["retrieved"]]


def run(answerer: Answerer, questions: Sequence[EvalQuestion], kept: Kept, progress: NamedProgress) -> list[Scored]:
    """Ask every question that has no stored answer, one after another."""
    scored = []
    for number, question in enumerate(questions, start=1):
        key = key_of(answerer.name, answerer.key, question.question, question.history)
        if key not in kept:
            kept[key] = answerer.answer(question.question, question.history)
        answer = kept[key]
        cited = [citation["paper_id"] for citation in answer["citations"]]
        scored.append(Scored(question, answer, {paper_id: answerer.abstract(paper_id) for paper_id in cited}))
        progress(f"asking {answerer.name}", number, len(questions))
    return scored


def values(scored: Sequence[Scored], verifier: Verifier) -> dict[str, dict[str, float]]:
    """Measure to question id to value; each measure only for the questions that it applies to.

    A declined answerable question has no fact; citations are judged only in answers.
    """
    found: dict[str, dict[str, float]] = {}
    for one in scored:
        for measure, value in _values_of(one, verifier).items():
            found.setdefault(measure, {})[one.question.question_id] = float(value)
    return found


def _values_of(one: Scored, verifier: Verifier) -> dict[str, float]:
    question, answer = one.question, one.answer
    seconds = {
        f"seconds {name}": answer["seconds"][key]
        for name, key in (("to retrieve", "retrieve"), ("to first words", "first_token"), ("in all", "total"))
        if key in answer["seconds"]
    }
    if not question.is_answerable:
        return {"unanswerable declined": answer["abstained"], **seconds}
    found = {
        "right paper first": is_found(one.ranked, question.right, depth=1),
        "right paper in first five": is_found(one.ranked, question.right, depth=5),
        **_facts_of(one),
        "answerable declined": answer["abstained"],
        **seconds,
    }
    return found if answer["abstained"] else found | _values_of_answered(one, verifier)


def _facts_of(one: Scored) -> dict[str, float]:
    """Empty for a question without facts, such as those exported from feedback."""
    if not one.question.facts:
        return {}
    if one.answer["abstained"]:
        return {MAIN_MEASURE: 0.0, "all facts": 0.0, "facts at once": 0.0}
    facts = fact_recall(one.answer["answer"], one.question.facts)
    at_once = fact_recall(one.at_once, one.question.facts)
    return {MAIN_MEASURE: facts, "all facts": facts == 1.0, "facts at once": at_once}


def _values_of_answered(one: Scored, verifier: Verifier) -> dict[str, float]:
    answer = one.answer
    claims = [(claim["text"], claim["markers"]) for claim in answer["claims"]]
    # As in ALCE, a source consists of its quotations, title and record: in a list, a quotation may begin with the title
    # or a part of it.
    sources = {
        citation["marker"]: [
            *(quote["text"] for quote in citation["quotes"]),
            citation["title"],
            citation.get("record", ""),
        ]
        for citation in answer["citations"]
    }
    recall, precision = attribution(
        claims,
        sources,
        lambda claim, sources: verifier.verify(claim, sources).supported,
    )
    found = {
        "citation precision": citation_precision(one.cited, one.question.right),
        "citation recall": citation_recall(one.cited, one.question.gold),
        "ALCE citation recall": recall,
        "ALCE citation precision": precision,
        "numbers supported": numbers_supported(claims, sources),
        "words": len(one.at_once.split()),
    }
    return found | _values_of_checked(one) if "groundedness" in answer else found


def _values_of_checked(one: Scored) -> dict[str, float]:
    """The measures of answers that contain quotations and scores."""
    answer = one.answer
    quotes = [
        quote["text"] == one.abstracts[citation["paper_id"]][quote["start"] : quote["end"]]
        for citation in answer["citations"]
        for quote in citation["quotes"]
    ]
    rests_on_records = all(claim["support"] == "record" for claim in answer["claims"])
    verbatim = {} if rests_on_records else {"quotations verbatim": sum(quotes) / len(quotes) if quotes else 0.0}
    return verbatim | {
        "groundedness": answer["groundedness"],
        "with a sentence of the model": any(claim["support"] == "supported" for claim in answer["claims"]),
    }


def risk_coverage(scored: Sequence[Scored]) -> tuple[list[float], list[float]]:
    """Coverage and risk, from answering only the most certain question to answering all of them.

    Risk is the mean share of facts missing among those answered; an unanswerable question answered misses all.
    (El-Yaniv and Wiener, 2010.) Answerable questions without facts are left out.
    """
    judged = [one for one in scored if one.question.facts or not one.question.is_answerable]
    by_confidence = sorted(judged, key=lambda one: -one.answer["confidence"])
    coverage, risk = [], []
    missed = 0.0
    for number, one in enumerate(by_confidence, start=1):
        is_answered = one.question.is_answerable and not one.answer["abstained"]
        missed += 1 - fact_recall(one.answer["answer"], one.question.facts) if is_answered else 1.0
        coverage.append(number / len(judged))
        risk.append(missed / number)
    return coverage, risk
