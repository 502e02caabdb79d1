"""A question in another language is answered with quotations that share its words, or declined."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

import pytest

from assistant.answering.retrieval import Retriever
from assistant.index.opening import open_for_reading
from assistant.pipeline import AnswerPipeline
from tests.support.fakes import OVERLAP_VERIFIER, OverlapReranker, ScriptedModel, WordCountEmbedding
from tests.support.papers import ABSTRACTS, ingest

OTHERS = {
    "Igel unter Landstraßen": (
        "Unter vier Landstraßen wurden Tunnel gegraben. Kameras sahen 312 Igel, die einen Tunnel in zwei Jahren "
        "benutzten. Die Unfälle nahmen um 40 Prozent ab."
    ),
    "公园里的乌鸦": "我们在五个公园里观察乌鸦一年。乌鸦记住了喂食的人，并且每天早上等待他们。",
}


@pytest.fixture
def settings_with_others(settings, tmp_path):
    path = tmp_path / "papers.jsonl"
    papers = [{"title": title, "abstract": abstract} for title, abstract in {**ABSTRACTS, **OTHERS}.items()]
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
    ingest([path], settings)
    return settings


@pytest.fixture
def ask(settings_with_others):
    with closing(open_for_reading(settings_with_others, WordCountEmbedding())) as index:

        def ask(question, style="small", paper_ids=(), **changes):
            retriever, model = Retriever(index, WordCountEmbedding()), ScriptedModel(["Never. [1]"], style)
            chosen = replace(settings_with_others, **changes)
            pipeline = AnswerPipeline(chosen, retriever, OverlapReranker(), OVERLAP_VERIFIER, model)
            *_, answer = pipeline.stream(question, paper_ids=paper_ids)
            return answer

        yield ask


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("多少辆车穿过了隧道？", "Chinese"),
        ("Wie hoch ist die Genauigkeit von BERT auf GLUE?", "German"),
        ("Сколько ворон живёт в городе?", "Russian"),
    ],
)
def test_a_question_whose_words_are_in_no_paper_is_declined_with_its_language(ask, question, language):
    answer = ask(question)
    assert answer.abstained
    assert (
        answer.reason == f"Footnote's own models read English, and this question is in {language}: ask it in English."
    )
    assert (answer.claims, answer.retrieved, answer.stage) == ((), (), "done")


@pytest.mark.parametrize(
    ("question", "title", "quoted"),
    [
        ("Wie viele Igel benutzten den Tunnel?", "Igel unter Landstraßen", "Kameras sahen 312 Igel, die einen Tunnel"),
        ("乌鸦记住了谁？", "公园里的乌鸦", "乌鸦记住了喂食的人"),
    ],
)
def test_a_question_whose_words_are_in_a_paper_is_answered_with_quotations_and_a_notice(ask, question, title, quoted):
    answer = ask(question)
    assert not answer.abstained
    assert answer.claims[0].text.startswith(quoted)
    assert {claim.support for claim in answer.claims} == {"quoted"}
    assert {citation.paper.title for citation in answer.citations} == {title}
    assert "nothing has checked whether they answer it" in answer.notice


def test_papers_that_the_user_did_not_choose_are_not_quoted(ask):
    chosen = next(
        ranked.paper for ranked in ask("What is sparse training?").retrieved if ranked.paper.title in ABSTRACTS
    )
    for question in ("乌鸦记住了谁？", "Wie viele Igel benutzten den Tunnel?"):
        assert ask(question, paper_ids=[chosen.paper_id]).abstained


def test_the_language_of_a_question_is_ignored_if_the_user_chose_both_models(ask):
    assert ask("多少辆车穿过了隧道？", style="large", embedding="/models/multilingual").reason == ""
    assert ask("多少辆车穿过了隧道？", style="large").reason
    assert ask("多少辆车穿过了隧道？", embedding="/models/multilingual").reason


def test_ingest_counts_abstracts_in_other_languages_in_one_line(settings, tmp_path):
    path = tmp_path / "papers.jsonl"
    more = {f"Igel {number}": f"{OTHERS['Igel unter Landstraßen']} Versuch {number}." for number in range(2)}
    papers = [{"title": title, "abstract": abstract} for title, abstract in {**ABSTRACTS, **OTHERS, **more}.items()]
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
    report = ingest([path], settings)
    assert report.languages == {"German": 3, "Chinese": 1}
    said = "Abstracts in other languages than English are found by their words only: German 3, Chinese 1."
    assert report.summary().endswith(said)
    assert ingest([path], settings).languages == {}


def test_an_english_question_is_not_answered_from_papers_in_other_languages(ask):
    answer = ask("Which Tunnel, Igel or Kameras?")  # for the fake reranker, shared words are an answer
    assert all(ranked.paper.title in ABSTRACTS for ranked in answer.retrieved)
    assert not [claim for claim in answer.claims if claim.evidence[0].paper.title in OTHERS]


def test_an_english_question_is_declined_if_all_papers_are_in_other_languages(ask, settings_with_others):
    with closing(open_for_reading(settings_with_others, WordCountEmbedding())) as index:
        others = [paper.paper_id for paper in index.library.all_papers() if paper.title in OTHERS]
    answer = ask("Which Tunnel, Igel or Kameras?", paper_ids=others)
    assert answer.abstained
    assert answer.reason == "Footnote's own models read English, and the papers found are in German and Chinese."


def test_models_that_the_user_chose_get_papers_in_other_languages(ask):
    answer = ask("Which Tunnel, Igel or Kameras?", style="large", embedding="some/other")
    assert any(ranked.paper.title in OTHERS for ranked in answer.retrieved)
