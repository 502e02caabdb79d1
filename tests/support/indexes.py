"""Helpers for tests that open indexes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.answering.retrieval import Retriever
from assistant.index.index import Index
from assistant.index.library import Library
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.settings import Settings
from ingest.pipeline import rebuild
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import no_progress
from tests.support.paths import ROOT

REBUILD = "run `footnote index rebuild`"


def rebuilt(settings: Settings, embedding: WordCountEmbedding | None = None) -> int:
    """Rebuild the index; how many papers it has then."""
    embedding = embedding or WordCountEmbedding()
    with closing(open_for_writing(settings, embedding, is_rebuild=True)) as index:
        return rebuild(index, embedding, no_progress)


def papers_on_disk(settings: Settings) -> dict[str, str]:
    with closing(Library(settings.index_folder / "papers.sqlite", is_writable=False)) as library:
        return {paper.title: paper.abstract for paper in library.all_papers()}


def best_title(settings: Settings, question: str) -> str:
    embedding = WordCountEmbedding()
    with closing(open_for_reading(settings, embedding)) as index:
        return titles(index, question)[0]


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def fill_with_garbage(path: Path) -> None:
    path.write_bytes(b"garbage " * 600)


def state(folder: Path, **facts: str) -> None:
    """State facts about the index in a folder."""
    with closing(Library(folder / "papers.sqlite", is_writable=True)) as library:
        library.state(**facts)


def titles(index: Index, question: str) -> list[str]:
    return [ranked.paper.title for ranked in Retriever(index, WordCountEmbedding()).retrieve(question).papers]


def state_of(index: Index) -> str:
    return index.library.fact("state")


def fail_at(done: int) -> Callable[[int, int], None]:
    """Progress that fails when this number of papers is done."""

    def progress(now: int, total: int) -> None:
        if total and now == done:
            raise RuntimeError("the page is gone")

    return progress


@contextmanager
def another_program(settings: Settings, opening: str, **options: bool) -> Iterator[subprocess.Popen[str]]:
    """A second process that holds the index open."""
    code = f"""
import sys
from pathlib import Path
from assistant.index.opening import open_for_writing, open_for_reading
from assistant.settings import Settings
from tests.support.fakes import WordCountEmbedding
index = {opening}(Settings.load({{}}, home=Path(sys.argv[1])), WordCountEmbedding(), **{options})
print("open", flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.kill()
        process.communicate()
