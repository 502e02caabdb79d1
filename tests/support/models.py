"""Models that wait or fail when a test wants them to."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from assistant.errors import ModelError, Stopped
from assistant.records import Retrieval
from prompts import Prompt
from tests.support.fakes import OverlapReranker, ScriptedModel

WRITTEN = "Sparse training reduces the cost by 2.5x on the Pile."


class HeldModel(ScriptedModel):
    """Waits for ``go`` before it writes; can be stopped while it waits, like a model that still reads its prompt."""

    def __init__(self) -> None:
        super().__init__([WRITTEN] * 9)
        self.go = threading.Event()
        self.begun = threading.Event()

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        self.begun.set()
        while not self.go.wait(0.01):
            if stop.is_set():
                raise Stopped("Stopped.")
        yield from super().write(prompt, stop)


class HalfModel(ScriptedModel):
    """Writes two words, then waits for ``go`` before it writes the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.half = threading.Event()
        self.go = threading.Event()

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        yield "Sparse training "
        self.half.set()
        while not self.go.wait(0.01):
            if stop.is_set():
                raise Stopped("Stopped.")
        yield WRITTEN.removeprefix("Sparse training ")


class BrokenReranker(OverlapReranker):
    """Fails, so that no evidence is chosen."""

    def rerank(self, question: str, found: Retrieval) -> Retrieval:
        raise ModelError("The reranker failed: reinstall footnote.")


class FailingModel(ScriptedModel):
    """Writes one sentence and two words of the next, then fails like a server."""

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        yield f"{WRITTEN} Sparse training "
        raise ModelError("The model server failed: check that it runs.")


class FaultyModel(ScriptedModel):
    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        raise KeyError("a bug")
