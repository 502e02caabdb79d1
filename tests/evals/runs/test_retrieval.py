"""Benchmarks searched with an embedding and a Chroma that are real, and measures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import pytest
from pydantic import Field

from assistant.records import Paper
from evals.benchmarks.beir import Benchmark
from evals.runs.retrieval import RetrievalRun, run, scores
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ABSTRACTS

PAPERS = tuple(Paper(name, title, abstract) for name, (title, abstract) in zip("stc", ABSTRACTS.items(), strict=True))
QUERIES = {
    "cost": "How much does sparse training reduce the cost?",
    "tables": "Which unified model answers questions about tables?",
    "forgetting": "What is the central problem of continual learning?",
}
BENCHMARK = Benchmark("three", PAPERS, QUERIES, {"cost": {"s": 1}, "tables": {"t": 1}, "forgetting": {"c": 1}})


class CountingEmbedding(WordCountEmbedding):
    """Remembers the queries it embedded and counts the texts."""

    queries: list[str] = Field(default_factory=list)
    texts: int = 0

    def _get_query_embedding(self, query: str) -> list[float]:
        self.queries.append(query)
        return super()._get_query_embedding(query)

    def vectors_of(self, texts):
        self.texts += len(texts)
        return super().vectors_of(texts)


def no_progress(what: str, done: int, total: int) -> None:
    pass


def run_counted(settings, benchmark=BENCHMARK, progress=no_progress) -> tuple[RetrievalRun, list[str], int]:
    embedding = CountingEmbedding()
    found = run(benchmark, settings, embedding, progress)
    return found, embedding.queries, embedding.texts


def rankings_file(settings):
    (path,) = settings.home.glob("evals/*/rankings.jsonl")
    return path


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("nDCG@10", (1 + 2 / log2(3)) / (2 + 1 / log2(3))),  # worths found: 1, 2, 0; best order: 2, 1
        ("R@1", 1 / 2),
        ("R@5", 1.0),
        ("RR", 1.0),
    ],
)
def test_a_graded_ranking_scores_as_by_hand(measure, value):
    found = scores({"q": {"b": 0.9, "a": 0.8, "c": 0.7}}, {"q": {"a": 2, "b": 1, "c": 0}})
    assert found[measure] == {"q": pytest.approx(value)}


def test_the_one_right_paper_in_third_place():
    found = scores({"q": {"x": 3.0, "y": 2.0, "a": 1.0}}, {"q": {"a": 1}})
    assert {measure: values["q"] for measure, values in found.items()} == pytest.approx(
        {"nDCG@10": 1 / log2(4), "R@1": 0, "R@5": 1, "R@10": 1, "R@100": 1, "RR": 1 / 3}
    )


def test_the_eleventh_paper_counts_only_where_more_are_looked_at():
    ranking = {f"x{number}": 20.0 - number for number in range(10)} | {"a": 1.0}
    found = scores({"q": ranking}, {"q": {"a": 1}})
    assert {measure: values["q"] for measure, values in found.items()} == pytest.approx(
        {"nDCG@10": 0, "R@1": 0, "R@5": 0, "R@10": 0, "R@100": 1, "RR": 1 / 11}
    )


@pytest.mark.parametrize("rankings", [{"q": {}, "r": {"a": 1.0}}, {"r": {"a": 1.0}}])
def test_a_query_for_which_nothing_is_found_counts_as_nought(rankings):
    found = scores(rankings, {"q": {"a": 1}, "r": {"a": 1}})
    assert [values for values in found.values() if values != {"q": 0.0, "r": 1.0}] == []


def test_nothing_found_for_any_query_is_nought_throughout():
    assert [values for values in scores({"q": {}}, {"q": {"a": 1}}).values() if values != {"q": 0.0}] == []


def test_every_system_ranks_the_paper_that_shares_the_words_first(settings):
    found, _, _ = run_counted(settings)
    assert list(found.rankings) == ["dense", "BM25", "fused", "reference BM25"]
    for rankings in found.rankings.values():
        assert {name: next(iter(ranking)) for name, ranking in rankings.items()} == {
            "cost": "s",
            "tables": "t",
            "forgetting": "c",
        }
        assert set(scores(rankings, BENCHMARK.judgements)["RR"].values()) == {1.0}
        for ranking in rankings.values():
            assert list(ranking.values()) == sorted(ranking.values(), reverse=True)


def test_word_search_finds_only_papers_with_a_word_and_dense_search_all(settings):
    found, _, _ = run_counted(settings)
    assert set(found.rankings["BM25"]["forgetting"]) == {"c"}
    assert set(found.rankings["dense"]["forgetting"]) == {"s", "t", "c"}


def test_a_second_run_embeds_and_ranks_nothing_and_gives_the_same(settings):
    first, queries, texts = run_counted(settings)
    assert sorted(queries) == sorted([*QUERIES.values()] * 2)  # dense and fused; words need no vector
    assert texts > 0
    assert run_counted(settings) == (first, [], 0)


def test_a_run_in_another_home_gives_the_same(settings, tmp_path):
    first, _, _ = run_counted(settings)
    again, queries, _ = run_counted(replace(settings, home=tmp_path / "other"))
    assert again == first
    assert len(queries) == 6


def test_an_interrupted_run_ranks_only_what_is_left(settings):
    def stop(*call: str | int) -> None:
        if call == ("fused", 1, 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_counted(settings, progress=stop)
    found, queries, texts = run_counted(settings)
    assert (queries, texts) == ([QUERIES["tables"], QUERIES["forgetting"]], 0)
    assert all(set(rankings) == set(QUERIES) for rankings in found.rankings.values())


def test_a_line_of_the_rankings_cut_short_is_ranked_again(settings):
    first, _, _ = run_counted(settings)
    path = rankings_file(settings)
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == 9
    path.write_text("".join(lines[:7]) + lines[7][:30])
    found, queries, _ = run_counted(settings)
    assert queries == [QUERIES["tables"], QUERIES["forgetting"]]
    assert found == first
    assert sorted(path.read_text().splitlines(keepends=True)) == sorted(lines)


def test_only_a_changed_question_is_ranked_again(settings):
    run_counted(settings)
    changed = replace(BENCHMARK, queries={**QUERIES, "cost": "Does accuracy on GLUE fall?"})
    _, queries, texts = run_counted(settings, changed)
    assert (queries, texts) == (["Does accuracy on GLUE fall?"] * 2, 0)


def test_a_changed_paper_is_never_scored_with_old_rankings(settings):
    run_counted(settings)
    changed = replace(BENCHMARK, papers=(replace(PAPERS[0], abstract="Hens lay eggs."), *PAPERS[1:]))
    _, queries, _ = run_counted(settings, changed)
    assert len(queries) == 6


def test_papers_under_new_ids_are_ranked_without_their_old_selves(settings):
    run_counted(settings)
    renamed = replace(BENCHMARK, papers=tuple(replace(paper, paper_id=paper.paper_id + "2") for paper in PAPERS))
    found, _, _ = run_counted(settings, renamed)
    assert set(found.rankings["dense"]["cost"]) == {"s2", "t2", "c2"}


def test_the_index_of_a_benchmark_is_not_the_one_that_answers(indexed):
    before = sorted(indexed.index_folder.rglob("*"))
    run_counted(indexed)
    assert sorted(indexed.index_folder.rglob("*")) == before


def test_progress_says_what_is_done_and_of_how_many(settings):
    calls = []
    run_counted(settings, progress=lambda *call: calls.append(call))
    ranked = [call for call in calls if call[0] not in ("reading", "indexing")]
    assert ranked == [(system, number, 3) for system in ("dense", "BM25", "fused") for number in (1, 2, 3)]
    assert calls[: -len(ranked)] == [("reading", 0, 0), ("indexing", 0, 3), ("indexing", 3, 3)]
