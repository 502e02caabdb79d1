"""Builds a working assistant from settings: opens the index and the models."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from assistant.answering.calibration import load_calibration
from assistant.answering.question import Turn
from assistant.answering.reranking import open_reranker
from assistant.answering.retrieval import Retriever
from assistant.answering.short_answers import open_short_answers
from assistant.answering.verification import open_verifier
from assistant.errors import FootnoteError
from assistant.index.opening import open_for_reading, require_index
from assistant.interfaces import LanguageModel
from assistant.models.embedder import open_embedder
from assistant.models.language_model import open_language_model
from assistant.pipeline import AnswerPipeline
from assistant.records import Answer, Paper, Role
from assistant.search import MOST_PAPERS, FoundPaper, cite, find_paper, search
from assistant.settings import Settings
from assistant.system.memory import collect_frozen_objects
from assistant.text.part_of_speech import load_tagger

if TYPE_CHECKING:
    from assistant.footnote_retriever import FootnoteRetriever
    from assistant.query_engine import FootnoteQueryEngine


class Assistant(AnswerPipeline):
    """Answers questions over the index of one home folder.

    >>> with Assistant.open() as assistant:  # doctest: +SKIP
    ...     print(assistant.ask("Which models predict edits to code?").claims)
    """

    _has_model = True
    """False after a change in which neither the new nor the old language model could be opened."""

    @classmethod
    def open(cls, settings: Settings | None = None, **options: Any) -> Assistant:
        """An assistant with these settings, or with those of the environment changed by ``options``.

        Raises a FootnoteError: SettingsError, ModelError, an IndexProblem or StoreError.
        """
        settings = settings or Settings.load(**options)
        require_index(settings)  # first: opening a model writes into the home, and a mistyped home must not be created
        with ThreadPoolExecutor(1) as background, ExitStack() as undo:
            # llama.cpp reads its file while Python imports torch.
            opening = background.submit(open_language_model, settings)
            undo.callback(_close, opening)
            background.submit(load_tagger)
            embedding = open_embedder(settings)
            index = open_for_reading(settings, embedding)
            undo.callback(index.close)
            calibration = load_calibration(settings)
            reranker = open_reranker(settings.reranker, calibration.scale)
            verifier = open_verifier(settings.verifier)
            short_answers = open_short_answers(settings.verifier)
            retriever = Retriever(index, embedding)
            model = opening.result()
            assistant = cls(settings, retriever, reranker, verifier, model, calibration, short_answers)
            undo.pop_all()
            return assistant

    def change(self, settings: Settings) -> None:
        """Use other settings from now on; no question may be answered meanwhile.

        Only settings that need no other index take effect: the language model, and what the pipeline reads for each
        question. Raises ModelError when the model does not load, and then keeps the old one. If that does not load
        either, the next question tries again.
        """
        if not self._has_model or _model_settings(settings) != _model_settings(self.settings):
            self._has_model = False
            self.language_model.close()  # first: two large models at once may not fit in memory
            try:
                self._open_model(settings)
            except BaseException:
                with suppress(FootnoteError):
                    self._open_model(self.settings)
                raise
            collect_frozen_objects()  # what the old model left
        self.settings = settings

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        stop: threading.Event | None = None,
        paper_ids: Collection[str] = (),
        collection: str = "",
    ) -> Iterator[Answer]:
        if not self._has_model:
            self._open_model(self.settings)
        yield from super().stream(question, history, stop, paper_ids, collection)

    def _open_model(self, settings: Settings) -> None:
        self.language_model = open_language_model(settings)
        self._has_model = True

    def search(self, query: str, count: int = MOST_PAPERS, collection: str = "") -> list[FoundPaper]:
        """The best papers for a query, at most ten, each with its best sentences; no answer is written."""
        return search(self, query, count, collection)

    def paper(self, name: str) -> Paper:
        """The paper with this id, DOI, arXiv id or PMID. Raises NotFound if there is none."""
        return find_paper(self.retriever.index.library, name)

    def cite(self, *names: str, style: str = "bibtex") -> str:
        """References to papers, named as for ``paper``: ``bibtex``, ``ris`` or ``text``. Raises NotFound."""
        return cite(self.retriever.index.library, names, style)

    def collections(self) -> dict[str, int]:
        """The number of papers of each collection, in the order of names."""
        return self.retriever.index.library.source_table.collections()

    def as_query_engine(self, streaming: bool = False) -> FootnoteQueryEngine:
        """This assistant as a llama-index query engine."""
        from assistant.query_engine import FootnoteQueryEngine

        return FootnoteQueryEngine(self, streaming)

    def as_retriever(self, similarity_top_k: int = 5, roles: Collection[Role] = ()) -> FootnoteRetriever:
        """The search of this assistant as a llama-index retriever of sentences, of some ``roles`` if any are given."""
        from assistant.footnote_retriever import FootnoteRetriever

        return FootnoteRetriever(self, similarity_top_k, roles)

    def close(self) -> None:
        self.language_model.close()
        self.retriever.index.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _close(opening: Future[LanguageModel]) -> None:
    """Close a language model when it has been opened, if that succeeds."""
    if not opening.exception():
        opening.result().close()


def _model_settings(settings: Settings) -> tuple[object, ...]:
    names = (
        "model",
        "model_options",
        "api_key_file",
        "gpu_layers",
        "threads",
        "context_tokens",
        "answer_tokens",
        "prompt",
    )
    return tuple(getattr(settings, name) for name in names)
