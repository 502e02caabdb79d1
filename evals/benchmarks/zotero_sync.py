"""Measures how long a sync with Zotero takes: ``python -m evals.benchmarks.zotero_sync [--items N]``.

A server on this machine answers as Zotero does, with invented items whose abstracts are those of the bundled papers in
another order of sentences. The first sync reads all of them with the packaged embedding model; before the second, some
are changed and some deleted; before the third, nothing. Loading the model is not counted.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from assistant.index.opening import open_for_writing
from assistant.models.embedder import open_embedder
from assistant.settings import Settings
from assistant.system.memory import limit_caches
from assistant.system.progress import no_progress
from assistant.text.sentences import sentences
from evals.benchmarks.peak import peak_gigabytes
from evals.benchmarks.zotero_server import ZoteroServer, zotero_server
from evals.statistics import SEED
from ingest.bundled_corpus import CORPUS
from ingest.readers import read_papers
from ingest.report import Report
from ingest.zotero.ingesting import ingest_queries

_CHANGED = 10
_DELETED = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000, help="items in the library")
    options = parser.parse_args()
    limit_caches()
    with tempfile.TemporaryDirectory() as home, zotero_server() as server:
        fill(server, options.items)
        settings = replace(Settings.load({}, home=Path(home)), zotero=server.address)
        embedding = open_embedder(settings)
        embedding.vectors_of(["The first text loads what is left of the model."])
        with closing(open_for_writing(settings, embedding)) as writer:
            found = {}
            for name, change in {"first": 0, "second": _CHANGED, "third": 0}.items():
                change_some(server, change)
                server.requests.clear()
                start = time.perf_counter()
                report = ingest_queries(["zotero:"], [], writer, embedding, no_progress)
                found[name] = _row(report, server, time.perf_counter() - start)
    print(json.dumps({"items": options.items, **found, "peak_gigabytes": round(peak_gigabytes(), 2)}, indent=1))
    return 0


def fill(server: ZoteroServer, count: int) -> None:
    """Put items into a server, all of them different."""
    chance = random.Random(SEED)  # noqa: S311 - seeded chance is the point
    papers = read_papers(CORPUS.read_bytes(), CORPUS.name).papers
    for number in range(count):
        paper = papers[number % len(papers)]
        texts = sentences(paper.abstract)
        chance.shuffle(texts)
        server.put(
            f"{number:08}",
            title=f"{paper.title} {number}",
            abstractNote=" ".join(texts),
            creators=[{"creatorType": "author", "name": name} for name in paper.authors],
            date="2024",
            DOI=f"10.5555/{number}",
        )


def change_some(server: ZoteroServer, count: int) -> None:
    """Change the abstracts of some items as an edit in Zotero does, and delete a few others."""
    if not count:
        return
    for key in [*server.items["users/0"]][:count]:
        server.put(key, abstractNote=f"Item {key} was edited.", dateModified="2026-02-01T00:00:00Z")
    for key in [*server.items["users/0"]][-_DELETED:]:
        del server.items["users/0"][key]


def _row(report: Report, server: ZoteroServer, seconds: float) -> dict[str, float]:
    return {
        "seconds": round(seconds, 2),
        "new": report.new,
        "changed": report.changed,
        "removed": len(report.removed_ids),
        "requests": len(server.requests),
    }


if __name__ == "__main__":
    raise SystemExit(main())
