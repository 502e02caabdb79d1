"""The tab of evaluation reports, newest first, opened in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.services import EvalReport
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class ReportViews:
    """What the tab shows."""

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
