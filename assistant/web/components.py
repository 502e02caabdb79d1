"""Parts of the page that are HTML and a script of our own, from the folder ``static``; none comes from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import FootnoteError
from assistant.web.views import Data

FOLDER = Path(__file__).parent / "static"


def part(name: str, value: Any, functions: list[Callable[..., Any]], **options: Any) -> gr.HTML:
    """The part ``name``, whose element has that id. Its script calls ``functions`` by name, each with one ``Data``.

    Events are named in the script; what a script puts into the page comes escaped from the templates, or as text.
    """
    return gr.HTML(
        value,
        elem_id=name,
        html_template=text_of(f"{name}.html"),
        js_on_load=text_of(f"{name}.js"),
        server_functions=[_plain(function) for function in functions],
        apply_default_css=False,
        **options,
    )


def text_of(name: str) -> str:
    """A file of the folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _plain(method: Callable[..., Any]) -> Callable[..., Any]:
    """A function in place of a method, because Gradio marks what it is given and a method cannot be marked.

    An expected error becomes a ``problem`` that the page shows.
    """

    @wraps(method)
    def call(data: Data) -> Any:
        try:
            return method(data)
        except FootnoteError as error:
            return {"problem": str(error)}

    return call
