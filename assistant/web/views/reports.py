"""The tab of evaluation reports, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.services import EvalReport
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class ReportViews:
    """What the tab shows. The scripts of the page call its methods."""

    list_reports: Callable[[], Sequence[EvalReport]]
    """Newest first."""

    def reports(self, _: Data) -> list[Data]:
        return [{"name": one.name, "created": one.created, "headline": one.headline} for one in self.list_reports()]

    def report(self, data: Data) -> str:
        """The HTML page of the report with this name; the page shows it in a frame that runs no scripts."""
        for one in self.list_reports():
            if one.name == data["name"]:
                try:
                    return one.page.read_text(encoding="utf-8", errors="replace")
                except OSError:
                    break
        return "<p>This report was deleted.</p>"
