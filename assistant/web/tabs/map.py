"""The tab with the map of the corpus."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.map import MapViews


def build_map(views: MapViews) -> gr.HTML:
    """Lay the tab out. Its event ``ask_about`` has the ids of papers; a new value makes it load again."""
    return component("map", 0, [views.map, views.paper_at, views.papers_at, views.points, views.papers.paper])
