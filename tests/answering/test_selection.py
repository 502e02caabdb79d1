"""The selected sentences depend on scores, the word budget and the type of question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answering.question import QuestionType
from assistant.answering.quotations import attribution_of
from assistant.answering.selection import (
    LIST_COST_OF_BACKGROUND,
    LIST_COST_PER_WORD,
    LIST_MARGIN,
    PROSE_MARGIN,
    SENTENCE_MARGIN,
    lead_of,
    select,
)
from assistant.records import Evidence, FoundSide, Paper, RankedPaper


def paper(name: str) -> Paper:
    """A paper with ten sentences of two words each."""
    return Paper(name, name.title(), " ".join(f"{name}{number} says." for number in range(10)))


def sentence(of: Paper, number: int, score: float = 0.0) -> Evidence:
    text = f"{of.paper_id}{number} says."
    start = of.abstract.index(text)
    return Evidence(of, start, start + len(text), score)


A, B, C, D, E, F = (paper(name) for name in "abcdef")


def ranked(*scores: tuple[Paper, float]) -> list[RankedPaper]:
    return [RankedPaper(one, score) for one, score in scores]


def names(chosen: tuple[Evidence, ...]) -> list[str]:
    return [item.text.removesuffix(" says.") for item in chosen]


def test_prose_uses_the_best_sentences_up_to_a_maximum():
    evidence = [sentence(A, number) for number in range(10)]
    assert names(select(QuestionType("prose"), ranked((A, 5.0)), evidence, 100)) == ["a0", "a1", "a2", "a3", "a4", "a5"]


def test_prose_uses_only_papers_with_nearly_the_best_score():
    evidence = [sentence(B, 0), sentence(C, 0), sentence(A, 0)]
    papers = ranked((A, 5.0), (B, 5.0 - PROSE_MARGIN / 2), (C, 5.0 - PROSE_MARGIN * 2))
    assert names(select(QuestionType("prose"), papers, evidence, 100)) == ["b0", "a0"]


@pytest.mark.parametrize("kind", ["prose", "comparison"])
def test_a_sentence_far_below_the_best_of_its_paper_is_left_out(kind):
    evidence = [
        sentence(A, 0, 9.0),
        sentence(A, 1, 9.0 - SENTENCE_MARGIN / 2),
        sentence(A, 2, 9.0 - SENTENCE_MARGIN * 2),
    ]
    evidence += [sentence(B, 0, 7.0)]
    assert names(select(QuestionType(kind), ranked((A, 5.0), (B, 5.0)), evidence, 100)) == ["a0", "a1", "b0"]


def test_a_list_uses_one_sentence_per_paper_in_the_order_of_the_papers():
    evidence = [sentence(B, 3), sentence(B, 0), sentence(A, 0), sentence(C, 0)]
    papers = ranked((A, 5.0), (B, 5.0 - LIST_MARGIN / 3), (C, 5.0 - LIST_MARGIN / 2))
    assert names(select(QuestionType("list"), papers, evidence, 100)) == ["a0", "b3", "c0"]


def test_a_list_has_at_most_five_papers():
    papers = ranked(*((one, 5.0) for one in (A, B, C, D, E, F)))
    evidence = [sentence(one, 0) for one in (A, B, C, D, E, F)]
    assert names(select(QuestionType("list"), papers, evidence, 100)) == ["a0", "b0", "c0", "d0", "e0"]


def test_a_list_leaves_out_a_paper_far_below_the_best():
    papers = ranked((A, 5.0), (B, 5.0 - LIST_MARGIN * 2))
    assert names(select(QuestionType("list"), papers, [sentence(A, 0), sentence(B, 0)], 100)) == ["a0"]


@pytest.mark.parametrize(
    ("compared", "expected"),
    [(2, ["a0", "a1", "a2", "b0", "b1", "b2"]), (3, ["a0", "a1", "a2", "b0", "b1", "b2", "c0", "c1", "c2"])],
)
def test_a_comparison_uses_three_sentences_of_each_compared_paper(compared, expected):
    papers = ranked((A, 5.0), (B, 4.9), (C, 4.8), (D, 4.7))
    evidence = [sentence(one, number) for number in range(4) for one in (D, C, B, A)]
    assert names(select(QuestionType("comparison", compared), papers, evidence, 100)) == expected


def test_a_comparison_with_few_words_takes_sentences_in_turns():
    papers = ranked((A, 5.0), (B, 4.9))
    evidence = [sentence(one, number) for number in range(3) for one in (A, B)]
    chosen = select(QuestionType("comparison"), papers, evidence, 8)  # two titles and three sentences
    assert names(chosen) == ["a0", "a1", "b0"]


def test_a_comparison_quotes_the_best_paper_for_each_side_whatever_its_rank():
    papers = ranked((A, 5.0), (B, 4.9), (C, 2.0))
    evidence = [sentence(one, number) for number in range(4) for one in (A, B, C)]
    sides = [FoundSide("C", "c"), FoundSide("unknown", ""), FoundSide("A", "a")]
    chosen = select(QuestionType("comparison"), papers, evidence, 8, sides)  # two titles and three sentences
    assert names(chosen) == ["c0", "c1", "a0"]


def test_a_long_sentence_of_a_side_is_replaced_by_a_shorter_one_so_that_each_side_is_quoted():
    long = Evidence(A, 0, len(A.abstract), score=1.0)  # 20 words
    evidence = [long, sentence(A, 3, 0.9), sentence(B, 0, 0.5)]
    sides = [FoundSide("A", "a"), FoundSide("B", "b")]
    papers = ranked((A, 5.0), (B, 4.9))
    assert names(select(QuestionType("comparison"), papers, evidence, 8, sides)) == ["a3", "b0"]
    assert select(QuestionType("comparison"), papers, evidence, 100, sides)[0] == long


def test_a_comparison_with_both_sides_in_one_paper_is_selected_by_rank():
    papers = ranked((A, 5.0), (B, 4.9))
    evidence = [sentence(one, 0) for one in (A, B)]
    sides = [FoundSide("x", "b"), FoundSide("y", "b")]
    assert names(select(QuestionType("comparison"), papers, evidence, 100, sides)) == ["a0", "b0"]


@pytest.mark.parametrize(("lead", "chosen"), [(-0.01, "a1"), (0.01, "a0")])
def test_a_list_prefers_what_a_paper_says_to_background_with_a_slightly_higher_score(lead, chosen):
    known = replace(sentence(A, 0, 1.0 + LIST_COST_OF_BACKGROUND + lead), role="background")
    assert names(select(QuestionType("list"), ranked((A, 5.0)), [known, sentence(A, 1, 1.0)], 100)) == [chosen]


def test_a_list_prefers_a_short_sentence_to_a_long_one_with_a_slightly_higher_score():
    cost = 18 * LIST_COST_PER_WORD  # 20 words against 2
    short = Evidence(A, *sentence(A, 4).place[1:], score=1.0)
    little_better, much_better = (
        Evidence(A, 0, len(A.abstract), score=1.0 + lead) for lead in (cost - 0.01, cost + 0.01)
    )
    papers = ranked((A, 5.0))
    assert names(select(QuestionType("list"), papers, [little_better, short], 100)) == ["a4"]
    assert select(QuestionType("list"), papers, [much_better, short], 100)[0].text == A.abstract


@pytest.mark.parametrize(("budget", "expected"), [(6, ["a0", "a1", "a2"]), (5, ["a0", "a1"]), (0, ["a0"])])
def test_all_sentences_except_the_first_stay_within_the_word_budget(budget, expected):
    evidence = [sentence(A, number) for number in range(5)]
    assert names(select(QuestionType("prose"), ranked((A, 5.0)), evidence, budget)) == expected


def test_a_sentence_that_is_too_long_is_skipped_for_a_shorter_one():
    long = Evidence(A, 0, len(A.abstract))  # 20 words
    assert names(select(QuestionType("prose"), ranked((A, 5.0)), [sentence(A, 1), long, sentence(A, 2)], 6)) == [
        "a1",
        "a2",
    ]


@pytest.mark.parametrize("kind", ["prose", "list", "comparison"])
def test_without_papers_or_evidence_nothing_is_selected(kind):
    assert select(QuestionType(kind), [], [], 100) == ()
    assert select(QuestionType(kind), ranked((A, 5.0)), [], 100) == ()


@pytest.mark.parametrize(
    ("title", "lead"),
    [
        ("HenNet: A Study of Hens", "HenNet"),
        ("A Study of Many Hens and Their Eggs in Winter", "A Study of Many Hens and Their Eggs in Winter"),
        ("Retracted: Hens Fly", "Retracted: Hens Fly"),
        ("A Survey: Hens", "A Survey: Hens"),
    ],
)
def test_a_paper_of_a_comparison_is_introduced_by_its_name_and_one_of_a_list_by_its_title(title, lead):
    one = Paper("p", title, "")
    assert lead_of(one, "comparison") == lead
    assert lead_of(one, "list") == title


COUNTS = Paper("k", "Counting", "We count hens. Hens lay eggs. We saw 12 hens. Then 15 came.")


def counting(**scores: float) -> list[Evidence]:
    places = {"hens": 0, "eggs": 15, "twelve": 30, "fifteen": 46}
    ends = {"hens": 14, "eggs": 29, "twelve": 45, "fifteen": 59}
    found = [Evidence(COUNTS, places[name], ends[name], score) for name, score in scores.items()]
    return sorted(found, key=lambda item: -item.score)


def test_a_question_for_a_number_gets_the_best_sentence_that_contains_one():
    evidence = counting(hens=5.0, eggs=4.9, twelve=1.0, fifteen=0.5)
    asked = select(QuestionType("prose", asks_for_number=True), ranked((COUNTS, 5.0)), evidence, 100)
    assert [item.text for item in asked] == ["We count hens.", "We saw 12 hens.", "Hens lay eggs."]
    unasked = select(QuestionType("prose"), ranked((COUNTS, 5.0)), evidence, 100)
    assert [item.text for item in unasked] == ["We count hens.", "Hens lay eggs."]


def test_no_sentence_is_added_if_a_selected_one_contains_a_number():
    evidence = counting(hens=5.0, fifteen=4.9, twelve=1.0)
    asked = select(QuestionType("prose", asks_for_number=True), ranked((COUNTS, 5.0)), evidence, 100)
    assert [item.text for item in asked] == ["We count hens.", "Then 15 came."]


SHARED = Paper("s", "Sharing", "We open hens. Code: https://x.org/hens.")


@pytest.mark.parametrize(
    ("asks", "code", "chosen"),
    [
        (False, 4.9, ["We open hens."]),
        (True, 4.9, ["We open hens.", "Code: https://x.org/hens."]),
        (False, 5.1, ["Code: https://x.org/hens.", "We open hens."]),
    ],
)
def test_where_to_get_something_is_quoted_if_it_is_asked_for_or_the_best_of_its_paper(asks, code, chosen):
    evidence = sorted([Evidence(SHARED, 0, 13, 5.0), Evidence(SHARED, 14, 39, code)], key=lambda item: -item.score)
    selected = select(QuestionType("prose", asks_for_access=asks), ranked((SHARED, 5.0)), evidence, 100)
    assert [item.text for item in selected] == chosen


@pytest.mark.parametrize(
    ("paper", "role", "said"),
    [
        (Paper("a", "MiniPLM: Distillation", "Hens."), "result", "The MiniPLM paper reports"),
        (Paper("a", "The Pile: A Data Set", "Hens."), "method", "The Pile paper says"),
        (Paper("a", "Unlock the Power: Distillation", "Hens.", ("Ada Ley",)), "result", "Ley reports"),
        (Paper("a", "A survey: hens", "Hens.", ("Ada Ley",), 2020), "conclusion", "Ley (2020) reports"),
        (Paper("a", "On hens", "Hens.", ("Ada Ley", "Bo Kern"), 2020), "", "Ley and Kern (2020) say"),
        (Paper("a", "On hens", "Hens.", ("A. Ley", "B. Kern", "C. Ott")), "result", "Ley et al. report"),
        (Paper("a", "On hens", "Hens."), "result", ""),
        (Paper("a", "MiniPLM: Distillation", "Hens."), "background", ""),
        (Paper("a", "MiniPLM: Distillation", "Hens."), "aim", ""),
    ],
)
def test_a_quotation_in_prose_says_whose_it_is(paper, role, said):
    assert attribution_of(Evidence(paper, 0, 5, role=role)) == said
