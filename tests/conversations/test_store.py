"""Conversations on disk: kept as they were, found again, really deleted, safe from threads, processes and garbage."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.conversations.store import Conversations, Exchange
from assistant.errors import InputError, QuestionError, StoreError
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper
from tests.support.paths import STORED

PAPER = Paper("hens", "Hens", "Hens lay eggs. They have 2 legs.", ("A", "B"), 2020)
MADE_WITH = {"model": "m", "index": "i", "program": "1", "prompts": "p"}


def answered(question: str = "What do hens do?", said: str = "Hens lay eggs.") -> Answer:
    claim = Claim(said, (Evidence(PAPER, 0, 14, 0.5),), "supported", 0.9)
    return Answer(question, stage="done", claims=(claim,), retrieved=(RankedPaper(PAPER, 1.5),), model="m")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a b#?%20" / "conversations.sqlite"


@pytest.fixture
def conversations(path):
    opened = Conversations(path)
    yield opened
    opened.close()


@pytest.fixture
def ask(conversations):
    """Asks and answers; gives the exchange as it is kept."""

    def ask(question: str = "What do hens do?", conversation_id: str | None = None, said: str = "Hens lay eggs."):
        begun = conversations.add_question(question, conversation_id)
        conversations.add_answer(begun.exchange_id, answered(question, said), MADE_WITH)
        return conversations.exchange(begun.exchange_id)

    return ask


def titles(conversations: Conversations, search: str = "") -> list[str]:
    return [conversation.title for conversation in conversations.find(search)]


def bytes_on_disk(path: Path) -> bytes:
    """Of the file and of those SQLite keeps beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_question_is_kept_before_it_is_answered(conversations):
    begun = conversations.add_question("What do  hens do?", within=["hens", "cows"])
    assert conversations.exchange(begun.exchange_id) == begun
    assert (begun.question, begun.within) == ("What do hens do?", ("hens", "cows"))
    assert (begun.answer, begun.verdict, begun.note) == (None, 0, "")
    asked = datetime.fromisoformat(begun.asked)
    assert asked.tzinfo == UTC
    assert abs((datetime.now(UTC) - asked).total_seconds()) < 60


def test_an_answer_comes_back_as_it_was(conversations, ask):
    assert ask().answer == answered()
    assert conversations.exchange("nobody") is None
    assert conversations.exchanges("nobody") == []


def test_exchanges_of_a_conversation_are_in_the_order_they_were_asked(conversations, ask):
    first = ask("First?")
    other = ask("Other?")
    second = ask("Second?", first.conversation_id)
    assert conversations.exchanges(first.conversation_id) == [first, second]
    assert conversations.exchanges(other.conversation_id) == [other]


def test_all_is_there_when_opened_again(conversations, ask, path):
    first = ask()
    conversations.rate(first.exchange_id, 1, "good")
    second = conversations.add_question("And cows?", first.conversation_id)
    kept = conversations.exchanges(first.conversation_id)
    conversations.close()
    again = Conversations(path)
    assert again.exchanges(first.conversation_id) == kept
    assert (kept[0].verdict, kept[1]) == (1, second)
    assert titles(again) == ["What do hens do?"]
    again.close()


@pytest.mark.parametrize(
    ("question", "title"),
    [
        (" What do\n hens\tdo? ", "What do hens do?"),
        ("hens lay " * 20, "hens lay " * 8 + "hens…"),
        ("hens lay " * 8 + "well-known eggs", ("hens lay " * 8).strip() + "…"),
        ("鶏は卵を産みますか" * 10, ("鶏は卵を産みますか" * 9)[:79] + "…"),
    ],
)
def test_a_conversation_is_named_after_the_first_words_of_its_first_question(conversations, question, title):
    begun = conversations.add_question(question)
    conversations.add_question("And cows?", begun.conversation_id)
    assert titles(conversations) == [title]
    assert len(title) <= 80


def test_a_question_without_words_is_refused_and_makes_no_conversation(conversations):
    with pytest.raises(QuestionError):
        conversations.add_question(" ? ")
    assert conversations.find() == []


def test_the_conversation_asked_or_answered_last_is_listed_first(conversations, ask):
    hens, cows = ask("Hens?"), ask("Cows?")
    assert titles(conversations) == ["Cows?", "Hens?"]
    begun = conversations.add_question("More?", hens.conversation_id)
    assert titles(conversations) == ["Hens?", "Cows?"]
    conversations.add_question("More?", cows.conversation_id)
    conversations.add_answer(begun.exchange_id, answered(), MADE_WITH)
    assert titles(conversations) == ["Hens?", "Cows?"]
    assert [conversation.title for conversation in conversations.find(count=1)] == ["Hens?"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["Third", "Second", "First"]),
        ("  ", ["Third", "Second", "First"]),
        ("iRs", ["First"]),  # a title
        ("100%", ["Second"]),  # a question
        ("%", ["Second"]),
        ("_", ["Third"]),  # an answer
        ("'", ["Third"]),
        ('"quoted"', ["Third"]),
        ("ÉTUDE", ["First"]),
        ("' OR 1=1 --", []),
        ("nothing like it", []),
    ],
)
def test_search_finds_literal_text_in_any_case(conversations, ask, search, found):
    for title, question, said in (
        ("First", "What of the étude?", "Hens lay eggs."),
        ("Second", "Are 100% brown?", "They are."),
        ("Third", "And those?", 'Don\'t call egg_count "quoted".'),
    ):
        conversations.rename(ask(question, said=said).conversation_id, title)
    assert titles(conversations, search) == found


def test_a_conversation_is_found_once_however_often_it_holds_the_words(conversations, ask):
    first = ask("Hens?")
    ask("Hens again?", first.conversation_id)
    assert titles(conversations, "hens") == ["Hens?"]


def test_a_conversation_is_renamed(conversations, ask):
    asked = ask()
    conversations.rename(asked.conversation_id, "  About\n hens ")
    assert titles(conversations) == ["About hens"]
    with pytest.raises(InputError, match="A title needs a word"):
        conversations.rename(asked.conversation_id, " \n")
    assert titles(conversations) == ["About hens"]


def test_an_exchange_is_forgotten_with_all_later_ones_of_its_conversation(conversations, ask):
    first = ask("First?")
    second = ask("Second?", first.conversation_id)
    other = ask("Other?")
    ask("Third?", first.conversation_id)
    conversations.delete_from(second.exchange_id)
    assert conversations.exchanges(first.conversation_id) == [first]
    retried = ask("Second, edited?", first.conversation_id)
    assert conversations.exchanges(first.conversation_id) == [first, retried]
    assert conversations.exchanges(other.conversation_id) == [other]
    conversations.delete_from("nobody")


def test_a_conversation_whose_exchanges_are_all_forgotten_stays(conversations, ask):
    only = ask("First?")
    conversations.delete_from(only.exchange_id)
    assert titles(conversations) == ["First?"]
    assert conversations.exchanges(only.conversation_id) == []
    assert ask("Edited?", only.conversation_id).conversation_id == only.conversation_id
    assert titles(conversations) == ["First?"]


def test_a_deleted_conversation_is_gone_with_its_exchanges(conversations, ask):
    asked, other = ask(), ask("Cows?")
    conversations.delete(asked.conversation_id)
    assert conversations.exchange(asked.exchange_id) is None
    assert titles(conversations) == ["Cows?"]
    assert conversations.exchanges(other.conversation_id) == [other]
    conversations.delete(asked.conversation_id)


def test_what_was_deleted_meanwhile_is_said_or_stays_deleted(conversations, ask):
    asked = ask()
    begun = conversations.add_question("And cows?", asked.conversation_id)
    conversations.delete(asked.conversation_id)
    conversations.add_answer(begun.exchange_id, answered(), MADE_WITH)
    assert conversations.exchange(begun.exchange_id) is None
    with pytest.raises(InputError, match="deleted: begin a new one"):
        conversations.add_question("More?", asked.conversation_id)
    with pytest.raises(InputError, match="deleted: choose another"):
        conversations.rename(asked.conversation_id, "Hens")
    with pytest.raises(InputError, match="deleted: judge another"):
        conversations.rate(asked.exchange_id, 1, "")
    assert conversations.find() == []


@pytest.mark.parametrize("way", ["delete", "delete_from"])
def test_deleted_words_are_gone_from_the_bytes_on_disk(conversations, ask, path, way):
    for number in range(30):
        ask(f"Does hen {number} cluck?")
    secret = ask("Is zanzibar a secret?", said="Yes, quagmire is. " * 900)
    conversations.rate(secret.exchange_id, -1, "xylophone")
    for number in range(30):
        ask(f"Does cow {number} moo?")
    words = (b"zanzibar", b"quagmire", b"xylophone")
    assert all(word in bytes_on_disk(path) for word in words)
    conversations.rename(secret.conversation_id, "Renamed")
    getattr(conversations, way)(secret.conversation_id if way == "delete" else secret.exchange_id)
    assert not [word for word in words if word in bytes_on_disk(path)]
    assert b"cluck" in bytes_on_disk(path)


def test_judged_exchanges_come_with_what_was_said_before_and_what_made_them(conversations, ask):
    first = ask("First?")
    second = ask("Second?", first.conversation_id)
    ask("Third?", first.conversation_id)
    other = ask("Other?")
    conversations.rate(other.exchange_id, 1, "")
    conversations.rate(second.exchange_id, -1, " wrong paper\n")
    conversations.rate(first.exchange_id, 1, "")
    conversations.rate(first.exchange_id, 0, "")
    judged = list(conversations.rated())
    assert [(exchange.question, earlier, made_with) for exchange, earlier, made_with in judged] == [
        ("Second?", [conversations.exchange(first.exchange_id)], MADE_WITH),
        ("Other?", [], MADE_WITH),
    ]
    assert [(exchange.verdict, exchange.note) for exchange, _, _ in judged] == [(-1, "wrong paper"), (1, "")]


def test_only_a_finished_answer_is_judged_and_only_by_a_thumb(conversations, ask):
    begun = conversations.add_question("What do hens do?")
    with pytest.raises(InputError, match="never finished"):
        conversations.rate(begun.exchange_id, 1, "")
    with pytest.raises(InputError, match="2 is no verdict"):
        conversations.rate(ask().exchange_id, 2, "")
    assert list(conversations.rated()) == []


def test_characters_that_cannot_be_stored_are_named_or_replaced(conversations):
    broken = Claim("Eggs \ud800.", (Evidence(PAPER, 0, 14),), "supported", 1.0)
    begun = conversations.add_question("Eggs\ud800?")
    conversations.add_answer(begun.exchange_id, Answer("Eggs?", stage="done", claims=(broken,)), MADE_WITH)
    assert conversations.exchange(begun.exchange_id).answer.claims == (broken,)
    with pytest.raises(InputError, match="cannot be stored"):
        conversations.rate(begun.exchange_id, 1, "\ud800")
    assert conversations.exchange(begun.exchange_id).verdict == 0


def test_threads_write_at_once(conversations):
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


def test_processes_open_and_write_at_once(path):
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
def test_a_new_file_says_the_version_of_its_tables(path):
    assert version_of(path) == 1


def test_a_file_without_a_version_is_brought_up_to_date_with_all_it_holds(unversioned):
    assert version_of(unversioned) == 0
    with closing(Conversations(unversioned)) as kept:
        (conversation,) = kept.find()
        assert conversation.title == "What do hens do?"
        first, second = kept.exchanges(conversation.conversation_id)
        assert (first.question, first.verdict, first.note) == ("What do hens do?", 1, "Right.")
        assert (first.answer.claims[0].text, first.answer.claims[0].evidence[0].text) == ("Hens lay eggs.",) * 2
        assert first.answer.citations[0].paper.doi == "10.5555/hens"
        assert (second.question, second.answer, second.within) == ("And how many legs do they have?", None, ("hens",))
        assert [made_with["model"] for _, _, made_with in kept.rated()] == ["a model"]
        assert titles(kept, "lay eggs") == ["What do hens do?"]
        kept.add_question("And cows?", conversation.conversation_id)
    assert version_of(unversioned) == 1


def test_a_file_of_a_later_version_is_refused_in_one_line_and_left_as_it_is(unversioned):
    with closing(sqlite3.connect(unversioned)) as connection:
        connection.execute("PRAGMA user_version = 2")
    before = unversioned.read_bytes()
    with pytest.raises(StoreError) as raised:
        Conversations(unversioned)
    assert str(raised.value) == (
        f"{unversioned} was made by a later version of Footnote: install that one, or set FOOTNOTE_HOME to another."
    )
    assert unversioned.read_bytes() == before


@pytest.mark.parametrize("garbage", [b"garbage " * 600, b"garbage"], ids=["long", "short"])
def test_garbage_is_refused_with_advice_and_left_as_it_is(tmp_path, garbage):
    path = tmp_path / "conversations.sqlite"
    path.write_bytes(garbage)
    with pytest.raises(StoreError) as raised:
        Conversations(path)
    assert str(raised.value) == (
        f"{path} cannot be used (file is not a database): restore it from a backup, or move it away and begin "
        "without conversations."
    )
    assert path.read_bytes() == garbage
    assert list(tmp_path.iterdir()) == [path]


def test_damage_inside_the_file_is_named(conversations, ask, path):
    asked = ask(said="Hens lay eggs. " * 3_000)
    conversations.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = Conversations(path)
    with pytest.raises(StoreError, match="restore it from a backup") as raised:
        damaged.exchanges(asked.conversation_id)
    assert "\n" not in str(raised.value)
    damaged.close()


def test_an_answer_that_cannot_be_read_is_named(conversations, ask, path):
    asked = ask()
    connection = sqlite3.connect(path)
    for record in ("{", '{"question": 7}'):
        connection.execute("UPDATE exchanges SET answer = ?", (record,))
        connection.commit()
        with pytest.raises(StoreError, match="holds an answer that cannot be read: delete its conversation"):
            conversations.exchange(asked.exchange_id)
    connection.close()
    conversations.delete(asked.conversation_id)
    assert conversations.find() == []


def test_a_full_disk_is_named_and_nothing_is_kept_by_halves(conversations, ask):
    asked = ask()
    begun = conversations.add_question("And cows?", asked.conversation_id)
    conversations._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="make room on its disk and try again"):
        conversations.add_answer(begun.exchange_id, answered(said="Cows give milk. " * 9_000), MADE_WITH)
    assert conversations.exchanges(asked.conversation_id) == [asked, begun]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(StoreError, match="make the file and its folder writable, or set FOOTNOTE_HOME"):
        Conversations(folder)
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be used"):
        Conversations(file / "conversations.sqlite")


def test_another_process_that_writes_too_long_is_named(path, monkeypatch):
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
def test_nobody_else_may_read_the_files(conversations, path):
    conversations.add_question("What do hens do?")
    assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}
