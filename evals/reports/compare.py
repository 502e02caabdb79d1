"""Compares two reports: what changed, whether by more than chance, and for which questions."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.errors import InputError
from evals.reports.report import Report
from evals.statistics import paired_p_value

_MOST_CHANGED = 10


def differences(before: Report, after: Report) -> Iterator[str]:
    """The lines to print. Raises InputError if the reports have no system, measure or question in common."""
    systems = [system for system in after.values if system in before.values]
    if not systems:
        systems_of = " and ".join(", ".join(report.values) for report in (before, after))
        raise InputError(f"The reports have no system in common ({systems_of}): compare two runs of the same kind.")
    is_empty = True
    for system in systems:
        for measure, values in after.values[system].items():
            old = before.values[system].get(measure, {})
            shared = [question_id for question_id in values if question_id in old]
            if shared:
                is_empty = False
                yield _line(system, measure, [old[name] for name in shared], [values[name] for name in shared])
    if is_empty:
        raise InputError("The reports have no question in common: compare two runs over the same questions.")
    yield from _changed_questions(before, after)


def _line(system: str, measure: str, old: list[float], new: list[float]) -> str:
    mean_old, mean_new = sum(old) / len(old), sum(new) / len(new)
    return (
        f"{system:12} {measure:28} {mean_old:8.4f} -> {mean_new:8.4f}  {mean_new - mean_old:+.4f}"
        f"  p {paired_p_value(new, old):.4f}  ({len(old)} questions)"
    )


def _changed_questions(before: Report, after: Report) -> Iterator[str]:
    """The questions whose main measure changed most."""
    system, measure = after.main
    old, new = before.values.get(system, {}).get(measure, {}), after.values[system][measure]
    texts = {question.question_id: question.text for question in after.questions}
    changes = {name: new[name] - old[name] for name in new if name in old and new[name] != old[name]}
    yield f"{len(changes)} questions changed by {measure} of {system}."
    for name in sorted(changes, key=lambda name: (-abs(changes[name]), name))[:_MOST_CHANGED]:
        yield f"  {changes[name]:+.3f}  {name}: {texts.get(name, '')[:90]}"
