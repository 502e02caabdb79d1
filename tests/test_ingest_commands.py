"""What the commands over papers do without a model: the index under test is made with another one than theirs."""

from __future__ import annotations

import json

import app
from assistant.records import paper_id_of

SPARSE = paper_id_of("Sparse Training of Small Models")


def run(capsys, settings, *arguments):
    """The exit status, and what was printed as JSON."""
    status = app.main([*arguments, "--json", "--home", str(settings.home)])
    return status, json.loads(capsys.readouterr().out or "null")


def test_sources_are_listed_without_a_model(indexed, papers_file, capsys):
    assert run(capsys, indexed, "index", "sources") == (0, {str(papers_file): 3})


def test_index_is_verified_without_a_model(indexed, capsys):
    assert run(capsys, indexed, "index", "verify") == (0, {"papers": 3, "differences": []})


def test_papers_are_removed_without_a_model(indexed, capsys):
    assert run(capsys, indexed, "remove", "--id", SPARSE) == (0, {"removed": 1, "changed": 0})
    assert run(capsys, indexed, "index", "verify") == (0, {"papers": 2, "differences": []})


def test_nothing_is_removed_from_an_index_that_is_not_there(settings, capsys):
    assert app.main(["remove", "--id", SPARSE, "--home", str(settings.home)]) == 1
    assert "Nothing is indexed" in capsys.readouterr().err
    assert not settings.home.exists()
