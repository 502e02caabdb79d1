"""Conversations are copied to a file, without what was deleted, and those of a file are added."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from assistant.conversations.moving import add_conversations, copy_conversations
from assistant.conversations.store import Conversations
from tests.support.conversations import MADE_WITH, answered, titles
from tests.support.paths import STORED


@pytest.fixture
def copy(tmp_path):
    return tmp_path / "copy.sqlite"


def test_a_copy_is_made_while_conversations_are_open(conversations, path, copy, tmp_path):
    exchange = conversations.add_question("Hens?")
    conversations.add_answer(exchange.exchange_id, answered(), MADE_WITH)
    assert copy_conversations(path, copy) == {"conversations": 1, "exchanges": 1}
    other = tmp_path / "other.sqlite"
    assert add_conversations(other, copy)["exchanges"] == 1
    with closing(Conversations(other)) as added:
        assert added.exchanges(exchange.conversation_id) == conversations.exchanges(exchange.conversation_id)


def test_deleted_text_is_not_in_a_copy(conversations, path, copy):
    conversations.add_question("Cows?")
    conversations.delete(conversations.add_question("Zebras?").conversation_id)
    copy_conversations(path, copy)
    assert b"Cows?" in copy.read_bytes()
    assert b"Zebras" not in copy.read_bytes()


def test_added_conversations_are_seen_by_a_page_that_is_open(conversations, path, copy, tmp_path):
    with closing(Conversations(tmp_path / "other.sqlite")) as other:
        other.add_question("Cows?")
    copy_conversations(tmp_path / "other.sqlite", copy)
    conversations.add_question("Hens?")
    add_conversations(path, copy)
    assert titles(conversations) == ["Hens?", "Cows?"]


def test_conversations_of_an_earlier_version_are_added(path, copy):
    copy.write_bytes((STORED / "conversations-0.sqlite").read_bytes())
    added = add_conversations(path, copy)
    assert added["conversations"] > 0
    assert added["exchanges"] > 0


def test_rows_of_other_tables_are_added_once(path, copy):
    table = "CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"
    for file, text in ((path, "mine"), (copy, "theirs")):
        Conversations(file).close()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(table)
            connection.execute("INSERT INTO notes (text) VALUES (?)", [text])
            connection.commit()
    assert add_conversations(path, copy)["notes"] == 1
    assert add_conversations(path, copy)["notes"] == 0
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM notes").fetchall() == [(1, "mine"), (2, "theirs")]
