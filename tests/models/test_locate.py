from __future__ import annotations

from pathlib import Path

import pytest

from assistant.models.locate import models_in


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in models_in(folder)]


@pytest.fixture
def put(tmp_path: Path):
    """Puts empty files of these names in the folder."""

    def files(*paths: str) -> None:
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()

    return files


def test_there_are_no_models_where_there_is_no_folder(tmp_path):
    assert models_in(tmp_path / "missing") == []


def test_models_are_listed_in_order_with_those_of_folders_below(put, tmp_path):
    put("small.gguf", "owner/repo/large.gguf", "LOUD.GGUF")
    assert names(tmp_path) == ["LOUD.GGUF", "owner/repo/large.gguf", "small.gguf"]


def test_other_files_and_folders_are_not_listed(put, tmp_path):
    put("readme.md", "model.gguf.part", "gguf", "folder.gguf/readme.md")
    assert names(tmp_path) == []


def test_a_link_to_a_model_is_a_model_and_a_broken_one_is_not(put, tmp_path):
    put("blob")
    (tmp_path / "linked.gguf").symlink_to(tmp_path / "blob")
    (tmp_path / "broken.gguf").symlink_to(tmp_path / "missing")
    assert names(tmp_path) == ["linked.gguf"]


def test_a_model_in_parts_is_listed_once(put, tmp_path):
    put(*(f"big-0000{part}-of-00003.gguf" for part in (1, 2, 3)))
    assert names(tmp_path) == ["big-00001-of-00003.gguf"]


def test_a_number_in_a_name_does_not_make_it_a_part(put, tmp_path):
    put("model-00002.gguf", "best-2-of-3.gguf")
    assert names(tmp_path) == ["best-2-of-3.gguf", "model-00002.gguf"]
