"""The layout of the page and what its controls do."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from assistant.errors import FootnoteError
from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_text
from assistant.questions import Turn
from assistant.records import Answer
from assistant.web.rendering import answer_html, problem_html, question_html

_INTRODUCTION = """# Footnote
Ask about the indexed papers. Every sentence of an answer carries a footnote; open it to read the words it rests on."""
_REMEMBERED_TURNS = 4

Message = dict[str, str]


class Conversations:
    """Answers questions for the page; one stop signal a browser tab."""

    def __init__(self, assistant: AnswerPipeline) -> None:
        self._assistant = assistant
        self._stops: dict[str, threading.Event] = {}

    def answer(
        self, question: str, messages: list[Message], turns: list[Turn], request: gr.Request
    ) -> Iterator[tuple[str, list[Message], list[Turn]]]:
        """What the question box, the chat and the remembered turns show next, as the answer grows."""
        stop = self._stops[str(request.session_hash)] = threading.Event()
        messages = [*messages, _message("user", question_html(question))]
        try:
            answer = Answer(question)
            for answer in self._assistant.stream(question, turns[-_REMEMBERED_TURNS:], stop):
                yield "", [*messages, _message("assistant", answer_html(answer))], turns
            if not answer.stopped:
                turns = [*turns, (question, as_text(answer))]
            yield "", [*messages, _message("assistant", answer_html(answer))], turns
        except FootnoteError as error:
            yield question, [*messages, _message("assistant", problem_html(str(error)))], turns

    def stop(self, request: gr.Request) -> None:
        """End the answer that is being written for this tab, also while the model is still reading."""
        signal = self._stops.get(str(request.session_hash))
        if signal:
            signal.set()

    def forget(self, request: gr.Request) -> None:
        """A tab was closed: stop its answer and forget its signal."""
        self.stop(request)
        self._stops.pop(str(request.session_hash), None)


def build_page(assistant: AnswerPipeline, examples: Sequence[str]) -> gr.Blocks:
    """The page, not yet served."""
    conversations = Conversations(assistant)
    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_height=True) as page:
        gr.Markdown(_INTRODUCTION)
        chat = gr.Chatbot(
            label="Conversation",
            elem_id="chat",
            latex_delimiters=[],
            allow_file_downloads=False,
            buttons=[],
            feedback_options=None,
            scale=1,
            min_height=320,
        )
        turns = gr.State([])
        with gr.Row():
            box = gr.Textbox(
                label="Question",
                placeholder="What do you want to know?",
                lines=1,
                max_lines=6,
                scale=8,
                elem_id="question",
            )
            ask = gr.Button("Ask", variant="primary", scale=1, min_width=90, elem_id="ask")
            stop = gr.Button("Stop", scale=1, min_width=90, elem_id="stop")
            clear = gr.Button("New", scale=1, min_width=90, elem_id="new")
        if examples:
            gr.Examples([[example] for example in examples], inputs=[box], label="For example")
        asking: dict[str, Any] = {
            "fn": conversations.answer,
            "inputs": [box, chat, turns],
            "outputs": [box, chat, turns],
            "api_visibility": "private",
            "show_progress": "hidden",
        }
        gr.on([box.submit, ask.click], **asking)
        stop.click(conversations.stop, queue=False, api_visibility="private")
        clear.click(lambda: ([], []), outputs=[chat, turns], queue=False, api_visibility="private")
        chat.clear(list, outputs=[turns], queue=False, api_visibility="private")
        page.unload(conversations.forget)
    return page


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}
