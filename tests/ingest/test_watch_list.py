"""The list of watched folders."""

from __future__ import annotations

import pytest

from assistant.errors import IndexMissing, InputError
from assistant.index.source_table import WatchedFolder
from ingest.watch_list import (
    add_folders,
    can_be_changed,
    checked_folder,
    checked_folders,
    forget_folder,
    watched_folders,
)
from tests.support.watching import folder_in


def test_folders_are_added_listed_and_forgotten(indexed, tmp_path):
    one, two = folder_in(tmp_path, "one"), folder_in(tmp_path, "two")
    add_folders(indexed, [checked_folder(indexed, one)], "Birds")
    add_folders(indexed, [checked_folder(indexed, two)])
    assert watched_folders(indexed) == [WatchedFolder(str(one), "Birds"), WatchedFolder(str(two))]
    assert forget_folder(indexed, one) == str(one)
    assert watched_folders(indexed) == [WatchedFolder(str(two))]


def test_a_folder_that_is_added_again_keeps_its_collection_unless_another_is_given(indexed, tmp_path):
    name = str(folder_in(tmp_path))
    add_folders(indexed, [name], "Birds")
    assert add_folders(indexed, [name]) == [WatchedFolder(name, "Birds")]
    assert add_folders(indexed, [name], "Hens") == [WatchedFolder(name, "Hens")]


def test_two_spellings_of_a_folder_are_one(indexed, tmp_path, monkeypatch):
    folder = folder_in(tmp_path)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    for spelling in ("watched", "./watched/", "watched/../watched", "link"):
        assert checked_folder(indexed, spelling) == str(folder)


def test_a_folder_that_is_gone_can_be_forgotten(indexed, tmp_path, monkeypatch):
    folder = folder_in(tmp_path)
    add_folders(indexed, [str(folder)])
    folder.rmdir()
    monkeypatch.chdir(tmp_path)
    assert forget_folder(indexed, "watched") == str(folder)


def test_a_folder_that_is_not_watched_cannot_be_forgotten(indexed):
    with pytest.raises(InputError, match="is not watched; watched are: none"):
        forget_folder(indexed, "nowhere")


@pytest.mark.parametrize("path", ["", "  ", "missing", "null\0character", "~nobody-of-this-name/papers", "x" * 5_000])
def test_what_is_no_folder_is_refused_in_one_line(indexed, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        checked_folder(indexed, path)
    assert "\n" not in str(refused.value)


def test_a_file_is_refused(indexed, papers_file):
    with pytest.raises(InputError, match="is not a folder"):
        checked_folder(indexed, papers_file)


@pytest.mark.parametrize("name", ["", "index", "cache"])
def test_the_home_and_what_is_in_it_are_refused(indexed, name):
    indexed.cache_folder.mkdir(exist_ok=True)
    with pytest.raises(InputError, match="where Footnote keeps its own files"):
        checked_folder(indexed, indexed.home / name)


def test_the_folder_that_the_home_is_in_can_be_watched(indexed):
    assert checked_folder(indexed, indexed.home.parent)


def test_a_bad_collection_is_refused_and_nothing_is_put_on_the_list(indexed, tmp_path):
    folder = folder_in(tmp_path)
    with pytest.raises(InputError, match="needs a name"):
        checked_folders(indexed, [folder], " ")
    with pytest.raises(InputError, match="needs a name"):
        add_folders(indexed, [str(folder)], "\0")
    assert watched_folders(indexed) == []


def test_without_an_index_the_list_cannot_be_read_or_changed(settings):
    assert not can_be_changed(settings)
    with pytest.raises(IndexMissing):
        watched_folders(settings)
