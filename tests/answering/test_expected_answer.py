"""A question may ask for a thing of a kind that a text contains or lacks."""

from __future__ import annotations

import pytest

from assistant.answering.expected_answer import expected_answer, is_present


@pytest.mark.parametrize(
    ("question", "kind", "label"),
    [
        ("What licence is the FastNet data released under?", "licence", "a licence"),
        ("Who wrote FastNet?", "authors", "the names of its authors"),
        ("When was FastNet released?", "date", "a date"),
        ("How big is FastNet in parameters?", "size", "the number of parameters"),
        ("How much does one question cost?", "price", "a price"),
        ("Which GPUs was it trained on?", "hardware", "the hardware"),
        ("What learning rate was used?", "setting", "the learning rate"),
        ("What does PCP stand for?", "long form", "the long form of PCP"),
        ("How many experts does it have?", "count", "the number of experts"),
        ("How many people judged it?", "count", "the number of people"),
        ("What is its accuracy on GSM8K?", "result", "a figure for GSM8K"),
        ("FastNet XNLI accuracy", "result", "a figure for XNLI"),
        ("How many points does it gain on MMLU?", "result", "a figure for MMLU"),
    ],
)
def test_the_wording_of_a_question_says_what_kind_of_answer_it_expects(question, kind, label):
    expected = expected_answer(question)
    assert expected
    assert (expected.kind, expected.label) == (kind, label)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Does it help?",
        "How many times faster is it?",
        "By how much does it reduce the cost?",
        "Why?",
        "Which ones report results on WebShop or AgentBench?",
    ],
)
def test_other_questions_expect_nothing_in_particular(question):
    assert expected_answer(question) is None


@pytest.mark.parametrize(
    ("question", "lacks", "has"),
    [
        ("Under what licence is it?", "The data are public.", "It is released under Apache 2.0."),
        ("Who wrote it?", "We wrote a parser.", "It was proposed by Smith et al."),
        ("When was it released?", "It was released.", "It was released in 2019."),
        ("How many parameters does it have?", "It has few parameters.", "A 7B model."),
        ("How much does one question cost?", "It is cheap.", "It is $3."),
        ("Which GPUs did it need?", "It is fast.", "We used one A100."),
        ("What batch size was used?", "A large batch. We ran 12 times.", "The batch size is 32."),
        ("What does PCP stand for?", "PCP wins.", "Prompt-based continued pre-training (PCP) wins."),
        ("How many experts has it?", "Experts are mixed. There are 12 layers.", "It has eight small experts."),
        ("What is the accuracy on GSM8K?", "GSM8K is hard. We gain 3%.", "It gets 71% on GSM8K."),
    ],
)
def test_a_text_has_or_lacks_what_is_expected(question, lacks, has):
    expected = expected_answer(question)
    assert expected
    assert not is_present(expected, lacks)
    assert is_present(expected, has)
