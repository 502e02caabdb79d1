"""The choice of a collection in the header of the page."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.papers import PaperViews

READ_AGAIN = "() => document.dispatchEvent(new Event('collections-changed'))"
"""The script of an event after which the collections may have changed."""


def build_collection_choice(views: PaperViews) -> gr.HTML:
    """Lay it out. Its value is the name of the chosen collection, empty for all papers; a script of the page sets it.

    The browser keeps the value, which no event of the server changes, so that a question has what its tab shows.
    """
    return component("collections", "", [views.collections])
