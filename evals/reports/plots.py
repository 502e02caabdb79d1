"""The plots of a report, as inline SVG (matplotlib)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.figure import Figure

from evals.statistics import Estimate

_INCHES = (5.2, 3.4)
# Text stays text, and the same plot gives the same bytes in every run.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "footnote", "font.size": 10, "axes.grid": True, "grid.alpha": 0.3}


@dataclass(frozen=True, slots=True)
class Plot:
    caption: str
    svg: str


def lines(
    caption: str,
    axes: tuple[str, str],
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    log: bool = False,
) -> Plot:
    """One line per series; ``axes`` are the names of x and y, ``log`` is for x."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axis = figure.subplots()
        for name, (across, up) in series.items():
            axis.plot(across, up, marker="o", markersize=3, label=name)
        axis.set(xlabel=axes[0], ylabel=axes[1])
        if log:
            axis.set_xscale("log")
        if len(series) > 1:
            axis.legend()
        return Plot(caption, _svg(figure))


def bars(caption: str, measure: str, by_name: Mapping[str, Estimate]) -> Plot:
    """One bar per name, with its interval."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axis = figure.subplots()
        means = [found.mean for found in by_name.values()]
        below = [found.mean - found.low for found in by_name.values()]
        above = [found.high - found.mean for found in by_name.values()]
        axis.barh(list(by_name), means, xerr=[below, above], capsize=3, alpha=0.8)
        axis.set(xlabel=measure)
        axis.invert_yaxis()
        return Plot(caption, _svg(figure))


def histogram(caption: str, unit: str, values: Sequence[float]) -> Plot:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axis = figure.subplots()
        axis.hist(values, bins=20)
        axis.set(xlabel=unit, ylabel="questions")
        return Plot(caption, _svg(figure))


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
