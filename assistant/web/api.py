"""The one endpoint for programs: ``gradio_client.Client(address).predict(question, api_name="/ask")``."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.errors import FootnoteError
from assistant.web.views.api import ApiViews


def build_api(views: ApiViews) -> None:
    """Add the endpoint ``/ask`` to the page that is being built.

    One call runs at a time and the others wait in Gradio's queue, so a program that sends a thousand questions never
    has more than one in front of a person's.
    """

    def ask(question: str, history: list[list[str]] | None = None) -> dict[str, Any]:
        """Answer a question from the indexed papers; the result is the object that `footnote ask --json` prints.

        Args:
            question: the question, in at most 2,000 words
            history: earlier turns of the conversation as [[question, answer], ...], oldest first
        """
        try:
            return views.ask(question, history or [])
        except FootnoteError as error:
            raise gr.Error(str(error), print_exception=False) from error

    with gr.Column(visible=False):  # Gradio would give the components of the endpoint space on the page
        gr.api(ask, api_name="ask", concurrency_limit=1)
