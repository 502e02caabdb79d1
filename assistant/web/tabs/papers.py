"""The tab of all papers."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import part
from assistant.web.views.papers import PaperViews
from assistant.web.views.samples import SampleViews


def build_papers(views: PaperViews, samples: SampleViews) -> gr.HTML:
    """Lay the tab out; its ``narrow`` event gives the ids to ask about, and its value counts changes of the index."""
    called = [views.find, views.sources, views.paper, views.remove_papers, samples.samples, samples.remove_samples]
    return part("papers", 0, called)
