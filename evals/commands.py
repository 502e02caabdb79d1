"""``footnote eval``, ``calibrate`` and ``feedback``. Heavy libraries load in the command that needs them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.command_line import Commands, say
from assistant.errors import InputError
from assistant.system.progress import ProgressBars

if TYPE_CHECKING:
    from assistant.services import EvalReport
    from assistant.settings import Settings
    from evals.benchmarks.beir import Benchmark
    from evals.reports.report import Report

EXIT_UNDER = 1  # a measure is below --fail-under


def add_commands(commands: Commands) -> None:
    actions = commands.add_group("feedback", "use the ratings of answers", "ACTION")
    action = actions.add("export", export_feedback, "write rated answers as evaluation questions")
    action.add_argument("-o", "--output", type=Path, default=Path("feedback.jsonl"), help="file (feedback.jsonl)")
    commands.add("calibrate", calibrate, "fit the gate to the embedding model and the reranker that are set")
    _add_runs(commands.add_group("eval", "measure retrieval and answers", "RUN"))


def _add_runs(runs: Commands) -> None:
    command = runs.add("retrieval", retrieval, "measure retrieval: dense, BM25 and fused")
    command.add_argument("folder", nargs="?", type=Path, help="a folder in BEIR format (the bundled questions)")
    command.add_argument("--split", default="", help="file of qrels (the only one, or test)")
    command.add_argument(
        "--own", action="store_true", help="known-item questions over the indexed papers; needs no labels"
    )
    _add_report_options(command)
    command = runs.add("answers", answers, "measure whole answers: facts, citations, abstention, times")
    command.add_argument("--questions", type=Path, help="a question set (the bundled one)")
    command.add_argument("--split", choices=("tune", "test", "all"), default="all")
    command.add_argument("--baseline", choices=("stock",), help="also ask llama-index's CitationQueryEngine")
    _add_report_options(command)
    command = runs.add("groundedness", groundedness, "measure the verifier on labelled pairs of text and claim")
    command.add_argument("pairs", nargs="+", type=Path, help="JSON lines of {doc, claim, label}, plain or gzip")
    _add_report_options(command)
    command = runs.add("routing", routing, "measure which questions are recognised as being about the collection")
    command.add_argument("--split", choices=("tune", "test", "late", "all"), default="all")
    command = runs.add(
        "kinds", kinds, "measure which questions are recognised as asking for a list, a comparison or a number"
    )
    command.add_argument("--split", choices=("tune", "test", "all"), default="all")
    command = runs.add("compare", compare, "show what changed between two reports, and for which questions")
    command.add_argument("before", type=Path)
    command.add_argument("after", type=Path)


def reports(settings: Settings) -> Sequence[EvalReport]:
    """The reports in the home folder, newest first."""
    from evals.reports.report import listed

    return listed(settings.reports_folder)


def export_feedback(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.conversations.store import Conversations
    from evals.feedback import NOTHING_RATED, export

    if not settings.conversations_file.exists():  # opening it would create it, also in a home whose name is mistyped
        raise InputError(NOTHING_RATED)
    with closing(Conversations(settings.conversations_file)) as conversations:
        say(export(conversations.rated(), options.output))
    return 0


def calibrate(_: argparse.Namespace, settings: Settings) -> int:
    from assistant.answering.calibration import calibration_file
    from assistant.index.opening import require_index
    from evals.calibration import calibrate as fit

    if not settings.is_default_home:
        require_index(settings)  # the home's name may be mistyped
    settings.home.mkdir(parents=True, exist_ok=True)
    with ProgressBars() as bars:
        line = fit(settings, bars)
    print(line)
    say(f"Written to {calibration_file(settings)}; used from the next start.")
    return 0


def retrieval(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.models.embedder import open_embedder
    from evals.reports.presentation import retrieval_plots, retrieval_report
    from evals.runs.retrieval import MEASURES, run

    limits = _limits(options.fail_under, [str(measure) for measure in MEASURES])
    benchmark = _benchmark(options, settings)
    embedding = open_embedder(settings)
    with ProgressBars() as progress:
        found = run(benchmark, settings, embedding, progress)
    if count := benchmark.repeated_judgements:
        print(f"Judgements listed twice with the same value, counted once: {count}.")
    report = retrieval_report(found, settings)
    return _finish(report, retrieval_plots(report), options, settings, limits)


def answers(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.assistant import Assistant
    from evals.kept import Kept
    from evals.questions import PATH, check_indexed, load
    from evals.reports.presentation import answer_plots, answer_report
    from evals.runs.answers import MEASURES, Answerer, FootnoteAnswerer, run
    from ingest.commands import ensure_indexed

    limits = _limits(options.fail_under, MEASURES)
    splits = ("tune", "test") if options.split == "all" else (options.split,)
    questions = load(options.questions or PATH, splits)
    ensure_indexed(settings)
    with Assistant.open(settings) as assistant, ProgressBars() as progress:
        check_indexed(questions, assistant.retriever.index.library)
        answerers: list[Answerer] = [FootnoteAnswerer(assistant)]
        if options.baseline:
            from evals.runs.baseline import StockAnswerer

            answerers.append(StockAnswerer(assistant))
        with Kept(settings.home / "evals" / "answers.jsonl") as kept:
            scored = {one.name: run(one, questions, kept, progress) for one in answerers}
        report = answer_report(scored, options.split, settings, assistant)
    return _finish(report, answer_plots(report, scored), options, settings, limits)


def groundedness(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.answering.verification import open_verifier
    from evals.kept import Kept
    from evals.reports.presentation import groundedness_plots, groundedness_report
    from evals.runs.groundedness import MEASURES, judge_all, read_pairs

    limits = _limits(options.fail_under, MEASURES)
    sets = {path.name.removesuffix(".gz").rsplit(".", 1)[0]: read_pairs(path) for path in options.pairs}
    if len(sets) < len(options.pairs):
        raise InputError("Two of the files have the same name, and a set is named after its file: rename one.")
    verifier = open_verifier(settings.verifier)
    with Kept(settings.home / "evals" / "groundedness.jsonl") as kept, ProgressBars() as progress:
        judged = {name: judge_all(pairs, verifier, kept, progress.of(name)) for name, pairs in sets.items()}
    report = groundedness_report(judged, settings)
    return _finish(report, groundedness_plots(judged), options, settings, limits)


def routing(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every run takes both
    from evals.runs.routing import SPLITS, load, misses, summary

    questions = load()
    for split in SPLITS if options.split == "all" else (options.split,):
        of_split = [question for question in questions if question.split == split]
        print(f"{split}: {summary(of_split)}")
        for miss in misses(of_split):
            print(f"  {miss}")
    return 0


def kinds(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every run takes both
    from evals.runs.question_kinds import SPLITS, load, misses, table

    questions = load()
    for split in SPLITS if options.split == "all" else (options.split,):
        of_split = [question for question in questions if question.split == split]
        print(split, *table(of_split), *misses(of_split), sep="\n  ")
    return 0


def compare(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001 - every run takes both
    from evals.reports.compare import differences
    from evals.reports.report import load

    for line in differences(load(options.before), load(options.after)):
        print(line)
    return 0


def _benchmark(options: argparse.Namespace, settings: Settings) -> Benchmark:
    from evals.benchmarks.beir import read_benchmark
    from evals.benchmarks.known_items import bundled_benchmark, known_items

    if options.own and options.folder:
        raise InputError("Give a folder or --own, not both.")
    if options.own:
        from assistant.index.opening import open_library

        with open_library(settings) as library:
            return known_items(list(library.all_papers()))
    return read_benchmark(options.folder, options.split) if options.folder else bundled_benchmark()


def _add_report_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--output", type=Path, help="folder for the report (reports in the home folder)")
    command.add_argument(
        "--fail-under",
        action="append",
        default=[],
        metavar="MEASURE=VALUE",
        help="exit with 1 when a measure is lower; can be repeated",
    )


def _limits(given: Iterable[str], known: Sequence[str]) -> dict[str, float]:
    """The minimum of each measure. Raises InputError, before anything runs, if a limit is not valid."""
    limits = {}
    for text in given:
        measure, _, value = text.rpartition("=")
        if measure not in known:
            raise InputError(f"--fail-under {text} is not MEASURE=VALUE with one of {', '.join(known)}.")
        try:
            limits[measure] = float(value)
            if not isfinite(limits[measure]):
                raise ValueError(f"{value} is not a limit")
        except ValueError as error:
            raise InputError(f"--fail-under {text} does not end in a number, such as {measure}=0.6.") from error
    return limits


def _finish(
    report: Report, plots: Sequence[Any], options: argparse.Namespace, settings: Settings, limits: Mapping[str, float]
) -> int:
    """Print the table, write the report, and give the exit code."""
    from evals.reports.report import save, table

    print("\n".join(table(report)))
    path, page = save(report, options.output or settings.home / "reports", plots)
    print(f"Written: {path} and {page.name}", file=sys.stderr)
    under = report.under(limits)
    for line in under:
        print(f"footnote: {line}", file=sys.stderr)
    return EXIT_UNDER if under else 0
