"""Questions about the collection are answered from the records of a small library with authors, years and venues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from assistant.answer_json import answer_from_json, answer_to_json
from assistant.answering.retrieval import Retriever
from assistant.answering.routing import OFF_TOPIC_REASON, TOPIC_REASON
from assistant.index.opening import open_for_reading
from assistant.pipeline import AnswerPipeline
from assistant.presentation import as_json, as_text, footnotes
from assistant.query_engine import FootnoteQueryEngine
from assistant.records import paper_id_of
from assistant.settings import Settings
from tests.support.fakes import OVERLAP_VERIFIER, OverlapReranker, ScriptedModel, WordCountEmbedding
from tests.support.papers import ingest

LICHENS, MOSSES, FERNS, ROOFS, BRIDGES = (
    "Lichens on Castle Walls", "Mosses on Castle Roofs", "Ferns in Old Wells", "Green Roofs and Rain",
    "Moss on Bridges",
)  # fmt: skip
PAPERS: list[dict[str, Any]] = [
    {"title": LICHENS, "authors": ["Ina Smith", "Tom Åkesson"], "year": 2018, "venue": "Wall Flora",
     "doi": "10.5555/wall.1", "arxiv_id": "q-bio/0301001v2",
     "abstract": "We counted 40 lichens on castle walls. They grew best on north walls."},
    {"title": MOSSES, "authors": ["Ina Smith"], "year": 2022, "venue": "Wall Flora", "arxiv_id": "2201.00001",
     "abstract": "Mosses covered half of the castle roofs. Rain explained the cover of mosses."},
    {"title": FERNS, "authors": ["Smith, J."], "year": 2022, "venue": "Well Notes", "pmid": "123456",
     "abstract": "Ferns were found in 9 of 12 old wells. Deep wells held more ferns."},
    {"title": ROOFS, "authors": ["Per Jones"], "year": 2020, "venue": "Roof Letters",
     "abstract": "Green roofs held back a third of the rain. The test of Brandt was used."},
    {"title": BRIDGES, "authors": [], "abstract": "Moss grew on 30 bridges. Old bridges held more moss."},
]  # fmt: skip


@contextmanager
def assistant_over(papers: list[dict], folder: Path) -> Iterator[AnswerPipeline]:
    """An assistant over papers given as JSON records; its model writes nothing."""
    path = folder / "library.jsonl"
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
    settings, embedding = Settings.load({}, home=folder / "home"), WordCountEmbedding()
    ingest([path], settings)
    with closing(open_for_reading(settings, embedding)) as index:
        retriever = Retriever(index, embedding)
        yield AnswerPipeline(settings, retriever, OverlapReranker(), OVERLAP_VERIFIER, ScriptedModel())


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    with assistant_over(PAPERS, tmp_path_factory.mktemp("library")) as opened:
        yield opened


@pytest.fixture(scope="module")
def assistant_without_records(tmp_path_factory):
    """Over one paper without authors, year and venue."""
    with assistant_over(PAPERS[-1:], tmp_path_factory.mktemp("bare")) as opened:
        yield opened


def cited(answer) -> list[str]:
    return [citation.paper.title for citation in answer.citations]


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("papers by Smith", [FERNS, MOSSES, LICHENS]),
        ("Which papers by Ina Smith were published since 2020?", [MOSSES]),
        ("papers by J. Smith", [FERNS]),
        ("papers by Smith, J.", [FERNS]),
        ("Papers by Akesson", [LICHENS]),
        ("Which papers were published in 2022?", [FERNS, MOSSES]),
        ("papers before 2020", [LICHENS]),
        ("papers between 2018 and 2020", [ROOFS, LICHENS]),
        ("Which papers appeared in Wall Flora?", [MOSSES, LICHENS]),
        ("papers by Smith and Åkesson", [LICHENS]),
        ("papers by Åkesson or Jones", [ROOFS, LICHENS]),
        ("papers from Roof Letters", [ROOFS]),
        ("the oldest paper", [LICHENS]),
        ("What is the newest paper by Ina Smith?", [MOSSES]),
        ("Who wrote Ferns in Old Wells and when?", [FERNS]),
        ("who wrote ferns in old wells", [FERNS]),
        ("Do you have the paper “Green Roofs and Rain”?", [ROOFS]),
        ("Who wrote 10.5555/wall.1?", [LICHENS]),
        ("Lichens on castle walls?", [LICHENS]),
        ("papers Ina Smith published", [MOSSES, LICHENS]),
        ("papers older than 2020", [LICHENS]),
        ("arXiv:2201.00001", [MOSSES]),
        ("What does q-bio/0301001 say?", [LICHENS]),
        ("https://doi.org/10.48550/arXiv.2201.00001v3", [MOSSES]),
        ("PMID 123456", [FERNS]),
        ("How many papers did Jones write?", [ROOFS]),
    ],
)
def test_a_look_up_cites_exactly_the_papers_whose_records_match(assistant, question, titles):
    answer = assistant.ask(question)
    assert sorted(cited(answer)) == sorted(titles)
    assert cited(answer) == titles or answer.citations[0].paper.year == answer.citations[1].paper.year
    assert not answer.abstained


@pytest.mark.parametrize(
    ("question", "notice"),
    [
        ("How many papers are there?", "There are 5 papers in the library."),
        ("How many papers by Smith are there?", "3 papers in the library are by Smith."),
        (
            "How many papers are from 2022?",
            "2 papers in the library are from 2022. 1 without a year cannot be counted.",
        ),
        ("How many papers by Jones do you have?", "1 paper in the library is by Jones."),
    ],
)
def test_papers_are_counted(assistant, question, notice):
    assert assistant.ask(question).notice == notice


def test_each_listed_paper_has_a_footnote_that_opens_its_record(assistant):
    answer = assistant.ask("papers by Jones")
    assert as_text(answer).splitlines()[1] == f"- {ROOFS}: Per Jones. Roof Letters, 2020 [1]"
    assert footnotes(answer) == f"[1] {ROOFS} (2020)\n    Record: Per Jones. Roof Letters, 2020"
    (claim,) = as_json(answer)["claims"]
    assert (claim["support"], claim["markers"]) == ("record", [1])
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer


def test_a_record_is_a_source_node_of_the_query_engine(assistant):
    (node,) = FootnoteQueryEngine(assistant).query("papers by Jones").source_nodes
    assert (node.text, node.metadata["title"]) == ("Per Jones. Roof Letters, 2020", ROOFS)


def test_a_long_list_without_years_is_not_called_the_newest(tmp_path):
    papers = [{**PAPERS[-1], "title": f"Bridge {number}"} for number in range(12)]
    with assistant_over(papers, tmp_path) as assistant:
        answer = assistant.ask("List all papers.")
    assert answer.notice == "There are 12 papers in the library. These are 10 of them:"


def test_an_identifier_gives_the_record_and_quotations_of_the_abstract(assistant):
    answer = assistant.ask("What does 10.5555/wall.1 report?")
    assert [claim.support for claim in answer.claims] == ["record", "quoted", "quoted"]
    assert answer.claims[1].text == "We counted 40 lichens on castle walls."


def test_what_an_author_found_is_answered_with_their_only_abstract_or_a_list_of_their_papers(assistant):
    answer = assistant.ask("What did Jones find?")
    assert [claim.support for claim in answer.claims] == ["record", "quoted", "quoted"]
    assert cited(answer) == [ROOFS]
    assert cited(assistant.ask("What has Ina Smith found?")) == [MOSSES, LICHENS]


def test_a_question_about_an_identified_paper_is_answered_from_that_paper_only(assistant):
    answer = assistant.ask("How many lichens were counted on castle walls in 10.5555/wall.1?")
    assert {ranked.paper.title for ranked in answer.retrieved} == {LICHENS}
    assert cited(answer) == [LICHENS]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("papers by Ohm", "No paper in the library is by Ohm."),
        ("papers from 1999", "No paper in the library is from 1999."),
        ("papers by Jones since 2021", "No paper in the library is by Jones and from 2021 or later."),
        ("papers published in Nature", "No paper in the library is in Nature."),
        ("Who wrote “Cats and Dogs”?", "No paper in the library is titled “Cats and Dogs”."),
        ("10.1000/nothing", "No paper in the library has the DOI 10.1000/nothing."),
        ("Who wrote hep-th/9901001?", "No paper in the library has the arXiv id hep-th/9901001."),
        ("What did Ohm find about lichens?", "No paper by Ohm is in the library."),
        ("What did Brandt et al. find about rain?", "No paper by Brandt is in the library."),
        ("What did Jones find about lichens on castle walls?", "No paper by Jones in the library answers this."),
        ("How many papers are about lichens?", TOPIC_REASON),
        ("Who wrote the paper on lichens?", TOPIC_REASON),
        ("Hello!", OFF_TOPIC_REASON),
    ],
)
def test_a_look_up_without_result_is_declined_with_the_reason(assistant, question, reason):
    answer = assistant.ask(question)
    assert (answer.abstained, answer.reason, answer.claims) == (True, reason, ())


def test_a_question_about_an_author_without_such_papers_shows_their_other_papers(assistant):
    for question in ("What did Jones find about lichens on castle walls?", "What did Ohm find about lichens on walls?"):
        assert assistant.ask(question).retrieved[0].paper.title == LICHENS


def test_a_count_by_topic_is_declined_with_the_nearest_papers(assistant):
    answer = assistant.ask("How many papers are about lichens on castle walls?")
    assert answer.retrieved[0].paper.title == LICHENS


def test_a_question_that_names_an_author_is_answered_from_their_papers(assistant):
    assert cited(assistant.ask("What did Ina Smith find about castle roofs?")) == [MOSSES]
    answer = assistant.ask("What did J. Smith find about castle roofs?")
    assert {ranked.paper.title for ranked in answer.retrieved if answer.claims} <= {FERNS}


def test_a_name_that_an_abstract_contains_may_be_something_other_than_a_person(assistant):
    answer = assistant.ask("What did Brandt show about the rain that green roofs held back?")
    assert answer.reason == ""
    assert answer.retrieved[0].paper.title == ROOFS


def test_a_question_limited_to_years_is_answered_from_papers_of_these_years_only(assistant):
    answer = assistant.ask("Which papers published since 2020 are about castle roofs or walls?")
    assert LICHENS not in {ranked.paper.title for ranked in answer.retrieved}
    assert MOSSES in cited(answer)


def test_only_the_chosen_papers_are_looked_up_and_counted(assistant):
    *_, answer = assistant.stream("papers by Smith", paper_ids=[paper_id_of(FERNS), paper_id_of(ROOFS)])
    assert cited(answer) == [FERNS]
    *_, answer = assistant.stream("How many papers are there?", paper_ids=[paper_id_of(FERNS), paper_id_of(ROOFS)])
    assert answer.notice == "There are 2 papers among the chosen papers."


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (
            "Which papers were published in 2024?",
            "The only paper does not have a year, so I cannot look papers up by year.",
        ),
        ("papers by Smith", "The only paper does not have its authors recorded, so I cannot look papers up by author."),
        ("What is the newest paper?", "The only paper does not have a year, so I cannot look papers up by year."),
        ("the latest papers", "The only paper does not have a year, so I cannot look papers up by year."),
    ],
)
def test_a_look_up_by_a_field_that_no_record_has_is_declined_with_that_reason(
    assistant_without_records, question, reason
):
    assert assistant_without_records.ask(question).reason == reason


def test_a_person_is_ignored_with_a_notice_if_no_record_has_authors(assistant_without_records):
    answer = assistant_without_records.ask("What did Smith find about old bridges and moss?")
    assert answer.notice == "The records contain no authors, so I cannot tell which papers are by Smith."
    assert cited(answer) == [BRIDGES]


def test_a_field_that_a_record_lacks_is_named(assistant):
    assert assistant.ask("Who wrote Moss on Bridges?").notice == "The record of this paper contains no authors."


def test_a_long_list_is_shortened_and_says_so(tmp_path):
    papers = [
        {**PAPERS[0], "title": f"Wall {number}", "doi": "", "arxiv_id": "", "year": 2000 + number}
        for number in range(12)
    ]
    with assistant_over(papers, tmp_path) as assistant:
        answer = assistant.ask("papers by Smith")
    assert answer.notice == "12 papers in the library are by Smith. These are the 10 newest:"
    assert cited(answer) == [f"Wall {number}" for number in range(11, 1, -1)]


@pytest.mark.parametrize("name", ['"', 'Smith" OR title:"', "NEAR(", "*", "Smith*", "\x00"])
def test_hostile_names_are_treated_as_text(assistant, name):
    bibliography = assistant.retriever.index.library.bibliography
    assert bibliography.by_author(name) in ([], bibliography.by_author("Smith"))
    assert bibliography.titled(name) == []
    assert bibliography.in_venue(name) == []
    assert bibliography.is_mentioned(name) is False
