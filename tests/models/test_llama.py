"""The packaged language model in llama.cpp."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole

from assistant.errors import Stopped
from assistant.models.llama import LlamaCppLLM
from assistant.models.locate import gguf_file
from assistant.settings import PACKAGED

pytestmark = pytest.mark.models

OPENING = [
    ChatMessage(role=MessageRole.SYSTEM, content="You answer in one short sentence."),
    ChatMessage(role=MessageRole.USER, content="What do hens lay?"),
    ChatMessage(role=MessageRole.ASSISTANT, content="Hens lay eggs."),
]


@pytest.fixture(scope="module")
def llm() -> Iterator[LlamaCppLLM]:
    llm = LlamaCppLLM(gguf_file(PACKAGED), gpu_layers=0, threads=2, context_tokens=512, answer_tokens=12)
    yield llm
    llm.close()


@pytest.fixture
def read(llm, monkeypatch) -> list[list[int]]:
    """The tokens that the model processes, batch by batch."""
    batches: list[list[int]] = []
    evaluate = llm._llama.eval

    def keep(tokens: list[int]) -> None:
        batches.append(list(tokens))
        evaluate(tokens)

    monkeypatch.setattr(llm._llama, "eval", keep)
    return batches


def asked(llm: LlamaCppLLM, question: str) -> str:
    return str(llm.chat([*OPENING, ChatMessage(role=MessageRole.USER, content=question)]).message.content)


def test_the_same_question_gets_the_same_words_whatever_was_asked_before(llm):
    first = asked(llm, "What do cows give?")
    asked(llm, "Where do whales live, and what do they eat there in winter?")
    assert asked(llm, "What do cows give?") == first
    llm.complete("Once upon a time")
    assert asked(llm, "What do cows give?") == first
    llm.chat([ChatMessage(role=MessageRole.USER, content="Hello")])
    assert asked(llm, "What do cows give?") == first


def test_the_common_start_of_all_prompts_is_processed_only_once(llm, read):
    llm.complete("Once upon a time")
    asked(llm, "What do cows give?")
    assert any("Hens lay eggs." in text(llm, tokens) for tokens in read)
    read.clear()
    asked(llm, "Where do whales live?")
    assert "Where do whales live?" in text(llm, read[0])
    assert not any("eggs" in text(llm, tokens) for tokens in read)


def text(llm: LlamaCppLLM, tokens: list[int]) -> str:
    return llm._llama.detokenize(tokens).decode()


def test_a_stopped_chat_does_not_change_the_next_one(llm):
    expected = asked(llm, "What do cows give?")
    stop = threading.Event()
    stop.set()
    with llm.interrupted_by(stop), pytest.raises(Stopped):
        asked(llm, "Where do whales live?")
    assert asked(llm, "What do cows give?") == expected


def test_without_extra_buffers_llama_cpp_is_told_to_use_none():
    llm = LlamaCppLLM(
        gguf_file(PACKAGED), gpu_layers=0, threads=2, context_tokens=512, answer_tokens=4, extra_buffers=False
    )
    assert llm._llama.model_params.use_extra_bufts is False
    assert asked(llm, "What do cows give?")
    llm.close()
