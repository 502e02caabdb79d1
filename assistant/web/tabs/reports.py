"""The tab of evaluation reports."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import part
from assistant.web.views.reports import ReportViews


def build_reports(views: ReportViews) -> gr.HTML:
    """Lay the tab out; its value counts how often it was opened."""
    return part("reports", 0, [views.reports, views.report])
