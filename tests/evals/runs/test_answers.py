"""Whole answers scored: what each measure is over which answers, and a run that goes on where it stopped."""

from __future__ import annotations

from typing import Any

import pytest

from evals.kept import Kept
from evals.questions import EvalQuestion
from evals.runs.answers import FootnoteAnswerer, risk_coverage, run, values
from tests.support.answers import ABSTRACTS, asked, cites, claims, declined, said, scored
from tests.support.fakes import OVERLAP_VERIFIER

SECONDS = {"seconds to retrieve", "seconds to first words", "seconds in all"}
OF_ANSWERABLE = {
    "right paper first", "right paper in first five", "facts in 120 words", "all facts", "facts at once",
    "answerable declined",
}  # fmt: skip
OF_ANSWERED = {
    "citation precision", "citation recall", "ALCE citation recall", "ALCE citation precision", "groundedness",
    "quotations verbatim", "numbers supported", "with a sentence of the model", "words",
}  # fmt: skip
COST = "By how much does sparse training reduce the cost?"


def value(measure: str, question: EvalQuestion, answer: dict[str, Any]) -> float:
    return values([scored(question, answer)], OVERLAP_VERIFIER)[measure][question.question_id]


class Parrot:
    """Answers everything the same, counts what it was asked, and stops at one question when told to."""

    name = "parrot"

    def __init__(self, key: str = "v1", stops_at: str = "") -> None:
        self.key = key
        self.stops_at = stops_at
        self.heard: list[str] = []

    def answer(self, question: str, history: Any) -> dict[str, Any]:
        if question == self.stops_at:
            raise KeyboardInterrupt
        self.heard.append(question)
        return said()

    def abstract(self, paper_id: str) -> str:
        return ABSTRACTS[paper_id]


def quiet(*_: Any) -> None:
    pass


@pytest.mark.parametrize(
    ("question", "answer", "measured"),
    [
        (asked(), said(), OF_ANSWERABLE | OF_ANSWERED),
        (asked(), declined(), OF_ANSWERABLE),
        (asked(gold=()), said(), {"unanswerable declined"}),
        (asked(gold=()), declined(), {"unanswerable declined"}),
    ],
    ids=["answered", "declined", "unanswerable answered", "unanswerable declined"],
)
def test_an_answer_is_measured_by_what_means_something_for_it(question, answer, measured):
    assert values([scored(question, answer)], OVERLAP_VERIFIER).keys() == measured | SECONDS


def test_each_measure_is_over_the_questions_it_means_something_for():
    answers = [
        scored(asked("a"), said()),
        scored(asked("b"), declined()),
        scored(asked("c", gold=()), said()),
        scored(asked("d", gold=()), declined()),
    ]
    found = values(answers, OVERLAP_VERIFIER)
    assert found["answerable declined"] == {"a": 0.0, "b": 1.0}
    assert found["unanswerable declined"] == {"c": 0.0, "d": 1.0}
    assert found["facts in 120 words"] == {"a": 0.5, "b": 0.0}
    assert found["citation precision"] == {"a": 1.0}
    assert found["seconds in all"] == dict.fromkeys("abcd", 0.3)


def test_a_declined_answer_holds_no_fact_whatever_titles_it_names():
    answer = declined(answer="The indexed papers do not answer this question. Nearest papers: “White hens weekly”.")
    assert value("facts in 120 words", asked(), answer) == 0.0
    assert value("right paper first", asked(), answer) == 1.0  # it was found all the same


def test_an_answer_of_two_claims_scored_by_hand():
    answer = said(
        "Hens lay brown eggs. [1] Cows eat grass. [2]",
        citations=[cites(1, "hens", "Hens lay brown eggs daily."), cites(2, "cows", "Cows give milk")],
        claims=[claims("Hens lay brown eggs.", 1, support="supported"), claims("Cows eat grass.", 2)],
        retrieved=[{"paper_id": paper_id, "title": "", "score": 1.0} for paper_id in ("cows", "hens")],
        groundedness=0.8,
    )
    answer["citations"][1]["quotes"][0]["text"] = "Cows gave milk"
    found = {measure: by_id["eggs"] for measure, by_id in values([scored(asked(), answer)], OVERLAP_VERIFIER).items()}
    assert found == {
        "right paper first": 0.0,
        "right paper in first five": 1.0,
        "facts in 120 words": 0.5,  # brown, but not weekly
        "all facts": 0.0,
        "facts at once": 0.5,
        "answerable declined": 0.0,
        "citation precision": 0.5,
        "citation recall": 1.0,
        "ALCE citation recall": 0.5,  # nothing says that cows eat grass
        "ALCE citation precision": 0.5,
        "groundedness": 0.8,
        "quotations verbatim": 0.5,  # cows "gave"
        "numbers supported": 1.0,
        "with a sentence of the model": 1.0,
        "words": 9.0,  # as they are shown, with the markers
        "seconds to retrieve": 0.1,
        "seconds to first words": 0.2,
        "seconds in all": 0.3,
    }


@pytest.mark.parametrize(("rank", "first", "in_five"), [(1, 1, 1), (2, 0, 1), (5, 0, 1), (6, 0, 0)])
def test_the_fifth_paper_is_among_the_first_five(rank, first, in_five):
    ranked = [{"paper_id": f"other {number}", "title": "", "score": 1.0} for number in range(1, 8)]
    ranked[rank - 1]["paper_id"] = "hens"
    answer = said(retrieved=ranked)
    assert value("right paper first", asked(), answer) == first
    assert value("right paper in first five", asked(), answer) == in_five


def test_a_paper_that_is_accepted_is_a_right_one_but_need_not_be_cited():
    question = asked(gold=("cows",), accept=("hens",))
    assert value("right paper first", question, said()) == 1.0
    assert value("citation precision", question, said()) == 1.0
    assert value("citation recall", question, said()) == 0.0


@pytest.mark.parametrize(("claim", "expected"), [("Hens have 2 legs.", 1.0), ("Hens have 4 legs.", 0.0)])
def test_a_number_must_be_in_what_the_claim_cites(claim, expected):
    answer = said(
        claims=[claims(claim, 1)], citations=[cites(1, "hens", "Hens lay brown eggs daily.", "They have 2 legs.")]
    )
    assert value("numbers supported", asked(), answer) == expected


def test_an_answer_without_footnotes_quotes_nothing_verbatim():
    answer = said(citations=[], claims=[claims("Hens lay brown eggs daily.")])
    measures = ("quotations verbatim", "citation precision", "ALCE citation recall", "ALCE citation precision")
    assert [value(measure, asked(), answer) for measure in measures] == [0.0] * 4


@pytest.mark.parametrize("question", [COST, "Which papers are about training language models?"])
def test_the_assistants_quotations_are_verbatim_and_supported_by_their_footnotes(make_assistant, tmp_path, question):
    answerer = FootnoteAnswerer(make_assistant([""]))
    with Kept(tmp_path / "kept.jsonl") as kept:
        found = values(run(answerer, [asked(question=question)], kept, quiet), OVERLAP_VERIFIER)
    for measure in ("quotations verbatim", "ALCE citation recall", "ALCE citation precision", "numbers supported"):
        assert found[measure] == {"eggs": 1.0}
    assert found["with a sentence of the model"] == {"eggs": 0.0}


def test_the_assistant_is_asked_with_the_conversation_so_far(make_assistant, tmp_path):
    question = asked(
        question="And how many data sets is it better than T5 on?",
        history=(("What do they pre-train on tables?", "A unified model on tables and text."),),
    )
    with Kept(tmp_path / "kept.jsonl") as kept:
        (one,) = run(FootnoteAnswerer(make_assistant([""])), [question], kept, quiet)
    assert one.answer["retrieved"][0]["title"] == "Reading Tables with Unified Models"
    assert one.abstracts.keys() == set(one.cited)
    assert all(abstract for abstract in one.abstracts.values())


def test_a_run_started_again_asks_only_what_is_left(tmp_path):
    questions = [asked(name) for name in "abc"]
    path = tmp_path / "kept.jsonl"
    stopped, again = Parrot(stops_at=questions[2].question), Parrot()
    with Kept(path) as kept, pytest.raises(KeyboardInterrupt):
        run(stopped, questions, kept, quiet)
    with Kept(path) as kept:
        found = run(again, questions, kept, quiet)
    assert stopped.heard == [questions[0].question, questions[1].question]
    assert again.heard == [questions[2].question]
    assert [one.question for one in found] == questions


def test_the_same_run_twice_gives_the_same_values_and_asks_nothing(make_assistant, tmp_path):
    questions = [asked("a", question=COST), asked("b", gold=(), question="Which city hosted the olympic games?")]
    first, second = (make_assistant(["Sparse training on the Pile reduces cost by 2.5x."]) for _ in range(2))
    found = []
    for assistant in (first, second):
        with Kept(tmp_path / "kept.jsonl") as kept:
            found.append(values(run(FootnoteAnswerer(assistant), questions, kept, quiet), OVERLAP_VERIFIER))
    assert found[0] == found[1]
    assert found[0]["unanswerable declined"] == {"b": 1.0}
    assert (len(first.language_model.prompts), len(second.language_model.prompts)) == (1, 0)


def test_a_changed_answerer_question_or_conversation_is_asked_again(tmp_path):
    with Kept(tmp_path / "kept.jsonl") as kept:
        run(Parrot(), [asked()], kept, quiet)
        changed = [asked(question="What else?"), asked(history=(("Hens?", "Yes."),)), asked(facts=())]
        one, other = Parrot(), Parrot("v2")
        run(one, changed, kept, quiet)
        run(other, [asked()], kept, quiet)
    assert one.heard == ["What else?", "What of eggs?"]  # other facts are scored again, not asked
    assert other.heard == ["What of eggs?"]


def test_progress_counts_kept_answers_too(tmp_path):
    shown = []
    with Kept(tmp_path / "kept.jsonl") as kept:
        for questions in ([asked("a")], [asked("a"), asked("b")]):
            run(Parrot(), questions, kept, lambda *progress: shown.append(progress))
    assert shown == [("asking parrot", 1, 1), ("asking parrot", 1, 2), ("asking parrot", 2, 2)]


def test_the_assistants_key_changes_with_whatever_changes_its_answers(make_assistant):
    same = FootnoteAnswerer(make_assistant(["another script"], port=8000)).key
    changed = [make_assistant(answer_words=50), make_assistant(answer_above=0.9), make_assistant(answer_tokens=20)]
    keys = {
        FootnoteAnswerer(assistant).key for assistant in (make_assistant(), *changed, make_assistant(style="large"))
    }
    assert same in keys
    assert len(keys) == 5


def test_the_abstract_of_a_paper_that_is_not_indexed_is_empty(make_assistant, papers):
    answerer = FootnoteAnswerer(make_assistant())
    assert answerer.abstract(papers[0].paper_id) == papers[0].abstract
    assert answerer.abstract("nobody") == ""


def test_risk_and_coverage_of_four_answers():
    answers = [
        scored(asked("c", gold=()), said(confidence=0.7)),  # answered, and should not be: all is missed
        scored(asked("a", facts=(("brown",),)), said(confidence=0.9)),  # nothing is missed
        scored(asked("d"), declined(answer="None. Nearest: “White hens weekly”.")),
        scored(asked("b"), said(confidence=0.8)),  # one fact of two is missed
    ]
    assert risk_coverage(answers) == ([0.25, 0.5, 0.75, 1.0], [0 / 1, 0.5 / 2, 1.5 / 3, 2.5 / 4])


def test_question_that_asks_for_no_fact_has_no_facts_measured():
    asked_nothing = scored(asked(facts=()), said())
    found = values([asked_nothing], OVERLAP_VERIFIER)
    assert "right paper first" in found
    assert not {"facts in 120 words", "all facts"} & found.keys()
    assert risk_coverage([asked_nothing]) == ([], [])


def test_no_answers_have_no_risk():
    assert risk_coverage([]) == ([], [])
