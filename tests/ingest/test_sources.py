from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from ingest.sources import Source, sources_in

HENS = json.dumps({"title": "Hens", "abstract": "Hens lay eggs."})


@pytest.fixture
def folder(tmp_path):
    for name in ("a.jsonl", "deep/b.csv", "deep/notes", ".hidden/c.jsonl", "photo.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(HENS)
    (tmp_path / "large.bin").touch()
    with (tmp_path / "large.bin").open("r+b") as file:
        file.truncate(6_000_000)
    return tmp_path


def names(*paths, folder) -> list[str]:
    return [source.name.removeprefix(f"{folder}/") for source in sources_in(paths)]


def test_folder_gives_files_with_known_endings_and_small_other_files_but_no_hidden_ones(folder):
    assert names(folder, folder=folder) == ["a.jsonl", "deep/b.csv", "deep/notes", "photo.png"]
    guesses = {source.short_name: source.is_a_guess for source in sources_in([folder])}
    assert guesses == {"a.jsonl": False, "b.csv": False, "notes": True, "photo.png": True}


def test_pattern_gives_each_matching_file_once(folder):
    assert names(folder / "*.jsonl", folder / "**" / "b.*", folder / "a.jsonl", folder=folder) == [
        "a.jsonl",
        "deep/b.csv",
    ]


def test_pattern_without_matches_is_a_missing_file(folder):
    (source,) = sources_in([folder / "*.ris"])
    with pytest.raises(FileNotFoundError):
        source.open()


def test_file_whose_name_looks_like_a_pattern_is_that_file(folder):
    (folder / "[1].jsonl").write_text(HENS)
    assert names(folder / "[1].jsonl", folder=folder) == ["[1].jsonl"]


def test_dash_means_standard_input_which_stays_open(monkeypatch, tmp_path):
    (tmp_path / "input").write_text(HENS)
    with (tmp_path / "input").open() as standard_input:
        monkeypatch.setattr(sys, "stdin", standard_input)
        (source,) = sources_in([Path("-")])
        with source.open() as stream:
            assert stream.read() == HENS.encode()
        assert standard_input.fileno() >= 0
    assert source.name == "standard input"


def test_line_break_in_a_file_name_stays_out_of_reports():
    assert Source("/home/me/two\nlines.csv", io.BytesIO).short_name == "two?lines.csv"


def test_short_name_of_a_source_is_the_last_part_of_its_name():
    assert Source("/home/me/papers.jsonl", io.BytesIO).short_name == "papers.jsonl"
