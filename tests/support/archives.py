"""Exports and imports for tests, and what a library holds afterwards."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from assistant.conversations.store import Conversations
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.settings import Settings
from assistant.system.progress import Progress
from ingest.archiving.exporting import export_library
from ingest.archiving.importing import Imported, import_library
from ingest.archiving.manifest import MANIFEST, Manifest
from ingest.pipeline import ingest_papers
from tests.support.conversations import MADE_WITH, answered
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import make_paper, no_progress

Members = dict[str, bytes]


class OtherEmbedding(WordCountEmbedding):
    """Another model, as far as its fingerprint says."""

    fingerprint: str = "other"


class Unable(WordCountEmbedding):
    """A model that must not be asked."""

    def _get_text_embedding(self, text: str) -> list[float]:
        raise AssertionError(f"{text!r} was embedded")


def settings_of(home: Path) -> Settings:
    return Settings.load({}, home=home)


def export(settings: Settings, path: Path, progress: Progress = no_progress) -> Manifest:
    return export_library(settings, path, progress)


def import_(
    settings: Settings, path: Path, embedding: Embedder | None = None, progress: Progress = no_progress
) -> Imported:
    @contextmanager
    def open_index() -> Iterator[tuple[IndexWriter, Embedder]]:
        with closing(open_for_writing(settings, embedding or WordCountEmbedding())) as writer:
            yield writer, embedding or WordCountEmbedding()

    return import_library(settings, path, open_index, progress)


def add_papers(settings: Settings, source: str, *papers: tuple[str, str]) -> None:
    """Ingest papers, given by their titles and abstracts."""
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_papers([(make_paper(*paper), source) for paper in papers], writer, embedding, no_progress)


def converse(settings: Settings, *questions: str, rating: int = 0, note: str = "") -> str:
    """A conversation of these questions, which are all answered and rated; gives its id."""
    with closing(Conversations(settings.conversations_file)) as kept:
        conversation: str | None = None
        for question in questions:
            exchange = kept.add_question(question, conversation)
            conversation = exchange.conversation_id
            kept.add_answer(exchange.exchange_id, answered(question), MADE_WITH)
            kept.rate(exchange.exchange_id, rating, note)
    assert conversation
    return conversation


def everything(settings: Settings, embedding: Embedder | None = None) -> dict[str, Any]:
    """Papers, records, notices, vectors and roles of an index, without what depends on the moment."""
    with closing(open_for_reading(settings, embedding or WordCountEmbedding())) as index:
        rows = index.library.database.rows
        return {
            "papers": {paper.paper_id: paper for paper in index.library.all_papers()},
            "records": sorted(rows("SELECT source, content_hash, paper_id, read_at FROM records")),
            "keys": sorted(rows("SELECT key, paper_id FROM keys")),
            "notices": sorted(rows("SELECT key, source FROM retractions")),
            "outdated": sorted(rows("SELECT source, content_hash, letters FROM outdated")),
            "roles": sorted(rows("SELECT paper_id, roles FROM sentence_roles")),
            "state": index.library.fact("state"),
            "fingerprint": index.fingerprint,
            "vectors": {
                name: vector.tobytes()
                for store in index.exact.values()
                for some in store.all_rows()
                for name, vector in zip(some.ids, some.vectors, strict=True)
            },
            "words": {grain: sorted(words.ids) for grain, words in index.words.items()},
        }


def conversations_of(settings: Settings) -> dict[str, list[Any]]:
    """The exchanges of each conversation, by its title."""
    with closing(Conversations(settings.conversations_file)) as kept:
        return {one.title: kept.exchanges(one.conversation_id) for one in kept.find()}


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_archive(path: Path, members: Members, *, is_consistent: bool = True) -> Path:
    """An archive of these members, whose manifest has their sizes and hashes if ``is_consistent``."""
    if is_consistent:
        manifest = json.loads(members[MANIFEST])
        manifest["members"] = {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in members.items()
            if name in manifest["members"]
        }
        members = {**members, MANIFEST: json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def with_manifest(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change the manifest of an archive."""
    members = members_of(path)
    manifest = json.loads(members[MANIFEST])
    change(manifest)
    return write_archive(path, {**members, MANIFEST: json.dumps(manifest).encode()}, is_consistent=False)
