"""What the tab of questions shows."""

from __future__ import annotations

import pytest

from assistant.errors import InputError
from ingest.refreshing import refresh
from tests.support.fakes import OverlapReranker, WordCountEmbedding
from tests.support.html import ParsedHtml
from tests.support.models import WRITTEN, BrokenReranker, HalfModel, HeldModel
from tests.support.paths import SAMPLES
from tests.support.views import (
    OTHER,
    QUESTION,
    SPARSE,
    conversation_of,
    finished,
    put,
    turns_of,
)


def test_a_new_conversation_is_empty(chat):
    assert chat.conversation("") == {"conversation": "", "turns": []}


def test_an_answered_question_is_shown_with_its_answer(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    shown = chat.conversation(conversation_of(task))
    assert shown["conversation"] == conversation_of(task)
    assert [(turn["id"], turn["done"]) for turn in shown["turns"]] == [(task.exchange.exchange_id, True)]
    (page,) = turns_of(shown)
    assert page.one("h3").text == QUESTION
    assert WRITTEN in page.all(class_="fn-claim")[0].text
    assert page.all(data_action="copy")


def test_an_answer_warns_of_a_paper_that_was_retracted_later(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    (before,) = turns_of(chat.conversation(conversation_of(task)))
    assert before.all(class_="fn-warning") == []
    put(queue.assistant.retriever.index, {"title": SPARSE, "abstract": "Withdrawn.", "is_retracted": True})
    (after,) = turns_of(chat.conversation(conversation_of(task)))
    assert after.one(class_="fn-warning").visible_text.startswith("This answer cites a retracted paper: ")
    turn = {"turn": task.exchange.exchange_id}
    assert chat.copy_text(turn).startswith("This answer cites a retracted paper: [")
    source = ParsedHtml(chat.source({**turn, "marker": 1, "start": 0}))
    assert source.one(class_="fn-warning").visible_text == "This paper is retracted."
    exported = chat.export({"conversation": conversation_of(task), "format": "markdown"})
    assert "**This answer cites a retracted paper: " in exported["text"]


def test_an_answer_warns_of_a_paper_that_a_later_table_of_retractions_names(chat, queue, tmp_path):
    index = queue.assistant.retriever.index
    put(index, {"title": SPARSE, "abstract": "Sparse.", "DOI": "10.5555/moss.1"})
    task = finished(queue, queue.ask(QUESTION))
    table = tmp_path / "retraction_watch.csv"
    table.write_bytes((SAMPLES / "retraction_watch.csv").read_bytes())
    with index.writing() as writer:
        refresh(writer, WordCountEmbedding(), lambda *_: None, lambda _: None, table)
    (shown,) = turns_of(chat.conversation(conversation_of(task)))
    assert shown.one(class_="fn-warning").visible_text.startswith("This answer cites a retracted paper: ")


def test_a_queued_question_is_shown_waiting_and_a_running_one_growing(chat, queue):
    queue.assistant.language_model = model = HeldModel()
    first = queue.ask(QUESTION)
    second = queue.ask(OTHER, conversation_of(first))
    assert model.begun.wait(5)
    shown = chat.conversation(conversation_of(first))
    growing, waiting = turns_of(shown)
    assert [turn["done"] for turn in shown["turns"]] == [False, False]
    assert growing.one(aria_current="step").visible_text.startswith("Reading")
    assert waiting.one(class_="fn-status").visible_text == "Waiting for 1 earlier question …"
    model.go.set()
    finished(queue, second)
    assert [turn["done"] for turn in chat.conversation(conversation_of(first))["turns"]] == [True, True]


def test_following_a_task_gives_the_whole_conversation_each_time_and_ends_with_the_answer(chat, queue):
    first = finished(queue, queue.ask(QUESTION))
    task = queue.ask(OTHER, conversation_of(first))
    *grown, last = chat.follow(task)
    ids = [first.exchange.exchange_id, task.exchange.exchange_id]
    assert all([turn["id"] for turn in shown["turns"]] == ids for shown in [*grown, last])
    assert all(shown["turns"][0]["done"] for shown in grown)
    assert last == chat.conversation(conversation_of(first))
    assert last["turns"][1]["done"]


def test_a_follower_sees_the_draft_grow_under_the_answers_before_it(chat, queue):
    first = finished(queue, queue.ask(QUESTION))
    queue.assistant.language_model = model = HalfModel()
    task = queue.ask(QUESTION, conversation_of(first))
    assert model.half.wait(5)
    following = chat.follow(task)
    half = next(following)
    assert half == chat.conversation(conversation_of(first))
    answered, growing = turns_of(half)
    assert answered.all(class_="fn-claim")
    assert growing.one(class_="fn-draft").visible_text.endswith("Sparse training")
    model.go.set()
    *_, last = following
    assert turns_of(last)[1].all(class_="fn-draft") == []
    assert turns_of(last)[1].all(class_="fn-claim")


def test_a_question_that_failed_says_why_until_it_is_asked_again(chat, queue):
    queue.assistant.reranker = BrokenReranker()
    task = queue.ask(QUESTION)
    *_, last = chat.follow(task)
    assert "The reranker failed" in turns_of(last)[0].one(class_="fn-problem").text
    assert chat.conversation(conversation_of(task)) == last
    queue.assistant.reranker = OverlapReranker()
    *_, last = chat.follow(queue.ask_again(task.exchange.exchange_id))
    (page,) = turns_of(last)
    assert page.all(class_="fn-problem") == []
    assert page.all(class_="fn-claim")


def test_a_question_that_failed_unobserved_says_why_later(chat, queue):
    queue.assistant.reranker = BrokenReranker()
    unwatched = queue.ask(QUESTION)
    finished(queue, queue.ask(OTHER))
    (page,) = turns_of(chat.conversation(conversation_of(unwatched)))
    assert "The reranker failed" in page.one(class_="fn-problem").text


def test_the_first_question_of_the_queue_is_shown_starting(chat, queue):
    with queue.paused():
        page = turns_of(chat.conversation(conversation_of(queue.ask(QUESTION))))[0]
    assert page.one(class_="fn-status").visible_text == "Starting …"


def test_a_refused_question_is_shown_but_not_stored(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    before = chat.conversation(conversation_of(task))
    shown = chat.with_problem(conversation_of(task), "?!", "Ask with a word in it.")
    assert shown["turns"][:-1] == before["turns"]
    assert turns_of(shown)[-1].visible_text == "?! Ask with a word in it."
    assert chat.conversation(conversation_of(task)) == before


def test_a_refused_question_is_shown_in_a_new_conversation_too(chat):
    assert [page.visible_text for page in turns_of(chat.with_problem("", "Why?", "Too long."))] == ["Why? Too long."]


def test_conversations_are_listed_newest_first_with_the_id_of_the_open_one(chat, queue):
    one, two = (finished(queue, queue.ask(question)) for question in (QUESTION, OTHER))
    listed = chat.conversation_list(conversation_of(one))
    assert [row["id"] for row in listed["rows"]] == [conversation_of(two), conversation_of(one)]
    assert [row["title"] for row in listed["rows"]] == [OTHER, QUESTION]
    assert listed["current"] == conversation_of(one)


def test_conversations_are_searched_by_their_questions_and_answers(chat, queue):
    one = finished(queue, queue.ask(QUESTION))
    finished(queue, queue.ask(OTHER))
    assert [row["id"] for row in chat.search_conversations({"text": "2.5X"})] == [conversation_of(one)]
    assert [row["id"] for row in chat.conversation_list("", "2.5x")["rows"]] == [conversation_of(one)]
    assert chat.search_conversations({"text": "whales"}) == []


def test_a_conversation_is_renamed(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    chat.rename_conversation({"id": conversation_of(task), "title": " Costs  of training "})
    assert [row["title"] for row in chat.conversation_list("")["rows"]] == ["Costs of training"]
    with pytest.raises(InputError, match="The title is empty"):
        chat.rename_conversation({"id": conversation_of(task), "title": " "})


def test_deleting_a_conversation_stops_its_question(chat, queue):
    queue.assistant.language_model = model = HeldModel()
    kept = queue.ask(OTHER)
    task = queue.ask(QUESTION)
    chat.delete_conversation({"id": conversation_of(task)})
    model.go.set()
    finished(queue, kept)
    assert finished(queue, task).answer.stopped
    assert [row["id"] for row in chat.conversation_list("")["rows"]] == [conversation_of(kept)]
    assert chat.conversation(conversation_of(task))["turns"] == []


def test_an_answer_names_its_collection_and_those_of_the_papers_it_cites(chat, queue):
    with chat.papers.retriever().index.writing() as writer:
        for name in ("Models", "Thesis"):
            writer.library.source_table.put_into(name, writer.library.sources())
    task = finished(queue, chat.ask(QUESTION, None, (), " Models "))
    (page,) = turns_of(chat.conversation(conversation_of(task)))
    assert page.one(class_="fn-collection").visible_text == "From the collection Models"
    assert "Collections: Models, Thesis" in page.one("ol", class_="fn-notes").visible_text
    opened = chat.source({"turn": task.exchange.exchange_id, "marker": 1, "start": 0})
    assert "Collections: Models, Thesis" in ParsedHtml(opened).visible_text
    again = finished(queue, queue.ask_again(task.exchange.exchange_id))
    assert again.exchange.collection == "Models"


def test_a_question_of_a_collection_that_is_gone_says_so(chat, queue):
    task = finished(queue, chat.ask(QUESTION, None, (), "Gone"))
    (page,) = turns_of(chat.conversation(conversation_of(task)))
    assert "There is no collection 'Gone'" in page.one(class_="fn-problem").text


@pytest.mark.parametrize("name", ["a\x00", "\ud800", "x" * 61, "\x1b[2J"])
def test_a_text_that_names_no_collection_is_refused_and_stores_nothing(chat, name):
    with pytest.raises(InputError, match="A collection needs a name"):
        chat.ask(QUESTION, None, (), name)
    assert chat.search_conversations({"text": ""}) == []
