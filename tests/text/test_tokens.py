from __future__ import annotations

import pytest

from assistant.text.tokens import content_words, is_function_word, is_stop_word, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPT-3.5 and C++", ["gpt-3.5", "and", "c++"]),
        ("Don’t, don't", ["don't", "don't"]),
        ("ﬁne ÉCOLE", ["fine", "école"]),
        ("snake_case", ["snake", "case"]),
        ("🎉 !? …", []),
    ],
)
def test_words_are_folded_and_kept_whole(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pre-training of a model", ["pre", "training", "model"]),
        ("Does the paper show it?", []),
        ("x is 3", ["3"]),
        ("GPT-3.5", ["gpt", "3", "5"]),
    ],
)
def test_content_words_leave_out_words_that_carry_no_meaning(text, expected):
    assert content_words(text) == expected


def test_function_words_and_words_of_questions_are_stop_words():
    assert is_stop_word("the")
    assert is_stop_word("papers")
    assert not is_stop_word("model")


def test_words_of_questions_are_not_function_words():
    assert is_function_word("the")
    assert not is_function_word("papers")
