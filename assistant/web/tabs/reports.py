"""The tab of evaluation reports, newest first, opened in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gradio as gr

from assistant.services import EvalReport
from assistant.web.components import Data, part


@dataclass(frozen=True, slots=True)
class ReportViews:
    """What the tab shows; knows nothing of Gradio."""

    found: Callable[[], Sequence[EvalReport]]
    """Newest first."""

    def reports(self, _: Data) -> list[Data]:
        return [{"name": one.name, "created": one.created, "headline": one.headline} for one in self.found()]

    def report(self, data: Data) -> str:
        """The page of a report, by its name; it is shown in a frame that runs no script."""
        for one in self.found():
            if one.name == data["name"]:
                try:
                    return one.page.read_text(encoding="utf-8", errors="replace")
                except OSError:
                    break
        return "<p>This report is no longer there.</p>"


def build_reports(views: ReportViews) -> gr.HTML:
    """Lay the tab out; its value counts how often it was opened."""
    return part("reports", 0, [views.reports, views.report])
