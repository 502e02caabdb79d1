"""The tab where questions are asked: its layout and its events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from assistant.conversations.answer_queue import Task
from assistant.errors import FootnoteError
from assistant.web.components import component
from assistant.web.views import Data
from assistant.web.views.chat import ChatViews
from assistant.web.views.saved import SavedViews

Outputs = tuple[Any, ...]
"""The new values of the conversation and of the list of conversations."""

_UNCHANGED = gr.skip()


@dataclass(frozen=True, slots=True)
class ChatTab:
    """The components of the tab."""

    paper_ids: gr.State
    """The papers that the next question is about; empty for all. Other tabs set it, with ``filter``, which shows it."""
    conversations: gr.HTML
    chat: gr.HTML
    filter: gr.HTML
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    collection: gr.HTML
    """The choice in the header, whose value is the name of the collection that is asked; empty for all papers."""


def build_chat(
    page: gr.Blocks, views: ChatViews, saved: SavedViews, collection: gr.HTML, examples: Sequence[str]
) -> ChatTab:
    """Lay the tab out and connect its events."""
    paper_ids = gr.State([])
    called: list[Callable[..., Any]]
    with gr.Row(elem_id="ask-tab"):
        called = [views.search_conversations, views.rename_conversation, views.delete_conversation]
        conversations = component("conversations", views.conversation_list(""), called, scale=1, min_width=220)
        with gr.Column(scale=4, min_width=320, elem_id="conversation"):
            called = [views.source, views.copy_text, views.rate, saved.save, views.export, views.papers.paper]
            chat = component("chat", views.conversation(""), called, examples=list(examples))
            paper_filter = component("filter", 0, [])
            with gr.Row(elem_id="composer"):
                question = gr.Textbox(
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
    tab = ChatTab(paper_ids, conversations, chat, paper_filter, question, ask, stop, collection)
    _connect(tab, ChatEvents(views), page)
    return tab


@dataclass(frozen=True, slots=True)
class ChatEvents:
    """The functions behind the controls: each takes values of components and gives their new values.

    The open conversation of each browser tab is kept here and not on the page, so that a second question, sent before
    the first has reached the server, goes to the same conversation.
    """

    views: ChatViews
    _open: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: str, within: list[str], collection: str, request: gr.Request) -> Iterator[Outputs]:
        browser_tab = str(request.session_hash)
        try:
            with self._lock:
                task = self.views.ask(question, self._open.get(browser_tab), within, collection)
                self._open[browser_tab] = task.exchange.conversation_id
        except FootnoteError as error:
            yield self._problem(request, question, error)
            return
        yield from self._follow(task)

    def example(
        self, within: list[str], collection: str, event: gr.EventData, request: gr.Request
    ) -> Iterator[Outputs]:
        yield from self.ask(event.question, within, collection, request)

    def ask_again(self, event: gr.EventData, request: gr.Request) -> Iterator[Outputs]:
        """Retry a question, or ask an edited one in its place when the event has a new text."""
        try:
            task = self.views.queue.ask_again(event.turn, event.question)
        except FootnoteError as error:
            yield self._problem(request, event.question, error)
            return
        if task:
            yield from self._follow(task)

    def open_conversation(self, event: gr.EventData, request: gr.Request) -> Outputs:
        self._open[str(request.session_hash)] = event.id
        return self.views.conversation(event.id), self.views.conversation_list(event.id)

    def new_conversation(self, request: gr.Request) -> Outputs:
        self.forget(request)
        return self.views.conversation(""), self.views.conversation_list("")

    def conversation_list(self, request: gr.Request) -> Data:
        return self.views.conversation_list(self._current(request))

    def stop(self, request: gr.Request) -> None:
        self.views.queue.stop(self._current(request))

    def forget(self, request: gr.Request) -> None:
        self._open.pop(str(request.session_hash), None)

    def _current(self, request: gr.Request) -> str:
        return self._open.get(str(request.session_hash), "")

    def _follow(self, task: Task) -> Iterator[Outputs]:
        conversation_id = task.exchange.conversation_id
        yield self.views.conversation(conversation_id), self.views.conversation_list(conversation_id)
        for chat in self.views.follow(task):
            yield chat, _UNCHANGED

    def _problem(self, request: gr.Request, question: str, error: FootnoteError) -> Outputs:
        return self.views.with_problem(self._current(request), question, str(error)), _UNCHANGED


def _connect(tab: ChatTab, events: ChatEvents, page: gr.Blocks) -> None:
    answering: dict[str, Any] = {
        "outputs": [tab.chat, tab.conversations],
        "api_visibility": "private",
        "show_progress": "hidden",
        "concurrency_limit": None,  # the answer queue orders the questions and says how many are ahead
        "trigger_mode": "multiple",
    }
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}
    asked = [tab.question.submit, tab.ask.click]
    gr.on(asked, events.ask, [tab.question, tab.paper_ids, tab.collection], **answering)
    # The browser clears the field at once; an output of `ask` would clear what is typed while the answer grows.
    gr.on(asked, None, None, [tab.question], js="() => ''", api_visibility="private")
    tab.chat.example(events.example, [tab.paper_ids, tab.collection], **answering)
    tab.chat.retry_question(events.ask_again, None, **answering)
    tab.chat.edit_question(events.ask_again, None, **answering)
    tab.stop.click(events.stop, None, None, **quick)
    tab.conversations.open_conversation(events.open_conversation, None, [tab.chat, tab.conversations], **quick)
    tab.conversations.new_conversation(events.new_conversation, None, [tab.chat, tab.conversations], **quick)
    tab.conversations.refresh_list(events.conversation_list, None, [tab.conversations], **quick)
    tab.filter.clear_filter(lambda: ([], 0), None, [tab.paper_ids, tab.filter], **quick)
    page.load(events.conversation_list, None, [tab.conversations], **quick)
    page.unload(events.forget)
