"""The sentences of a draft cite evidence by markers, or by the words that they share with it."""

from __future__ import annotations

import pytest

from assistant.answering.citations import (
    DraftSentence,
    begins_with_no_answer,
    best_matching_evidence,
    contains_no_answer,
    parse_draft,
    without_reasoning,
)

EVIDENCE = ["Sparse training reduces cost.", "Tables are hard to read.", "Forgetting remains central."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cost falls [1]. Tables are hard [2].", [("Cost falls.", (0,)), ("Tables are hard.", (1,))]),
        ("Cost falls. [1] Tables are hard. [2]", [("Cost falls.", (0,)), ("Tables are hard.", (1,))]),
        ("Whales sing.[3] Birds sing.[1][2]", [("Whales sing.", (2,)), ("Birds sing.", (0, 1))]),
        ("All hold [2, 1; 3].", [("All hold.", (0, 1, 2))]),
        ("All hold [1][3].", [("All hold.", (0, 2))]),
        ("All hold (sentence 2).", [("All hold.", (1,))]),
        ("All hold (Sentences 1 & 2).", [("All hold.", (0, 1))]),
    ],
)
def test_markers_are_removed_and_give_the_cited_evidence(text, expected):
    assert [(one.text, one.cites) for one in parse_draft(text, EVIDENCE)] == expected


@pytest.mark.parametrize("marker", ["[0]", "[4]", "[99999999]"])
def test_a_marker_without_evidence_of_that_number_cites_nothing(marker):
    assert parse_draft(f"Whales sing {marker}.", EVIDENCE) == [DraftSentence("Whales sing.", ())]


def test_after_an_unknown_marker_the_words_decide_which_evidence_is_cited():
    assert parse_draft("Reading tables is hard [9].", EVIDENCE) == [DraftSentence("Reading tables is hard.", (1,))]


def test_a_known_marker_counts_next_to_an_unknown_one():
    assert parse_draft("Whales sing [3, 7].", EVIDENCE) == [DraftSentence("Whales sing.", (2,))]


def test_a_sentence_without_marker_cites_the_evidence_that_shares_its_words():
    assert parse_draft("Forgetting is central.", EVIDENCE) == [DraftSentence("Forgetting is central.", (2,))]


def test_bullets_and_numbers_of_a_list_are_removed_from_its_sentences():
    written = parse_draft("- Cost falls [1]\n• Tables are hard [2]\n3. Forgetting stays [3]", EVIDENCE)
    assert [one.text for one in written] == ["Cost falls.", "Tables are hard.", "Forgetting stays."]
    assert [one.cites for one in written] == [(0,), (1,), (2,)]


def test_the_last_line_gets_no_full_stop_because_it_may_be_incomplete():
    written = parse_draft("- Cost falls\n- Tables are\n- Forgetting remains", EVIDENCE)
    assert [one.text for one in written] == ["Cost falls.", "Tables are.", "Forgetting remains"]


def test_a_marker_at_the_start_of_a_sentence_belongs_to_it():
    written = parse_draft("[1] Whales sing. [2] Birds sing.", EVIDENCE)
    assert written[1] == DraftSentence("Birds sing.", (1,))


@pytest.mark.parametrize(
    "text",
    [
        "Yes, tables are hard.",
        "According to the sentences, tables are hard.",
        "Based on the evidence provided, tables are hard.",
        "In summary: tables are hard.",
        "The answer is that tables are hard.",
        "“Tables are hard.”",
        '"Tables are hard."',
    ],
)
def test_preambles_and_quotation_marks_are_removed(text):
    assert [one.text for one in parse_draft(text, EVIDENCE)] == ["Tables are hard."]


@pytest.mark.parametrize("text", ["", "\n \n", "[2]", "...", "It is."])
def test_a_text_without_content_words_has_no_sentences(text):
    assert parse_draft(text, EVIDENCE) == []


def test_without_evidence_nothing_is_cited():
    assert parse_draft("Whales sing [1].", []) == [DraftSentence("Whales sing.", ())]


def test_words_are_attributed_to_one_sentence_of_evidence():
    assert best_matching_evidence("hard tables cost", EVIDENCE) == (1,)
    assert best_matching_evidence("whales", EVIDENCE) == ()


def test_of_equally_good_evidence_the_first_is_cited():
    assert best_matching_evidence("tables", [EVIDENCE[0], EVIDENCE[1], EVIDENCE[1]]) == (1,)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("**Whales** sing *songs* [1].", "Whales sing songs."),
        ("## Whales sing [1].", "Whales sing."),
        ("A* search and a_b_c use 2*3*4 [1].", "A* search and a_b_c use 2*3*4."),
    ],
)
def test_markdown_is_not_part_of_a_sentence(line, text):
    assert [one.text for one in parse_draft(line, EVIDENCE)] == [text]


@pytest.mark.parametrize(
    ("draft", "answer"),
    [
        ("<think>Hm.</think>Whales sing.", "Whales sing."),
        ("<THINK>\nHm.\n</THINK>Whales sing.", "Whales sing."),
        ("Hm.</think>Whales sing.", "Whales sing."),
        ("<think>Hm. Whales", ""),
        ("<thi", ""),
        ("Whales sing. <think>Do they?", "Whales sing. "),
        ("p <0.05 for whales", "p <0.05 for whales"),
        ("A <b>whale</b> sings.", "A <b>whale</b> sings."),
    ],
)
def test_reasoning_is_no_part_of_a_draft(draft, answer):
    assert without_reasoning(draft) == answer


@pytest.mark.parametrize("text", ["NO ANSWER", "**No answer.**", "Answer: NO ANSWER", "NO ANSWER, since whales sing."])
def test_a_draft_that_begins_with_no_answer_is_recognised(text):
    assert begins_with_no_answer(text)
    assert contains_no_answer(f"Whales sing.\n{text}")


@pytest.mark.parametrize("text", ["No answer is right in 5% of cases.", "Whales sing.", ""])
def test_a_sentence_about_answers_is_not_a_refusal(text):
    assert not begins_with_no_answer(text)
    assert not contains_no_answer(text)
