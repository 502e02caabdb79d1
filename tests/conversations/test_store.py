"""Conversations: stored and read back, found by a search, really deleted, rated."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.conversations.store import Conversations
from assistant.errors import InputError, QuestionError
from assistant.records import Answer, Claim, Evidence
from tests.support.conversations import MADE_WITH, PAPER, answered, titles


def bytes_on_disk(path: Path) -> bytes:
    """Of the file and of the log files of SQLite next to it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_question_is_stored_before_it_is_answered(conversations):
    begun = conversations.add_question("What do  hens do?", within=["hens", "cows"])
    assert conversations.exchange(begun.exchange_id) == begun
    assert (begun.question, begun.within) == ("What do hens do?", ("hens", "cows"))
    assert (begun.answer, begun.rating, begun.note) == (None, 0, "")
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


def test_everything_is_read_back_after_opening_again(conversations, ask, path):
    first = ask()
    conversations.rate(first.exchange_id, 1, "good")
    second = conversations.add_question("And cows?", first.conversation_id)
    kept = conversations.exchanges(first.conversation_id)
    conversations.close()
    again = Conversations(path)
    assert again.exchanges(first.conversation_id) == kept
    assert (kept[0].rating, kept[1]) == (1, second)
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


def test_a_conversation_with_several_matches_is_found_once(conversations, ask):
    first = ask("Hens?")
    ask("Hens again?", first.conversation_id)
    assert titles(conversations, "hens") == ["Hens?"]


def test_a_conversation_is_renamed(conversations, ask):
    asked = ask()
    conversations.rename(asked.conversation_id, "  About\n hens ")
    assert titles(conversations) == ["About hens"]
    with pytest.raises(InputError, match="The title is empty"):
        conversations.rename(asked.conversation_id, " \n")
    assert titles(conversations) == ["About hens"]


def test_an_exchange_is_deleted_with_all_later_ones_of_its_conversation(conversations, ask):
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


def test_a_conversation_without_exchanges_stays(conversations, ask):
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


def test_a_change_to_a_deleted_conversation_is_refused_and_restores_nothing(conversations, ask):
    asked = ask()
    begun = conversations.add_question("And cows?", asked.conversation_id)
    conversations.delete(asked.conversation_id)
    conversations.add_answer(begun.exchange_id, answered(), MADE_WITH)
    assert conversations.exchange(begun.exchange_id) is None
    with pytest.raises(InputError, match="deleted: start a new one"):
        conversations.add_question("More?", asked.conversation_id)
    with pytest.raises(InputError, match="deleted: choose another"):
        conversations.rename(asked.conversation_id, "Hens")
    with pytest.raises(InputError, match="deleted: rate another"):
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


def test_rated_exchanges_come_with_the_earlier_ones_and_their_versions(conversations, ask):
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
    assert [(exchange.rating, exchange.note) for exchange, _, _ in judged] == [(-1, "wrong paper"), (1, "")]


def test_only_a_finished_answer_is_rated_and_only_with_a_known_rating(conversations, ask):
    begun = conversations.add_question("What do hens do?")
    with pytest.raises(InputError, match="never finished"):
        conversations.rate(begun.exchange_id, 1, "")
    with pytest.raises(InputError, match="must be 1, -1 or 0, not 2"):
        conversations.rate(ask().exchange_id, 2, "")
    assert list(conversations.rated()) == []


def test_characters_that_cannot_be_stored_are_refused_or_replaced(conversations):
    broken = Claim("Eggs \ud800.", (Evidence(PAPER, 0, 14),), "supported", 1.0)
    begun = conversations.add_question("Eggs\ud800?")
    conversations.add_answer(begun.exchange_id, Answer("Eggs?", stage="done", claims=(broken,)), MADE_WITH)
    assert conversations.exchange(begun.exchange_id).answer.claims == (broken,)
    with pytest.raises(InputError, match="cannot be stored"):
        conversations.rate(begun.exchange_id, 1, "\ud800")
    assert conversations.exchange(begun.exchange_id).rating == 0
