"""Finds the papers that mention a name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.records import Paper


def is_about(paper: Paper, names: Iterable[str]) -> bool:
    """Does the title or the abstract mention one of the names?"""
    text = f"{paper.title}\n{paper.abstract}"
    return any(is_mentioned(name, text) for name in names)


def is_mentioned(name: str, text: str) -> bool:
    """Does the text contain the name, whatever its case, hyphens and plural: is "Llama-3" in "Llama 3 models"?"""
    parts = re.findall(r"[^\W_]+", name)
    pattern = r"[\W_]{0,2}".join(map(re.escape, parts))
    return bool(parts) and bool(re.search(rf"(?<![^\W_]){pattern}(?:e?s)?(?![^\W_])", text, re.IGNORECASE))
