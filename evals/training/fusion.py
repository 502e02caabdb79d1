"""Prints what weights and margins of reranking and selection reach on ``tune``: ``python -m evals.training.fusion``.

Searches and logits are computed once for each question; then the weights of a logit and the margins of the selection
are varied. Facts are counted in the quotations that would be selected, whatever the gate says. The margin of two-part
questions is varied last, on all of ``comparisons.jsonl`` too, whatever the split.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
from tqdm import tqdm

from assistant.answering import reranking, selection
from assistant.answering.question import standalone_question
from assistant.answering.reranking import AbstractReranker, open_reranker
from assistant.answering.retrieval import Retriever
from assistant.answering.selection import requested_form, select
from assistant.assistant import Assistant
from assistant.interfaces import Abstract, SentenceScorer
from assistant.records import Retrieval
from assistant.settings import PACKAGED
from evals.metrics import citation_precision, fact_recall, is_found
from evals.questions import COMPARISONS_PATH, PATH, PLAIN_PATH, SPLITS, EvalQuestion, load

PAPER_WEIGHTS = (0.05, 0.1, 0.13, 0.16, 0.2)
SENTENCE_WEIGHTS = (0.05, 0.1, 0.15, 0.25)
SENTENCE_MARGINS = (0.4, 0.6, 0.9)
PARTS_MARGINS = (0.1, 0.2, 0.3, 0.4, np.inf)

Asked = tuple[EvalQuestion, Retrieval]
"""A question and its search."""


class Remembering:
    """A scorer that computes the logits of an abstract for a question once."""

    def __init__(self, scorer: SentenceScorer) -> None:
        self._scorer = scorer
        self._known: dict[tuple[str, Abstract], list[float]] = {}

    def logits(self, questions: Sequence[str], abstracts: Sequence[Abstract]) -> list[list[list[float]]]:
        """As those of the scorer, which reads each question alone."""
        return [[self._logits(question, abstract) for abstract in abstracts] for question in questions]

    def _logits(self, question: str, abstract: Abstract) -> list[float]:
        if (question, abstract) not in self._known:
            self._known[question, abstract] = self._scorer.logits([question], [abstract])[0][0]
        return self._known[question, abstract]


def ask_all(reranker: AbstractReranker, retriever: Retriever, questions: Iterable[EvalQuestion]) -> list[Asked]:
    """The search of each question; the reranker reads what it found."""
    asked = []
    for question in tqdm(list(questions), desc="asking"):
        found = retriever.retrieve(question.question, question.history)
        reranker.rerank(_text(question), found)
        asked.append((question, found))
    return asked


def _text(question: EvalQuestion) -> str:
    return standalone_question(question.question, question.history)


def scores(reranker: AbstractReranker, asked: Sequence[Asked], word_budget: int) -> dict[str, float]:
    """Means over the answerable questions, with the weights and margins that are set now."""
    first, facts, precision = [], [], []
    for question, found in asked:
        reranked = reranker.rerank(_text(question), found)
        request = requested_form(question.question, reranked.sides)
        chosen = select(request, reranked.papers, reranked.evidence, word_budget, reranked.sides)
        ranked = [ranked.paper.paper_id for ranked in reranked.papers]
        first.append(is_found(ranked, question.right, depth=1))
        cited = list(dict.fromkeys(item.paper.paper_id for item in chosen))
        precision.append(citation_precision(cited, question.right))
        if question.facts:
            facts.append(fact_recall(" ".join(item.text for item in chosen), question.facts))
    return {
        "first": float(np.mean(first)),
        "facts": float(np.mean(facts)),
        "precision": float(np.mean(precision)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--split", default="tune", choices=SPLITS)
    options = parser.parse_args()
    chosen = {"home": options.home} if options.home else {}
    with Assistant.open(**chosen) as assistant:
        reranker = AbstractReranker(Remembering(open_reranker(PACKAGED).scorer))
        questions = [*load(PATH, (options.split,)), *load(PLAIN_PATH, (options.split,))]
        asked = ask_all(reranker, assistant.retriever, [question for question in questions if question.is_answerable])
        comparisons = ask_all(reranker, assistant.retriever, load(COMPARISONS_PATH))
        budget = assistant.settings.answer_words
    print("paper weight, sentence weight, sentence margin: first, facts, precision")
    for paper, sentence, margin in itertools.product(PAPER_WEIGHTS, SENTENCE_WEIGHTS, SENTENCE_MARGINS):
        with (
            patch.object(reranking, "PAPER_WEIGHT", paper),
            patch.object(reranking, "SENTENCE_WEIGHT", sentence),
            patch.object(selection, "SENTENCE_MARGIN", margin),
        ):
            found = scores(reranker, asked, budget)
        print(f"{paper} {sentence} {margin}:", *map("{:.3f}".format, found.values()))
    print("margin of two-part questions: the same, and for comparisons without names")
    for margin in PARTS_MARGINS:
        with patch.object(reranking, "PARTS_MARGIN", margin):
            both = [*scores(reranker, asked, budget).values(), *scores(reranker, comparisons, budget).values()]
        print(f"{margin}:", *map("{:.3f}".format, both))
    return 0


if __name__ == "__main__":
    sys.exit(main())
