"""Footnote: questions to checked, cited answers over a corpus of abstracts.

    from assistant import Assistant
    Assistant.open().ask("...")

Importing this package loads no heavy library; asking for ``Assistant`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.assistant import Assistant

__all__ = ["Assistant"]


def __getattr__(name: str) -> Any:
    if name == "Assistant":
        from assistant.assistant import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
