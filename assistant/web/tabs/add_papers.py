"""The tab where papers are added from files or pasted text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.web.views.add_papers import AddPapersViews


def build_add_papers(views: AddPapersViews) -> gr.HTML:
    """Lay the tab out; gives the report, which changes when the index may have changed."""
    with gr.Column(elem_id="add-papers"):
        gr.Markdown(
            "Exports of BibTeX, RIS, PubMed, arXiv, OpenAlex, Semantic Scholar or CSV, and saved web pages of titles "
            "and abstracts. Files may be compressed."
        )
        files = gr.File(
            label="Files",
            file_count="multiple",
            file_types=list(views.services.file_types),
            type="filepath",
            elem_id="files",
            height=160,
        )
        text = gr.Textbox(
            label="Or paste text",
            placeholder="A title, an empty line, its abstract …",
            lines=5,
            max_lines=16,
            max_length=2_000_000,
            elem_id="pasted",
        )
        with gr.Row():
            add = gr.Button("Add", variant="primary", elem_id="add", min_width=120)
            cancel = gr.Button("Stop adding", elem_id="stop-adding", min_width=120)
        report = gr.HTML("", elem_id="added", apply_default_css=False)

    def added(paths: list[str] | None, pasted: str) -> Iterator[tuple[Any, ...]]:
        for html, is_indexed in views.add([Path(path) for path in paths or ()], pasted or ""):
            yield (html, None, "") if is_indexed else (html, gr.skip(), gr.skip())

    add.click(
        added,
        [files, text],
        [report, files, text],
        api_visibility="private",
        show_progress="hidden",
        concurrency_limit=None,
    )
    cancel.click(views.cancel, None, None, api_visibility="private", queue=False)
    return report
