"""Records to what is said to a language model. Papers and people are untrusted: their text is only ever filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.records import Evidence
from prompts import Prompt, Style, load

# Control tokens of chat templates: <|im_end|>, </s>, <start_of_turn>, [INST] ... would end the user's turn.
_CONTROL = re.compile(
    r"<([|｜]?/?[\w ▁-]{1,40}[|｜]?)>|\[(/?(?:INST|SYS\w*|AVAILABLE_TOOLS|TOOL_\w+))\]", re.IGNORECASE
)


def answer_prompt(style: Style, question: str, evidence: Sequence[Evidence]) -> Prompt:
    """The prompt for a model that carries a few sentences (``small``) or whole abstracts (``large``)."""
    listed = "\n".join(f"[{number}] {plain(item.text)}" for number, item in enumerate(evidence, start=1))
    if style == "small":
        return load("answer-small").filled(question=plain(question), evidence=listed)
    abstracts = {item.paper.paper_id: f"{plain(item.paper.title)}\n{plain(item.paper.abstract)}" for item in evidence}
    return load("answer-large").filled(
        question=plain(question), evidence=listed, abstracts="\n\n".join(abstracts.values())
    )


def plain(text: str) -> str:
    """Text that cannot leave its place in a prompt: one line, and no control token of a chat template."""
    return " ".join(_CONTROL.sub(lambda match: f"({match.group(1) or match.group(2)})", text).split())
