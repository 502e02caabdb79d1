"""A report of a run: a JSON file with everything, and an HTML page.

The page is rendered from the JSON alone and needs no other file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from assistant.errors import InputError
from assistant.services import EvalReport
from assistant.settings import Settings
from assistant.system.disk import write_file
from assistant.system.named_class import public
from evals.reports.plots import Plot
from evals.statistics import SEED, Estimate, estimate, paired_p_value

_PACKAGES = ("footnote", "torch", "sentence-transformers", "chromadb", "bm25s", "llama-cpp-python", "ir_measures")
_WORST = 20
_MOST_COLUMNS = 4

Values = Mapping[str, Mapping[str, Mapping[str, float]]]
"""System to measure to question id to value."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a run, with what a person needs to understand its score."""

    question_id: str
    kind: str
    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """``main`` names the main system and measure: they order the questions and head the report."""

    kind: str
    name: str
    created: str
    main: tuple[str, str]
    questions: tuple[Question, ...]
    values: Values
    totals: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    """System to measures that exist only for all questions together, such as AUROC."""
    made_with: Mapping[str, Any] = field(default_factory=dict)

    def estimates(self, kind: str = "") -> dict[str, dict[str, Estimate]]:
        """System to measure to mean and interval, over all questions or those of one kind."""
        ids = {question.question_id for question in self.questions if kind in ("", question.kind)}
        found = {
            system: {
                measure: estimate([value for name, value in values.items() if name in ids], _statistic(measure))
                for measure, values in measures.items()
            }
            for system, measures in self.values.items()
        }
        return found if kind else {system: {**self.totals.get(system, {}), **means} for system, means in found.items()}

    def p_values(self) -> dict[str, dict[str, float]]:
        """Other system to measure to the p of its difference from the main system, over their common questions."""
        main = self.values[self.main[0]]
        found: dict[str, dict[str, float]] = {}
        for other, measures in self.values.items():
            for measure, values in measures.items():
                one, two = _paired(main.get(measure, {}), values)
                if one and other != self.main[0]:
                    found.setdefault(other, {})[measure] = paired_p_value(one, two)
        return found

    def under(self, limits: Mapping[str, float]) -> list[str]:
        """The measures below their limit, or missing, as text. Limits apply to the main system and to systems with
        their own questions. A system that answers the same questions as the main one is only a comparison.
        """
        own = self._questions_of(self.main[0])
        found = []
        for system, estimates in self.estimates().items():
            if system == self.main[0] or own.isdisjoint(self._questions_of(system)):
                for measure, least in limits.items():
                    mean = estimates[measure].mean if measure in estimates else float("nan")
                    if not mean >= least:
                        found.append(f"{measure} of {system} is {mean:.4f}, below {least}.")
        return found

    def _questions_of(self, system: str) -> set[str]:
        return {question_id for values in self.values[system].values() for question_id in values}

    def worst(self) -> list[tuple[Question, float]]:
        """The twenty questions with the lowest main measure, worst first."""
        system, measure = self.main
        values = self.values[system].get(measure, {})
        scored = [
            (question, values[question.question_id]) for question in self.questions if question.question_id in values
        ]
        return sorted(scored, key=lambda item: item[1])[:_WORST]


def made_with(settings: Settings, **more: str) -> dict[str, Any]:
    """Settings, package versions and seed of a run."""
    shown = {
        name: str(public(value) if isinstance(value, Mapping) else value) for name, value in asdict(settings).items()
    }
    return {"settings": shown, "packages": {name: _version(name) for name in _PACKAGES}, "seed": SEED, **more}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def save(report: Report, folder: Path, plots: Sequence[Plot]) -> tuple[Path, Path]:
    """Write the JSON and the page; returns their paths. Raises InputError if the folder cannot be written."""
    stamp = re.sub("[-:.]", "", report.created).split("+")[0]
    path = folder / f"{report.kind}-{report.name}-{stamp}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps(asdict(report), ensure_ascii=False, indent=1).encode())
        page = path.with_suffix(".html")
        write_file(page, _page(report, plots).encode())
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}): give another folder with --output."
        ) from error
    return path, page


def load(path: Path) -> Report:
    """Load a report. Raises InputError if the file is not a report."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        questions = tuple(
            Question(**{**question, "details": tuple(question["details"])}) for question in record.pop("questions")
        )
        totals = {
            system: {measure: Estimate(**found) for measure, found in measures.items()}
            for system, measures in record.pop("totals").items()
        }
        return Report(**{**record, "main": tuple(record["main"]), "questions": questions, "totals": totals})
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a report of `footnote eval` ({error}): give one of its JSON files.") from error


def listed(folder: Path) -> list[EvalReport]:
    """The reports of a folder that have a page, newest first; other files are ignored."""
    found = []
    for path in folder.glob("*.json"):
        page = path.with_suffix(".html")
        try:
            report = load(path)
        except InputError:
            continue
        if page.exists():
            found.append(EvalReport(path.stem, report.created, _headline(report), page))
    return sorted(found, key=lambda one: one.created, reverse=True)


def _headline(report: Report) -> str:
    system, measure = report.main
    values = list(report.values.get(system, {}).get(measure, {}).values())
    value = f", {measure} {_statistic(measure)(values):.3f}" if values else ""
    return f"{report.kind} of {len(report.questions)} questions{value}"


def table(report: Report) -> list[str]:
    """The means of every system with their intervals, and p against the main one, as lines of text.

    One column per system; if that would be too wide for a terminal, one column per measure.
    """
    estimates, p_values = report.estimates(), report.p_values()
    measures = list(estimates[report.main[0]])
    cells = {
        (measure, system): _cell(found.get(measure), p_values.get(system, {}).get(measure))
        for system, found in estimates.items()
        for measure in measures
    }
    title = f"{report.kind}, {report.name}: {len(report.questions)} questions"
    if len(estimates) <= _MOST_COLUMNS:
        head = " " * 28 + "".join(f"{system:>32}" for system in estimates)
        rows = [f"{one:28}" + "".join(f"{cells[one, system]:>32}" for system in estimates) for one in measures]
    else:
        head = " " * 24 + "".join(f"{measure:>30}" for measure in measures)
        rows = [f"{one:24}" + "".join(f"{cells[measure, one]:>30}" for measure in measures) for one in estimates]
    return [title, head, *rows]


def _cell(shown: Estimate | None, p: float | None) -> str:
    text = f"{shown.mean:.3f} [{shown.low:.3f}, {shown.high:.3f}]" if shown else ""
    return text if p is None else f"{text} p {p:.4f}"


def _paired(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[list[float], list[float]]:
    shared = [question_id for question_id in one if question_id in other]
    return [one[question_id] for question_id in shared], [other[question_id] for question_id in shared]


def _statistic(measure: str) -> Callable[..., Any]:
    """Times and lengths are summarised by the median, all other measures by the mean."""
    return np.median if measure.startswith(("seconds", "words")) else np.mean


def _page(report: Report, plots: Sequence[Plot]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    kinds = list(dict.fromkeys(question.kind for question in report.questions if question.kind))
    return environment.get_template("report.html").render(
        report=report,
        estimates=report.estimates(),
        p_values=report.p_values(),
        kinds={kind: report.estimates(kind)[report.main[0]] for kind in kinds},
        worst=report.worst(),
        plots=plots,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
