"""The tab of evaluation reports."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.reports import ReportViews


def build_reports(views: ReportViews) -> gr.HTML:
    """Lay the tab out. A new value makes it load again."""
    return component("reports", 0, [views.reports, views.report])
