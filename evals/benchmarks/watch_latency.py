"""Measures how soon a paper in a watched folder answers questions: ``python -m evals.benchmarks.watch_latency``.

From the moment when a file with one new paper is saved to the end of an answer that cites it, with the real models,
over the bundled papers, in one process that watches and answers. The time is divided into the wait until the file is
read and stored, of which ``SETTLE_SECONDS`` are the wait until it is no longer being written, and the answer.
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.assistant import Assistant
from assistant.errors import FootnoteError
from assistant.index.opening import open_for_writing
from assistant.models.embedder import open_embedder
from assistant.services import WatchLine
from assistant.settings import Settings
from assistant.system.memory import limit_caches
from assistant.system.progress import no_progress
from ingest.bundled_corpus import CORPUS
from ingest.following import SETTLE_SECONDS
from ingest.pipeline import ingest_files
from ingest.watch_list import add_folders, checked_folder
from ingest.watching import FolderWatch

_WAIT_SECONDS = 120.0
PAPERS = (
    ("Wombat Burrows", "Wombats dig burrows of 30 metres.", "How long are the burrows that wombats dig?"),
    ("Quokka Counting", "Drones count 1,237 quokkas in an hour.", "How many quokkas do drones count in an hour?"),
    ("Kiwi Walks", "Kiwis walk five kilometres in a night.", "How far do kiwis walk in a night?"),
    ("Sleep of Swifts", "Swifts sleep while they fly at 2,000 metres.", "At which height do swifts sleep?"),
    ("Eel Journeys", "Eels swim 6,500 kilometres to spawn.", "How far do eels swim to spawn?"),
)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from saving to being stored, and to the end of the answer, for each paper; how many were cited."""

    stored: list[float]
    total: list[float]
    cited: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(Path(folder))
    except FootnoteError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(asdict(found)))
        return 0
    print(f"{len(found.total)} files, of which {found.cited} were cited. Median seconds:")
    print(f"saved until stored   {statistics.median(found.stored):6.2f}, of which {SETTLE_SECONDS} of waiting")
    print(f"saved until answered {statistics.median(found.total):6.2f}")
    return 0


def measure(folder: Path) -> Latency:
    limit_caches()
    settings = Settings.load({}, home=folder / "home")
    embedding = open_embedder(settings)
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_files([CORPUS], writer, embedding, no_progress)
    watched = folder / "papers"
    watched.mkdir()
    add_folders(settings, [checked_folder(settings, watched)])
    lines: queue.Queue[WatchLine] = queue.Queue()
    stored, total, cited = list[float](), list[float](), 0
    with (
        Assistant.open(settings) as assistant,
        FolderWatch(assistant.retriever.index, assistant.retriever.embedding, lines.put),
    ):
        assistant.ask(PAPERS[0][2])  # the first answer also reads the models from the disk
        for number, (title, abstract, question) in enumerate(PAPERS):
            path = watched / f"{number}.jsonl"
            path.write_text(json.dumps({"title": title, "abstract": abstract}) + "\n", encoding="utf-8")
            saved = time.monotonic()
            while lines.get(timeout=_WAIT_SECONDS).name != path.name:
                pass
            stored.append(time.monotonic() - saved)
            answer = assistant.ask(question)
            total.append(time.monotonic() - saved)
            cited += any(citation.paper.title == title for citation in answer.citations)
    return Latency(stored, total, cited)


if __name__ == "__main__":
    raise SystemExit(main())
