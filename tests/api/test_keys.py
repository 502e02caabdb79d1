"""Keys are made, listed and revoked, and only their hashes are stored."""

from __future__ import annotations

import os
import stat

import pytest

import app
from assistant.api.keys import KeyStore
from assistant.errors import InputError, NotFound, StoreError


@pytest.fixture
def keys(tmp_path) -> KeyStore:
    return KeyStore(tmp_path / "home" / "api_keys.sqlite")


def test_a_key_is_known_by_its_secret(keys):
    key, secret = keys.add("notebook")
    assert keys.holder_of(secret) == key
    assert keys.all() == [key]


def test_the_secret_is_not_stored(keys):
    _, secret = keys.add("notebook")
    stored = b"".join(path.read_bytes() for path in keys.path.parent.iterdir())
    assert secret.removeprefix("fn_").encode() not in stored


@pytest.mark.skipif(os.name != "posix", reason="Windows gives every file the same mode")
def test_only_its_owner_can_read_the_file(keys):
    keys.add("notebook")
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600


def test_two_keys_of_one_name_are_two_keys(keys):
    assert keys.add("a")[1] != keys.add("a")[1]
    assert len({key.key_id for key in keys.all()}) == 2


def test_no_key_is_known_before_the_first(keys):
    assert (keys.all(), keys.holder_of("fn_x")) == ([], None)
    assert not keys.path.exists()


def test_an_unknown_key_cannot_be_revoked(keys):
    with pytest.raises(NotFound, match="no key 'x'"):
        keys.revoke("x")


@pytest.mark.parametrize("name", ["", "a\nb\x00", "x" * 61])
def test_a_name_that_cannot_be_shown_is_refused(keys, name):
    with pytest.raises(InputError, match="needs a name"):
        keys.add(name)


def test_a_damaged_file_is_one_line(keys):
    keys.path.parent.mkdir()
    keys.path.write_bytes(b"garbage " * 1_000)
    with pytest.raises(StoreError, match="cannot be used"):
        keys.holder_of("fn_x")


def test_the_command_makes_lists_and_revokes_keys(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FOOTNOTE_HOME", str(tmp_path))
    assert app.main(["key", "add", "my", "--home", str(tmp_path)]) == 0
    secret = capsys.readouterr().out.strip()
    assert secret.startswith("fn_")
    assert app.main(["key", "list"]) == 0
    key_id, _, name = capsys.readouterr().out.split()
    assert name == "my"
    assert app.main(["key", "revoke", key_id]) == 0
    assert app.main(["key", "revoke", key_id]) == 1
    assert KeyStore(tmp_path / "api_keys.sqlite").holder_of(secret) is None
