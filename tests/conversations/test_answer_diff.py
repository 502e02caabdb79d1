"""What differs between two answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.conversations.answer_diff import AnswerDiff, diff_of
from assistant.records import Claim, Evidence, RankedPaper, Seconds, ShortAnswer
from tests.support.saved import GEESE, HENS, answer_of, declined, said

EGGS, LEGS, SWIM = said("Hens lay eggs."), said("They have 2 legs.", end=32), said("Geese swim.", GEESE)
SHORT = ShortAnswer("yes", EGGS.evidence, 0.9)


def texts(claims) -> list[str]:
    return [claim.text for claim in claims]


@pytest.mark.parametrize(
    "later",
    [
        answer_of(EGGS, LEGS),
        answer_of(LEGS, EGGS),
        answer_of(EGGS, replace(LEGS, is_more=True)),
        answer_of(replace(EGGS, score=0.5, support="quoted"), LEGS),
        answer_of(replace(EGGS, text="… lay eggs.", support="quoted"), LEGS),
        answer_of(EGGS, LEGS, seconds=Seconds(1, 2, 3), model="another", retrieved=(RankedPaper(GEESE, 1.0),)),
    ],
    ids=["equal", "other order", "behind More", "other score", "without a lead-in", "other times and search"],
)
def test_the_same_sentences_with_the_same_evidence_are_no_change(later):
    diff = diff_of(answer_of(EGGS, LEGS), later)
    assert diff == AnswerDiff()
    assert not diff


def test_evidence_in_another_order_or_at_another_place_of_the_abstract_is_no_change():
    longer = replace(HENS, abstract=f"Background. {HENS.abstract}")
    both = (Evidence(HENS, 0, 14), Evidence(GEESE, 0, 19))
    moved = (Evidence(GEESE, 0, 19), Evidence(longer, 12, 26))
    before, after = (answer_of(Claim("Birds lay eggs.", items, "supported", 0.9)) for items in (both, moved))
    assert not diff_of(before, after)


def test_a_sentence_that_cites_a_new_paper_is_added_with_its_paper():
    diff = diff_of(answer_of(EGGS), answer_of(EGGS, SWIM))
    assert (texts(diff.added), diff.new_papers) == (["Geese swim."], (GEESE,))
    assert (diff.removed, diff.changed, diff.lost_papers) == ((), (), ())


def test_a_sentence_that_is_gone_is_removed_with_the_paper_that_only_it_cited():
    diff = diff_of(answer_of(EGGS, LEGS, SWIM), answer_of(EGGS))
    assert (texts(diff.removed), diff.lost_papers) == (["They have 2 legs.", "Geese swim."], (GEESE,))


def test_a_repeated_sentence_counts_as_often_as_it_is_said():
    assert texts(diff_of(answer_of(EGGS), answer_of(EGGS, EGGS)).added) == ["Hens lay eggs."]


def test_a_similar_sentence_is_a_changed_one_with_its_words_marked():
    diff = diff_of(answer_of(LEGS), answer_of(said("They have 4 legs.", end=32)))
    (changed,) = diff.changed
    assert changed.pieces == (("same", "They have"), ("removed", "2"), ("added", "4"), ("same", "legs."))
    assert (diff.added, diff.removed) == ((), ())


def test_a_sentence_with_other_evidence_is_a_changed_one():
    diff = diff_of(answer_of(EGGS), answer_of(replace(EGGS, evidence=(*EGGS.evidence, *SWIM.evidence))))
    (changed,) = diff.changed
    assert not changed.has_other_words
    assert changed.pieces == (("same", "Hens lay eggs."),)
    assert diff.new_papers == (GEESE,)


def test_the_most_similar_sentences_are_paired():
    old = [said("Hens lay 200 eggs a year in a barn."), said("Hens lay 300 eggs a year in a field.")]
    new = [said("Hens lay 310 eggs a year in a field."), said("Hens lay 210 eggs a year in a barn.")]
    diff = diff_of(answer_of(*old), answer_of(*new))
    pairs = [(one.before.text.split()[2], one.after.text.split()[2]) for one in diff.changed]
    assert pairs == [("300", "310"), ("200", "210")]


def test_quotations_of_two_papers_are_not_versions_of_one_sentence():
    old, new = said("Birds lay many eggs.", support="quoted"), said("Birds lay few eggs.", GEESE, support="quoted")
    diff = diff_of(answer_of(old), answer_of(new))
    assert (texts(diff.removed), texts(diff.added), diff.changed) == ([old.text], [new.text], ())


def test_text_without_end_is_compared_in_reasonable_time():
    diff = diff_of(answer_of(said("egg " * 30_000)), answer_of(said("egg " * 30_001)))
    assert (len(diff.removed), len(diff.added)) == (1, 1)


def test_a_question_that_is_answered_now_and_was_declined_before_is_a_change():
    diff = diff_of(declined(), answer_of(EGGS))
    assert (diff.is_now_answered, diff.is_now_declined) == (True, False)
    assert (texts(diff.added), diff.new_papers) == (["Hens lay eggs."], (HENS,))
    back = diff_of(answer_of(EGGS), declined())
    assert (back.is_now_answered, back.is_now_declined, back.lost_papers) == (False, True, (HENS,))


def test_another_reason_for_declining_is_no_change():
    assert not diff_of(declined(), replace(declined(), reason="Nothing is known.", nearest=EGGS.evidence))


@pytest.mark.parametrize(
    ("before", "after", "short"),
    [
        (SHORT, replace(SHORT, word="no"), ("Yes", "No")),
        (SHORT, None, ("Yes", "")),
        (None, SHORT, ("", "Yes")),
        (SHORT, replace(SHORT, probability=0.7), None),
    ],
)
def test_another_short_answer_is_a_change(before, after, short):
    diff = diff_of(answer_of(EGGS, short=before), answer_of(EGGS, short=after))
    assert diff.has_other_short_answer == bool(diff) == bool(short)
    assert short is None or diff.short == short


def test_a_paper_that_was_retracted_since_is_a_change():
    retracted = replace(HENS, is_retracted=True)
    diff = diff_of(answer_of(EGGS), answer_of(said("Hens lay eggs.", retracted)))
    assert diff == AnswerDiff(retracted=(retracted,))
    assert diff
    assert not diff_of(answer_of(said("Hens lay eggs.", retracted)), answer_of(said("Hens lay eggs.", retracted)))
