"""A quotation leaves out what only leads in to the message of a sentence, and nothing that weakens or turns it."""

from __future__ import annotations

import pytest

from assistant.answering.clauses import without_lead_in
from assistant.answering.quotations import quotations_by_paper
from assistant.records import Evidence, Paper


def part_of(sentence: str) -> str:
    paper = Paper("eggs", "Eggs", f"Hens are birds. {sentence}")
    evidence = Evidence(paper, len("Hens are birds. "), len(paper.abstract), role="result")
    part = without_lead_in(evidence)
    assert part.end == evidence.end
    assert part.role == "result"
    return part.text


@pytest.mark.parametrize(
    ("lead_in", "rest"),
    [
        ("We show that ", "hens lay more eggs in the morning."),
        ("Overall, our experiments on three farms clearly demonstrate that ", "hens lay more eggs at dawn."),
        ("In this paper, we find that ", "hens lay more eggs in the morning."),
        ("However, ", "older hens lay far fewer eggs than young ones."),
        ("Experimental results show that ", "the proposed feed doubles the number of eggs."),
        ("It is shown that ", "the proposed feed doubles the number of eggs."),
    ],
)
def test_a_lead_in_is_left_out(lead_in, rest):
    assert part_of(lead_in + rest) == rest


@pytest.mark.parametrize(
    "sentence",
    [
        "Our results suggest that hens lay more eggs in the morning.",  # weaker than what follows
        "We argue that hens should be fed before they lay any eggs.",
        "We do not find that hens lay more eggs in the morning.",
        "Others have shown that hens lay more eggs in the morning.",
        "We show that hens lay eggs.",  # little would be left
        "Hens that show that they are hungry lay fewer eggs than others.",
        "We show hens that lay more eggs in the morning to farmers.",
    ],
)
def test_a_sentence_stays_whole_where_its_beginning_is_part_of_what_it_says(sentence):
    assert part_of(sentence) == sentence


def test_a_quotation_marks_what_is_left_out_and_opens_exact_words():
    sentence = "We show that hens lay more eggs in the morning."
    paper = Paper("eggs", "Eggs", sentence)
    (claim,) = quotations_by_paper([Evidence(paper, 0, len(sentence))], "list")
    assert claim.text == "… hens lay more eggs in the morning."
    assert claim.text.endswith(claim.evidence[0].text)
