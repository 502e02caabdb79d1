"""A quotation leaves out what only leads in to the message of a sentence, and nothing that weakens or turns it."""

from __future__ import annotations

import pytest

from assistant.answering.clauses import without_lead_in
from assistant.answering.quotations import quotations_by_paper
from assistant.records import Evidence, Paper


@pytest.mark.parametrize(
    ("lead_in", "rest"),
    [
        ("We show that ", "hens lay more eggs in the morning."),
        ("Overall, our extensive experiments clearly demonstrate that ", "hens lay more eggs at dawn."),
        ("In this paper, we find that ", "hens lay more eggs in the morning."),
        ("However, ", "older hens lay far fewer eggs than young ones."),
        ("Experimental results show that ", "the proposed feed doubles the number of eggs."),
        ("To address this issue, ", "we propose to feed hens twice a day."),
        ("In order to close the gap, ", "we collect 12 sorts of eggs from farms."),
        ("First, to overcome these two challenges, ", "we feed hens twice a day."),
        ("To this end, ", "the hens are fed with oats twice a day."),
        ("Next, ", "we feed the hens with oats twice a day."),
        ("In this work, ", "we compare hens that are fed twice a day."),
        ("We observe that, however, ", "the colour of hens has little influence."),
        ("In this\npaper, we find that ", "older hens lay far fewer eggs than young ones."),
    ],
)
def test_a_lead_in_is_left_out(lead_in, rest):
    assert without_lead_in(lead_in + rest) == rest


@pytest.mark.parametrize(
    "sentence",
    [
        "Our results suggest that hens lay more eggs in the morning.",  # weaker than what follows
        "We argue that hens should be fed before they lay any eggs.",
        "We do not find that hens lay more eggs in the morning.",
        "Experiments in mice clearly show that the feed cures most diseases of hens.",
        "Preliminary results show that the feed halves the number of diseases.",
        "It is reported that the feed halves the number of diseases of hens.",
        "Studies show that the feed halves the number of diseases of hens.",
        "Our results show that the feed cures hens and suggest that it prevents diseases.",
        "To address this issue and to cut costs, we feed hens twice a day.",  # says what for
        "To overcome these memory, time and cost limits, we feed hens twice a day.",
        "To address this issue, which harms most hens, we feed them twice a day.",
        "To fight this disease, vaccination of all the hens is needed.",
        "First, second and third order methods need more time for hens.",
        "We first show that hens lay more eggs in spring and then that they stop.",
        "We show that hens lay more eggs in spring, and, finally, that they stop.",
        "Experimentally, we show that hens lay more eggs in spring.",
        "To lay more eggs, the hens of this farm are fed twice a day.",
        "In this study, hens of twelve farms were fed twice a day.",  # names what it holds for
        "Second, third, fourth and fifth hens lay fewer eggs than first ones.",
        "Others have shown that hens lay more eggs in the morning.",
        "We show that hens lay eggs.",  # little would be left
        "Hens that show that they are hungry lay fewer eggs than others.",
        "We show hens that lay more eggs in the morning to farmers.",
    ],
)
def test_a_sentence_stays_whole_where_its_beginning_is_part_of_what_it_says(sentence):
    assert without_lead_in(sentence) == sentence


def test_a_quotation_marks_what_is_left_out_and_opens_exact_words():
    sentence = "We show that hens lay more eggs in the morning."
    paper = Paper("eggs", "Eggs", sentence)
    (claim,) = quotations_by_paper([Evidence(paper, 0, len(sentence))], "list")
    assert claim.text == "… hens lay more eggs in the morning."
    assert claim.evidence[0].text == sentence


def test_a_long_run_of_spaces_costs_no_time():
    assert without_lead_in("we" + " " * 50_000 + "lay eggs").startswith("we ")
