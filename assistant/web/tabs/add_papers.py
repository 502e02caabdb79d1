"""The tab where papers are added from files, pasted text or Zotero, and brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from assistant.web.views.add_papers import AddPapersViews

_OPTIONS: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}


def build_add_papers(views: AddPapersViews) -> list[Dependency]:
    """Lay the tab out; gives the events after which the index may have changed."""
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
        with gr.Row(equal_height=False):
            collection = gr.Textbox(
                label="Collection (optional)",
                placeholder="Puts the papers of these files and this text into it",
                max_lines=1,
                max_length=60,
                elem_id="add-collection",
                scale=3,
            )
            add = gr.Button("Add", variant="primary", elem_id="add", min_width=120)
            cancel = gr.Button("Stop adding", elem_id="stop-adding", min_width=120)
        query, from_zotero, look = _build_other_sources()
        report = gr.HTML("", elem_id="added", apply_default_css=False)

    def added(paths: list[str] | None, pasted: str, name: str) -> Iterator[tuple[Any, ...]]:
        for html, is_indexed in views.add([Path(path) for path in paths or ()], pasted or "", name or ""):
            yield (html, None, "") if is_indexed else (html, gr.skip(), gr.skip())

    changes = [add.click(added, [files, text, collection], [report, files, text], **_OPTIONS)]
    changes += _connect_other_sources(views, query, from_zotero, look, report)
    cancel.click(views.cancel, None, None, api_visibility="private", queue=False)
    return changes


def _build_other_sources() -> tuple[gr.Textbox, gr.Button, gr.Button]:
    """A field and a button for Zotero, and the button that looks again at everything."""
    with gr.Row(equal_height=False):
        query = gr.Textbox(
            label="Zotero",
            placeholder="Empty for the whole library, or a collection, #tag or group:Name",
            max_lines=1,
            max_length=300,
            elem_id="zotero-query",
            scale=3,
        )
        from_zotero = gr.Button("Add from Zotero", elem_id="add-from-zotero", min_width=120)
        look = gr.Button("Look for changes", elem_id="look-for-changes", min_width=120)
    return query, from_zotero, look


def _connect_other_sources(
    views: AddPapersViews, query: gr.Textbox, from_zotero: gr.Button, look: gr.Button, report: gr.HTML
) -> list[Dependency]:
    def added_from_zotero(text: str) -> Iterator[str]:
        for html, _ in views.add_from_zotero(text or ""):
            yield html

    def refreshed() -> Iterator[str]:
        for html, _ in views.refresh():
            yield html

    return [
        from_zotero.click(added_from_zotero, [query], [report], **_OPTIONS),
        look.click(refreshed, None, [report], **_OPTIONS),
    ]
