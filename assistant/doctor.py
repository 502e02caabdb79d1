"""Checks the installation: packages, models, index, where each runs and how fast; suggests a fix for each problem."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from assistant.answering.calibration import NOT_CALIBRATED, load_calibration
from assistant.answering.reranking import open_reranker
from assistant.answering.verification import Verifier, open_verifier
from assistant.errors import FootnoteError
from assistant.index.opening import is_indexed, open_for_reading
from assistant.index.stores import store_name
from assistant.interfaces import Embedder, LanguageModel
from assistant.models.embedder import open_embedder
from assistant.models.language_model import open_language_model
from assistant.models.locate import is_server
from assistant.models.native_check import library_is_safe
from assistant.settings import Settings
from assistant.system.named_class import names_class
from prompts import Prompt

_PACKAGES = (
    "chromadb",
    "gradio",
    "llama-cpp-python",
    "llama-index-core",
    "sentence-transformers",
    "torch",
    "transformers",
)
_TIMED_TEXTS, _TIMED_TOKENS, _TIMED_CLAIMS = 64, 64, 8


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. If it failed, ``text`` says how to fix it."""

    what: str
    is_well: bool
    text: str

    def line(self) -> str:
        return f"{'ok  ' if self.is_well else 'WRONG'} {self.what}: {self.text}"


def examine(settings: Settings) -> Iterator[Finding]:
    """Findings, each as soon as it is known. Never raises a FootnoteError."""
    yield Finding("Python", True, f"{platform.python_version()} at {sys.executable}")
    yield from _packages()
    if not settings.is_default_home and not settings.home.exists():
        yield Finding("home", False, f"{settings.home} does not exist: check its name")
        return  # opening the models would create it
    yield Finding("home", True, str(settings.home))
    try:
        embedding = open_embedder(settings)
        yield Finding(
            "embedding model",
            True,
            f"{settings.embedding}, {embedding.fingerprint}, {embedding.dimension} dimensions, on {embedding.device}, "
            f"{_texts_per_second(embedding):.0f} texts/s",
        )
        embedding.get_query_embedding("Does the encoder of questions work?")
        yield _index(settings, embedding)
    except FootnoteError as error:
        yield Finding("embedding model", False, str(error))
    yield _reranker(settings)
    try:
        verifier = open_verifier(settings.verifier)
        yield Finding("verifier", True, f"{verifier.fingerprint}, {_milliseconds_per_claim(verifier):.0f} ms per claim")
    except FootnoteError as error:
        yield Finding("verifier", False, str(error))
    if not is_server(settings.model) and not names_class(settings.model):
        yield Finding("llama.cpp", *library_is_safe())
    try:
        model = open_language_model(settings)
    except FootnoteError as error:
        yield Finding("language model", False, str(error))
        return
    try:
        yield _language_model(model)
    except FootnoteError as error:
        yield Finding("language model", False, str(error))
    finally:
        model.close()


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, "not installed: run `make install`, or install Footnote again")


def _reranker(settings: Settings) -> Finding:
    try:
        open_reranker(settings.reranker)
        is_fitted = load_calibration(settings).is_fitted
    except FootnoteError as error:
        return Finding("reranker", False, str(error))
    return Finding("reranker", is_fitted, settings.reranker if is_fitted else NOT_CALIBRATED)


def _index(settings: Settings, embedding: Embedder) -> Finding:
    if not is_indexed(settings):
        return Finding("index", False, "empty: run `footnote ingest PATH...`, or `footnote ingest --bundled`")
    try:
        index = open_for_reading(settings, embedding)
    except FootnoteError as error:
        return Finding("index", False, str(error))
    store = store_name(settings)
    if index.vectors.is_exact and len(index.library):
        store += " (which lacks some of them: searched exactly until the next ingest)"
    notice = index.library.outdated_notice()
    text = f"{index.label}, vectors in {store}" + (f"; {notice}" if notice else "")
    index.close()
    return Finding("index", not notice, text)


def _language_model(model: LanguageModel) -> Finding:
    import threading

    prompt = Prompt("You count.", ("Write the numbers from one to fifty in words.",))
    started = time.perf_counter()
    first, count = 0.0, 0
    for _ in model.write(prompt, threading.Event()):
        first = first or time.perf_counter() - started
        count += 1
        if count == _TIMED_TOKENS:
            break
    seconds = time.perf_counter() - started - first
    speed = f"{(count - 1) / seconds:.0f} tokens/s" if count > 1 and seconds > 0 else "no speed measured"
    return Finding("language model", True, f"{model.label}, {model.offload}, prompt {model.style}, {speed}")


def _milliseconds_per_claim(verifier: Verifier) -> float:
    evidence = ["A sentence of an abstract says what was done, on which data, and with what result."] * 3
    verifier.verify("A sentence says what was done.", evidence)
    started = time.perf_counter()
    for number in range(_TIMED_CLAIMS):
        verifier.verify(f"Sentence {number} says on which data it was done.", evidence)
    return 1000 * (time.perf_counter() - started) / _TIMED_CLAIMS


def _texts_per_second(embedding: Embedder) -> float:
    texts = [
        f"Sentence {number} of a text that is about as long as one of an abstract." for number in range(_TIMED_TEXTS)
    ]
    started = time.perf_counter()
    embedding.vectors_of(texts)
    return _TIMED_TEXTS / (time.perf_counter() - started)
