from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assistant.presentation import (
    as_json,
    as_text,
    claim_text,
    decline,
    footnotes,
    retraction_warning,
    with_retractions,
)
from assistant.records import Answer, Claim, Evidence, Paper, RankedPaper, Seconds, ShortAnswer

A = Paper("a", "Paper A", "Cost falls. Accuracy stays.", year=2020, url="https://a.b")
B = Paper("b", "Paper B", "Tables are hard.")
WRITTEN = Claim("Costs fall.", (Evidence(A, 0, 11),), "supported", 0.81234)
QUOTED = Claim("Tables are hard.", (Evidence(B, 0, 16),), "quoted", 1.0)
RETRIEVED = (RankedPaper(A, 2.00004), RankedPaper(B, 1.0))
ANSWER = Answer(
    "Why?",
    stage="done",
    claims=(WRITTEN, QUOTED),
    confidence=0.98765,
    retrieved=RETRIEVED,
    seconds=Seconds(0.1, 0.2, 0.33333),
    model="m",
    index="i",
)


def test_prose_marks_each_claim_and_puts_quotations_in_quotation_marks():
    assert as_text(ANSWER) == "Costs fall. [1] “Tables are hard.” [2]"


def test_a_list_has_one_line_per_claim():
    listed = replace(ANSWER, form="list", claims=(replace(QUOTED, lead="Paper B"), WRITTEN))
    assert as_text(listed) == "- Paper B: “Tables are hard.” [1]\n- Costs fall. [2]"


def test_what_is_shown_on_request_follows_the_answer():
    more = replace(ANSWER, claims=(WRITTEN, replace(QUOTED, is_more=True)))
    assert as_text(more) == "Costs fall. [1]\nMore:\n“Tables are hard.” [2]"
    assert as_json(more)["opening"] == "Costs fall. [1]"
    assert [claim["is_more"] for claim in as_json(more)["claims"]] == [False, True]


def test_a_short_answer_stands_before_the_claims_with_its_footnote():
    short = ShortAnswer("no", QUOTED.evidence, 0.91239)
    answer = replace(ANSWER, short=short)
    assert as_text(answer) == "No [2]: Costs fall. [1] “Tables are hard.” [2]"
    assert as_json(answer)["opening"] == as_text(answer)
    assert as_json(answer)["short"] == {
        "word": "no",
        "markers": [2],
        "quotes": [{"text": "Tables are hard.", "start": 0, "end": 16, "role": ""}],
        "probability": 0.9124,
    }
    assert as_json(ANSWER)["short"] is None


def test_a_retraction_that_becomes_known_later_marks_the_short_answer_too():
    answer = with_retractions(replace(ANSWER, short=ShortAnswer("yes", WRITTEN.evidence, 0.9)), {"a"})
    assert answer.short is not None
    assert [item.paper.is_retracted for item in answer.short.evidence] == [True]
    assert [citation.paper.is_retracted for citation in answer.citations] == [True, False]


def test_a_claim_on_two_papers_has_two_markers():
    both = replace(WRITTEN, evidence=WRITTEN.evidence + QUOTED.evidence)
    assert claim_text(replace(ANSWER, claims=(both,)), both) == "Costs fall. [1][2]"


def test_a_refusal_names_the_nearest_three_papers():
    retrieved = tuple(RankedPaper(Paper(name, name, ""), 1.0) for name in "wxyz")
    answer = Answer("q", stage="done", abstained=True, retrieved=retrieved)
    assert as_text(answer) == "The indexed papers do not answer this question. Nearest papers: “w”; “x”; “y”."


def test_a_refusal_without_papers_is_one_sentence():
    assert decline(Answer("q")) == "The indexed papers do not answer this question."


def test_a_reason_replaces_the_general_refusal():
    answer = Answer("q", stage="done", abstained=True, reason="No paper is by Jones.", retrieved=RETRIEVED[:1])
    assert as_text(answer) == "No paper is by Jones. Nearest papers: “Paper A” (2020)."
    assert as_json(answer)["reason"] == "No paper is by Jones."


def test_the_nearest_sentences_stand_below_a_refusal_and_are_no_citations():
    paper = RETRIEVED[0].paper
    answer = Answer("q", stage="done", abstained=True, nearest=(Evidence(paper, 0, 11),))
    assert footnotes(answer) == "Nearest sentences, which do not answer the question:\n    “Cost falls.” (Paper A)"
    assert as_json(answer)["nearest"] == [{"paper_id": "a", "text": "Cost falls.", "start": 0, "end": 11, "role": ""}]
    assert as_json(answer)["citations"] == []


def test_a_nearest_sentence_of_a_retracted_paper_is_marked():
    answer = Answer("q", abstained=True, nearest=(Evidence(RETRIEVED[0].paper, 0, 11),))
    assert with_retractions(answer, ["a"]).nearest[0].paper.is_retracted


def test_a_notice_comes_before_the_answer():
    assert as_text(replace(ANSWER, notice="Read this first.")).startswith("Read this first.\nCosts fall. [1]")


def test_footnotes_show_the_paper_and_the_words_cited():
    assert footnotes(ANSWER) == "[1] Paper A (2020)\n    “Cost falls.”\n[2] Paper B\n    “Tables are hard.”"


def test_answer_that_cites_a_retracted_paper_says_so_first():
    gone = replace(QUOTED, evidence=(Evidence(replace(B, is_retracted=True), 0, 16),))
    answer = replace(ANSWER, claims=(WRITTEN, gone), notice="Read this first.")
    assert as_text(answer).split("\n") == [
        "This answer cites a retracted paper: [2].",
        "Read this first.",
        "Costs fall. [1] “Tables are hard.” [2]",
    ]
    assert "[2] Paper B, retracted\n" in footnotes(answer)
    said = as_json(answer)
    assert said["retracted"] == [2]
    assert [citation["is_retracted"] for citation in said["citations"]] == [False, True]


def test_answer_given_before_a_paper_was_retracted_can_be_marked_afterwards():
    marked = with_retractions(ANSWER, {"b"})
    assert [citation.paper.is_retracted for citation in marked.citations] == [False, True]
    assert [ranked.paper.is_retracted for ranked in marked.retrieved] == [False, True]
    assert with_retractions(ANSWER, ()) == ANSWER


def test_answer_that_cites_several_retracted_papers_names_all():
    assert retraction_warning(["[1]", "[2]", "[4]"]) == "This answer cites retracted papers: [1], [2] and [4]."
    assert retraction_warning([]) == ""


def test_retracted_paper_that_is_found_but_not_cited_gives_no_warning():
    answer = replace(ANSWER, retrieved=(RankedPaper(replace(B, is_retracted=True), 2.0),))
    assert as_text(answer) == as_text(ANSWER)


def test_json_holds_the_whole_answer():
    assert json.loads(json.dumps(as_json(ANSWER))) == {
        "question": "Why?",
        "collection": "",
        "answer": "Costs fall. [1] “Tables are hard.” [2]",
        "opening": "Costs fall. [1] “Tables are hard.” [2]",
        "short": None,
        "abstained": False,
        "reason": "",
        "notice": "",
        "failure": "",
        "retracted": [],
        "confidence": 0.9877,
        "citations": [
            {
                "marker": 1,
                "paper_id": "a",
                "title": "Paper A",
                "url": "https://a.b",
                "is_retracted": False,
                "collections": [],
                "record": "",
                "quotes": [{"text": "Cost falls.", "start": 0, "end": 11, "role": ""}],
            },
            {
                "marker": 2,
                "paper_id": "b",
                "title": "Paper B",
                "url": "",
                "is_retracted": False,
                "collections": [],
                "record": "",
                "quotes": [{"text": "Tables are hard.", "start": 0, "end": 16, "role": ""}],
            },
        ],
        "claims": [
            {"text": "Costs fall.", "markers": [1], "support": "supported", "score": 0.8123, "is_more": False},
            {"text": "Tables are hard.", "markers": [2], "support": "quoted", "score": 1.0, "is_more": False},
        ],
        "nearest": [],
        "retrieved": [
            {"paper_id": "a", "title": "Paper A", "score": 2.0},
            {"paper_id": "b", "title": "Paper B", "score": 1.0},
        ],
        "groundedness": 0.9062,
        "seconds": {"retrieve": 0.1, "first_token": 0.2, "total": 0.3333},
        "model": "m",
        "index": "i",
    }


LISTED = Paper("c", "Paper C", "Hens lay.", ("Ada Lovelace", "B. Kern"), 1843, "Notes", doi="10.1/x")
RECORD = Claim("Ada Lovelace, B. Kern. Notes, 1843.", (Evidence(LISTED, 0, 0),), "record", 1.0, lead="Paper C")


def test_a_claim_on_a_record_opens_the_record_and_quotes_nothing():
    answer = Answer("Who?", stage="done", form="list", claims=(RECORD,))
    assert as_text(answer) == "- Paper C: Ada Lovelace, B. Kern. Notes, 1843. [1]"
    assert footnotes(answer) == "[1] Paper C (1843)\n    Record: Ada Lovelace, B. Kern. Notes, 1843. DOI 10.1/x"
    (citation,) = as_json(answer)["citations"]
    assert (citation["record"], citation["quotes"]) == ("Ada Lovelace, B. Kern. Notes, 1843. DOI 10.1/x", [])
    assert as_json(answer)["claims"][0]["support"] == "record"


def test_a_footnote_can_hold_a_record_and_quotations():
    answer = Answer("Who?", claims=(RECORD, Claim("Hens lay.", (Evidence(LISTED, 0, 9),), "quoted", 1.0)))
    assert footnotes(answer).splitlines()[1:] == [
        "    Record: Ada Lovelace, B. Kern. Notes, 1843. DOI 10.1/x",
        "    “Hens lay.”",
    ]


def test_json_of_a_listed_claim_names_the_paper_before_its_words():
    listed = replace(ANSWER, form="list", claims=(replace(QUOTED, lead="Paper B"),))
    assert as_json(listed)["claims"][0]["text"] == "Paper B: Tables are hard."


def test_json_of_a_refusal_cites_nothing():
    said = as_json(Answer("q", stage="done", abstained=True, retrieved=RETRIEVED))
    assert (said["abstained"], said["citations"], said["claims"]) == (True, [], [])


@pytest.mark.parametrize(
    ("role", "opening"),
    [("background", "Background: “"), ("aim", "Aim: “"), ("method", "“"), ("result", "“"), ("", "“")],
)
def test_a_quotation_of_what_the_paper_did_not_find_says_so(role, opening):
    paper = Paper("hens", "Hens", "Hens lay eggs.")
    quoted = Claim(paper.abstract, (Evidence(paper, 0, 14, role=role),), "quoted", 1.0)
    answer = Answer("Do hens lay?", claims=(quoted,))
    assert as_text(answer) == f"{opening}Hens lay eggs.” [1]"
    assert as_json(answer)["citations"][0]["quotes"][0]["role"] == role
    assert as_json(answer)["claims"][0]["text"] == "Hens lay eggs."
