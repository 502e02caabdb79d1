"""A name is found in a text in any spelling, but not within other words."""

from __future__ import annotations

import pytest

from assistant.answering.asked_about import is_mentioned


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FastNet", "We propose fastnet."),
        ("Llama-3", "It is based on Llama 3."),
        ("FastBert", "FastBertBase is small"),
        ("PLM", "many PLMs are large"),
        ("1.5-Pints.", "The 1.5-Pints model"),
        ("C++", "written in C++"),
    ],
)
def test_a_name_is_mentioned_whatever_its_case_hyphens_and_plural(name, text):
    assert is_mentioned(name, text)


@pytest.mark.parametrize(
    ("name", "text"), [("SAM", "the same SAMI"), ("Net", "FastNet"), ("", "anything"), ("?", "why?")]
)
def test_a_part_of_a_word_is_no_mention(name, text):
    assert not is_mentioned(name, text)
