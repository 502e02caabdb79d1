"""The section of the Settings tab that moves the library to another machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.web.views.moving import MovingViews

_PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}


def build_moving(views: MovingViews) -> None:
    """Lay the section out."""
    with gr.Column(elem_id="moving"):
        gr.Markdown(
            "## Move this library\n\nOne file with all papers, their vectors, conversations, ratings and saved "
            "questions. It has no settings and no keys. `footnote library` does the same for files of any size."
        )
        with gr.Row():
            export = gr.Button("Export", elem_id="export-library", min_width=120)
            add = gr.Button("Import", elem_id="import-library", min_width=120)
            cancel = gr.Button("Stop", elem_id="stop-moving", min_width=120)
        download = gr.DownloadButton("Download the file", visible=False, elem_id="download-library", min_width=120)
        file = gr.File(
            label="An exported file to import", file_types=[".zip"], type="filepath", elem_id="library-file", height=120
        )
        report = gr.HTML("", elem_id="moved", apply_default_css=False)

    def exported() -> Iterator[tuple[Any, ...]]:
        for html, path in views.export():
            yield html, gr.DownloadButton(value=str(path) if path else None, visible=bool(path))

    def imported(path: str | None) -> Iterator[tuple[Any, ...]]:
        for html, is_done in views.import_file(Path(path) if path else None):
            yield (html, None) if is_done else (html, gr.skip())

    export.click(exported, None, [report, download], concurrency_limit=None, **_PRIVATE)
    add.click(imported, [file], [report, file], concurrency_limit=None, **_PRIVATE)
    cancel.click(views.cancel, None, None, queue=False, **_PRIVATE)
