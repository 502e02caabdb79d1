"""What is found in a watched folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.folder_listing import list_folder

needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path.resolve() / "papers"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub/a.bib").write_text("")
    return folder


def names(folder: Path) -> list[str]:
    listing = list_folder(str(folder), folder / "home")
    assert listing
    return sorted(str(Path(name).relative_to(folder)) for name in listing.files)


def test_files_are_found_in_subfolders_and_the_home_is_left_out(folder):
    (folder / "home").mkdir()
    (folder / "home/b.bib").write_text("")
    assert names(folder) == ["sub/a.bib"]


def test_a_missing_folder_and_a_file_have_no_listing(folder):
    assert list_folder(str(folder / "missing"), folder) is None
    assert list_folder(str(folder / "sub/a.bib"), folder) is None


@needs_links
def test_links_that_lead_out_are_named_and_not_followed(folder):
    (folder.parent / "secret").mkdir()
    (folder.parent / "secret/b.bib").write_text("")
    (folder / "out").symlink_to(folder.parent / "secret")
    (folder / "b.bib").symlink_to(folder.parent / "secret/b.bib")
    listing = list_folder(str(folder), folder / "home")
    assert names(folder) == ["sub/a.bib"]
    assert sorted(map(os.path.basename, listing.links)) == ["b.bib", "out"]


@needs_links
def test_links_to_the_inside_and_loops_give_no_file_twice(folder):
    (folder / "sub/loop").symlink_to(folder)
    (folder / "again.bib").symlink_to(folder / "sub/a.bib")
    (folder / "self").symlink_to(folder / "self")
    listing = list_folder(str(folder), folder / "home")
    assert names(folder) == ["sub/a.bib"]
    assert listing.links == []


@needs_links
def test_pipes_are_left_out(folder):
    os.mkfifo(folder / "pipe.bib")
    assert names(folder) == ["sub/a.bib"]


def test_a_large_file_with_an_unknown_ending_is_left_out(folder):
    with (folder / "film.mp4").open("wb") as file:
        file.truncate(6_000_000)
    (folder / "small.xyz").write_text("")
    assert names(folder) == ["small.xyz", "sub/a.bib"]


@needs_links
def test_a_name_that_is_not_utf_8_is_replaced_as_in_an_ingest(folder):
    path = os.fsencode(folder) + b"/caf\xe9.bib"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    assert names(folder) == ["caf\N{REPLACEMENT CHARACTER}.bib", "sub/a.bib"]
