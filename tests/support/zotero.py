"""How tests sync an index with a Zotero, and what is stored then."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from assistant.index.opening import open_for_reading, open_for_writing
from assistant.settings import Settings
from assistant.system.progress import Progress
from ingest.report import Report
from ingest.zotero.ingesting import ingest_paths
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import no_progress

ITEM = "zotero://select/library/items/"


def synced(settings: Settings, *queries: str, collection: str = "", progress: Progress = no_progress) -> Report:
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        return ingest_paths([Path(query) for query in queries], writer, embedding, progress, collection=collection)


def stored_titles(settings: Settings) -> list[str]:
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        return sorted(paper.title for paper in index.library.all_papers())
