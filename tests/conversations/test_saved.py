"""Saved questions: stored, answered again, compared with what the user has seen, removed."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.conversations.saved import SavedQuestions
from assistant.conversations.store import Conversations
from assistant.errors import InputError, QuestionError, StoreError
from tests.support.paths import STORED
from tests.support.saved import GEESE, QUESTION, answer_of, declined, said

OLD, NEW, NEWEST = answer_of(said("Hens lay eggs.")), answer_of(said("Geese swim.", GEESE)), declined()


def test_a_question_is_stored_with_all_that_it_is_asked_with(saved, path):
    history = [("And cows?", "They give milk.")]
    one = saved.add(
        " What do  hens do? ", history=history, within=["b", "a", "b"], collection="farm", answer=OLD, version="v1"
    )
    assert (one.saved_id, one.question, one.history) == (1, QUESTION, (("And cows?", "They give milk."),))
    assert (one.within, one.collection, one.version) == (("a", "b"), "farm", "v1")
    assert (one.answer, one.seen, one.diff) == (OLD, None, None)
    assert one.saved <= one.answered
    saved.close()
    with SavedQuestions(path) as again:
        assert again.all() == [one]


def test_a_question_that_is_saved_again_keeps_its_id_and_its_answer(saved):
    first = saved.add(QUESTION)
    assert first.answer is None
    answered = saved.add(QUESTION, answer=OLD, version="v1")
    assert (answered.saved_id, answered.answer) == (first.saved_id, OLD)
    assert saved.add(QUESTION, answer=NEW, version="v0") == answered
    others = [saved.add(QUESTION, **other) for other in ({"within": ["a"]}, {"collection": "farm"})]
    assert saved.ids() == [first.saved_id, *(one.saved_id for one in others)]


def test_a_question_that_cannot_be_asked_is_not_saved(saved):
    with pytest.raises(QuestionError):
        saved.add(" ? ")
    assert saved.all() == []


def test_an_id_is_not_given_to_another_question_later(saved):
    saved.remove(saved.add("First?").saved_id)
    assert saved.add("Second?").saved_id == 2


@pytest.mark.parametrize("missing", [7, 0, -1, 2**63, 10**30])
def test_an_id_that_no_question_has_is_one_clear_line(saved, missing):
    assert saved.find(missing) is None
    with pytest.raises(InputError, match=f"No saved question has the id {missing}: `footnote saved list`"):
        saved.get(missing)
    with pytest.raises(InputError, match=f"No saved question has the id {missing}: it may have been removed"):
        saved.remove(missing)
    assert not saved.put_answer(7, OLD, "v1")


def test_the_answer_that_the_user_has_seen_is_kept_until_the_change_is_seen(saved):
    one = saved.add(QUESTION, answer=OLD, version="v1")
    assert saved.put_answer(one.saved_id, NEW, "v2")
    changed = saved.get(one.saved_id)
    assert (changed.answer, changed.seen, changed.version) == (NEW, OLD, "v2")
    assert [claim.text for claim in changed.diff.added] == ["Geese swim."]
    saved.put_answer(one.saved_id, NEWEST, "v3")
    assert saved.get(one.saved_id).seen == OLD
    assert saved.mark_seen(one.saved_id, saved.get(one.saved_id).answered)
    assert (saved.get(one.saved_id).answer, saved.get(one.saved_id).diff) == (NEWEST, None)


def test_a_change_that_came_after_what_the_user_has_seen_stays_unseen(saved):
    one = saved.add(QUESTION, answer=OLD, version="v1")
    saved.put_answer(one.saved_id, NEW, "v2")
    shown = saved.get(one.saved_id)
    saved.put_answer(one.saved_id, NEWEST, "v3")
    assert not saved.mark_seen(one.saved_id, shown.answered)
    assert saved.get(one.saved_id).diff.is_now_declined


def test_an_answer_that_changes_back_is_no_change(saved):
    one = saved.add(QUESTION, answer=OLD, version="v1")
    saved.put_answer(one.saved_id, NEW, "v2")
    saved.put_answer(one.saved_id, replace(OLD, model="another"), "v3")
    assert (saved.get(one.saved_id).seen, saved.get(one.saved_id).answer.model) == (None, "another")


@pytest.mark.parametrize(
    "changes", [{"failure": "The server failed."}, {"stopped": True}, {"stage": "writing"}], ids=str
)
def test_an_incomplete_answer_is_never_stored(saved, changes):
    kept = saved.add(QUESTION, answer=OLD, version="v1")
    assert not saved.put_answer(kept.saved_id, replace(NEW, **changes), "v2")
    assert saved.get(kept.saved_id) == kept
    assert saved.add("And geese?", answer=replace(NEW, **changes), version="v1").answer is None


def test_the_questions_that_could_get_another_answer_are_counted(saved):
    for question, version in (("First?", "v1"), ("Second?", "v2"), ("Third?", "")):
        saved.add(question, answer=OLD, version=version)
    saved.add("Never answered?")
    assert [saved.count_outdated(version) for version in ("v1", "v9", "")] == [3, 4, 4]
    assert [one.may_have_changed("v1") for one in saved.all()] == [False, True, True, True]


def test_a_removed_question_leaves_no_text_in_the_files(saved, path):
    one = saved.add("What of wombats?", answer=OLD, version="v1")
    saved.put_answer(one.saved_id, NEW, "v2")
    saved.remove(one.saved_id)
    assert saved.all() == []
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert [text for text in (b"wombats", b"Geese", b"Hens") if text in on_disk] == []


def test_a_file_of_version_1_keeps_its_conversations_and_gets_saved_questions(tmp_path):
    path = Path(shutil.copy(STORED / "conversations-1.sqlite", tmp_path))
    with SavedQuestions(path) as saved:
        assert saved.all() == []
        saved.add("What do hens do?")
    with Conversations(path) as kept:
        (conversation,) = kept.find()
        first, second = kept.exchanges(conversation.conversation_id)
        assert (first.question, first.rating, first.note) == ("What do hens do?", 1, "Right.")
        assert (first.answer.claims[0].text, second.within) == ("Hens lay eggs.", ("hens",))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)


def test_an_answer_that_cannot_be_read_is_reported_with_the_command_that_removes_it(saved, path):
    one = saved.add(QUESTION, answer=OLD, version="v1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE saved_questions SET answer = '{'")
        connection.commit()
    with pytest.raises(StoreError, match="cannot be read: run `footnote saved remove 1`"):
        saved.get(one.saved_id)
    saved.remove(one.saved_id)
    assert saved.all() == []


def test_processes_answer_the_same_questions_at_the_same_time(saved, path):
    one = saved.add(QUESTION, answer=OLD, version="v1")
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=_answer_ten_times, args=(path, name)) for name in ("ducks", "cows")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    kept = saved.get(one.saved_id)
    assert kept.seen == OLD
    assert kept.answer.claims[0].text in ("ducks 9", "cows 9")
    assert len(saved.all()) == 21


def _answer_ten_times(path: Path, name: str) -> None:
    with SavedQuestions(path) as saved:
        for number in range(10):
            saved.put_answer(1, answer_of(said(f"{name} {number}")), name)
            saved.add(f"{name} {number}?")
