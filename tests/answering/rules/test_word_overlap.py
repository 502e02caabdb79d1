"""Two texts say the same when one contains nearly all words of the other."""

from __future__ import annotations

from assistant.answering.rules.word_overlap import says_the_same


def test_texts_say_the_same_when_four_of_five_words_are_shared_but_not_three_of_four():
    assert says_the_same("alpha beta gamma delta epsilon", "alpha beta gamma delta zeta")
    assert not says_the_same("alpha beta gamma delta", "alpha beta gamma zeta")
