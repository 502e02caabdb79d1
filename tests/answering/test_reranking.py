"""The reranker reads whole abstracts and adds logits to the search scores; the packaged model is tested too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.answering.reranking import (
    NOT_A_FINDING,
    PAPER_WEIGHT,
    SENTENCE_WEIGHT,
    AbstractReranker,
    open_reranker,
    worth_reading,
)
from assistant.interfaces import Abstract
from assistant.records import Evidence, FoundSide, Paper, RankedPaper, Retrieval
from assistant.settings import PACKAGED

HENS = Paper("h", "Hens", "Hens lay eggs. Hens sit.")
OATS = Paper("o", "Oats", "Oats grow. Oats are eaten.")
PAPERS = (RankedPaper(HENS, 1.5), RankedPaper(OATS, 1.4))
EVIDENCE = (Evidence(HENS, 0, 14, 2.0), Evidence(OATS, 0, 10, 1.9), Evidence(HENS, 15, 24, 1.8))
FOUND = Retrieval(PAPERS, EVIDENCE)
SPLITS = (("Which animals", "lay, and which plants grow?"), ("Which animals lay", "which plants grow?"))


class Told:
    """Gives each sentence the logit it was told, and records what it scored."""

    def __init__(self, **logits: float) -> None:
        self.told = logits
        self.asked: list[tuple[str, Sequence[Abstract]]] = []

    def logits(self, questions: Sequence[str], abstracts: Sequence[Abstract]) -> list[list[list[float]]]:
        self.asked += [(question, abstracts) for question in questions]
        return [
            [[self._logit(question, text) for text in abstract.sentences] for abstract in abstracts]
            for question in questions
        ]

    def _logit(self, question: str, text: str) -> float:
        return next((told for word, told in self.told.items() if word in text), -9.0)


def test_whole_abstracts_are_scored_in_the_order_of_their_sentences():
    scorer = Told()
    AbstractReranker(scorer).rerank("Who lays?", FOUND)
    hens, oats = Abstract("Hens", ("Hens lay eggs.", "Hens sit.")), Abstract("Oats", ("Oats grow.",))
    assert [(question, set(abstracts)) for question, abstracts in scorer.asked] == [("Who lays?", {hens, oats})]


def test_the_scorer_reads_the_headings_that_quotations_leave_out():
    paper = Paper("h", "Hens", "METHODS: We watched hens. RESULTS: They sat.")
    found = Retrieval((RankedPaper(paper, 1.0),), (Evidence(paper, 9, 25, 1.0), Evidence(paper, 35, 44, 1.0)))
    scorer = Told()
    AbstractReranker(scorer).rerank("Did they sit?", found)
    assert scorer.asked[0][1] == [Abstract("Hens", ("METHODS: We watched hens.", "RESULTS: They sat."))]


def test_sentences_are_ranked_by_search_score_plus_weighted_logit():
    reranked = AbstractReranker(Told(grow=3.0, sit=-1.0, lay=-4.0)).rerank("What grows?", FOUND)
    assert [item.text for item in reranked.evidence] == ["Oats grow.", "Hens sit.", "Hens lay eggs."]
    assert reranked.evidence[0].score == pytest.approx(1.9 + SENTENCE_WEIGHT * 3.0)


@pytest.mark.parametrize("role", ["aim", "background"])
def test_what_a_paper_set_out_to_do_or_others_believed_loses_to_what_it_found(role):
    aim, finding = replace(EVIDENCE[0], role=role), replace(EVIDENCE[2], score=2.0, role="result")
    found = replace(FOUND, papers=PAPERS[:1], evidence=(aim, finding))
    scorer = Told(lay=2.0, sit=1.0)
    asked_what_was_found = AbstractReranker(scorer).rerank("Do hens sit?", found)
    asked_why = AbstractReranker(scorer).rerank("Why do hens sit?", found)
    assert [item.text for item in asked_what_was_found.evidence] == ["Hens sit.", "Hens lay eggs."]
    assert [item.text for item in asked_why.evidence] == ["Hens lay eggs.", "Hens sit."]
    assert asked_what_was_found.signals["evidence_logit"] == pytest.approx(
        math.log(math.exp(2 + NOT_A_FINDING) + math.exp(1))
    )


def test_a_paper_gains_by_the_summed_odds_of_its_sentences():
    reranked = AbstractReranker(Told(grow=9.0, sit=1.0, lay=1.0)).rerank("What grows?", FOUND)
    assert [ranked.paper for ranked in reranked.papers] == [OATS, HENS]
    assert reranked.papers[1].score == pytest.approx(1.5 + PAPER_WEIGHT / 1.5 * (1.0 + math.log(2)))


def test_the_less_the_search_finds_the_more_the_reranker_decides():
    little = Retrieval(tuple(replace(ranked, score=ranked.score - 1) for ranked in PAPERS), EVIDENCE)
    scorer = Told(grow=0.5, sit=-0.5)
    assert [ranked.paper for ranked in AbstractReranker(scorer).rerank("What grows?", FOUND).papers] == [HENS, OATS]
    assert [ranked.paper for ranked in AbstractReranker(scorer).rerank("What grows?", little).papers] == [OATS, HENS]


def test_a_paper_without_scored_sentences_gets_the_lowest_logit_of_the_others():
    ranked = (*PAPERS, RankedPaper(Paper("b", "Bees", "Bees fly."), 1.0))
    reranked = AbstractReranker(Told(grow=4.0, sit=-3.0, lay=-30.0)).rerank("What grows?", Retrieval(ranked, EVIDENCE))
    assert reranked.papers[-1].score == pytest.approx(1.0 - PAPER_WEIGHT / 1.5 * 3.0)


def test_the_signals_for_the_gate_come_from_logits_and_search_scores():
    signals = AbstractReranker(Told(grow=0.0, sit=0.0, lay=0.0)).rerank("What grows?", FOUND).signals
    assert signals == {
        "evidence_logit": pytest.approx(math.log(3)),
        "best_paper_logit": pytest.approx(math.log(2)),
        "search_score": 1.5,
    }


class PerQuestion(Told):
    """Gives the sentence with the last word of the question the logit 5."""

    def _logit(self, question: str, text: str) -> float:
        return 5.0 if question.split()[-1].strip("?") in text else -9.0


def test_the_paper_for_each_side_is_the_one_that_answers_the_question_about_it_alone():
    candidates = (("h", 1.2), ("o", 1.1))
    sides = (
        FoundSide("sitting", "h", "Who can sit?", candidates),
        FoundSide("growing", "h", "Who can grow?", candidates),
    )
    found = replace(FOUND, sides=sides)
    scorer = PerQuestion()
    reranked = AbstractReranker(scorer).rerank("Who can sit or grow?", found)
    assert [side.paper_id for side in reranked.sides] == ["h", "o"]
    assert [question for question, _ in scorer.asked] == ["Who can sit or grow?", "Who can sit?", "Who can grow?"]


def test_a_question_whose_two_parts_two_papers_answer_has_two_sides():
    scorer = PerQuestion()
    reranked = AbstractReranker(scorer).rerank("Who?", replace(FOUND, splits=SPLITS))
    assert [(side.name, side.paper_id) for side in reranked.sides] == [
        ("Which animals lay", "h"),
        ("which plants grow?", "o"),
    ]


def test_two_papers_that_answer_the_parts_hardly_better_than_one_are_no_sides():
    found = replace(FOUND, splits=SPLITS[1:])
    nearly = AbstractReranker(Told(lay=2.0, grow=2.0, sit=-9.0)).rerank("Who?", found)
    assert nearly.sides == ()


def test_a_question_whose_two_parts_one_paper_answers_best_has_none():
    scorer = PerQuestion()
    splits = (("Which animals lay", "which of them sit?"),)
    assert AbstractReranker(scorer).rerank("Who?", replace(FOUND, splits=splits)).sides == ()


def test_a_question_about_a_single_paper_is_not_asked_in_parts():
    scorer = Told()
    alone = replace(FOUND, papers=PAPERS[:1], evidence=(EVIDENCE[0], EVIDENCE[2]), splits=SPLITS)
    AbstractReranker(scorer).rerank("Who?", alone)
    assert len(scorer.asked) == 1


def test_a_side_without_a_paper_that_was_read_keeps_what_the_search_found():
    found = replace(FOUND, sides=(FoundSide("bees", "b", "Who flies?", (("b", 1.0),)), FoundSide("none", "")))
    assert [side.paper_id for side in AbstractReranker(Told()).rerank("Who?", found).sides] == ["b", ""]


def test_a_first_paper_without_sentences_leaves_the_gate_the_logit_of_the_next():
    bare = RankedPaper(Paper("b", "Bees", "Results."), 1.6)
    signals = AbstractReranker(Told(lay=2.0)).rerank("Who lays?", Retrieval((bare, *PAPERS), EVIDENCE)).signals
    assert signals["best_paper_logit"] == pytest.approx(2.0, abs=0.01)


def test_without_evidence_the_logit_of_the_evidence_is_minus_infinity():
    assert AbstractReranker(Told()).rerank("Who?", Retrieval((), ())).signals["evidence_logit"] == -math.inf


@pytest.mark.models
def test_the_packaged_reranker_gives_a_positive_logit_only_to_the_sentence_that_answers():
    hens = Abstract("Hens", ("Hens are kept on every continent.", "A hen lays some 300 eggs in a year."))
    scorer = open_reranker(PACKAGED).scorer
    asked = ["How many eggs does a hen lay a year?", "What do oats cost in Chile?"]
    ((irrelevant, answers),), (unanswered,) = scorer.logits(asked, [hens])
    assert answers > 0 > irrelevant
    assert max(unanswered) < 0


@pytest.mark.models
def test_whether_a_marker_is_of_use_is_answered_by_the_conclusion_and_not_by_the_aim():
    aim = "We set out to assess whether serum amyloid A is an early marker of severe pancreatitis."
    conclusion = "Concentrations did not differ between mild and severe disease, so that it is of no use as a marker."
    paper = Paper("p", "Serum amyloid in pancreatitis", f"{aim} {conclusion}")
    evidence = (
        Evidence(paper, 0, len(aim), 1.0, role="aim"),
        Evidence(paper, len(aim) + 1, len(paper.abstract), 1.0, role="conclusion"),
    )
    found = Retrieval((RankedPaper(paper, 1.0),), evidence)
    reranked = open_reranker(PACKAGED).rerank("Is serum amyloid A a marker of severe pancreatitis?", found)
    assert reranked.evidence[0].text == conclusion


def far_behind(*, splits=SPLITS[:0]) -> Retrieval:
    """Hens first, oats far behind."""
    return replace(FOUND, papers=(PAPERS[0], RankedPaper(OATS, 0.9)), splits=splits)


def test_in_prose_a_paper_far_behind_is_not_read_and_stays_behind():
    scorer = Told(lay=-9.0, sit=-9.0, grow=9.0)
    reranked = AbstractReranker(scorer).rerank("Why do plants need rain?", worth_reading("prose", far_behind()))
    assert [abstract.title for abstract in scorer.asked[0][1]] == ["Hens"]
    assert [ranked.paper.paper_id for ranked in reranked.papers] == ["h", "o"]
    assert {item.paper.paper_id for item in reranked.evidence} == {"h"}


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("list", far_behind()),
        ("comparison", far_behind()),
        ("prose", replace(far_behind(), sides=(FoundSide("what lays", "h"),))),
        ("prose", far_behind(splits=SPLITS)),
        ("prose", FOUND),
    ],
)
def test_all_papers_are_read_where_several_may_be_quoted_or_the_scores_are_near(kind, found):
    assert worth_reading(kind, found).evidence == EVIDENCE
