"""What the HTTP API costs, and how it bears many clients: ``python -m evals.benchmarks.api overhead`` or ``load``.

Both index the bundled corpus in a temporary folder and start ``footnote serve`` there, with the default models.
``overhead`` asks one question after another and compares the seconds that the client waits with those that the answer
itself took. ``load`` lets several clients ask, search and list for some minutes, and compares the server's memory in
the second half with the first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import httpx

from assistant.api.server import free_port
from assistant.errors import FootnoteError
from evals.questions import load

_PATIENCE_SECONDS = 120.0
_QUESTIONS = 40
_TIMEOUT_SECONDS = 300.0  # for a question that waits behind those of the other clients


@dataclass
class Traffic:
    """What the clients met: the seconds of each request by kind, errors by their text, and samples of memory in MB."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)

    def add(self, kind: str, seconds: float) -> None:
        self.seconds.setdefault(kind, []).append(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("overhead", "load"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder)) as (address, process):
        if options.what == "overhead":
            print(overhead(address))
            return 0
        traffic = bear(address, process.pid, options.clients, options.minutes * 60)
    print(_report(traffic))
    return 1 if traffic.errors else 0


def overhead(address: str) -> str:
    """Milliseconds that a client waits longer than the answer took, over questions of the evaluation."""
    questions = [question.question for question in load()]
    chosen = questions[:: max(1, len(questions) // _QUESTIONS)]
    waited = []
    with httpx.Client(base_url=address, timeout=_TIMEOUT_SECONDS) as client:
        client.post("/api/v1/ask", json={"question": chosen[0]})  # warms caches; it is not counted
        for question in chosen:
            started = time.perf_counter()
            answer = client.post("/api/v1/ask", json={"question": question}).raise_for_status().json()
            waited.append(1000 * (time.perf_counter() - started - answer["seconds"]["total"]))
    slow = statistics.quantiles(waited, n=20)[-1]
    return f"overhead of the API, {len(waited)} questions: median {statistics.median(waited):.1f} ms, 95% {slow:.1f} ms"


def bear(address: str, pid: int, clients: int, seconds: float) -> Traffic:
    """Let clients ask, search and list until the time is over; each sends its next request when it has its answer."""
    traffic, end = Traffic(), time.monotonic() + seconds
    threads = [threading.Thread(target=_client, args=(address, number, end, traffic)) for number in range(clients)]
    for thread in threads:
        thread.start()
    while time.monotonic() < end:
        traffic.memory.append(_megabytes(pid))
        time.sleep(1)
    for thread in threads:
        thread.join()
    return traffic


def _client(address: str, number: int, end: float, traffic: Traffic) -> None:
    questions = islice(cycle([question.question for question in load()]), number * 23, None)
    with httpx.Client(base_url=address, timeout=_TIMEOUT_SECONDS) as client:
        for turn, question in enumerate(questions):
            if time.monotonic() > end:
                return
            kind = ("ask", "search", "ask", "papers", "chat")[turn % 5]
            started = time.perf_counter()
            try:
                _send(client, kind, question).raise_for_status()
            except httpx.HTTPError as error:
                traffic.errors[f"{kind}: {error!r}"] += 1
            traffic.add(kind, time.perf_counter() - started)


def _send(client: httpx.Client, kind: str, question: str) -> httpx.Response:
    if kind == "papers":
        return client.get("/api/v1/papers", params={"query": question.split()[-1].strip("?")})
    if kind == "search":
        return client.post("/api/v1/search", json={"query": question})
    if kind == "chat":
        return client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": question}]})
    return client.post("/api/v1/ask", json={"question": question})


def _report(traffic: Traffic) -> str:
    half = len(traffic.memory) // 2
    first, second = (statistics.median(part) for part in (traffic.memory[:half], traffic.memory[half:]))
    lines = [
        f"{kind:8} {len(values):6} requests, median {statistics.median(values):7.2f} s, slowest {max(values):7.2f} s"
        for kind, values in sorted(traffic.seconds.items())
    ]
    lines.append(f"errors: {sum(traffic.errors.values())} {dict(traffic.errors) or ''}")
    lines.append(f"memory, median of the halves: {first:.0f} and {second:.0f} MB ({second / first - 1:+.1%})")
    return "\n".join(lines)


def _megabytes(pid: int) -> float:
    """Resident memory of a process, as Linux counts it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _serving(home: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a server over the bundled corpus, and its process."""
    port = free_port("127.0.0.1", 17_960)
    environment = {**os.environ, "FOOTNOTE_HOME": str(home), "FOOTNOTE_PORT": str(port)}
    program = [sys.executable, "-m", "app", "serve"]
    with subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address)
            yield address, process
        finally:
            process.terminate()


def _wait_for(address: str) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(f"{address}/api/v1/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise FootnoteError(f"the server did not start in {_PATIENCE_SECONDS:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
