"""A home that was named and has no index is an error; the default home, and the page, begin with the bundled papers."""

from __future__ import annotations

import pytest

import app
import ingest.commands
from assistant.assistant import Assistant
from assistant.doctor import examine
from assistant.errors import IndexMissing
from assistant.index.opening import is_indexed
from assistant.settings import Settings
from ingest.bundled_corpus import CORPUS
from ingest.commands import ensure_indexed
from tests.support.fakes import WordCountEmbedding


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "What do wombats dig?"}\n')
    return path


@pytest.fixture
def ingested(monkeypatch):
    """What the commands would ingest, in place of doing it."""
    calls = []
    monkeypatch.setattr(ingest.commands, "ingest_paths", lambda settings, paths: calls.append((settings.home, paths)))
    return calls


@pytest.fixture
def default_home(monkeypatch, tmp_path):
    home = tmp_path / "default"
    monkeypatch.setattr("assistant.settings.user_data_path", lambda *_, **__: home)
    monkeypatch.delenv("FOOTNOTE_HOME", raising=False)
    return home


COMMANDS = (
    ["ask", "What do wombats dig?"],
    ["batch", "QUESTIONS", "-o", "OUTPUT"],
    ["eval", "answers"],
    ["eval", "retrieval", "--own"],
    ["remove", "--file", "papers.ris"],
    ["remove", "--id", "wombats"],
    ["index", "rebuild"],
    ["index", "verify"],
    ["index", "sources"],
)


def run(arguments, questions, *options):
    places = {"QUESTIONS": str(questions), "OUTPUT": str(questions.with_name("answers.jsonl"))}
    return app.main([*(places.get(argument, argument) for argument in arguments), *options])


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_mistyped_home_is_one_line_and_is_not_made(arguments, questions, tmp_path, capsys, ingested):
    home = tmp_path / "hoem"
    assert run(arguments, questions, "--home", str(home)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"footnote: {home} does not exist: check the name")
    assert f"footnote ingest --bundled --home {home}" in line
    assert not home.exists()
    assert not ingested


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_named_home_without_an_index_is_one_line_and_gets_no_papers(
    arguments, questions, tmp_path, capsys, ingested, monkeypatch
):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("FOOTNOTE_HOME", str(home))
    assert run(arguments, questions) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"footnote: Nothing is indexed in {home}: ")
    assert not list(home.iterdir())
    assert not ingested


def test_the_default_home_begins_with_the_bundled_papers(default_home, ingested):
    ensure_indexed(Settings.load())
    assert ingested == [(default_home, [CORPUS])]


def test_the_page_begins_with_the_bundled_papers_in_any_home(tmp_path, ingested):
    home = tmp_path / "new"
    ensure_indexed(Settings.load(home=home), makes_home=True)
    assert ingested == [(home, [CORPUS])]


@pytest.fixture
def unlimited(monkeypatch):
    """An embedding that needs no model, and a process whose caches have no limits; gives the calls that limit them."""
    calls = []
    monkeypatch.setattr("assistant.models.embedder.open_embedder", lambda _: WordCountEmbedding())
    monkeypatch.setattr("assistant.system.memory.limit_caches", lambda: calls.append("limited"))
    return calls


def test_a_process_that_goes_on_to_answer_keeps_no_limits_of_an_ingest(settings, unlimited):
    ensure_indexed(settings, makes_home=True)
    assert is_indexed(settings)
    assert unlimited == []


@pytest.mark.parametrize("command", [["ingest", "PAPERS"], ["index", "rebuild"], ["remove", "--file", "hens.ris"]])
def test_a_process_that_only_ingests_limits_its_caches(indexed, papers_file, unlimited, command):
    arguments = [str(papers_file) if argument == "PAPERS" else argument for argument in command]
    assert app.main([*arguments, "--home", str(indexed.home)]) == 0
    assert unlimited == ["limited"]


def test_a_home_with_papers_is_left_as_it_is(indexed, ingested):
    ensure_indexed(indexed)
    ensure_indexed(indexed, makes_home=True)
    assert not ingested


def test_an_assistant_of_a_mistyped_home_makes_no_folder(tmp_path):
    with pytest.raises(IndexMissing, match="does not exist"):
        Assistant.open(home=tmp_path / "hoem")
    assert not (tmp_path / "hoem").exists()


def test_feedback_of_a_mistyped_home_makes_no_folder(tmp_path, capsys):
    assert app.main(["feedback", "export", "--home", str(tmp_path / "hoem")]) == 1
    assert "No answer was rated yet" in capsys.readouterr().err
    assert not (tmp_path / "hoem").exists()


def test_the_doctor_names_a_mistyped_home_and_does_not_make_it(tmp_path):
    *_, last = examine(Settings.load(home=tmp_path / "hoem"))
    assert (last.what, last.is_well) == ("home", False)
    assert not (tmp_path / "hoem").exists()
