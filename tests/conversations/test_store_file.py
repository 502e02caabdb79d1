"""The file of conversations: shared by threads and processes, of other versions, damaged, on a full disk, private."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from assistant.conversations.store import Conversations, Exchange
from assistant.errors import StoreError
from tests.support.conversations import MADE_WITH, answered, titles
from tests.support.paths import STORED


def test_threads_write_at_the_same_time(conversations):
    shared = conversations.add_question("First?").conversation_id
    start = threading.Barrier(2)

    def write(name: str) -> list[Exchange]:
        start.wait()
        begun = [conversations.add_question(f"{name} {number}?", shared) for number in range(20)]
        for exchange in begun:
            conversations.add_answer(exchange.exchange_id, answered(exchange.question), MADE_WITH)
        return begun

    with ThreadPoolExecutor(2) as pool:
        written = [exchange for begun in pool.map(write, ("hens", "cows")) for exchange in begun]
    kept = {exchange.exchange_id: exchange for exchange in conversations.exchanges(shared)[1:]}
    assert kept.keys() == {exchange.exchange_id for exchange in written}
    assert all(exchange.answer == answered(exchange.question) for exchange in kept.values())


def test_processes_open_and_write_at_the_same_time(path):
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=_write_ten, args=(path, name)) for name in ("hens", "cows")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    opened = Conversations(path)
    assert len(opened.find()) == 20
    opened.close()


def _write_ten(path: Path, name: str) -> None:
    conversations = Conversations(path)
    for number in range(10):
        begun = conversations.add_question(f"{name} {number}?")
        conversations.add_answer(begun.exchange_id, answered(), MADE_WITH)
    conversations.close()


@pytest.fixture
def unversioned(tmp_path) -> Path:
    """A file as it was made before its tables had a version (``tests/stored/README.md``)."""
    return Path(shutil.copy(STORED / "conversations-0.sqlite", tmp_path))


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


@pytest.mark.usefixtures("conversations")
def test_a_new_file_has_the_version_of_its_tables(path):
    assert version_of(path) == 3


def test_a_file_without_a_version_is_migrated_with_all_its_content(unversioned):
    assert version_of(unversioned) == 0
    with closing(Conversations(unversioned)) as kept:
        (conversation,) = kept.find()
        assert conversation.title == "What do hens do?"
        first, second = kept.exchanges(conversation.conversation_id)
        assert (first.question, first.rating, first.note) == ("What do hens do?", 1, "Right.")
        assert (first.answer.claims[0].text, first.answer.claims[0].evidence[0].text) == ("Hens lay eggs.",) * 2
        assert first.answer.citations[0].paper.doi == "10.5555/hens"
        assert (second.question, second.answer, second.within) == ("And how many legs do they have?", None, ("hens",))
        assert [made_with["model"] for _, _, made_with in kept.rated()] == ["a model"]
        assert titles(kept, "lay eggs") == ["What do hens do?"]
        kept.add_question("And cows?", conversation.conversation_id)
    assert version_of(unversioned) == 3


def test_a_file_of_a_later_version_is_refused_in_one_line_and_not_changed(unversioned):
    with closing(sqlite3.connect(unversioned)) as connection:
        connection.execute("PRAGMA user_version = 4")
    before = unversioned.read_bytes()
    with pytest.raises(StoreError) as raised:
        Conversations(unversioned)
    assert str(raised.value) == (
        f"{unversioned} was written by a later version of Footnote: install that version, or set FOOTNOTE_HOME to "
        "another folder."
    )
    assert unversioned.read_bytes() == before


@pytest.mark.parametrize("garbage", [b"garbage " * 600, b"garbage"], ids=["long", "short"])
def test_garbage_is_refused_with_advice_and_not_changed(tmp_path, garbage):
    path = tmp_path / "conversations.sqlite"
    path.write_bytes(garbage)
    with pytest.raises(StoreError) as raised:
        Conversations(path)
    assert str(raised.value) == (
        f"{path} cannot be used (file is not a database): restore it from a backup, or move it to another folder "
        "and start without conversations."
    )
    assert path.read_bytes() == garbage
    assert list(tmp_path.iterdir()) == [path]


def test_damage_inside_the_file_is_reported(conversations, ask, path):
    asked = ask(said="Hens lay eggs. " * 3_000)
    conversations.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = Conversations(path)
    with pytest.raises(StoreError, match="restore it from a backup") as raised:
        damaged.exchanges(asked.conversation_id)
    assert "\n" not in str(raised.value)
    damaged.close()


def test_an_answer_that_cannot_be_read_is_reported(conversations, ask, path):
    asked = ask()
    connection = sqlite3.connect(path)
    for record in ("{", '{"question": 7}'):
        connection.execute("UPDATE exchanges SET answer = ?", (record,))
        connection.commit()
        with pytest.raises(StoreError, match="contains an answer that cannot be read: delete its conversation"):
            conversations.exchange(asked.exchange_id)
    connection.close()
    conversations.delete(asked.conversation_id)
    assert conversations.find() == []


def test_a_full_disk_is_reported_and_no_half_answer_is_stored(conversations, ask):
    asked = ask()
    begun = conversations.add_question("And cows?", asked.conversation_id)
    conversations._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="free space on its disk and try again"):
        conversations.add_answer(begun.exchange_id, answered(said="Cows give milk. " * 9_000), MADE_WITH)
    assert conversations.exchanges(asked.conversation_id) == [asked, begun]


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(StoreError, match="make the file and its folder writable, or set FOOTNOTE_HOME"):
        Conversations(folder)
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be used"):
        Conversations(file / "conversations.sqlite")


def test_a_file_that_another_process_has_locked_is_reported(path, monkeypatch):
    monkeypatch.setattr("assistant.conversations.schema._SECONDS_TO_WAIT", 0.05)
    conversations = Conversations(path)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process is writing to it; try again"):
        conversations.add_question("What do hens do?")
    other.close()
    conversations.add_question("What do hens do?")
    conversations.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights elsewhere")
def test_other_users_cannot_read_the_files(conversations, path):
    conversations.add_question("What do hens do?")
    assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}
