"""Which language model writes, and what the pipeline may ask of it: any llama-index ``LLM`` behind one small class."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.llms import LLM

from assistant.errors import ModelError, Stopped
from assistant.llama import LlamaCppLLM, requantised
from assistant.models import gguf_file, is_server
from assistant.native_check import extra_buffers_work, limits
from assistant.prompting import Style
from assistant.settings import PACKAGED, Settings
from prompts import Prompt

_LARGE_PARAMETERS = 1_000_000_000  # from about here a model follows several instructions and keeps to its sources
_SERVER_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class Writer:
    """A language model that answers prompts. ``label`` names it in answers; ``offload`` says where it really runs."""

    llm: LLM
    label: str
    style: Style
    offload: str
    answer_tokens: int

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        """The answer, piece by piece. Raises Stopped once ``stop`` is set, ModelError when the model fails."""
        roles = cycle((MessageRole.USER, MessageRole.ASSISTANT))
        messages = [ChatMessage(role=MessageRole.SYSTEM, content=prompt.system)]
        messages += [ChatMessage(role=role, content=text) for role, text in zip(roles, prompt.turns)]  # noqa: B905
        is_local = isinstance(self.llm, LlamaCppLLM)
        with self.llm.interrupted_by(stop) if isinstance(self.llm, LlamaCppLLM) else nullcontext():
            try:
                for response in self.llm.stream_chat(messages, max_tokens=self.answer_tokens):
                    if stop.is_set():
                        raise Stopped("Stopped.")
                    if response.delta:
                        yield response.delta
            except _server_errors() as error:
                if is_local:
                    raise
                raise ModelError(f"The model server failed ({_first_line(error)}): check that it runs.") from error

    def close(self) -> None:
        if isinstance(self.llm, LlamaCppLLM):
            self.llm.close()


def open_writer(settings: Settings) -> Writer:
    """The language model that the settings name. Raises ModelError."""
    if is_server(settings.model):
        return _server_writer(settings)
    path = gguf_file(settings.model)
    extra_buffers = extra_buffers_work(settings)  # before llama.cpp is loaded into this process
    if settings.model == PACKAGED:
        path = requantised(path, settings.cache_folder)
    llm = LlamaCppLLM(
        path,
        gpu_layers=settings.gpu_layers,
        threads=settings.threads,
        context_tokens=settings.context_tokens,
        answer_tokens=settings.answer_tokens,
        extra_buffers=extra_buffers,
    )
    remarks = [llm.offload]
    remarks += [] if llm.has_chat_template else ["without a chat template"]
    remarks += [] if extra_buffers else [limits()]
    return Writer(
        llm=llm,
        label=f"{llm.model_name} ({_fingerprint(path)})",
        style=_style(settings, is_small=llm.parameter_count < _LARGE_PARAMETERS),
        offload=", ".join(remarks),
        answer_tokens=settings.answer_tokens,
    )


def _server_writer(settings: Settings) -> Writer:
    import openai
    from llama_index.llms.openai_like import OpenAILike

    parts = urlsplit(settings.model)
    if not parts.hostname:
        raise ModelError(f"{settings.model} is no address of a model server: use http://host:port/v1.")
    address = settings.model if parts.path.strip("/") else settings.model.rstrip("/") + "/v1"
    try:
        client = openai.OpenAI(base_url=address, api_key="none", timeout=_SERVER_TIMEOUT_SECONDS, max_retries=0)
        offered = [model.id for model in client.models.list()]
    except (openai.OpenAIError, ValueError) as error:
        raise ModelError(f"No model server answers at {address} ({_first_line(error)}): start it.") from error
    if not offered:
        raise ModelError(f"The server at {address} offers no model: load one there.")
    llm = OpenAILike(
        model=offered[0],
        api_base=address,
        api_key="none",
        is_chat_model=True,
        temperature=0.0,
        context_window=settings.context_tokens,
        max_retries=0,
        timeout=_SERVER_TIMEOUT_SECONDS,
    )
    return Writer(
        llm=llm,
        label=f"{offered[0]} at {parts.netloc.rsplit('@')[-1]}",
        style=_style(settings, is_small=False),
        offload="on a server",
        answer_tokens=settings.answer_tokens,
    )


def _style(settings: Settings, *, is_small: bool) -> Style:
    if settings.prompt == "small" or (settings.prompt == "auto" and is_small):
        return "small"
    return "large"


def _fingerprint(path: Any) -> str:
    """Eight hex digits over a file's size, first and last mebibyte: enough to tell two models apart, at once."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(1 << 20))
        file.seek(max(0, size - (1 << 20)))
        digest.update(file.read())
    return digest.hexdigest()[:8]


def _server_errors() -> tuple[type[Exception], ...]:
    import httpx
    import openai

    return (openai.OpenAIError, httpx.HTTPError)


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]
