"""The tab of saved questions."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.saved import SavedViews


def build_saved(views: SavedViews) -> gr.HTML:
    """Lay the tab out. Its event ``ask_about`` has the ids of papers; a new value makes it load again."""
    called = [views.saved, views.progress, views.ask_saved, views.stop_saved, views.mark_seen, views.remove_saved]
    return component("saved", 0, [*called, views.cited, views.papers.paper])
