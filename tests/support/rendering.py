"""Small answers and papers, and the page's HTML of them."""

from __future__ import annotations

from typing import Any

from assistant.conversations.store import Exchange
from assistant.records import Answer, Claim, Evidence, Paper
from assistant.web.rendering import (
    exchange_html,
)
from tests.support.html import ParsedHtml

ATTACK = "<img src=x onerror=alert(1)>\"><script>alert(2)</script>' onclick='alert(3) {{ 7*7 }} %s &lt;b&gt; & co"
ABSTRACT = "Cost falls. Tables are hard. Models read."
COST, TABLES, MODELS = (0, 11), (12, 28), (29, 41)


def exchange(answer: Answer | None = None, **changes: Any) -> Exchange:
    return Exchange("e", "c", "Does cost fall?", "2026-01-01T00:00:00+00:00", answer, **changes)


def drawn(
    answer: Answer | None, *, is_done: bool = True, ahead: int | None = None, problem: str = "", **changes: Any
) -> ParsedHtml:
    asked = exchange(answer, **changes)
    return ParsedHtml(exchange_html(asked, answer, is_done=is_done, ahead=ahead, problem=problem))


def paper_of(abstract: str = ABSTRACT, **changes: Any) -> Paper:
    return Paper("p", "T", abstract, **changes)


def claim_of(*spans: tuple[int, int], paper: Paper | None = None, text: str = "Costs fall.", **changes: Any) -> Claim:
    evidence = tuple(Evidence(paper or paper_of(), *span) for span in spans or [COST])
    return Claim(text, evidence, **{"support": "supported", "score": 0.8666, **changes})


def answered(*claims: Claim, **changes: Any) -> Answer:
    return Answer("q", stage="done", claims=claims or (claim_of(),), **changes)


def actions(page: ParsedHtml) -> list[str | None]:
    return [button.attributes["data-action"] for button in page.all("button") if "data-action" in button.attributes]
