"""Builds the prompt for a language model from the question and the evidence.

Papers and questions are untrusted: their text is only inserted into a template, without control tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.records import Evidence
from prompts import Prompt, Style, load

# Control tokens of chat templates, such as <|im_end|>, </s>, <start_of_turn> and [INST], would end the user's turn.
_CONTROL = re.compile(
    r"<([|｜]?/?[\w ▁-]{1,40}[|｜]?)>|\[(/?(?:INST|SYS\w*|AVAILABLE_TOOLS|TOOL_\w+))\]", re.IGNORECASE
)


def answer_prompt(style: Style, question: str, evidence: Sequence[Evidence]) -> Prompt:
    """The prompt with numbered sentences of evidence; a ``large`` model also gets the abstracts they are from."""
    listed = numbered([item.text for item in evidence])
    if style == "small":
        return load("answer-small").filled(question=plain(question), evidence=listed)
    abstracts = {item.paper.paper_id: f"{plain(item.paper.title)}\n{plain(item.paper.abstract)}" for item in evidence}
    return load("answer-large").filled(
        question=plain(question), evidence=listed, abstracts="\n\n".join(abstracts.values())
    )


def numbered(texts: Iterable[str]) -> str:
    """One text per line, each after the number by which it is cited."""
    return "\n".join(f"[{number}] {plain(text)}" for number, text in enumerate(texts, start=1))


def plain(text: str) -> str:
    """The text on one line and without control tokens, so that it cannot end its part of the prompt."""
    return " ".join(_CONTROL.sub(lambda match: f"({match.group(1) or match.group(2)})", text).split())
