"""What the commands over papers do without a model: the index under test is made with another one than theirs."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager

import pytest

import app
from assistant.index.opening import is_indexed, open_for_writing, open_library
from assistant.records import paper_id_of
from ingest import commands
from ingest.pipeline import ingest_papers
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ingest, make_paper

SPARSE = paper_id_of("Sparse Training of Small Models")


def run(capsys, settings, *arguments):
    """The exit status, and what was printed as JSON."""
    status = app.main([*arguments, "--json", "--home", str(settings.home)])
    return status, json.loads(capsys.readouterr().out or "null")


def test_line_break_in_the_name_of_a_source_is_listed_as_an_escape(settings, tmp_path, capsys):
    path = tmp_path / "a\nb.jsonl"
    path.write_text('{"title": "Hens", "abstract": "They lay eggs."}', encoding="utf-8")
    ingest([path], settings)
    assert app.main(["index", "sources", "--home", str(settings.home)]) == 0
    assert capsys.readouterr().out == f"       1  {tmp_path}/a\\nb.jsonl\n"


def test_sources_are_listed_without_a_model(indexed, papers_file, capsys):
    assert run(capsys, indexed, "index", "sources") == (0, {str(papers_file): 3})


def test_index_is_verified_without_a_model(indexed, capsys):
    assert run(capsys, indexed, "index", "verify") == (0, {"papers": 3, "differences": []})


def test_papers_are_removed_without_a_model(indexed, capsys):
    assert run(capsys, indexed, "remove", "--id", SPARSE) == (0, {"removed": 1, "changed": 0})
    assert run(capsys, indexed, "index", "verify") == (0, {"papers": 2, "differences": []})


def test_nothing_is_removed_from_an_index_that_is_not_there(settings, capsys):
    assert app.main(["remove", "--id", SPARSE, "--home", str(settings.home)]) == 1
    assert "does not exist" in capsys.readouterr().err
    assert not settings.home.exists()


@pytest.fixture
def _without_model(monkeypatch):
    """The command ``ingest`` with word counts in place of the embedding model."""

    @contextmanager
    def opened(settings, **_):
        embedding = WordCountEmbedding()
        index = open_for_writing(settings, embedding)
        try:
            yield index, embedding
        finally:
            index.close()

    monkeypatch.setattr(commands, "open_index", opened)


@pytest.mark.usefixtures("_without_model")
def test_a_refresh_says_what_it_did_and_gives_its_report(indexed, papers_file, capsys):
    papers_file.write_text(json.dumps({"title": "Hens", "abstract": "Hens lay eggs."}))
    status, report = run(capsys, indexed, "refresh")
    assert (status, len(report["new"]), len(report["removed"])) == (0, 1, 3)
    assert report["looked_at"] == [f"{papers_file} has changed."]


def test_a_refresh_without_an_index_is_refused(settings, capsys):
    assert app.main(["refresh", "--home", str(settings.home)]) == 1
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.usefixtures("_without_model")
def test_zotero_that_does_not_run_is_one_line_and_no_index(settings, capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_ZOTERO", "http://localhost:9")
    assert app.main(["ingest", "zotero:", "--home", str(settings.home)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("footnote: Zotero does not answer at http://localhost:9: start Zotero")
    assert not is_indexed(settings)


PROSE = "We feed forty hens with four kinds of grain for ten weeks and weigh every single egg that they lay. " * 3
EGGS = {"title": "Eggs", "abstract": "Hens lay."}


@pytest.mark.usefixtures("_without_model")
@pytest.mark.parametrize(
    ("records", "status", "said"),
    [
        ([EGGS], 0, "1 papers read: 1 new"),
        ([EGGS, {"title": "Oats"}], 0, "1 without abstract, 0 skipped"),
        ([EGGS, {"title": "Oats", "notes on it": PROSE}], 1, "0 without abstract, 1 skipped"),
        ([EGGS, None, {"itemType": "note", "note": PROSE}], 0, "0 skipped, 2 notes and attachments, 0 lines of page"),
        ([EGGS, {"abstract": "Hens lay."}], 1, "papers.json, record 2: no title; skipped."),
    ],
    ids=["all taken", "without abstract", "field not read", "notes", "fault"],
)
def test_ingest_exits_with_0_when_all_was_taken_or_knowingly_left_out(
    settings, tmp_path, capsys, records, status, said
):
    path = tmp_path / "papers.json"
    path.write_text(json.dumps(records))
    assert app.main(["ingest", str(path), "--home", str(settings.home)]) == status
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("_without_model")
def test_records_with_the_same_unread_field_share_a_line(settings, tmp_path, capsys):
    path = tmp_path / "papers.json"
    records = [{"title": f"Oats {number}", "noteOfAbstract": PROSE} for number in range(12)]
    path.write_text(json.dumps([EGGS, *records]))
    status, report = run(capsys, settings, "ingest", str(path))
    assert (status, report["unread_fields"]) == (1, [{"file": "papers.json", "field": "noteOfAbstract", "records": 12}])
    app.main(["ingest", str(path), "--home", str(settings.home)])
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "noteOfAbstract" in line]
    assert "papers.json: 12 records without an abstract have long text in a field 'noteOfAbstract'" in line


@pytest.mark.parametrize("arguments", [["--help"], ["ingest", "--help"]])
def test_help_says_what_the_exit_codes_mean(arguments, capsys):
    with pytest.raises(SystemExit):
        app.main(arguments)
    assert "Exit code" in capsys.readouterr().out


def test_the_entry_of_zotero_puts_all_its_items_into_a_collection(indexed, capsys):
    with closing(open_for_writing(indexed, WordCountEmbedding())) as writer:
        names = [f"zotero://select/library/items/ABCD234{number}" for number in range(2)]
        ingest_papers(
            [(make_paper(name, f"{name} swim."), item) for name, item in zip(["Ducks", "Swans"], names, strict=True)],
            writer,
            WordCountEmbedding(),
            lambda *_: None,
        )
    home = ["--home", str(indexed.home)]
    assert app.main(["collections", "put", "Birds", "zotero:", *home]) == 0
    with open_library(indexed) as library:
        assert library.source_table.collections() == {"Birds": 2}
    assert app.main(["collections", "take-out", "Birds", "zotero:", *home]) == 0
    with open_library(indexed) as library:
        assert library.source_table.collections() == {}
    capsys.readouterr()
