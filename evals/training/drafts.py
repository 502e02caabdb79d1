"""Collects sentences that the language model writes, before any check, each with the evidence it was given.

``python -m evals.training.drafts OUT.jsonl --questions FILE`` runs search, reading and writing as the pipeline does,
and the
writing again with weaker evidence and at higher temperatures, where a small model makes more mistakes. What comes out
is labelled by hand and becomes part of ``evals/data/sentences.jsonl``; see ``evals/README.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from tqdm import tqdm

from assistant.answering.citations import parse_draft
from assistant.answering.prompting import answer_prompt
from assistant.answering.question import question_type, standalone_question
from assistant.answering.selection import select
from assistant.assistant import Assistant
from assistant.models.language_model import ANSWER_TOKENS, llama_index_llm
from assistant.records import Evidence
from evals.questions import EvalQuestion, load

_EVIDENCE_SENTENCES = 2  # evidence sentences that the pipeline gives to a small model


@dataclass(frozen=True, slots=True)
class Variant:
    """``first``: index of the first of the two selected evidence sentences, best first, that the model gets."""

    first: int
    temperature: float


VARIANTS = (Variant(0, 0.0), Variant(0, 1.0), Variant(1, 0.0), Variant(2, 1.0))


def drafts(assistant: Assistant, question: EvalQuestion, seed: int) -> Iterator[dict[str, Any]]:
    """One record per different sentence written about the question: sentence, evidence, titles, paper ids."""
    asked = standalone_question(question.question, question.history)
    found = assistant.reranker.rerank(asked, assistant.retriever.retrieve(question.question, question.history, ()))
    chosen = select(question_type(question.question), found.papers, found.evidence, assistant.settings.answer_words)
    seen: set[str] = set()
    for variant in VARIANTS:
        offered = chosen[variant.first :][:_EVIDENCE_SENTENCES]
        if not offered:
            continue
        text = _write(assistant, asked, offered, variant.temperature, seed)
        for written in parse_draft(text, [item.text for item in offered]):
            if written.text not in seen:
                seen.add(written.text)
                yield _record(question, written.text, [offered[number] for number in written.cites], variant)


def _record(question: EvalQuestion, sentence: str, cited: Sequence[Evidence], variant: Variant) -> dict[str, Any]:
    return {
        "question": question.question,
        "claim": sentence,
        "evidence": [item.text for item in cited],
        "title": " ".join(dict.fromkeys(item.paper.title for item in cited)),
        "papers": sorted({item.paper.paper_id for item in cited}),
        "question_id": question.question_id,
        "first": variant.first,
        "temperature": variant.temperature,
    }


def _write(assistant: Assistant, question: str, offered: Sequence[Evidence], temperature: float, seed: int) -> str:
    prompt = answer_prompt(assistant.language_model.style, question, offered)
    roles = cycle((MessageRole.USER, MessageRole.ASSISTANT))
    messages = [ChatMessage(role=MessageRole.SYSTEM, content=prompt.system)]
    messages += [ChatMessage(role=role, content=text) for role, text in zip(roles, prompt.turns)]  # noqa: B905
    llm, longest = llama_index_llm(assistant.language_model), assistant.settings.answer_tokens or ANSWER_TOKENS["small"]
    response = llm.chat(messages, max_tokens=longest, temperature=temperature, seed=seed)
    return response.message.content or ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="JSON lines are added to this file")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first question, from 0")
    parser.add_argument("--count", type=int, default=50, help="number of questions; a few take minutes")
    parser.add_argument("--home", type=Path, required=True, help="home folder with the indexed papers")
    options = parser.parse_args()
    questions = load(options.questions)[options.first :][: options.count]
    with Assistant.open(home=options.home) as assistant, options.out.open("a", encoding="utf-8") as out:
        for number, question in enumerate(tqdm(questions), start=options.first):
            for record in drafts(assistant, question, seed=number):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
