"""The baseline next to the assistant, with a model of fixed words: its answers are scored as the assistant's are."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from pydantic import Field

from assistant.models.language_model import LlamaIndexModel
from assistant.presentation import as_json
from evals.kept import Kept
from evals.questions import EvalQuestion
from evals.runs.answers import Scored, run, values
from evals.runs.baseline import StockAnswerer
from tests.support.fakes import OVERLAP_VERIFIER
from tests.support.papers import ABSTRACTS

QUESTION = "By how much does sparse training reduce the cost?"
ANSWER = "Sparse training reduces the cost by 2.5x on the Pile [1]."
SPARSE, SURVEY, TABLES = (  # in this order for QUESTION
    "Sparse Training of Small Models", "A Survey of Continual Learning", "Reading Tables with Unified Models",
)  # fmt: skip


class FixedLLM(CustomLLM):
    """Writes the same words whatever it is asked, and remembers what that was."""

    text: str = ANSWER
    prompts: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        self.prompts.append(prompt)
        return CompletionResponse(text=self.text)

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any):
        raise NotImplementedError("the baseline is not streamed")


@pytest.fixture
def make_stock(make_assistant):
    def make(text: str = ANSWER, label: str = "fixed", **changes: Any) -> StockAnswerer:
        assistant = make_assistant(**changes)
        assistant.language_model = LlamaIndexModel(FixedLLM(text=text), label, "small", "nowhere", 100)
        return StockAnswerer(assistant)

    return make


def test_it_asks_its_model_with_the_three_nearest_papers_and_no_ids(make_stock):
    stock = make_stock()
    stock.answer(QUESTION, ())
    (prompt,) = stock.assistant.language_model.llm.prompts
    shown = prompt.split("------")[1]
    places = [shown.index(f"Source {number}:\n{title}") for number, title in enumerate((SPARSE, SURVEY, TABLES), 1)]
    assert places == sorted(places)
    assert all(abstract in shown for abstract in ABSTRACTS.values())
    assert "paper_id" not in prompt
    assert f"Query: {QUESTION}" in prompt


def test_a_marker_cites_the_paper_of_its_source(make_stock, papers):
    stock = make_stock()
    answer = stock.answer(QUESTION, ())
    (citation,) = answer["citations"]
    assert (citation["marker"], citation["paper_id"], citation["title"]) == (1, papers[0].paper_id, SPARSE)
    assert citation["quotes"][0]["text"] == f"{SPARSE}\n\n{papers[0].abstract}"
    assert stock.abstract(citation["paper_id"]) == papers[0].abstract
    assert [paper["title"] for paper in answer["retrieved"]] == [SPARSE, SURVEY, TABLES]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Hens lay eggs [2].", [2]),
        ("Hens lay eggs [2][1].", [1, 2]),
        ("Hens lay eggs [1, 3].", [1, 3]),
        ("Hens [1] lay [1] eggs [1].", [1]),
        ("According to Source 2, hens lay eggs; source 3 agrees.", [2, 3]),
        ("Hens lay eggs [0] [4] [1234].", []),  # there are three sources
        ("Hens lay 2 eggs (3).", []),
        ("Resource 2 is scarce.", []),
        ("", []),
    ],
)
def test_markers_are_read_as_models_write_them(make_stock, text, cited):
    answer = make_stock(text).answer(QUESTION, ())
    assert [citation["marker"] for citation in answer["citations"]] == cited


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("Hens lay eggs [1]. Cows give milk [2][3].", [("Hens lay eggs.", [1]), ("Cows give milk.", [2, 3])]),
        ("Hens lay eggs. [1] Cows give milk. [2]", [("Hens lay eggs.", [1]), ("Cows give milk.", [2])]),
        ("Hens lay eggs.[1, 2] Cows give milk.", [("Hens lay eggs.", [1, 2]), ("Cows give milk.", [])]),
        ("Hens [1] lay eggs [9].", [("Hens lay eggs.", [1])]),
        ("[3]", []),
    ],
)
def test_each_sentence_is_a_claim_without_its_markers(make_stock, text, claims):
    answer = make_stock(text).answer(QUESTION, ())
    assert [(claim["text"], claim["markers"]) for claim in answer["claims"]] == claims


def test_it_answers_in_the_form_of_the_assistant_without_what_it_does_not_have(make_stock, make_assistant):
    stock, own = make_stock().answer(QUESTION, ()), as_json(make_assistant([ANSWER]).ask(QUESTION))
    assert own.keys() ^ stock.keys() == {
        "collection",
        "reason",
        "notice",
        "failure",
        "retracted",
        "confidence",
        "groundedness",
        "nearest",
        "opening",
        "short",
    }
    assert own["claims"][0].keys() ^ stock["claims"][0].keys() == {"support", "score", "is_more"}
    assert own["citations"][0].keys() ^ stock["citations"][0].keys() == {"is_retracted", "collections"}
    assert own["retrieved"][0].keys() == stock["retrieved"][0].keys()
    assert own["seconds"].keys() ^ stock["seconds"].keys() == {"retrieve"}
    assert (stock["model"], stock["index"], stock["abstained"]) == ("fixed", own["index"], False)
    assert 0 < stock["seconds"]["first_token"] == stock["seconds"]["total"]


@pytest.mark.parametrize(
    ("text", "supported", "borne_out"),
    [
        (ANSWER, 1.0, 1.0),  # the 1 of the marker is not a number of the claim
        ("Sparse training reduces the cost by 2.5x on the Pile. [1]", 1.0, 1.0),
        ("Sparse training reduces the cost by 2.5x on the Pile [2].", 0.0, 0.0),  # the survey says nothing of it
        ("Sparse training reduces the cost by 9x on the Pile [1].", 0.0, 0.0),
    ],
)
def test_its_answers_are_scored_by_the_same_measures(make_stock, papers, text, supported, borne_out):
    stock = make_stock(text)
    answer = stock.answer(QUESTION, ())
    abstracts = {paper.paper_id: paper.abstract for paper in papers}
    question = EvalQuestion("q", "numeric", QUESTION, (), (papers[0].paper_id,), (), (("2.5x",),), (), "tune")
    found = {
        measure: by_id["q"]
        for measure, by_id in values([Scored(question, answer, abstracts)], OVERLAP_VERIFIER).items()
    }
    assert found["right paper first"] == 1.0
    assert found["facts in 120 words"] == float("2.5x" in text)
    assert (found["ALCE citation recall"], found["ALCE citation precision"]) == (supported, supported)
    assert found["numbers supported"] == borne_out
    assert found["citation precision"] == float("[1]" in text)


def test_a_run_keeps_its_answers_apart_by_model_and_settings(make_stock, tmp_path):
    question = EvalQuestion("q", "single", QUESTION, (), ("p",), (), (), (), "tune")
    first, same, other, shorter = (
        make_stock(), make_stock(), make_stock(label="other"), make_stock(answer_tokens=20),
    )  # fmt: skip
    with Kept(tmp_path / "kept.jsonl") as kept:
        for stock in (first, same, other, shorter):
            run(stock, [question], kept, lambda *_: None)
    assert [len(stock.assistant.language_model.llm.prompts) for stock in (first, same, other, shorter)] == [1, 0, 1, 1]


def test_the_abstract_of_a_paper_it_does_not_know_is_empty(make_stock):
    assert make_stock().abstract("nobody") == ""
