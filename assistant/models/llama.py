"""Language models in GGUF files, run in this process by llama.cpp behind llama-index's ``LLM`` interface.

llama-index's own integration is not used, because it ignores arguments, never uses the chat template of the file, and
has no lock. One context serves one caller at a time: a lock is held for the whole life of a generation.
"""

from __future__ import annotations

import ctypes
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms import CustomLLM
from pydantic import PrivateAttr

from assistant.errors import ModelError, Stopped
from assistant.system.disk import replacing, sha256_of

_ABORTED = "llama_decode returned 2"  # llama.h: 2 - aborted


class LlamaCppLLM(CustomLLM):
    """A GGUF model. It decodes greedily, unless a call gives a ``temperature``: the same prompt gives the same text.

    ``offload`` says in words how many layers really went to a GPU; ``parameter_count`` comes from the file.
    """

    model_name: str
    context_tokens: int
    answer_tokens: int
    parameter_count: int
    offload: str
    has_chat_template: bool
    _llama: Any = PrivateAttr()
    _lock: threading.RLock = PrivateAttr(default_factory=threading.RLock)
    _stop: threading.Event | None = PrivateAttr(default=None)
    _abort: Any = PrivateAttr()
    _opening: list[dict[str, str]] | None = PrivateAttr(default=None)
    _opening_tokens: int = PrivateAttr(default=0)

    def __init__(
        self,
        path: Path,
        *,
        gpu_layers: int,
        threads: int,
        context_tokens: int,
        answer_tokens: int,
        extra_buffers: bool = True,
    ) -> None:
        """Raises ModelError when llama.cpp does not load the file.

        Without ``extra_buffers``, weights are not repacked: slower, but no AMX kernel is used.
        """
        import llama_cpp

        threads = threads or os.cpu_count() or 1
        log, keep_log = _logged()
        try:
            llama = _llama_class(extra_buffers)(
                str(path),
                n_gpu_layers=gpu_layers,
                n_ctx=context_tokens,
                n_threads=threads,
                n_threads_batch=threads,
                flash_attn=True,
                verbose=False,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelError(
                f"llama.cpp does not load {path}{_reason(log)}: the file is damaged, or its architecture is unknown."
            ) from error
        finally:
            keep_log()
        super().__init__(
            model_name=path.stem,
            context_tokens=llama.n_ctx(),
            answer_tokens=answer_tokens,
            parameter_count=llama_cpp.llama_model_n_params(llama.model),
            offload=_offload(log, gpu_layers),
            has_chat_template="tokenizer.chat_template" in llama.metadata,
        )
        self._llama = llama
        # ctypes keeps no reference to a callback; llama.cpp would call freed memory without ours.
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._stop is not None and self._stop.is_set())

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(
            context_window=self.context_tokens,
            num_output=self.answer_tokens,
            is_chat_model=True,
            model_name=self.model_name,
        )

    @contextmanager
    def interrupted_by(self, stop: threading.Event) -> Iterator[None]:
        """In this block, setting ``stop`` ends a generation with Stopped, even while the prompt is processed."""
        with self._lock:
            self._stop = stop
            try:
                yield
            finally:
                self._stop = None

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        text = "".join(response.delta or "" for response in self.stream_complete(prompt, formatted, **kwargs))
        return CompletionResponse(text=text)

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: ARG002 - the interface
        options = self._options(kwargs)

        def start() -> Any:
            self._llama.reset()
            self._opening = None
            return self._llama.create_completion(prompt, stream=True, **options)

        text = ""
        for piece in self._pieces(start):
            text += piece["text"]
            yield CompletionResponse(text=text, delta=piece["text"])

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        text = "".join(response.delta or "" for response in self.stream_chat(messages, **kwargs))
        return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text))

    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Stream an answer, with the chat template of the file; a file without one gets the messages as plain text."""
        if not self.has_chat_template:
            prompt = "\n\n".join(str(message.content) for message in messages) + "\n\n"
            for response in self.stream_complete(prompt, **kwargs):
                yield _chat_response(response.text, response.delta or "")
            return
        options = self._options(kwargs)
        spoken = [{"role": message.role.value, "content": str(message.content)} for message in messages]

        def start() -> Any:
            self._return_to_opening(spoken[:-1])
            return self._llama.create_chat_completion(spoken, stream=True, **options)

        text = ""
        for piece in self._pieces(start):
            delta = piece["delta"].get("content") or ""
            text += delta
            yield _chat_response(text, delta)

    def close(self) -> None:
        with self._lock:
            self._llama.close()

    def _options(self, given: dict[str, Any]) -> dict[str, Any]:
        return {
            "max_tokens": given.get("max_tokens", self.answer_tokens),
            "temperature": given.get("temperature", 0.0),
            "seed": given.get("seed"),
            "stop": given.get("stop"),
        }

    def _return_to_opening(self, earlier: list[dict[str, str]]) -> None:
        """Keep in the context only the tokens that all chats with these ``earlier`` messages begin with.

        They are processed once. Where a prompt is split into batches changes the last bits of the logits, and so,
        sometimes, a word. The same prompt must give the same text whatever was asked before, so it is always split
        after these tokens.
        """
        if earlier != self._opening or self._llama.n_tokens < self._opening_tokens:
            self._llama.reset()
            prompts = []
            for last in ("-", "."):
                chat = [*earlier, {"role": "user", "content": last}]
                self._llama.create_chat_completion(chat, max_tokens=1, temperature=0.0)
                prompts.append(self._llama.input_ids[: self._llama.n_tokens].tolist())
            self._opening, self._opening_tokens = earlier, self._llama.longest_token_prefix(*prompts)
        self._llama.n_tokens = self._opening_tokens

    def _pieces(self, start: Callable[[], Iterator[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
        """The choices of a stream. Until it ends or is closed, the lock is held and ``stop`` is checked."""
        with self._lock:
            try:
                with self._abortable(self._llama.ctx):
                    stream = start()
                    first = next(stream, None)
                if first is not None:
                    yield first["choices"][0]
                for piece in stream:
                    if self._stop is not None and self._stop.is_set():
                        raise Stopped("Stopped.")
                    yield piece["choices"][0]
            except RuntimeError as error:
                self._llama.reset()
                self._raise_translated(error)
            except ValueError as error:
                # llama-cpp-python raises this when a prompt does not fit into the context window.
                raise ModelError(
                    f"{self.model_name} cannot take this prompt ({error}): shorten the question."
                ) from error

    @contextmanager
    def _abortable(self, context: Any) -> Iterator[None]:
        """Let llama.cpp check ``stop``, which it does at every node of its graph: only while it processes a prompt."""
        import llama_cpp

        if self._stop is None:
            yield
            return
        llama_cpp.llama_set_abort_callback(context, self._abort, None)
        try:
            yield
        finally:
            llama_cpp.llama_set_abort_callback(context, llama_cpp.ggml_abort_callback(0), None)

    def _raise_translated(self, error: RuntimeError) -> None:
        if _ABORTED in str(error):
            raise Stopped("Stopped.") from error
        raise ModelError(f"{self.model_name} failed ({error}): ask again, or give another model.") from error


def requantised(path: Path, folder: Path) -> Path:
    """A Q8_0 copy of a model, written once to ``folder``: llama.cpp has fast CPU kernels for Q8_0, but not for Q4_1.

    Q4_0 would be faster still, but with it a 135M model repeats itself and drops facts (evals/LOG.md).

    Returns ``path`` itself when the copy cannot be written.
    """
    import llama_cpp

    copy = folder / f"{path.stem}-{sha256_of(path)[:8]}.Q8_0.gguf"
    if copy.exists():
        return copy
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0
    parameters.allow_requantize = True
    parameters.nthread = os.cpu_count() or 1
    _, keep_log = _logged()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(copy) as unfinished:
            names = str(path).encode(), str(unfinished).encode()
            if llama_cpp.llama_model_quantize(*names, ctypes.byref(parameters)) != 0:
                raise OSError("llama.cpp cannot convert the model")
    except OSError:
        return path
    finally:
        keep_log()
    return copy


def can_offload() -> bool:
    """Whether llama.cpp was built with a GPU backend that finds a device."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


def _llama_class(extra_buffers: bool) -> Any:
    """The class of llama-cpp-python, or a subclass that turns off ``use_extra_bufts``: there is no argument for it."""
    import llama_cpp

    if extra_buffers:
        return llama_cpp.Llama

    class WithoutExtraBuffers(llama_cpp.Llama):  # type: ignore[misc]
        def __setattr__(self, name: str, value: Any) -> None:
            if name == "model_params":
                value.use_extra_bufts = False
            super().__setattr__(name, value)

    return WithoutExtraBuffers


def _chat_response(text: str, delta: str) -> ChatResponse:
    return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=text), delta=delta)


def _logged() -> tuple[list[str], Any]:
    """Collect the log of llama.cpp in a list, instead of printing it, until the second value is called."""
    import llama_cpp

    lines: list[str] = []
    callback = llama_cpp.llama_log_callback(lambda _level, text, _: lines.append(text.decode("utf-8", "replace")))
    silent = _silent_log()
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    return lines, lambda: (llama_cpp.llama_log_set(silent, ctypes.c_void_p(0)), callback)


_KEPT_CALLBACKS: list[Any] = []


def _silent_log() -> Any:
    import llama_cpp

    if not _KEPT_CALLBACKS:
        _KEPT_CALLBACKS.append(llama_cpp.llama_log_callback(lambda *_: None))
    return _KEPT_CALLBACKS[0]


def _offload(log: Sequence[str], gpu_layers: int) -> str:
    """How many layers llama.cpp reports as offloaded, which may be fewer than were asked for."""
    found = re.search(r"offloaded (\d+)/(\d+) layers to GPU", "".join(log))
    if found and int(found[1]) > 0:
        return f"{found[1]} of {found[2]} layers on the GPU"
    if gpu_layers == 0:
        return "on the CPU, as asked"
    return "on the CPU, no GPU was used" if can_offload() else "on the CPU (this llama.cpp has no GPU support)"


def _reason(log: Sequence[str]) -> str:
    errors = [line.strip() for line in log if "error" in line or "failed" in line]
    return f" ({errors[0]})" if errors else ""
