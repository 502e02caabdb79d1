"""The commands ``footnote library export`` and ``import``, with another embedding than the packaged one."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

import app
from assistant.index.opening import open_for_writing
from ingest.archiving import commands
from tests.support.archives import everything
from tests.support.fakes import WordCountEmbedding


@pytest.fixture
def _word_counts(monkeypatch):
    @contextmanager
    def open_index(settings):
        writer = open_for_writing(settings, WordCountEmbedding())
        try:
            yield writer, WordCountEmbedding()
        finally:
            writer.close()

    monkeypatch.setattr(commands, "open_index", open_index)


def run(capsys, settings, *arguments):
    """The exit code, what was printed as JSON, and the lines on standard error."""
    code = app.main(["library", *map(str, arguments), "--home", str(settings.home)])
    said = capsys.readouterr()
    return code, json.loads(said.out or "null"), said.err.splitlines()


@pytest.mark.usefixtures("_word_counts")
def test_a_library_is_moved_by_two_commands(there, here, tmp_path, capsys):
    path = tmp_path / "library.zip"
    assert run(capsys, there, "export", path) == (
        0,
        None,
        [f"{path}: 3 papers of 1 sources, 13 vectors and 1 conversations."],
    )
    said = (
        "3 records read: 3 papers new, 0 changed. 13 vectors taken from the archive, 0 computed here. "
        "Conversations added: 1, questions: 2."
    )
    code, report, lines = run(capsys, here, "import", path, "--json")
    assert (code, len(report["new"]), report["vectors"]) == (0, 3, {"taken": 13, "computed": 0})
    assert lines == [said]
    assert everything(here) == everything(there)


def test_the_report_of_an_export_has_sizes_and_hashes(there, tmp_path, capsys):
    path = tmp_path / "library.zip"
    code, report, _ = run(capsys, there, "export", path, "--json")
    assert (code, report["counts"]["papers"], report["bytes"]) == (0, 3, path.stat().st_size)
    assert {*report["members"]} == {"papers.sqlite", "vectors.f16", "conversations.sqlite"}


def test_another_file_is_refused_in_one_line_before_a_model_is_loaded(here, papers_file, capsys):
    code, _, lines = run(capsys, here, "import", papers_file)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("footnote: The file is not an exported library")
