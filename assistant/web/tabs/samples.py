"""The question which papers to answer from, at the top of the tab of questions."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import part
from assistant.web.views.samples import SampleViews


def build_samples(views: SampleViews) -> gr.HTML:
    """Lay the question out. Its ``narrow`` event gives the ids to ask about; a new value makes it look again."""
    return part("samples", 0, [views.samples, views.remove_samples])
