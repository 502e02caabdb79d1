"""Components of the page with their own HTML and script, both from the folder ``static``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import FootnoteError
from assistant.web.views import Data

FOLDER = Path(__file__).parent / "static"


def component(name: str, value: Any, functions: list[Callable[..., Any]], **options: Any) -> gr.HTML:
    """The component ``name``, whose element has that id. Its script calls ``functions`` by their names.

    The events of a component are those that its script triggers. A script inserts only HTML that the escaping
    templates made, and other text as text.
    """
    return gr.HTML(
        value,
        elem_id=name,
        html_template=text_of(f"{name}.html"),
        js_on_load=text_of(f"{name}.js"),
        server_functions=[_as_function(function) for function in functions],
        apply_default_css=False,
        **options,
    )


def text_of(name: str) -> str:
    """The text of a file in the folder ``static``."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _as_function(method: Callable[..., Any]) -> Callable[..., Any]:
    """A function that calls the method, because Gradio sets attributes on what it is given, and methods have none.

    A FootnoteError becomes a ``problem``, which the page shows.
    """

    @wraps(method)
    def call(data: Data) -> Any:
        try:
            return method(data)
        except FootnoteError as error:
            return {"problem": str(error)}

    return call
