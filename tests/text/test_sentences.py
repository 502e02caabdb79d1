from __future__ import annotations

import pytest

from assistant.text.sentences import sentence_spans, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It works. We read on.", ["It works.", "We read on."]),
        ("Is it? Yes! Sure.", ["Is it?", "Yes!", "Sure."]),
        ("It works!! Really?! So.", ["It works!!", "Really?!", "So."]),
        ("We follow Smith et al. (2020). It works.", ["We follow Smith et al. (2020).", "It works."]),
        ("Models, e.g. BERT, and i.e. T5. They fit.", ["Models, e.g. BERT, and i.e. T5.", "They fit."]),
        ("(Cf. Sec. 3 and Eqs. 4-5.) Next.", ["(Cf. Sec. 3 and Eqs. 4-5.)", "Next."]),
        ("J. K. Rowling wrote it. We read.", ["J. K. Rowling wrote it.", "We read."]),
        ("We study the U.S. Constitution. Then we stop.", ["We study the U.S. Constitution.", "Then we stop."]),
        ("So do I. They left.", ["So do I.", "They left."]),
        ("It gains 3.5 points. Then 2.1.", ["It gains 3.5 points.", "Then 2.1."]),
        ("We use GPT-4. It works.", ["We use GPT-4.", "It works."]),
        ("See https://a.b/c.html for code. It is open.", ["See https://a.b/c.html for code.", "It is open."]),
        ('He said "It works." Then he left.', ['He said "It works."', "Then he left."]),
        ("He said “it works.” Then he left.", ["He said “it works.”", "Then he left."]),
        ("It works (see below.) Next [as here.] End", ["It works (see below.)", "Next [as here.]", "End"]),
        ("これは文です。次の文です。", ["これは文です。", "次の文です。"]),
        ("彼は「はい。」次。", ["彼は「はい。」", "次。"]),
        ("Great 🎉! Next 😀. End", ["Great 🎉!", "Next 😀.", "End"]),
        ("Wait... what. Then", ["Wait... what.", "Then"]),
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("No stop at all", ["No stop at all"]),
        ("Hello.world stays whole.", ["Hello.world stays whole."]),
        ("The space is lost.The next begins here.", ["The space is lost.", "The next begins here."]),
        ("It lacks vitamin K. However, it grew.", ["It lacks vitamin K.", "However, it grew."]),
        ("It took 5 h. Mice then slept.", ["It took 5 h.", "Mice then slept."]),
        ("It took 90 ms. Then Ms. Hall left.", ["It took 90 ms.", "Then Ms. Hall left."]),
        (
            "The source of NO. It is made in hens no. 3 and no. 4.",
            ["The source of NO.", "It is made in hens no. 3 and no. 4."],
        ),
        ("In Oct. 2016 (Phys. Rev. D) it rained. It dried.", ["In Oct. 2016 (Phys. Rev. D) it rained.", "It dried."]),
        (
            "By Hall et al. We disagree with Hall et al. [3] here.",
            ["By Hall et al.", "We disagree with Hall et al. [3] here."],
        ),
        ("Hens, geese, etc. Ducks too.", ["Hens, geese, etc.", "Ducks too."]),
        ("It grew. mRNA fell. c-Myc rose. μ-opioids too.", ["It grew.", "mRNA fell.", "c-Myc rose.", "μ-opioids too."]),
        ("Why us? is asked (why? when?) often. Yes.", ["Why us? is asked (why? when?) often.", "Yes."]),
        ("He said “Go. Now go.” and left. Yes.", ["He said “Go. Now go.” and left.", "Yes."]),
        ('The "cost. " It rose. "Value" fell.', ['The "cost. "', "It rose.", '"Value" fell.']),
        ("1. Hens sit. 2. Hens lay.", ["1. Hens sit.", "2. Hens lay."]),
        ("Results. Hens lay. Conclusions. They do.", ["Results. Hens lay.", "Conclusions. They do."]),
        ("J. A. Hall and Proc. Natl. Acad. Sci. USA agree.", ["J. A. Hall and Proc. Natl. Acad. Sci. USA agree."]),
    ],
)
def test_text_is_split_where_a_sentence_ends(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_text_without_words_has_no_sentences(text):
    assert sentence_spans(text) == []


def test_spans_are_offsets_into_the_text_without_surrounding_white_space():
    assert sentence_spans("  One.  Two \n") == [(2, 6), (8, 11)]


def test_a_sentence_that_repeats_has_its_own_offsets():
    assert sentence_spans("Yes. Yes. Yes.") == [(0, 4), (5, 9), (10, 14)]


def test_a_stop_before_a_small_letter_does_not_end_a_sentence():
    assert sentences("It needs approx. ten and ver. two.") == ["It needs approx. ten and ver. two."]


def test_stops_and_quotation_marks_without_end_take_no_time():
    for text in ("." * 200_000 + '"' * 200_000 + "x", "a. " * 100_000, "。" * 200_000 + "x", "[(a. " * 50_000):
        assert sentence_spans(text)  # would take minutes if every stop were tried with all that follow
