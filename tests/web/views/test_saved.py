"""What the tab of saved questions shows and does."""

from __future__ import annotations

import logging

import pytest

from assistant.errors import InputError
from tests.support.html import ParsedHtml
from tests.support.models import WRITTEN, BrokenReranker, FaultyModel, HeldModel
from tests.support.views import CITED, OTHER, QUESTION, SPARSE, conversation_of, finished, joined, put

BURROWS = "How long are the burrows that wombats dig?"
WOMBATS: dict[str, object] = {"title": "Wombats", "abstract": "The burrows that wombats dig are 30 metres long."}


def save(views, question: str, conversation: str | None = None) -> str:
    """Ask a question and save its answer; gives the id of its conversation."""
    task = finished(views.queue, views.queue.ask(question, conversation))
    views.save({"turn": task.exchange.exchange_id})
    return conversation_of(task)


def ask_all(views) -> None:
    views.ask_saved({})
    joined("saved-questions")


def rows(views) -> list[ParsedHtml]:
    return [ParsedHtml(row["html"]) for row in views.saved({})["rows"]]


def test_without_saved_questions_there_is_nothing_to_show(saved_views):
    assert saved_views.saved({}) == {"rows": [], "message": "", "running": False, "asked": 0}
    assert saved_views.remark() == ""


def test_a_saved_answer_is_shown_with_its_footnotes_and_needs_no_asking(saved_views):
    save(saved_views, QUESTION)
    (page,) = rows(saved_views)
    assert page.one("h3").text == QUESTION
    assert page.one(class_="fn-supported").visible_text.startswith(WRITTEN)
    assert page.all(class_="fn-diff") == []
    assert [one.attributes["data-action"] for one in page.all("button") if "data-action" in one.attributes] == [
        "remove"
    ]
    assert saved_views.saved({})["message"] == "1 saved question."
    ask_all(saved_views)
    assert saved_views.saved({})["message"].startswith("0 questions asked again, 0 changed.")


def test_a_follow_up_is_saved_with_what_was_said_before(saved_views):
    conversation = save(saved_views, QUESTION)
    save(saved_views, "And does accuracy fall with it?", conversation)
    save(saved_views, OTHER, conversation)
    first, follow_up, other = saved_views.stored.all()
    assert [question for question, _ in follow_up.history] == [QUESTION]
    assert (first.history, other.history) == ((), ())
    assert f"Asked after “{QUESTION}”" in rows(saved_views)[1].visible_text


def test_an_answer_that_was_deleted_cannot_be_saved(saved_views):
    with pytest.raises(InputError, match="This answer was deleted"):
        saved_views.save({"turn": "nobody"})


def test_after_papers_were_added_the_tab_says_how_many_answers_may_have_changed(saved_views):
    save(saved_views, BURROWS)
    save(saved_views, OTHER)
    put(saved_views.queue.assistant.retriever.index, WOMBATS)
    assert saved_views.remark() == "2 saved questions may have another answer now: open the tab Saved."
    assert saved_views.saved({})["message"] == "2 saved questions, 2 may have another answer now."
    assert ["may have another answer now" in page.visible_text for page in rows(saved_views)] == [True, True]


def test_asking_again_shows_what_changed_until_it_is_seen(saved_views):
    save(saved_views, BURROWS)
    save(saved_views, OTHER)
    put(saved_views.queue.assistant.retriever.index, WOMBATS)
    ask_all(saved_views)
    assert saved_views.saved({})["message"] == ("2 questions asked again, 1 changed. 2 saved questions.")
    changed, same = rows(saved_views)
    shown = changed.one(class_="fn-diff")
    assert [item.visible_text for item in changed.all("h5")] == ["New papers cited", "Sentences added"]
    assert "Answered now; declined before." in shown.visible_text
    assert changed.one("ins").text == WOMBATS["abstract"]
    assert same.all(class_="fn-diff") == []
    button = changed.one(data_action="seen")
    saved_views.mark_seen({"id": 1, "answered": "an earlier time"})
    assert rows(saved_views)[0].all(class_="fn-diff")
    saved_views.mark_seen({"id": 1, "answered": button.attributes["data-answered"]})
    assert rows(saved_views)[0].all(class_="fn-diff") == []


def test_footnotes_and_papers_of_both_answers_open_at_the_cited_words(saved_views):
    save(saved_views, QUESTION)
    (page,) = rows(saved_views)
    marker = page.all(class_="fn-marker")[0].attributes
    place = {"id": 1, "paper": "", "marker": int(marker["data-marker"] or 0), "start": int(marker["data-start"] or 0)}
    opened = ParsedHtml(saved_views.cited(place))
    assert opened.one("h3").text == SPARSE
    assert CITED in [mark.text for mark in opened.all("mark")]
    sparse = saved_views.stored.get(1).answer.citations[0].paper.paper_id
    saved_views.stored.put_answer(1, saved_views.queue.answer(BURROWS), "")
    assert ParsedHtml(saved_views.cited({"id": 1, "paper": sparse, "marker": 0, "start": 0})).one("h3").text == SPARSE
    gone = saved_views.cited({"id": 9, "paper": sparse, "marker": 0, "start": 0})
    assert ParsedHtml(gone).one(class_="fn-problem").text.startswith("This answer was replaced")


def test_a_paper_that_was_retracted_later_is_marked(saved_views):
    save(saved_views, QUESTION)
    put(saved_views.queue.assistant.retriever.index, {"title": SPARSE, "abstract": "Gone.", "is_retracted": True})
    assert rows(saved_views)[0].one(class_="fn-warning").visible_text.startswith("This answer cites a retracted paper")


def test_one_run_at_a_time_which_says_how_far_it_is_and_can_be_stopped(saved_views):
    for question in (QUESTION, OTHER, BURROWS):
        saved_views.stored.add(question)
    saved_views.queue.assistant.language_model = model = HeldModel()
    saved_views.ask_saved({})
    assert model.begun.wait(5)
    shown = saved_views.saved({})
    assert (shown["message"], shown["running"]) == ("Asking question 1 of 3 …", True)
    assert saved_views.progress({}) == {"message": "Asking question 1 of 3 …", "running": True, "asked": 0}
    with pytest.raises(InputError, match="are being asked already"):
        saved_views.ask_saved({})
    saved_views.stop_saved({})
    model.go.set()
    joined("saved-questions")
    shown = saved_views.saved({})
    assert not shown["running"]
    assert shown["message"].startswith("1 question asked again, 0 changed. Asking was stopped.")
    assert [bool(one.answer) for one in saved_views.stored.all()] == [True, False, False]


def test_a_run_says_why_a_question_could_not_be_answered_and_the_next_run_does_not(saved_views):
    saved_views.stored.add(QUESTION)
    working, saved_views.queue.assistant.reranker = saved_views.queue.assistant.reranker, BrokenReranker()
    ask_all(saved_views)
    assert "The reranker failed" in saved_views.saved({})["message"]
    assert "Not answered yet" in rows(saved_views)[0].visible_text
    saved_views.queue.assistant.reranker = working
    ask_all(saved_views)
    assert "failed" not in saved_views.saved({})["message"]


def test_a_bug_ends_the_run_with_a_message(saved_views, faults, caplog):
    caplog.set_level(logging.CRITICAL)
    saved_views.stored.add(QUESTION)
    saved_views.queue.assistant.language_model = FaultyModel()
    ask_all(saved_views)
    assert "The error is printed in the terminal" in saved_views.saved({})["message"]
    assert faults == [KeyError]


def test_a_run_ends_when_footnote_is_closed(saved_views):
    saved_views.stored.add(QUESTION)
    saved_views.queue.close()
    ask_all(saved_views)
    assert "Footnote was closed" in saved_views.saved({})["message"]


def test_a_question_is_removed(saved_views):
    save(saved_views, QUESTION)
    saved_views.remove_saved({"id": 1})
    assert saved_views.saved({})["rows"] == []
    with pytest.raises(InputError, match="may have been removed already"):
        saved_views.remove_saved({"id": 1})
