"""Turns rankings, scored answers and judged claims into reports with plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.pipeline import AnswerPipeline
from assistant.settings import Settings
from evals.metrics import auroc
from evals.reports import plots
from evals.reports.report import Question, Report, made_with, now
from evals.runs.answers import AUROC, MAIN_MEASURE, Scored, risk_coverage, values
from evals.runs.groundedness import JUDGED_RIGHT, Judged, calibration, measures
from evals.runs.retrieval import MEASURES, RetrievalRun, scores
from evals.statistics import estimates_of


def retrieval_report(found: RetrievalRun, settings: Settings) -> Report:
    """The scored rankings; each question with the papers that were found and wanted."""
    benchmark = found.benchmark
    titles = {paper.paper_id: paper.title or paper.abstract[:80] for paper in benchmark.papers}
    questions = tuple(
        Question(
            query_id,
            benchmark.kinds.get(query_id, ""),
            text,
            (
                *(
                    f"wanted: {titles[paper_id]}"
                    for paper_id, worth in benchmark.judgements[query_id].items()
                    if worth > 0
                ),
                *(f"found: {titles[paper_id]}" for paper_id in list(found.rankings["fused"][query_id])[:5]),
            ),
        )
        for query_id, text in benchmark.queries.items()
    )
    values = {system: scores(rankings, benchmark.judgements) for system, rankings in found.rankings.items()}
    return Report(
        kind="retrieval",
        name=benchmark.name,
        created=now(),
        main=("fused", str(MEASURES[0])),
        questions=questions,
        values=values,
        made_with=made_with(
            settings,
            index=found.fingerprint,
            papers=str(len(benchmark.papers)),
            repeated_judgements=str(benchmark.repeated_judgements),
        ),
    )


def retrieval_plots(report: Report) -> list[plots.Plot]:
    estimates = report.estimates()
    depths = [1, 5, 10, 100]
    recall = {system: (depths, [found[f"R@{depth}"].mean for depth in depths]) for system, found in estimates.items()}
    measure = report.main[1]
    return [
        plots.lines("Recall by number of ranked papers", ("papers", "recall"), recall, log=True),
        plots.bars(
            f"{measure} with 95% intervals", measure, {name: found[measure] for name, found in estimates.items()}
        ),
    ]


def answer_report(
    scored: Mapping[str, Sequence[Scored]], split: str, settings: Settings, assistant: AnswerPipeline
) -> Report:
    """``scored``: answerer to its answers; the first answerer is the main one."""
    main = next(iter(scored))
    return Report(
        kind="answers",
        name=split,
        created=now(),
        main=(main, MAIN_MEASURE),
        questions=tuple(_question(one) for one in scored[main]),
        values={name: values(answers, assistant.verifier) for name, answers in scored.items()},
        totals={main: estimates_of(scored[main], _confidence_auroc)},
        made_with=made_with(
            settings, index=assistant.retriever.index.fingerprint, model=assistant.language_model.label
        ),
    )


def answer_plots(report: Report, scored: Mapping[str, Sequence[Scored]]) -> list[plots.Plot]:
    main, measure = report.main
    kinds = {kind: report.estimates(kind)[main].get(measure) for kind in {one.kind for one in report.questions}}
    by_kind = {kind: found for kind, found in sorted(kinds.items()) if found is not None and found.count}
    seconds = [one.answer["seconds"]["total"] for one in scored[main]]
    return [
        plots.bars(f"{measure}, by kind of question", measure, by_kind),
        plots.lines(
            "Risk and coverage: facts missed if only the most certain questions are answered",
            ("share of questions answered", "risk"),
            {main: risk_coverage(scored[main])},
        ),
        plots.histogram("Time to the whole answer", "seconds", seconds),
    ]


def groundedness_report(judged: Mapping[str, Sequence[Judged]], settings: Settings) -> Report:
    """``judged``: name of a set to its pairs. Each set is a system of its own, and its pairs questions of its kind."""
    main = next(iter(judged))
    return Report(
        kind="groundedness",
        name="-".join(judged) if len(judged) < 3 else f"{len(judged)}-sets",
        created=now(),
        main=(main, JUDGED_RIGHT),
        questions=tuple(
            Question(f"{name}:{one.pair.pair_id}", name, one.pair.claim, _details(one))
            for name, pairs in judged.items()
            for one in pairs
        ),
        values={
            name: {
                JUDGED_RIGHT: {
                    f"{name}:{one.pair.pair_id}": float(one.is_accepted == one.pair.is_supported) for one in pairs
                }
            }
            for name, pairs in judged.items()
        },
        totals={name: estimates_of(pairs, measures) for name, pairs in judged.items()},
        made_with=made_with(settings),
    )


def groundedness_plots(judged: Mapping[str, Sequence[Judged]]) -> list[plots.Plot]:
    curves = {}
    for name, pairs in judged.items():
        bins = list(calibration([one.pair.is_supported for one in pairs], [one.score for one in pairs]))
        curves[name] = ([said for _, said, _ in bins], [true for _, _, true in bins])
    return [plots.lines("Calibration: score and share supported", ("score", "share supported"), curves)]


def _question(one: Scored) -> Question:
    quotes = [quote["text"] for citation in one.answer["citations"] for quote in citation["quotes"]]
    facts = [" or ".join(fact) for fact in one.question.facts]
    details = [f"answer: {one.answer['answer']}", *(f"fact wanted: {fact}" for fact in facts)]
    details += [f"evidence: {quote}" for quote in quotes]
    details += [f"found: {paper['title']}" for paper in one.answer["retrieved"][:3]]
    return Question(one.question.question_id, one.question.kind, one.question.question, tuple(details))


def _confidence_auroc(scored: Sequence[Scored]) -> dict[str, float]:
    by_truth: dict[bool, list[float]] = {True: [], False: []}
    for one in scored:
        by_truth[one.question.is_answerable].append(one.answer["confidence"])
    return {AUROC: auroc(by_truth[True], by_truth[False])}


def _details(one: Judged) -> tuple[str, ...]:
    said = "accepted" if one.is_accepted else "refused"
    truth = "supported" if one.pair.is_supported else "contradicted" if one.pair.is_contradicted else "not supported"
    return (f"{said} at {one.score:.2f} ({one.reason}); it is {truth}", one.pair.document[:1500])
