"""The reranker adds the logits of a cross-encoder to the search scores; the packaged model is tested too."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from assistant.answering.reranking import CANDIDATES, PAPER_WEIGHT, SENTENCE_WEIGHT, CrossEncoderReranker
from assistant.errors import ModelError
from assistant.models import weights
from assistant.models.cross_encoder import CrossEncoder
from assistant.records import Evidence, Paper, RankedPaper, Retrieval

HENS = Paper("h", "Hens", "Hens lay eggs. Hens sit.")
OATS = Paper("o", "Oats", "Oats grow. Oats are eaten.")
PAPERS = (RankedPaper(HENS, 1.5), RankedPaper(OATS, 1.4))
EVIDENCE = (Evidence(HENS, 0, 14, 2.0), Evidence(OATS, 0, 10, 1.9), Evidence(HENS, 15, 24, 1.8))
FOUND = Retrieval(PAPERS, EVIDENCE)


class Told:
    """Gives each sentence the logit it was told, and records what it scored."""

    def __init__(self, **logits: float) -> None:
        self.told = logits
        self.pairs: list[tuple[str, str]] = []

    def logits(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.pairs += pairs
        return [next((told for word, told in self.told.items() if word in text), -9.0) for _, text in pairs]


def test_the_question_is_scored_with_the_title_and_the_sentence():
    scorer = Told()
    CrossEncoderReranker(scorer).rerank("Who lays?", FOUND)
    assert scorer.pairs[0] == ("Who lays?", "Hens. Hens lay eggs.")


def test_at_most_as_many_sentences_are_scored_as_there_are_candidates():
    scorer = Told()
    CrossEncoderReranker(scorer).rerank("Who lays?", Retrieval(PAPERS, EVIDENCE[:1] * (CANDIDATES + 5)))
    assert len(scorer.pairs) == CANDIDATES


def test_sentences_are_ranked_by_search_score_plus_weighted_logit():
    reranked = CrossEncoderReranker(Told(grow=3.0, sit=-1.0, lay=-3.0)).rerank("What grows?", FOUND)
    assert [item.text for item in reranked.evidence] == ["Oats grow.", "Hens sit.", "Hens lay eggs."]
    assert reranked.evidence[0].score == pytest.approx(1.9 + SENTENCE_WEIGHT * 3.0)


def test_a_paper_gains_by_the_summed_odds_of_its_sentences():
    reranked = CrossEncoderReranker(Told(grow=9.0, sit=1.0, lay=1.0)).rerank("What grows?", FOUND)
    assert [ranked.paper for ranked in reranked.papers] == [OATS, HENS]
    assert reranked.papers[1].score == pytest.approx(1.5 + PAPER_WEIGHT * (1.0 + math.log(2)))


def test_a_paper_without_scored_sentences_gets_the_lowest_logit_of_the_others():
    ranked = (*PAPERS, RankedPaper(Paper("b", "Bees", "Bees fly."), 1.0))
    reranked = CrossEncoderReranker(Told(grow=4.0, sit=-3.0, lay=-30.0)).rerank(
        "What grows?", Retrieval(ranked, EVIDENCE)
    )
    assert reranked.papers[-1].score == pytest.approx(1.0 - PAPER_WEIGHT * 3.0)


def test_the_signals_for_the_gate_come_from_logits_and_search_scores():
    signals = CrossEncoderReranker(Told(grow=0.0, sit=0.0, lay=0.0)).rerank("What grows?", FOUND).signals
    assert signals == {
        "evidence_logit": pytest.approx(math.log(3)),
        "best_paper_logit": pytest.approx(math.log(2)),
        "search_score": 1.5,
        "search_margin": pytest.approx(0.1),
    }


def test_without_evidence_the_logit_of_the_evidence_is_minus_infinity():
    assert CrossEncoderReranker(Told()).rerank("Who?", Retrieval((), ())).signals["evidence_logit"] == -math.inf


@pytest.mark.models
def test_the_packaged_reranker_gives_a_positive_logit_only_to_the_sentence_that_answers():
    pairs = [
        ("How many eggs does a hen lay a year?", "Hens. A hen lays some 300 eggs in a year."),
        ("How many eggs does a hen lay a year?", "Hens. Hens are kept on every continent."),
        ("What do oats cost in Chile?", "Hens. A hen lays some 300 eggs in a year."),
    ]
    answers, irrelevant, about_another_thing = CrossEncoder(weights.RERANKER).logits(pairs)
    assert answers > 0 > max(irrelevant, about_another_thing)


@pytest.mark.models
def test_bfloat16_gives_nearly_the_same_logits_as_float32():
    pairs = [("What grows?", f"Oats. Oats grow {number} feet high.") for number in range(20)]
    exact, fast = (CrossEncoder(weights.RERANKER, bfloat16=half).logits(pairs) for half in (False, True))
    assert exact != fast
    assert fast == pytest.approx(exact, abs=0.2)


@pytest.mark.models
def test_damaged_weights_are_refused_in_one_line(tmp_path):
    (tmp_path / "reranker.safetensors").write_bytes(weights.RERANKER.read_bytes()[:1000])
    with pytest.raises(ModelError, match="reinstall footnote") as refusal:
        CrossEncoder(tmp_path / "reranker.safetensors")
    assert "\n" not in str(refusal.value)
