"""Saved questions are asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved_run import current_version, directly, run_saved, through_queue
from assistant.errors import ModelError, Stopped, StoreError
from tests.support.models import WRITTEN, FailingModel, HeldModel
from tests.support.saved import answer_of, asker, said
from tests.support.views import QUESTION, put

OLD, NEW = answer_of(said("Hens lay eggs.")), answer_of(said("They have 2 legs.", end=32))


@pytest.fixture
def three(saved):
    """Saved questions of which the second one cannot have changed; their ids are 1, 2 and 3."""
    for question, version in (("First?", "v1"), ("Second?", "v2"), ("Third?", "v1")):
        saved.add(question, answer=OLD, version=version)
    return saved


def test_only_questions_whose_answer_may_have_changed_are_asked(three):
    asked = []
    results = list(run_saved(asker(lambda one: asked.append(one.question) or NEW), three))
    assert asked == ["First?", "Third?"]
    assert [(one.saved.saved_id, bool(one.diff), one.problem) for one in results] == [(1, True, ""), (3, True, "")]
    assert list(run_saved(asker(lambda _: NEW), three)) == []


def test_all_are_asked_while_papers_are_added(three):
    assert [one.saved.saved_id for one in run_saved(asker(lambda _: OLD, version=""), three)] == [1, 2, 3]
    assert [one.version for one in three.all()] == ["", "", ""]


def test_only_the_chosen_questions_are_asked(three):
    assert [one.saved.saved_id for one in run_saved(asker(lambda _: OLD), three, only=[2, 3])] == [3]


def test_the_same_answer_is_no_change(three):
    assert [one.diff for one in run_saved(asker(lambda _: OLD), three)] == [None, None]
    assert three.count_outdated("v2") == 0


def test_each_answer_is_stored_before_the_next_question_is_asked(three):
    next(run_saved(asker(lambda _: NEW), three))
    assert [one.answer for one in three.all()] == [NEW, OLD, OLD]
    assert [one.saved.saved_id for one in run_saved(asker(lambda _: NEW), three)] == [3]


def test_progress_counts_all_questions_and_can_end_the_run(three):
    seen = []
    list(run_saved(asker(lambda _: NEW), three, lambda *counts: seen.append(counts)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]

    def stop(*_: int) -> None:
        raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        list(run_saved(asker(lambda _: OLD, version="v3"), three, stop))
    assert three.get(1).answer == NEW


def test_a_question_that_fails_keeps_its_answer_and_the_others_are_asked(three):
    def ask(one):
        if one.saved_id == 1:
            raise ModelError("The server failed.")
        return NEW

    first, third = run_saved(asker(ask), three)
    assert (first.problem, first.diff, third.problem) == ("The server failed.", None, "")
    assert three.get(1).answer == OLD
    assert three.get(1).may_have_changed("v2")


def test_an_answer_with_a_failure_replaces_none(three):
    results = list(run_saved(asker(lambda _: replace(NEW, failure="The model failed.")), three))
    assert [one.problem for one in results] == ["The model failed."] * 2
    assert [one.answer for one in three.all()] == [OLD] * 3


@pytest.mark.parametrize("error", [Stopped("Stopped."), StoreError("The disk is full.")])
def test_a_stop_and_a_file_that_cannot_be_written_end_the_run(three, error):
    def ask(_):
        raise error

    with pytest.raises(type(error)):
        list(run_saved(asker(ask), three))
    with pytest.raises(Stopped):
        list(run_saved(asker(lambda _: replace(NEW, stopped=True)), three))
    assert [one.answer for one in three.all()] == [OLD] * 3


def test_a_question_that_another_process_answers_or_removes_meanwhile_is_left_to_it(three):
    def ask(one):
        if one.saved_id == 1:
            three.remove(1)
            three.put_answer(3, NEW, "v2")
        return OLD

    assert list(run_saved(asker(ask), three)) == []
    assert three.get(3).answer == NEW


def test_an_assistant_is_asked_with_all_that_the_question_was_saved_with(saved, make_assistant, papers):
    assistant = make_assistant([WRITTEN] * 9)
    survey = papers[1].paper_id
    saved.add(QUESTION)
    saved.add(QUESTION, within=[survey])
    free, limited = (one.saved for one in run_saved(directly(assistant), saved))
    assert free.answer.claims[0].text == WRITTEN
    assert {ranked.paper.paper_id for ranked in limited.answer.retrieved} == {survey}
    assert free.version == current_version(assistant) != ""


def test_a_new_paper_changes_the_version_and_the_answer_says_what_is_new(saved, make_assistant):
    assistant = make_assistant()
    one = saved.add("How long are the burrows that wombats dig?")
    list(run_saved(directly(assistant), saved))
    assert saved.get(one.saved_id).answer.abstained
    put(assistant.retriever.index, {"title": "Wombats", "abstract": "The burrows that wombats dig are 30 metres long."})
    (result,) = run_saved(directly(assistant), saved)
    assert result.diff.is_now_answered
    assert [paper.title for paper in result.diff.new_papers] == ["Wombats"]
    assert list(run_saved(directly(assistant), saved)) == []


def test_there_is_no_version_while_papers_are_added(make_assistant):
    assistant = make_assistant()
    with assistant.retriever.index.writing():
        assert current_version(assistant) == ""
    assert current_version(assistant)


def test_a_persons_question_waits_for_one_saved_question_at_most(saved, make_assistant, conversations):
    assistant = make_assistant([WRITTEN] * 9)
    queue = AnswerQueue(assistant, conversations)
    for number in range(3):
        saved.add(f"{QUESTION} {number}?")
    results = run_saved(through_queue(queue), saved)
    assert next(results).saved.answer.claims
    assistant.language_model = model = HeldModel()
    person = queue.ask(QUESTION)
    assert model.begun.wait(5)
    assert queue.ahead_of(person) == 0
    model.go.set()
    assert [one.problem for one in results] == ["", ""]
    queue.close()
    assert [conversation.title for conversation in conversations.find()] == [QUESTION]
    saved.add("And now?")
    with pytest.raises(Stopped, match="Footnote was closed"):
        list(run_saved(through_queue(queue), saved))


def test_a_model_that_fails_while_it_writes_leaves_the_answer_of_before(saved, make_assistant):
    assistant = make_assistant([WRITTEN])
    saved.add(QUESTION)
    (first,) = run_saved(directly(assistant), saved)
    assistant.language_model = FailingModel(style="large")
    (failed,) = run_saved(directly(assistant), saved)
    assert "The model server failed" in failed.problem
    assert saved.all() == [first.saved]
