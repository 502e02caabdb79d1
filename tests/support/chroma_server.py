"""Starts a Chroma server on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def start_server(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The process and its address, once it answers."""
    program = Path(sys.executable).parent / "chroma"
    command = str(program) if program.exists() else shutil.which("chroma")
    assert command
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [command, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/api/v2/heartbeat", timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                stop_server(process)
                raise
            time.sleep(0.1)
        else:
            return process, address


def stop_server(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
