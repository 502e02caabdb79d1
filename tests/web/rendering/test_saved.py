"""What a saved question shows."""

from __future__ import annotations

from dataclasses import replace

from assistant.conversations.saved import SavedQuestion
from assistant.records import ShortAnswer
from assistant.web.rendering import saved_html
from tests.support.html import ParsedHtml
from tests.support.saved import GEESE, HENS, QUESTION, answer_of, declined, said

EGGS = said("Hens lay eggs.")


def drawn(may_have_changed: bool = False, **fields) -> ParsedHtml:
    saved = SavedQuestion(1, QUESTION, answered="2026-01-02T03:04:05+00:00", **fields)
    return ParsedHtml(saved_html(saved, may_have_changed=may_have_changed))


def test_it_says_when_it_was_answered_and_what_it_was_asked_about():
    page = drawn(answer=answer_of(EGGS), within=("a", "b"), collection="farm")
    assert page.one("time").attributes == {"datetime": "2026-01-02T03:04:05+00:00"}
    assert [line.visible_text for line in page.all(class_="fn-filtered")] == [
        "Asked about 2 selected papers",
        "Asked about the collection farm",
    ]
    assert page.one(class_="fn-byline").visible_text == "Answered 2026-01-02"
    assert "may have another answer now" in drawn(True, answer=answer_of(EGGS)).one(class_="fn-byline").text


def test_a_question_without_an_answer_says_so_and_can_only_be_removed():
    page = drawn()
    assert page.one(class_="fn-byline").visible_text == "Not answered yet"
    assert page.all("details") == []
    (button,) = page.all("button")
    assert button.attributes["aria-label"] == f"Remove “{QUESTION}”"


def test_the_changed_words_of_a_sentence_are_marked_and_named():
    before, after = said("They have 2 legs.", end=32), said("They have 4 legs.", end=32)
    page = drawn(answer=answer_of(after), seen=answer_of(before))
    assert (page.one("del").text, page.one("ins").text) == ("2", "4")
    (item,) = [item for item in page.all("li") if "legs" in item.text]
    assert item.visible_text == "Before They have 2 legs. Hens Now They have 4 legs. Hens"


def test_a_sentence_with_other_evidence_names_the_papers_before_and_after():
    page = drawn(answer=answer_of(replace(EGGS, evidence=said("", GEESE).evidence)), seen=answer_of(EGGS))
    (item,) = [item for item in page.all("li") if "Rested" in item.text]
    assert item.visible_text == "Hens lay eggs. Rested before on Hens Rests now on Geese"
    assert page.all("ins") + page.all("del") == []


def test_papers_of_a_change_open_at_the_words_that_were_cited():
    page = drawn(answer=answer_of(EGGS), seen=declined())
    new, cited = (button.attributes for button in page.all("button", class_="fn-link")[:2])
    assert (new["data-paper"], new["data-start"]) == ("hens", "-1")
    assert (cited["data-paper"], cited["data-start"], cited["data-tip"]) == ("hens", "0", "“Hens lay eggs.”")


def test_another_short_answer_and_a_retraction_are_named():
    retracted = said("Hens lay eggs.", replace(HENS, is_retracted=True))
    short = ShortAnswer("yes", EGGS.evidence, 0.9)
    page = drawn(answer=answer_of(retracted, short=replace(short, word="no")), seen=answer_of(EGGS, short=short))
    assert page.one(class_="fn-diff").visible_text == (
        "The answer changed Short answer: No; before: Yes. Papers retracted since Hens"
    )
