"""What can be done with an answer: open its footnotes, judge it, copy it, export it."""

from __future__ import annotations

import pytest
import rispy
from bibtexparser.entrypoint import parse_string

from assistant.conversations.answer_queue import Task
from assistant.errors import InputError
from assistant.web.rendering import exchange_html
from tests.support.html import ParsedHtml
from tests.support.models import WRITTEN
from tests.support.papers import ABSTRACTS
from tests.support.views import (
    CITED,
    OTHER,
    QUESTION,
    SPARSE,
    conversation_of,
    finished,
    put,
)


def first_footnote(task: Task) -> dict[str, object]:
    """What the page sends when the first marker is pressed."""
    page = ParsedHtml(exchange_html(task.exchange, task.answer, is_done=True))
    sent = page.all(class_="fn-marker")[0].attributes
    return {
        "turn": task.exchange.exchange_id,
        "marker": int(sent["data-marker"] or ""),
        "start": int(sent["data-start"] or ""),
    }


def test_a_marker_opens_the_paper_at_the_cited_text(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    page = ParsedHtml(chat.source(first_footnote(task)))
    assert page.one("h3").text == SPARSE
    assert page.one("mark", class_="fn-current").text == CITED
    assert page.one("p", class_="fn-abstract").text == ABSTRACTS[SPARSE]
    assert page.all(class_="fn-removed") == []
    assert page.all(data_action="ask")


def test_a_marker_opens_the_paper_as_it_was_at_the_time_of_the_answer(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    put(queue.assistant.retriever.index, {"title": SPARSE, "abstract": "Only one sentence is left."})
    page = ParsedHtml(chat.source(first_footnote(task)))
    assert page.one("p", class_="fn-abstract").text == ABSTRACTS[SPARSE]
    assert page.one("mark", class_="fn-current").text == CITED


def test_a_removed_paper_still_opens_and_says_that_it_is_no_longer_indexed(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    paper_id = task.answer.citations[0].paper.paper_id
    assert chat.papers.remove_papers({"ids": [paper_id]}) == "1 paper removed."
    page = ParsedHtml(chat.source(first_footnote(task)))
    assert "no longer indexed" in page.one(class_="fn-removed").visible_text
    assert page.one("mark", class_="fn-current").text == CITED
    assert page.all("button") == []


@pytest.mark.parametrize("wrong", [{"turn": "gone"}, {"marker": 99}])
def test_a_marker_of_a_deleted_answer_says_so(chat, queue, wrong):
    asked = first_footnote(finished(queue, queue.ask(QUESTION)))
    assert ParsedHtml(chat.source({**asked, **wrong})).visible_text == "This answer was deleted."


def test_a_rating_and_a_note_are_stored_and_shown(chat, queue, conversations):
    turn = finished(queue, queue.ask(QUESTION)).exchange.exchange_id
    page = ParsedHtml(chat.rate({"turn": turn, "rating": -1, "note": " Too short. "}))
    assert page.one(aria_pressed="true").attributes["data-action"] == "down"
    assert page.one(class_="fn-note").visible_text == "Your note Too short."
    kept = conversations.exchange(turn)
    assert (kept.rating, kept.note) == (-1, "Too short.")


def test_a_rating_without_a_note_keeps_the_old_note_and_an_empty_note_deletes_it(chat, queue):
    turn = finished(queue, queue.ask(QUESTION)).exchange.exchange_id
    chat.rate({"turn": turn, "rating": -1, "note": "Too short."})
    page = ParsedHtml(chat.rate({"turn": turn, "rating": 1, "note": None}))
    assert page.one(aria_pressed="true").attributes["data-action"] == "up"
    assert page.one(class_="fn-note").visible_text == "Your note Too short."
    assert ParsedHtml(chat.rate({"turn": turn, "rating": 1, "note": ""})).all(class_="fn-note") == []


def test_a_rating_can_be_removed(chat, queue, conversations):
    turn = finished(queue, queue.ask(QUESTION)).exchange.exchange_id
    chat.rate({"turn": turn, "rating": 1, "note": ""})
    page = ParsedHtml(chat.rate({"turn": turn, "rating": 0, "note": ""}))
    assert page.all(aria_pressed="true") == []
    assert conversations.exchange(turn).rating == 0


@pytest.mark.parametrize("note", ["", None])
def test_an_unanswered_or_deleted_question_cannot_be_rated(chat, conversations, note):
    for turn in (conversations.add_question(QUESTION).exchange_id, "gone"):
        with pytest.raises(InputError, match="never finished"):
            chat.rate({"turn": turn, "rating": 1, "note": note})


def test_a_copied_answer_includes_its_footnotes(chat, queue):
    task = finished(queue, queue.ask(QUESTION))
    text = chat.copy_text({"turn": task.exchange.exchange_id})
    answer, notes = text.split("\n\n")
    assert answer.startswith(f"{WRITTEN} [1]")
    assert notes.startswith(f"[1] {SPARSE}\n")
    assert f"    “{CITED}”" in notes


def test_a_nearest_sentence_opens_its_paper_at_its_words(chat, queue):
    task = finished(queue, queue.ask("Do whales sing under water?"))
    first = task.answer.nearest_citations[0].quotes[0]
    html = chat.source({"turn": task.exchange.exchange_id, "marker": 1, "start": first.start})
    source = ParsedHtml(html)
    assert source.one("h3").visible_text == first.paper.title
    assert source.one("mark", class_="fn-current").visible_text == first.text


def test_a_declined_answer_is_copied_without_trailing_space(chat, queue):
    task = finished(queue, queue.ask("Do whales sing under water?"))
    assert task.answer.abstained
    text = chat.copy_text({"turn": task.exchange.exchange_id})
    assert text.startswith("No abstract here mentions “whales”.")
    assert text == text.strip()


def test_a_deleted_or_missing_answer_is_copied_as_nothing(chat, conversations):
    assert chat.copy_text({"turn": "gone"}) == ""
    assert chat.copy_text({"turn": conversations.add_question(QUESTION).exchange_id}) == ""


@pytest.fixture
def conversation(queue) -> str:
    first = finished(queue, queue.ask(QUESTION))
    return conversation_of(finished(queue, queue.ask(OTHER, conversation_of(first))))


def test_a_conversation_is_exported_as_markdown_under_its_title(chat, conversation):
    chat.rename_conversation({"id": conversation, "title": "Costs"})
    file = chat.export({"conversation": conversation, "format": "markdown"})
    assert file["name"] == f"footnote-{conversation[:8]}.md"
    assert file["text"].startswith("# Costs\n\n## How much does sparse training")
    assert file["text"].count("\n## ") == 2
    assert f"[^1]: *{SPARSE}*" in file["text"]


def test_the_cited_papers_of_a_conversation_are_exported_as_bibtex(chat, conversation):
    file = chat.export({"conversation": conversation, "format": "bibtex"})
    assert file["name"].endswith(".bib")
    titles = [entry["title"].strip("{}") for entry in parse_string(file["text"]).entries]
    assert titles[0] == SPARSE
    assert len(titles) == len(set(titles))


def test_the_cited_papers_of_a_conversation_are_exported_as_ris(chat, conversation):
    file = chat.export({"conversation": conversation, "format": "ris"})
    assert file["name"].endswith(".ris")
    assert rispy.loads(file["text"])[0]["title"] == SPARSE


def test_an_unknown_format_or_conversation_is_not_exported(chat, conversation):
    assert chat.export({"conversation": conversation, "format": "pdf"}) is None
    assert chat.export({"conversation": "gone", "format": "markdown"}) is None
    assert chat.export({"conversation": "", "format": "markdown"}) is None
