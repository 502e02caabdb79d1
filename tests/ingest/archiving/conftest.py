"""A library with papers and conversations, its archive, and an empty home."""

from __future__ import annotations

import pytest

from tests.support.archives import converse, export, settings_of


@pytest.fixture
def there(indexed):
    """The three papers, and a conversation with a rating."""
    converse(indexed, "What do hens do?", "And cows?", rating=1, note="good")
    return indexed


@pytest.fixture
def archive(there, tmp_path):
    path = tmp_path / "library.zip"
    export(there, path)
    return path


@pytest.fixture
def here(tmp_path):
    return settings_of(tmp_path / "other home")
