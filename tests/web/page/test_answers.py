"""Answers and their footnotes, in a real browser."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import (
    HOSTILE_TITLE,
    MINIPLM,
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    open_tab,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_a_footnote_opens_the_cited_text_next_to_the_answer(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    answer = last_turn(page)
    assert answer.locator(".fn-claim").count() == answer.locator(".fn-claim:has(.fn-marker)").count() > 0
    answer.locator(".fn-marker").first.click()
    panel = page.locator("#chat .fn-panel")
    assert panel.locator("h3").inner_text() == "MiniPLM: Knowledge Distillation for Pre-Training Language Models"
    assert "refining the training data distribution" in panel.locator("mark.fn-current").inner_text()
    assert panel.locator("mark.fn-current").is_visible()
    assert len(panel.locator(".fn-abstract").inner_text().split()) > 100
    panel.get_by_role("button", name="Close the paper").click()
    assert panel.is_hidden()


def test_hovering_a_marker_shows_the_quotation(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    last_turn(page).locator(".fn-marker").first.hover()
    assert "refining the training data distribution" in page.locator(".fn-tooltip").inner_text()


def test_dropped_sentences_can_be_unfolded_and_every_claim_has_a_badge(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    claims, answer = last_turn(page).locator(".fn-claim"), last_turn(page)
    answer.locator(".fn-more summary").click()
    assert all(re.search(r"quoted|checked 0\.\d\d|checked 1\.00", text) for text in claims.all_inner_texts())
    if answer.locator(".fn-dropped").count():
        answer.locator(".fn-dropped summary").click()
        assert answer.locator(".fn-reason").first.is_visible()


def test_a_follow_up_is_understood(page):
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page)
    ask(page, "How many tokens was it trained on?")
    wait_for_answers(page, 2)
    assert "57 billion" in last_turn(page).inner_text()


def test_a_question_that_the_papers_do_not_answer_is_declined_with_papers_to_open(page):
    ask(page, "Which city hosted the summer olympics in 1996?")
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-declined").inner_text() == "No abstract here mentions “summer olympics”."
    last_turn(page).locator(".fn-nearest .fn-link").first.click()
    page.locator("#chat .fn-panel h3").wait_for()


def test_a_declined_question_shows_the_nearest_sentences_on_demand(page):
    ask(page, "Which city hosted the summer olympics in 1996?")
    wait_for_answers(page)
    near = last_turn(page).locator(".fn-nearest-sentences")
    assert near.locator("q").first.is_hidden()
    near.get_by_text("Show the nearest sentences").focus()
    page.keyboard.press("Enter")
    sentence = near.locator("q").first
    assert sentence.is_visible()
    near.locator(".fn-marker").first.click()
    assert page.locator("#chat .fn-panel mark.fn-current").inner_text() == sentence.inner_text()


def test_more_of_an_answer_unfolds_by_keyboard_and_stays_unfolded_when_it_is_rated(page):
    ask(page, "How do MiniPLM and MiniLM differ in what they take from the teacher?")
    wait_for_answers(page)
    more = last_turn(page).locator(".fn-more")
    sentence = more.locator(".fn-claim").first
    assert sentence.is_hidden()
    more.locator("summary").focus()
    page.keyboard.press("Enter")
    assert sentence.is_visible()
    last_turn(page).get_by_role("button", name="Good answer").click()
    last_turn(page).locator("[data-action=up][aria-pressed=true]").wait_for()
    assert sentence.is_visible()
    sentence.locator(".fn-marker").click()
    assert page.locator("#chat .fn-panel mark.fn-current").inner_text() in sentence.inner_text()
    page.locator("#chat .fn-panel").get_by_role("button", name="Close the paper").click()
    last_turn(page).get_by_role("button", name="Good answer").click()  # undone: another test exports what was rated
    last_turn(page).locator("[data-action=up][aria-pressed=false]").wait_for()


def test_a_click_on_an_example_asks_it(page):
    page.get_by_role("button", name="Which papers are about continual pre-training?").click()
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-lead").count() >= 2


def test_a_question_without_words_is_refused_with_a_message(page):
    ask(page, "?!")
    page.locator("#chat .fn-problem").wait_for()
    assert "contains no words" in page.locator("#chat .fn-problem").inner_text()
    assert last_turn(page).locator("h3").inner_text() == "?!"


def test_markup_in_papers_is_shown_as_text(page):
    ask(page, "How many quokkas do drones count on Rottnest Island?")
    wait_for_answers(page)
    assert "1,237" in last_turn(page).inner_text()
    assert HOSTILE_TITLE in last_turn(page).inner_text()
    last_turn(page).locator(".fn-marker").first.click()
    assert page.locator("#chat .fn-panel h3").inner_text() == HOSTILE_TITLE
    open_tab(page, "Papers")
    page.locator("#papers input[name=query]").fill("quokka")
    page.locator("#papers .fn-rows .fn-link", has_text="Quokka").click()
    assert page.locator("#papers .fn-panel h3").inner_text() == HOSTILE_TITLE
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == "Footnote"


def test_markup_in_questions_is_shown_as_text(page):
    question = "<img src=x onerror=document.title='pwned'> what is **MiniPLM**?"
    ask(page, question)
    wait_for_answers(page)
    assert last_turn(page).locator("h3").inner_text() == question
    page.locator("#conversations .fn-open", has_text="<img src=x").first.wait_for()
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == "Footnote"
