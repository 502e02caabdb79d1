"""Measures an installation from a folder of wheels: ``python -m evals.benchmarks.install WHEELHOUSE``.

``make wheelhouse`` makes the folder. A new environment and a new home are made in a temporary folder; no index is
asked, and settings of pip are ignored, so that nothing comes from elsewhere. Then a question is asked twice: the first
time the bundled papers are indexed and llama.cpp is tried out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

_QUESTION = "How does MiniPLM refine the distribution of its training data?"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("wheelhouse", type=Path, help="a folder of wheels, as make wheelhouse makes it")
    wheelhouse = parser.parse_args(arguments).wheelhouse.resolve()
    wheels = list(wheelhouse.glob("*.whl"))
    if not any(wheel.name.startswith("footnote-") for wheel in wheels):
        print(f"bench: {wheelhouse} holds no wheel of footnote: run `make wheelhouse`.", file=sys.stderr)
        return 1
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(wheelhouse, len(wheels), Path(folder))
    except subprocess.CalledProcessError as error:
        print(f"bench: {error}:\n{error.stderr.strip()}", file=sys.stderr)
        return 1
    return 0


def _measure(wheelhouse: Path, count: int, folder: Path) -> None:
    environment = {**without_settings(os.environ), "HOME": str(folder / "home")}
    (folder / "home").mkdir()
    programs = folder / "environment" / "bin"
    pip: list[str | Path] = [programs / "python", "-m", "pip"]
    print(f"{f'wheelhouse, {count} wheels':45} {megabytes(wheelhouse):8.0f} MB")
    started = time.perf_counter()
    venv.create(folder / "environment", with_pip=True)
    print(f"{'an empty environment':45} {time.perf_counter() - started:8.1f} s")
    seconds = _seconds([*pip, "install", "--no-index", "--find-links", wheelhouse, "footnote"], folder, environment)
    print(f"{'installing into it':45} {seconds:8.1f} s", flush=True)
    print(f"{'the installed environment':45} {megabytes(folder / 'environment'):8.0f} MB")
    for what in ("first answer, papers indexed and all tried out", "second answer"):
        seconds = _seconds([programs / "footnote", "ask", _QUESTION], folder, environment)
        print(f"{what:45} {seconds:8.1f} s", flush=True)
    print(f"{'the home folder':45} {megabytes(folder / 'home'):8.0f} MB")


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would change pip, Python's search path or where Footnote stores papers."""
    names = ("PIP_", "UV_", "PYTHON", "FOOTNOTE_", "XDG_")
    kept = {name: value for name, value in environment.items() if not name.startswith(names)}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def megabytes(folder: Path) -> float:
    """What the files of a folder hold, in units of 10^6 bytes; a link counts nothing."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


def _seconds(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> float:
    """Raises CalledProcessError, with what the program said, when it fails."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
