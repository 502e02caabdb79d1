"""The tab of all papers."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.papers import PaperViews
from assistant.web.views.samples import SampleViews


def build_papers(views: PaperViews, samples: SampleViews) -> gr.HTML:
    """Lay the tab out. Its event ``ask_about`` has the ids of papers; a new value makes it load again."""
    called = [views.find, views.sources, views.collections, views.paper, views.remove_papers]
    return component("papers", 0, [*called, samples.samples, samples.remove_samples])
