"""A finished answer stored and drawn again: nothing is lost, each paper is stored once, a misfit is named."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from assistant.answer_json import answer_from_json, answer_to_json
from assistant.errors import InputError
from assistant.presentation import as_json, footnotes
from assistant.records import Answer, Claim, Dropped, Evidence, Paper, RankedPaper, Seconds, ShortAnswer

COST = Paper(
    "cost",
    "Cost",
    "Costs fall. Café “stays”.",
    ("A", "B"),
    2020,
    "V",
    "https://e.org",
    "10.1/1",
    "2001.1",
    "7",
    is_retracted=True,
)
TABLES = Paper("tables", "Tables", "Tables are hard.")
NEAR = Paper("near", "Near", "Never cited.")
ANSWER = Answer(
    "Why?",
    stage="done",
    claims=(
        Claim("It is cheap.", (Evidence(COST, 0, 11, 0.1), Evidence(TABLES, 0, 16, -1e-9)), "supported", 1 / 3),
        Claim("Café “stays”.", (Evidence(COST, 12, 25),), "quoted", 1.0, lead="Cost"),
        Claim("A, B. V, 2020.", (Evidence(COST, 0, 0),), "record", 1.0, lead="Cost"),
    ),
    short=ShortAnswer("unclear", (Evidence(COST, 0, 11, 0.1),), 0.7),
    dropped=(Dropped("It rains.", "no evidence is about it"),),
    form="list",
    reason="None.",
    notice="First.",
    stopped=True,
    failure="The model failed.",
    confidence=0.1 + 0.2,
    papers_read=3,
    retrieved=(RankedPaper(TABLES, 2.0), RankedPaper(NEAR, 1e-300), RankedPaper(COST, -1.5)),
    seconds=Seconds(0.1, 0.2, 0.30000000000000004),
    model="m",
    index="i",
    collection="Mine",
    collections=((COST.paper_id, ("Mine", "Ours")),),
)
DECLINED = Answer(
    "Why?", stage="done", abstained=True, retrieved=(RankedPaper(NEAR, 1.0),), nearest=(Evidence(COST, 0, 5),)
)


def stored(answer: Answer) -> dict:
    """The record as it comes back from a file."""
    return json.loads(json.dumps(answer_to_json(answer)))


@pytest.mark.parametrize("answer", [ANSWER, DECLINED, Answer("Why?")], ids=["answered", "declined", "empty"])
def test_an_answer_comes_back_as_it_was(answer):
    assert answer_from_json(stored(answer)) == answer


def test_the_answers_of_the_assistant_come_back_as_they_were(make_assistant):
    assistant = make_assistant(["Sparse training reduces the cost by 2.5x [1]."])
    for question in ("By how much does sparse training reduce the cost?", "Which papers are about tables?", "Who?"):
        answer = assistant.ask(question)
        assert answer_from_json(stored(answer)) == answer


def test_the_example_sets_every_field_of_an_answer_and_a_paper():
    empty, bare = Answer(""), Paper("", "", "")
    kept = {"draft", "abstained", "nearest"}  # empty in a finished answer; false and empty in one that has claims
    assert {name.name for name in fields(Answer) if getattr(ANSWER, name.name) == getattr(empty, name.name)} == kept
    assert not [name.name for name in fields(Paper) if getattr(COST, name.name) == getattr(bare, name.name)]


def test_json_contains_only_json_values():
    assert stored(ANSWER) == answer_to_json(ANSWER)


def test_each_paper_is_stored_once_and_evidence_is_an_offset():
    text = json.dumps(answer_to_json(ANSWER))
    assert [text.count(json.dumps(paper.abstract)) for paper in (COST, TABLES, NEAR)] == [1, 1, 1]
    evidence = answer_to_json(ANSWER)["claims"][0]["evidence"][0]
    assert evidence == {"paper": "cost", "start": 0, "end": 11, "score": 0.1, "role": ""}


def test_footnotes_need_only_the_stored_answer():
    drawn = answer_from_json(stored(ANSWER))
    assert footnotes(drawn) == footnotes(ANSWER)
    assert as_json(drawn) == as_json(ANSWER)


def test_lone_surrogates_come_back():
    paper = replace(COST, abstract="Costs \ud800 fall.")
    answer = replace(DECLINED, retrieved=(RankedPaper(paper, 1.0),), nearest=())
    assert answer_from_json(stored(answer)) == answer


def test_fields_that_an_older_version_lacks_get_their_defaults():
    record: dict[str, Any] = {
        "question": "Why?",
        "papers": {"a": {"paper_id": "a", "title": "A", "abstract": "Words."}},
    }
    record["claims"] = [
        {"text": "W", "evidence": [{"paper": "a", "start": 0, "end": 5}], "support": "quoted", "score": 1}
    ]
    paper = Paper("a", "A", "Words.")
    assert answer_from_json(record) == Answer("Why?", claims=(Claim("W", (Evidence(paper, 0, 5),), "quoted", 1.0),))


def test_field_of_a_later_version_is_ignored():
    assert answer_from_json(stored(DECLINED) | {"colour": "blue"}) == DECLINED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": 7}, "question: Input should be a valid string"),
        ({"stage": "dreaming"}, "stage: Input should be"),
        ({"claims": "none"}, "claims: Input should be a valid"),
        ({"claims": [{"text": "A claim"}]}, "claims.0.evidence: Field required"),
        ({"papers": {}}, "KeyError"),
        ({"papers": {"near": {"title": "Near"}}}, "near.paper_id: Field required"),
        ({"retrieved": [{"paper": ["near"], "score": 1.0}]}, "TypeError"),
        ({"retrieved": [{"paper": "nobody", "score": 1.0}]}, "KeyError('nobody')"),
    ],
)
def test_value_of_a_wrong_type_is_refused_in_one_line(change, said):
    with pytest.raises(InputError) as raised:
        answer_from_json(stored(DECLINED) | change)
    assert str(raised.value).startswith(f"This stored answer cannot be read ({said}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("record", [None, 7, "text", [], {}])
def test_json_that_is_not_an_answer_is_refused(record):
    with pytest.raises(InputError, match="This stored answer cannot be read"):
        answer_from_json(record)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (6, 5), (0, 26)])
def test_evidence_outside_its_abstract_is_refused(start, end):
    record = stored(ANSWER)
    record["claims"][0]["evidence"][0] |= {"start": start, "end": end}
    with pytest.raises(InputError, match=r"no text at \('cost', "):
        answer_from_json(record)
