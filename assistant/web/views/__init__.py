"""What the page shows and does, as plain values; nothing here imports Gradio."""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]
"""JSON values that a script of the page sends or gets."""
