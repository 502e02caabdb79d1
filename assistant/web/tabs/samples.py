"""The question which papers should answer, at the top of the tab Ask."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.samples import SampleViews


def build_samples(views: SampleViews) -> gr.HTML:
    """Lay the question out. Its event ``ask_about`` has the ids of papers; a new value makes it load again."""
    return component("samples", 0, [views.samples, views.remove_samples])
