"""The command ``footnote watch``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import app
from assistant.index.locks import watching
from ingest.watch_list import watched_folders
from tests.support.ingesting import write_papers
from tests.support.paths import ROOT
from tests.support.watching import folder_in


def run(settings, *arguments: str) -> int:
    return app.main(["watch", *arguments, "--home", str(settings.home)])


def test_while_a_page_watches_a_folder_is_only_put_on_the_list(indexed, tmp_path, capsys):
    folder = folder_in(tmp_path)
    with watching(indexed.index_folder):
        assert run(indexed, str(folder), "--collection", "Birds") == 0
    assert "by a page or another `footnote watch` that is open" in capsys.readouterr().err
    assert run(indexed, "--list") == 0
    assert capsys.readouterr().out == f"{folder}  (Birds)\n"


def test_a_forgotten_folder_says_how_its_papers_are_removed(indexed, tmp_path, capsys):
    folder = folder_in(tmp_path)
    with watching(indexed.index_folder):
        run(indexed, str(folder))
    assert run(indexed, "--forget", str(folder)) == 0
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith(f"{folder} is not watched any more.")
    assert "`footnote remove --file NAME`" in said
    assert watched_folders(indexed) == []


def test_a_folder_that_was_never_watched_cannot_be_forgotten(indexed, capsys):
    assert run(indexed, "--forget", "nowhere") == 1
    assert "'nowhere' is not watched" in capsys.readouterr().err


def test_the_home_is_refused(indexed, capsys):
    assert run(indexed, str(indexed.home)) == 1
    assert "watch another folder" in capsys.readouterr().err


@contextmanager
def watch_command(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "app", "watch", *arguments, "--home", str(home)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


def wait_for(program: subprocess.Popen[str], words: str) -> None:
    seen = []
    assert program.stderr
    for line in program.stderr:
        seen.append(line)
        if words in line:
            return
    raise AssertionError(f"the command ended and never said {words!r}: {seen}")


@pytest.mark.models
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is a signal")
def test_the_command_makes_an_index_follows_a_folder_and_ends_with_ctrl_c(tmp_path):
    folder, home = folder_in(tmp_path), tmp_path / "home"
    write_papers(folder / "a.jsonl", {"Hens": "Hens lay eggs."})
    with watch_command(home, str(folder)) as program:
        wait_for(program, "Watching 1 folder (Ctrl-C ends it).")
        wait_for(program, "a.jsonl: added 1")
        second = subprocess.run(
            [sys.executable, "-m", "app", "watch", "--home", str(home)], cwd=ROOT, capture_output=True, text=True
        )
        assert second.returncode == 0
        assert "another `footnote watch`" in second.stderr
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0
        assert program.stderr
        assert "Traceback" not in program.stderr.read()
