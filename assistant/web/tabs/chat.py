"""The tab where questions are asked: its layout, and what its controls do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from assistant.conversations.desk import Task
from assistant.errors import FootnoteError
from assistant.web.components import part
from assistant.web.views import Data
from assistant.web.views.chat import ChatViews

Shown = tuple[Any, ...]
"""What the conversation and the list of conversations show next."""

_AS_IT_IS = gr.skip()


@dataclass(frozen=True, slots=True)
class ChatTab:
    """The parts of the tab; other tabs set what the next question is narrowed to."""

    narrowed: gr.State
    listing: gr.HTML
    chat: gr.HTML
    narrowing: gr.HTML
    box: gr.Textbox
    ask: gr.Button
    stop: gr.Button


def build_chat(page: gr.Blocks, views: ChatViews, examples: Sequence[str]) -> ChatTab:
    """Lay the tab out and say what its controls do."""
    narrowed = gr.State([])
    called: list[Callable[..., Any]]
    with gr.Row(elem_id="ask-tab"):
        called = [views.search_conversations, views.rename_conversation, views.delete_conversation]
        listing = part("conversations", views.listed(""), called, scale=1, min_width=220)
        with gr.Column(scale=4, min_width=320, elem_id="conversation"):
            called = [views.source, views.copy_text, views.judge, views.export, views.papers.paper]
            chat = part("chat", views.shown(""), called, examples=list(examples))
            narrowing = part("narrowing", 0, [])
            with gr.Row(elem_id="composer"):
                box = gr.Textbox(
                    label="Question",
                    show_label=False,
                    placeholder="Ask about the papers",
                    lines=1,
                    max_lines=6,
                    max_length=20_000,
                    scale=8,
                    elem_id="question",
                )
                ask = gr.Button("Ask", variant="primary", scale=1, min_width=80, elem_id="ask")
                stop = gr.Button("Stop", scale=1, min_width=80, elem_id="stop")
    tab = ChatTab(narrowed, listing, chat, narrowing, box, ask, stop)
    _connect(tab, ChatEvents(views), page)
    return tab


@dataclass(frozen=True, slots=True)
class ChatEvents:
    """What happens on a press: each takes what the page holds and gives what it shows next.

    Which conversation a browser tab has open is kept here and not on the page, so that a second question, pressed
    before the first is on its way, goes to the same one.
    """

    views: ChatViews
    _open: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, question: str, within: list[str], request: gr.Request) -> Iterator[Shown]:
        browser_tab = str(request.session_hash)
        try:
            with self._lock:
                task = self.views.desk.ask(question, self._open.get(browser_tab), within)
                self._open[browser_tab] = task.exchange.conversation_id
        except FootnoteError as error:
            yield self._problem(request, question, error)
            return
        yield from self._followed(task)

    def example(self, within: list[str], event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        yield from self.asked(event.question, within, request)

    def again(self, event: gr.EventData, request: gr.Request) -> Iterator[Shown]:
        """A retry, or, when the event brings another question, an edit."""
        try:
            task = self.views.desk.ask_again(event.turn, event.question)
        except FootnoteError as error:
            yield self._problem(request, event.question, error)
            return
        if task:
            yield from self._followed(task)

    def opened(self, event: gr.EventData, request: gr.Request) -> Shown:
        self._open[str(request.session_hash)] = event.id
        return self.views.shown(event.id), self.views.listed(event.id)

    def fresh(self, request: gr.Request) -> Shown:
        self.forget(request)
        return self.views.shown(""), self.views.listed("")

    def listed(self, request: gr.Request) -> Data:
        return self.views.listed(self._current(request))

    def stop(self, request: gr.Request) -> None:
        self.views.desk.stop(self._current(request))

    def forget(self, request: gr.Request) -> None:
        self._open.pop(str(request.session_hash), None)

    def _current(self, request: gr.Request) -> str:
        return self._open.get(str(request.session_hash), "")

    def _followed(self, task: Task) -> Iterator[Shown]:
        conversation_id = task.exchange.conversation_id
        yield self.views.shown(conversation_id), self.views.listed(conversation_id)
        for chat in self.views.follow(task):
            yield chat, _AS_IT_IS

    def _problem(self, request: gr.Request, question: str, error: FootnoteError) -> Shown:
        return self.views.with_problem(self._current(request), question, str(error)), _AS_IT_IS


def _connect(tab: ChatTab, events: ChatEvents, page: gr.Blocks) -> None:
    answering: dict[str, Any] = {
        "outputs": [tab.chat, tab.listing],
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_limit": None,  # the desk keeps the line, and says so
        "trigger_mode": "multiple",
    }
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}
    pressed = [tab.box.submit, tab.ask.click]
    gr.on(pressed, events.asked, [tab.box, tab.narrowed], **answering)
    # Emptied on the page and at once: what is typed next must not go with the first answer that comes back.
    gr.on(pressed, None, None, [tab.box], js="() => ''", api_visibility="private")
    tab.chat.example(events.example, [tab.narrowed], **answering)
    tab.chat.retry_question(events.again, None, **answering)
    tab.chat.edit_question(events.again, None, **answering)
    tab.stop.click(events.stop, None, None, **quick)
    tab.listing.open_conversation(events.opened, None, [tab.chat, tab.listing], **quick)
    tab.listing.new_conversation(events.fresh, None, [tab.chat, tab.listing], **quick)
    tab.listing.refresh_list(events.listed, None, [tab.listing], **quick)
    tab.narrowing.widen(lambda: ([], 0), None, [tab.narrowed, tab.narrowing], **quick)
    page.load(events.listed, None, [tab.listing], **quick)
    page.unload(events.forget)
