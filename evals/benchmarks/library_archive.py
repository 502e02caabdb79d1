"""Measures how long a library takes to export and to import, and how large its file is.

``python -m evals.benchmarks.library_archive [--count N]``: generated papers are indexed with the packaged model in one
home, exported, imported into an empty home, and imported there again, which changes nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from assistant.errors import FootnoteError
from assistant.index.opening import open_for_writing
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.models.embedder import open_embedder
from assistant.records import Paper, paper_id_of
from assistant.settings import Settings
from assistant.system.memory import limit_caches
from assistant.system.progress import no_progress
from evals.benchmarks.ingest_speed import made_up_papers
from evals.benchmarks.peak import peak_gigabytes
from ingest.archiving.exporting import export_library
from ingest.archiving.importing import import_library
from ingest.pipeline import ingest_papers

T = TypeVar("T")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=2_000, help="papers (2,000)")
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(parser.parse_args().count, Path(folder))
    except FootnoteError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _measure(count: int, folder: Path) -> None:
    limit_caches()
    one, other = (Settings.load({}, home=folder / name) for name in ("one", "other"))
    embedding, archive = open_embedder(one), folder / "library.zip"
    embedding.vectors_of(["warm"])

    @contextmanager
    def open_other() -> Iterator[tuple[IndexWriter, Embedder]]:
        with closing(open_for_writing(other, embedding)) as writer:
            yield writer, embedding

    seconds, _ = _timed(lambda: _ingest(one, embedding, count))
    print(f"ingest       {count} papers: {seconds:7.1f} s", flush=True)
    seconds, manifest = _timed(lambda: export_library(one, archive, no_progress))
    size = archive.stat().st_size
    print(
        f"export       {count} papers: {seconds:7.1f} s, {size / 1e6:.1f} MB, {size / count / 1e3:.1f} kB per paper, "
        f"{manifest.counts['vectors']} vectors",
        flush=True,
    )
    for step in ("import", "import again"):
        seconds, imported = _timed(lambda: import_library(other, archive, open_other, no_progress))
        done = f"{imported.papers.new} new, {imported.computed} vectors computed"
        print(f"{step:12} {count} papers: {seconds:7.1f} s, {done}", flush=True)
    print(f"peak {peak_gigabytes():.2f} GB")


def _ingest(settings: Settings, embedding: Embedder, count: int) -> None:
    papers = ((Paper(paper_id_of(title), title, text), "made up") for _, title, text in made_up_papers(count))
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_papers(papers, writer, embedding, no_progress)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    sys.exit(main())
