"""Times and memory with the default models, on a fresh index of the bundled corpus: ``make bench``.

Every number is the median of this run on this machine, and depends on what else the machine is doing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from assistant.api.server import free_port
from assistant.assistant import Assistant
from assistant.errors import FootnoteError
from assistant.system.processor import instruction_sets
from evals.benchmarks.peak import peak_gigabytes
from evals.questions import load

_QUESTIONS = 40
_STARTS = 3
_PATIENCE_SECONDS = 120.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FOOTNOTE_HOME"] = folder
        try:
            print(f"instruction sets: {instruction_sets()}; {os.cpu_count()} processors")
            seconds = _seconds(["footnote", "ingest", "--bundled"])
            print(f"indexing the 75 bundled abstracts, cold       {seconds:8.2f} s")
            _bench_answers()
            print(f"peak memory of one process, answering         {peak_gigabytes():8.2f} GB")
            starts = [_page_start(Path(folder)) for _ in range(_STARTS)]
            print(f"start of the page to its first byte, median   {statistics.median(starts):8.2f} s")
            asks = [_seconds(["footnote", "ask", load()[0].question]) for _ in range(_STARTS)]
            print(f"`footnote ask`, from start to end, median     {statistics.median(asks):8.2f} s")
            print(f"`footnote --help`                             {_seconds(['footnote', '--help']):8.2f} s")
        except FootnoteError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
    return 0


def _bench_answers() -> None:
    questions = load()[:: max(1, len(load()) // _QUESTIONS)]
    with Assistant.open() as assistant:
        assistant.ask(questions[0].question)  # the first answer also warms caches; it is not counted
        answers = [assistant.ask(question.question, question.history) for question in questions]
    for name, values in (
        ("retrieval, median", [answer.seconds.retrieve for answer in answers]),
        ("first words, median", [answer.seconds.first_token for answer in answers]),
        ("whole answer, median", [answer.seconds.total for answer in answers]),
        ("whole answer, slowest", [max(answer.seconds.total for answer in answers)]),
    ):
        print(f"{name:45} {statistics.median(values):8.3f} s")


def _page_start(home: Path) -> float:
    """Seconds from starting ``footnote chat`` until its page is served."""
    port = free_port("127.0.0.1", 17_860)
    environment = {**os.environ, "FOOTNOTE_HOME": str(home), "FOOTNOTE_PORT": str(port)}
    started = time.perf_counter()
    with subprocess.Popen([*_program(), "chat"], env=environment, stderr=subprocess.DEVNULL) as page:  # noqa: S603
        try:
            while time.perf_counter() - started < _PATIENCE_SECONDS:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
                        response.read(1)
                    return time.perf_counter() - started
                except OSError:
                    time.sleep(0.05)
        finally:
            page.terminate()
    raise FootnoteError(f"the page did not start in {_PATIENCE_SECONDS:.0f} s")


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([*_program(), *command[1:]], check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - started


def _program() -> list[str]:
    return [sys.executable, "-m", "app"]


if __name__ == "__main__":
    sys.exit(main())
