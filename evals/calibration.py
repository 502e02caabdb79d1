"""Fits the reranker's scale and the gate to the models that the settings name: ``footnote calibrate``.

The questions are the bundled ones, asked over the bundled papers in a temporary index, and one for each of up to 100 of
the user's own papers: a sentence with its rarest words hidden (``known_items``), asked with the paper among the results
and without it. The scale is fitted first, on the papers found for the questions of ``tune``: the right ones are known.
Then ``evals.training.gate`` fits the coefficients, and the intercept is moved so that the default of the setting
``answer_above`` is the threshold: it means the same with every model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.answering.calibration import UNSCALED, Calibration, Scale, save_calibration
from assistant.answering.gate import PACKAGED_GATE
from assistant.answering.log_odds import LogisticModel
from assistant.answering.pair_scorer import PairScorer
from assistant.answering.reranking import AbstractReranker, open_reranker
from assistant.answering.retrieval import Retriever
from assistant.errors import ModelError
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing
from assistant.interfaces import Embedder, PairModel
from assistant.models.cross_encoder import PairRanker
from assistant.models.embedder import open_embedder
from assistant.records import Paper, Retrieval
from assistant.settings import PACKAGED, Settings
from assistant.system.progress import Progress, ProgressBars
from evals.benchmarks.known_items import known_items
from evals.metrics import auroc
from evals.questions import GATE_PATH, EvalQuestion, load
from evals.training.gate import Example, Searcher, examples, fit, logits_of, threshold
from ingest.bundled_corpus import CORPUS
from ingest.pipeline import ingest_files

OWN_QUESTIONS = 100
_LEAST_PAPERS = 20  # with fewer, the papers left when one is left out are hardly like what a library holds


@dataclass(frozen=True, slots=True)
class Remembered:
    """A cross-encoder that scores each pair once: the same pairs are needed before and after the scale is known."""

    model: PairModel
    known: dict[tuple[str, str], float] = field(default_factory=dict)

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        missing = [pair for pair in dict.fromkeys(pairs) if pair not in self.known]
        self.known.update(zip(missing, self.model.scores(missing), strict=True))
        return [self.known[pair] for pair in pairs]


def calibrate(settings: Settings, bars: ProgressBars) -> str:
    """Fit, store in the home folder, and say in one line how well the gate tells questions of ``test`` apart.

    Raises ModelError when a model does not load, or when the reranker's scores say nothing about which papers answer.
    """
    embedding = open_embedder(settings)
    with TemporaryDirectory() as folder:
        bundled = _index_bundled(replace(settings, home=Path(folder), store="", store_options={}), embedding, bars)
        with closing(open_for_reading(bundled, embedding)) as index:
            retriever = Retriever(index, embedding)
            reranker, scale = _fitted_reranker(settings, retriever, load(splits=("tune",)), bars.of("scaling"))
            searcher = Searcher(retriever, reranker)
            tune = examples(searcher, [*load(splits=("tune",)), *load(GATE_PATH)], bars.of("asking"))
            test = examples(searcher, load(splits=("test",)), bars.of("testing"))
    own = _own_examples(settings, embedding, reranker, bars.of("asking about your papers"))
    gate = fitted_gate([*tune, *own], tune, Settings().answer_above)
    save_calibration(Calibration(scale, gate), settings)
    return summary(gate, test, Settings().answer_above, len(own) // 2)


def fitted_gate(found: Sequence[Example], answered: Sequence[Example], answer_above: float) -> LogisticModel:
    """The gate for these examples; the threshold for ``answered`` lies at the probability ``answer_above``."""
    names = list(PACKAGED_GATE.coefficients)
    weights, intercept = fit(found, names)
    lowest = threshold(logits_of(answered, names, weights, intercept)[0])
    coefficients = {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    return LogisticModel(coefficients, intercept - lowest + math.log(answer_above / (1 - answer_above)))


def summary(gate: LogisticModel, test: Sequence[Example], answer_above: float, own: int) -> str:
    """How the gate does on questions that it was not fitted to."""
    shares: Mapping[bool, list[float]] = {True: [], False: []}
    for signals, is_answerable, weight in test:
        if weight:
            shares[is_answerable].append(gate.probability(signals))
    declined = {kind: np.mean(np.array(values) < answer_above) for kind, values in shares.items()}
    return (
        f"Fitted, also with {own} questions about your own papers. Of bundled questions kept apart, it declines "
        f"{declined[True]:.0%} of {len(shares[True])} that the papers answer, and {declined[False]:.0%} of "
        f"{len(shares[False])} that they do not (AUROC {auroc(shares[True], shares[False]):.2f})."
    )


def _index_bundled(settings: Settings, embedding: Embedder, bars: ProgressBars) -> Settings:
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_files([CORPUS], writer, embedding, bars.of("indexing"))
    return settings


def _fitted_reranker(
    settings: Settings, retriever: Retriever, questions: Sequence[EvalQuestion], progress: Progress
) -> tuple[AbstractReranker, Scale]:
    """The reranker with the scale for it; the packaged one was trained on the scale that is needed."""
    if settings.reranker == PACKAGED:
        return open_reranker(PACKAGED), UNSCALED
    model = Remembered(PairRanker(settings.reranker))
    asked = [question for question in questions if question.is_answerable and not question.history]
    scale = fitted_scale(model, retriever.retrieve, asked, progress)
    return AbstractReranker(PairScorer(model, scale)), scale


def fitted_scale(
    model: PairModel, search: Callable[[str], Retrieval], questions: Sequence[EvalQuestion], progress: Progress
) -> Scale:
    """The scale on which a score is the log-odds that a paper which the search found answers the question.

    Raises ModelError when right papers do not score higher than others.
    """
    unscaled = AbstractReranker(PairScorer(model, UNSCALED))
    scores: list[float] = []
    is_right: list[bool] = []
    for number, question in enumerate(questions, start=1):
        found = search(question.question)
        for paper_id, logit in unscaled.paper_logits(question.question, found).items():
            scores.append(logit)
            is_right.append(paper_id in question.right)
        progress(number, len(questions))
    fitted = LogisticRegression(C=np.inf).fit(np.reshape(scores, (-1, 1)), is_right)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    if slope <= 0:
        raise ModelError(
            "The reranker scores papers that answer no higher than others: give a CrossEncoder that was trained to "
            "rank passages."
        )
    return Scale(slope, intercept)


def _own_examples(
    settings: Settings, embedding: Embedder, reranker: AbstractReranker, progress: Progress
) -> list[Example]:
    """A question about each of some of the user's papers, with the paper and without it."""
    if not is_indexed(settings):
        return []
    with closing(open_for_reading(settings, embedding)) as index:
        papers = list(index.library.all_papers())
        if len(papers) < _LEAST_PAPERS:
            return []
        questions = own_questions(papers)
        return examples(Searcher(Retriever(index, embedding), reranker), questions, progress)


def own_questions(papers: Sequence[Paper]) -> list[EvalQuestion]:
    """One question for each of up to 100 papers: a sentence of it without its rarest words."""
    benchmark = known_items(papers)
    asked = [query_id for query_id, kind in benchmark.kinds.items() if kind == "sentence"][:OWN_QUESTIONS]
    return [
        EvalQuestion(
            query_id,
            "single",
            benchmark.queries[query_id],
            (),
            tuple(benchmark.judgements[query_id]),
            (),
            (),
            (),
            "tune",
        )
        for query_id in asked
    ]
