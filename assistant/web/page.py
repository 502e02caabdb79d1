"""The page: its tabs, and the events that lead from one tab to another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from gradio.events import Dependency
from gradio.utils import get_upload_folder

from assistant.api.access import check_access
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved import SavedQuestions
from assistant.services import EvalReport, PaperServices
from assistant.settings import Settings
from assistant.web.api import build_api
from assistant.web.components import FOLDER, text_of
from assistant.web.rendering import problem_html
from assistant.web.tabs.add_papers import build_add_papers
from assistant.web.tabs.chat import ChatTab, build_chat
from assistant.web.tabs.collection_choice import READ_AGAIN, build_collection_choice
from assistant.web.tabs.folders import build_folders
from assistant.web.tabs.map import build_map
from assistant.web.tabs.moving import build_moving
from assistant.web.tabs.papers import build_papers
from assistant.web.tabs.reports import build_reports
from assistant.web.tabs.samples import build_samples
from assistant.web.tabs.saved import build_saved
from assistant.web.tabs.settings import build_settings
from assistant.web.views.add_papers import AddPapersViews
from assistant.web.views.api import ApiViews
from assistant.web.views.chat import ChatViews
from assistant.web.views.folders import FolderViews
from assistant.web.views.map import MapViews
from assistant.web.views.moving import MovingViews
from assistant.web.views.papers import PaperViews
from assistant.web.views.reports import ReportViews
from assistant.web.views.samples import SampleViews
from assistant.web.views.saved import SavedViews
from assistant.web.views.settings import SettingsViews

_UPLOAD_CLEANUP_SECONDS = (3_600, 86_400)  # checks every hour, deletes uploads older than a day
_PRIVATE = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}


def build_page(
    queue: AnswerQueue,
    saved_questions: SavedQuestions,
    services: PaperServices,
    reports: Callable[[], Sequence[EvalReport]],
    change: Callable[[Settings], None],
) -> gr.Blocks:
    """The page, not yet served. ``change`` applies other settings to the assistant."""
    papers = PaperViews(lambda: queue.assistant.retriever, services.remove)
    samples = SampleViews(services)
    saved = SavedViews(queue, saved_questions, papers)
    with gr.Blocks(
        title="Footnote", analytics_enabled=False, fill_width=True, delete_cache=_UPLOAD_CLEANUP_SECONDS
    ) as page:
        build_api(ApiViews(queue))  # first, because Gradio also names private events, after their functions
        gr.HTML("<h1>Footnote<sup>1</sup></h1>", elem_id="brand", apply_default_css=False)
        collection = build_collection_choice(papers)
        notice = gr.HTML(_notice_html(queue), elem_id="notice", apply_default_css=False)
        with gr.Tabs(selected="ask", elem_id="tabs") as tabs:
            with gr.Tab("Ask", id="ask") as ask_tab:
                samples_question = build_samples(samples)
                chat = build_chat(page, ChatViews(queue, papers), saved, collection, services.example_questions())
            with gr.Tab("Saved", id="saved") as saved_tab:
                saved_list = build_saved(saved)
            with gr.Tab("Papers", id="papers") as papers_tab:
                paper_list = build_papers(papers, samples)
            with gr.Tab("Map", id="map") as map_tab:
                corpus_map = build_map(MapViews(lambda: queue.assistant.retriever.index, papers))
            with gr.Tab("Add papers", id="add") as add_tab:
                changes = build_add_papers(AddPapersViews(services, saved.remark))
                folders = build_folders(FolderViews(services))
            with gr.Tab("Evals", id="evals") as reports_tab:
                report_list = build_reports(ReportViews(reports))
            with gr.Tab("Settings", id="settings"):
                build_settings(SettingsViews(queue, change))
                build_moving(MovingViews(services, Path(get_upload_folder()) / "exported"))
        _ask_about_papers((chat.chat, saved_list, paper_list, corpus_map, samples_question), chat, tabs)
        reloaded = (
            (ask_tab, samples_question),
            (saved_tab, saved_list),
            (papers_tab, paper_list),
            (map_tab, corpus_map),
            (add_tab, folders),
            (reports_tab, report_list),
        )
        _reload(page, reloaded, changes, notice, lambda: _notice_html(queue))
        theme = gr.State("")
        page.load(lambda: queue.assistant.settings.theme, None, [theme], **_PRIVATE)
        theme.change(None, [theme], None, js="(theme) => window.footnote.theme(theme)")
    return page


def _ask_about_papers(sources: Sequence[gr.HTML], chat: ChatTab, tabs: gr.Tabs) -> None:
    """Open the tab Ask for a question about the papers whose ids an event ``ask_about`` has."""

    def filter_question(event: gr.EventData) -> tuple[list[str], int, gr.Tabs]:
        return event.ids, len(event.ids), gr.Tabs(selected="ask")

    for source in sources:
        source.ask_about(filter_question, None, [chat.paper_ids, chat.filter, tabs], **_PRIVATE).then(
            None, None, None, js="() => document.querySelector('#question textarea').focus()"
        )


def _reload(
    page: gr.Blocks,
    reloaded: Sequence[tuple[gr.Tab, gr.HTML]],
    changes: Sequence[Dependency],
    notice: gr.HTML,
    notice_html: Callable[[], str],
) -> None:
    """Load what a tab shows again when it opens, and the notice: papers, reports and citations may have changed.

    The collections are read again then, and after ``changes``, the events that may have added papers.
    """
    for tab, shown in reloaded:
        tab.select(time.time, None, [shown], **_PRIVATE)  # a new value makes a component load again
        tab.select(notice_html, None, [notice], **_PRIVATE)
        tab.select(None, None, None, js=READ_AGAIN)
    for change in changes:
        change.then(None, None, None, js=READ_AGAIN)
    page.load(notice_html, None, [notice], **_PRIVATE)


def _notice_html(queue: AnswerQueue) -> str:
    """The warning that the index was made by an older version, or nothing."""
    notice = queue.assistant.retriever.index.library.outdated_notice()
    return problem_html(notice[:1].upper() + notice[1:]) if notice else ""


def mount(app: FastAPI, page: gr.Blocks, settings: Settings) -> None:
    """Serve the page at ``/``, for what the app itself does not answer."""
    page.queue(api_open=False)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=settings.host,
        footer_links=[],
        run_history=False,
        auth=check_access(settings),
        max_file_size=f"{settings.upload_megabytes}mb",
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        css_paths=FOLDER / "page.css",
        head=head(),
        theme=theme(),
    )


def head() -> str:
    """The scripts that the components share, for the page's head."""
    return "".join(f"<script>{text_of(name)}</script>" for name in ("logic.js", "geometry.js", "common.js"))


def theme() -> gr.Theme:
    """System fonts, so that none is downloaded, and colours with enough contrast."""
    return gr.themes.Base(
        primary_hue="indigo",
        neutral_hue="zinc",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        radius_size="md",
    ).set(
        block_info_text_color="var(--fn-soft)",
        block_info_text_color_dark="var(--fn-soft)",
        block_label_text_color="var(--fn-ink)",
        block_label_text_color_dark="var(--fn-ink)",
        block_title_text_color="var(--fn-ink)",
        block_title_text_color_dark="var(--fn-ink)",
        body_text_color_subdued="var(--fn-soft)",
        body_text_color_subdued_dark="var(--fn-soft)",
        input_placeholder_color="var(--fn-soft)",
        input_placeholder_color_dark="var(--fn-soft)",
        input_border_color="var(--fn-control)",
        input_border_color_dark="var(--fn-control)",
        input_border_width="1px",
        input_border_width_dark="1px",
        button_primary_background_fill="#4338ca",
        button_primary_background_fill_hover="#3730a3",
        button_primary_background_fill_dark="#4f46e5",
        button_primary_background_fill_hover_dark="#4338ca",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        color_accent="#4338ca",
    )
