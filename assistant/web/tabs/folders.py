"""The watched folders, on the tab where papers are added."""

from __future__ import annotations

import gradio as gr

from assistant.web.components import component
from assistant.web.views.folders import FolderViews


def build_folders(views: FolderViews) -> gr.HTML:
    """Lay them out. A new value makes them load again."""
    return component("folders", 0, [views.folders, views.watch_folder, views.forget_folder])
