"""The language model that the settings name, as a ``LanguageModel``."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole
from llama_index.core.llms import LLM

from assistant.errors import ModelError, Stopped
from assistant.interfaces import LanguageModel
from assistant.models.llama import LlamaCppLLM, requantised
from assistant.models.locate import gguf_file, is_server
from assistant.models.model_server import open_server, translated, until_finished
from assistant.models.native_check import extra_buffers_work, limits
from assistant.settings import PACKAGED, Settings
from assistant.system.interruptible import until_stopped
from assistant.system.named_class import Named, accepted_options, create, names_class, resolved
from prompts import Prompt, Style

_LARGE_PARAMETERS = 1_000_000_000  # from about here a model follows several instructions and keeps to its sources

# Tokens of an answer, unless the settings say otherwise: the prompts ask for one sentence, and for up to four.
ANSWER_TOKENS: Mapping[Style, int] = {"small": 80, "large": 400}


@dataclass(frozen=True)
class LlamaIndexModel:
    """Any llama-index ``LLM`` as a ``LanguageModel``."""

    llm: LLM = field(repr=False)  # it may hold the key of a server
    label: str
    style: Style
    offload: str
    answer_tokens: int
    named: Named[LLM] | None = field(default=None, repr=False)
    """Set when the settings name the class of ``llm``: which arguments its methods take is then not known."""

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        """The answer, piece by piece. Raises Stopped once ``stop`` is set, ModelError when the model fails."""
        roles = cycle((MessageRole.USER, MessageRole.ASSISTANT))
        messages = [ChatMessage(role=MessageRole.SYSTEM, content=prompt.system)]
        messages += [ChatMessage(role=role, content=text) for role, text in zip(roles, prompt.turns)]  # noqa: B905
        with ExitStack() as until_written:
            if isinstance(self.llm, LlamaCppLLM):
                until_written.enter_context(self.llm.interrupted_by(stop))
            else:
                until_written.enter_context(self._translated())
            for count, response in enumerate(self._responses(messages, stop)):
                if stop.is_set():
                    raise Stopped("Stopped.")
                if count == self.answer_tokens and self.named:
                    return  # a response brings at least one token, so the answer is as long as it may be
                if response.delta:
                    yield response.delta

    def _responses(self, messages: Sequence[ChatMessage], stop: threading.Event) -> Iterator[ChatResponse]:
        """A server may be silent for minutes, so a stop does not wait for it; llama.cpp is stopped in its own way."""
        options = {} if self.named else {"max_tokens": self.answer_tokens}
        if isinstance(self.llm, LlamaCppLLM):
            return self.llm.stream_chat(messages, **options)
        responses = until_stopped(lambda: self.llm.stream_chat(messages, **options), stop)
        return responses if self.named else until_finished(responses)

    def close(self) -> None:
        if isinstance(self.llm, LlamaCppLLM):
            self.llm.close()

    def _translated(self) -> AbstractContextManager[None]:
        if self.named:
            return self.named.translated(ModelError, "to answer", "check that its server runs and model_options")
        return translated(self.llm)


def open_language_model(settings: Settings) -> LanguageModel:
    """The language model that the settings name. Raises ModelError, and SettingsError for a bad key or option."""
    if is_server(settings.model):
        return _open_on_server(settings)
    if names_class(settings.model):
        return _open_named(settings)
    path = gguf_file(settings.model)
    extra_buffers = extra_buffers_work(settings)  # before llama.cpp is loaded into this process
    if settings.model == PACKAGED:
        path = requantised(path, settings.cache_folder)
    llm = LlamaCppLLM(
        path,
        gpu_layers=settings.gpu_layers,
        threads=settings.threads,
        context_tokens=settings.context_tokens,
        answer_tokens=settings.answer_tokens or ANSWER_TOKENS["small"],
        extra_buffers=extra_buffers,
    )
    style = _style(settings, is_small=llm.parameter_count < _LARGE_PARAMETERS)
    remarks = [llm.offload]
    remarks += [] if llm.has_chat_template else ["without a chat template"]
    remarks += [] if extra_buffers else [limits()]
    return LlamaIndexModel(
        llm=llm,
        label=f"{llm.model_name} ({_fingerprint(path)})",
        style=style,
        offload=", ".join(remarks),
        answer_tokens=settings.answer_tokens or ANSWER_TOKENS[style],
    )


def llama_index_llm(model: LanguageModel) -> LLM:
    """The llama-index ``LLM`` of an open language model. Raises ModelError when the model has none."""
    if not isinstance(model, LlamaIndexModel):
        raise ModelError(f"{model.label} is not a language model of llama-index: choose another with --model.")
    return model.llm


def _open_on_server(settings: Settings) -> LlamaIndexModel:
    llm, label = open_server(settings)
    style = _style(settings, is_small=False)
    return LlamaIndexModel(
        llm=llm,
        label=label,
        style=style,
        offload="on a server",
        answer_tokens=settings.answer_tokens or ANSWER_TOKENS[style],
    )


def _open_named(settings: Settings) -> LlamaIndexModel:
    kind: Any = LLM
    style = _style(settings, is_small=False)
    answer_tokens = settings.answer_tokens or ANSWER_TOKENS[style]
    ours = {
        "temperature": 0.0,
        "max_tokens": answer_tokens,
        "context_window": settings.context_tokens,
    }
    known = accepted_options(settings.model, "model")
    options = {name: value for name, value in ours.items() if name in known} | dict(settings.model_options)
    named: Named[LLM] = create(settings.model, kind, resolved(options, "model"), "model")
    with named.translated(ModelError, "to say what it is", "check model_options"):
        name = named.instance.metadata.model_name
    return LlamaIndexModel(
        llm=named.instance,
        label=f"{name} by {settings.model}",
        style=style,
        offload="by llama-index",
        answer_tokens=answer_tokens,
        named=named,
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
