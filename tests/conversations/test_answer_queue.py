from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.conversations.answer_queue import AnswerQueue, Task
from assistant.errors import ModelError, QuestionError, Stopped
from tests.support.fakes import OverlapReranker
from tests.support.models import BrokenReranker, FaultyModel, HeldModel
from tests.support.views import put

ANSWERABLE = "How much does sparse training reduce the cost on the Pile?"
OTHER = "How many methods does the survey of continual learning review?"


@pytest.fixture
def make_desk(make_assistant, conversations):
    desks = []

    def make(model=None) -> AnswerQueue:
        assistant = make_assistant(["Sparse training reduces the cost by 2.5x on the Pile."] * 9)
        if model:
            assistant.language_model = model
        desks.append(AnswerQueue(assistant, conversations, lambda: {"model": "scripted"}))
        return desks[-1]

    yield make
    for queue in desks:
        queue.close()


def finished(queue: AnswerQueue, task: Task) -> Task:
    *_, last = queue.follow(task)
    return last


def test_a_question_is_answered_and_kept(make_desk, conversations):
    queue = make_desk()
    task = finished(queue, queue.ask(ANSWERABLE))
    (kept,) = conversations.exchanges(task.exchange.conversation_id)
    assert kept.answer == task.answer
    assert kept.answer.claims


def test_following_a_task_shows_the_growing_answer(make_desk):
    model = HeldModel()
    queue = make_desk(model)
    task = queue.ask(ANSWERABLE)
    model.begun.wait(5)
    following = queue.follow(task)
    assert not next(following).is_done
    model.go.set()
    assert [one.is_done for one in following][-1]


def test_a_second_question_waits_in_the_queue_and_knows_its_position(make_desk):
    model = HeldModel()
    queue = make_desk(model)
    first = queue.ask(ANSWERABLE)
    second, third = queue.ask(ANSWERABLE), queue.ask(ANSWERABLE)
    model.begun.wait(5)
    assert [queue.ahead_of(task) for task in (first, second, third)] == [0, 1, 2]
    assert second.answer is None
    model.go.set()
    assert finished(queue, third).answer.claims
    assert queue.tasks(first.exchange.conversation_id) == []


def test_questions_of_two_conversations_do_not_mix(make_desk, conversations):
    queue = make_desk()
    tasks = [queue.ask(question) for question in (ANSWERABLE, OTHER)]
    for task in tasks:
        finished(queue, task)
    kept = [conversations.exchanges(task.exchange.conversation_id) for task in tasks]
    assert [[one.question for one in exchanges] for exchanges in kept] == [[ANSWERABLE], [OTHER]]


def test_stop_ends_an_answer_while_the_model_reads_the_prompt(make_desk, conversations):
    model = HeldModel()
    queue = make_desk(model)
    task = queue.ask(ANSWERABLE)
    model.begun.wait(5)
    queue.stop(task.exchange.conversation_id)
    assert finished(queue, task).answer.stopped
    assert conversations.exchange(task.exchange.exchange_id).answer.stopped


def test_stop_also_ends_waiting_questions_but_not_those_of_another_conversation(make_desk):
    model = HeldModel()
    queue = make_desk(model)
    first = queue.ask(ANSWERABLE)
    waiting = queue.ask(OTHER, first.exchange.conversation_id)
    elsewhere = queue.ask(ANSWERABLE)
    model.begun.wait(5)
    queue.stop(first.exchange.conversation_id)
    assert finished(queue, first).answer.stopped
    assert finished(queue, waiting).answer.stopped
    model.go.set()
    assert not finished(queue, elsewhere).answer.stopped


def test_a_follow_up_is_asked_with_the_answers_before_it(make_desk):
    queue = make_desk()
    first = finished(queue, queue.ask(ANSWERABLE))
    second = finished(queue, queue.ask("And does accuracy fall with it?", first.exchange.conversation_id))
    assert second.answer.retrieved[0].paper.title == "Sparse Training of Small Models"


def test_an_edited_question_replaces_the_old_one_and_all_later_ones(make_desk, conversations):
    queue = make_desk()
    first = finished(queue, queue.ask(ANSWERABLE))
    finished(queue, queue.ask(OTHER, first.exchange.conversation_id))
    edited = finished(queue, queue.ask_again(first.exchange.exchange_id, "Does accuracy on GLUE fall?"))
    kept = conversations.exchanges(first.exchange.conversation_id)
    assert [one.question for one in kept] == ["Does accuracy on GLUE fall?"]
    assert kept[0].answer == edited.answer


def test_a_retry_is_limited_to_the_same_papers(make_desk, papers):
    queue = make_desk()
    within = (papers[0].paper_id,)
    first = finished(queue, queue.ask(ANSWERABLE, within=within))
    again = finished(queue, queue.ask_again(first.exchange.exchange_id))
    assert again.exchange.within == within
    assert {ranked.paper.paper_id for ranked in again.answer.retrieved} == set(within)


def test_a_question_that_cannot_be_asked_is_not_stored_and_deletes_nothing(make_desk, conversations):
    queue = make_desk()
    first = finished(queue, queue.ask(ANSWERABLE))
    with pytest.raises(QuestionError):
        queue.ask("?!")
    with pytest.raises(QuestionError):
        queue.ask_again(first.exchange.exchange_id, "?!")
    assert len(conversations.find()) == len(conversations.exchanges(first.exchange.conversation_id)) == 1


def test_a_deleted_question_is_not_asked_again(make_desk):
    assert make_desk().ask_again("gone") is None


def test_a_failing_model_is_reported_and_the_next_question_is_answered(make_desk, conversations):
    queue = make_desk()
    queue.assistant.reranker = BrokenReranker()
    task = finished(queue, queue.ask(ANSWERABLE))
    assert "reranker failed" in task.problem
    assert conversations.exchange(task.exchange.exchange_id).answer is None
    queue.assistant.reranker = OverlapReranker()
    assert finished(queue, queue.ask(ANSWERABLE)).answer.claims


def test_the_reason_of_a_failure_is_available_later_even_if_no_tab_was_open(make_desk):
    queue = make_desk()
    queue.assistant.reranker = BrokenReranker()
    unwatched = queue.ask(ANSWERABLE)
    finished(queue, queue.ask(OTHER))
    assert "reranker failed" in queue.problems[unwatched.exchange.exchange_id]


def test_an_answered_question_has_no_problem(make_desk):
    queue = make_desk()
    finished(queue, queue.ask(ANSWERABLE))
    assert queue.problems == {}


def test_a_bug_is_logged_and_does_not_stop_the_queue(make_desk, caplog):
    queue = make_desk(FaultyModel())
    task = finished(queue, queue.ask(ANSWERABLE))
    assert "terminal" in task.problem
    assert "a bug" in caplog.text


def test_closing_stops_the_running_answer(make_desk):
    model = HeldModel()
    queue = make_desk(model)
    task = queue.ask(ANSWERABLE)
    model.begun.wait(5)
    queue.close()
    assert task.is_done


def test_nothing_is_answered_while_parts_are_replaced(make_desk):
    queue = make_desk()
    with queue.paused():
        task = queue.ask(ANSWERABLE)
        assert not any(one.answer for one in [task])
    assert finished(queue, task).answer.claims


def test_a_question_of_no_conversation_is_answered_and_not_stored(make_desk, conversations):
    assert make_desk().answer(ANSWERABLE).claims
    assert conversations.find("") == []


def test_a_question_of_no_conversation_waits_in_the_queue(make_desk):
    model = HeldModel()
    queue = make_desk(model)
    first = queue.ask(ANSWERABLE)
    assert model.begun.wait(5)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(queue.answer, OTHER)
        while len(queue._unfinished) < 2:
            assert not waiting.done()
        assert not first.is_done
        model.go.set()
        assert waiting.result(10).question == OTHER
    assert first.is_done


def test_a_failing_question_of_no_conversation_raises_its_error_and_stores_nothing(make_desk):
    queue = make_desk()
    queue.assistant.reranker = BrokenReranker()
    with pytest.raises(ModelError, match="reranker failed"):
        queue.answer(ANSWERABLE)
    with pytest.raises(QuestionError):
        queue.answer("?!")
    assert queue.problems == {}


def test_closing_stops_a_question_of_no_conversation(make_desk):
    model = HeldModel()
    queue = make_desk(model)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(queue.answer, ANSWERABLE)
        assert model.begun.wait(5)
        waiting = pool.submit(queue.answer, OTHER)
        while len(queue._unfinished) < 2:
            assert not waiting.done()
        queue.close()
        for asked in (running, waiting):
            with pytest.raises(Stopped):
                asked.result(10)


def test_a_question_that_belongs_to_no_conversation_can_be_limited_to_papers(make_desk, papers):
    survey = papers[1].paper_id
    answer = make_desk().answer(ANSWERABLE, within=[survey])
    assert {ranked.paper.paper_id for ranked in answer.retrieved} == {survey}


def test_a_closed_queue_takes_no_question_that_belongs_to_no_conversation(make_desk):
    queue = make_desk()
    queue.close()
    with pytest.raises(Stopped, match="Footnote was closed"):
        queue.answer(ANSWERABLE)


def test_the_versions_are_those_from_before_the_answer(make_desk, conversations):
    queue = make_desk()
    queue.made_with = lambda: {"index": queue.assistant.retriever.index.label}
    before = queue.made_with()
    queue.assistant.language_model = model = HeldModel()
    task = queue.ask(ANSWERABLE)
    assert model.begun.wait(5)
    put(queue.assistant.retriever.index, {"title": "Wombats", "abstract": "Wombats dig burrows."})
    model.go.set()
    finished(queue, task)
    assert conversations.made_with(task.exchange.exchange_id) == before != queue.made_with()
    assert conversations.made_with("nobody") == {}
