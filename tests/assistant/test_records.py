from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import FrozenInstanceError, replace

import pytest

from assistant.records import Answer, Chunk, Claim, Evidence, Paper, paper_id_of

A = Paper("a", "Paper A", "Cost falls. Accuracy stays.")
B = Paper("b", "Paper B", "Tables are hard.")
COST, ACCURACY, TABLES = Evidence(A, 0, 11), Evidence(A, 12, 27), Evidence(B, 0, 16)


def claim(*evidence: Evidence, score: float = 1.0) -> Claim:
    return Claim("Said.", evidence, "supported", score)


def test_an_id_reads_like_the_title_and_ends_in_its_digest():
    digest = hashlib.sha1(b"sparse training 2 0", usedforsecurity=False).hexdigest()[:8]
    assert paper_id_of("Sparse Training 2.0") == f"sparse-training-2-0-{digest}"


@pytest.mark.parametrize("title", ["sparse  training", "SPARSE TRAINING!", "“Sparse”\nTraining", "Sparse-Training"])
def test_case_punctuation_and_white_space_do_not_change_an_id(title):
    assert paper_id_of(title) == paper_id_of("Sparse Training")


def test_the_encoding_of_accents_does_not_change_an_id():
    assert paper_id_of(unicodedata.normalize("NFD", "Modèle")) == paper_id_of("Modèle")
    assert paper_id_of("Modèle") != paper_id_of("Modele")


@pytest.mark.parametrize("title", ["", "注意力", "\ud800", "🎉"])
def test_a_title_without_latin_letters_has_an_id(title):
    assert paper_id_of(title).startswith("paper-")


def test_other_titles_have_other_ids():
    assert len({paper_id_of(title) for title in ("注意力", "注意", "A B", "AB", "x" * 100, "x" * 101)}) == 6


def test_a_long_title_gives_a_short_id():
    assert len(paper_id_of("word " * 100)) <= 48 + 1 + 8


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"abstract": "Other"},
        {"authors": ("Ann",)},
        {"year": 2020},
        {"venue": "ACL"},
        {"url": "https://a.b"},
        {"doi": "10.1/x"},
        {"arxiv_id": "2001.00001"},
    ],
)
def test_every_field_changes_the_content_hash(change):
    assert replace(A, **change).content_hash != A.content_hash


def test_the_same_fields_have_the_same_content_hash_and_broken_text_has_one():
    assert replace(A).content_hash == A.content_hash
    assert len(replace(A, abstract="\ud800").content_hash) == 64


def test_a_chunk_is_named_by_its_place():
    assert Chunk("a", "sentence", 0, 11).chunk_id == "a:sentence:0:11"


def test_evidence_is_cut_from_the_abstract():
    assert (COST.text, ACCURACY.text) == ("Cost falls.", "Accuracy stays.")


def test_the_score_of_evidence_does_not_change_its_place():
    assert replace(COST, score=2.0).place == COST.place == ("a", 0, 11)


def test_values_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        A.title = "Other"  # type: ignore[misc]


def test_each_paper_has_one_footnote_numbered_in_the_order_of_the_claims():
    answer = Answer("q", claims=(claim(TABLES), claim(COST), claim(ACCURACY, TABLES)))
    assert [(one.marker, one.paper, one.quotes) for one in answer.citations] == [
        (1, B, (TABLES,)),
        (2, A, (COST, ACCURACY)),
    ]


def test_the_same_words_are_quoted_once():
    answer = Answer("q", claims=(claim(COST), claim(replace(COST, score=0.5))))
    assert answer.citations[0].quotes == (COST,)


def test_the_markers_of_a_claim_ascend():
    last = claim(COST, TABLES)
    answer = Answer("q", claims=(claim(TABLES), claim(COST), last))
    assert answer.markers_of(last) == (1, 2)
    assert answer.markers_of(answer.claims[1]) == (2,)


def test_groundedness_is_the_mean_score_of_the_claims():
    assert Answer("q", claims=(claim(COST, score=1.0), claim(TABLES, score=0.5))).groundedness == 0.75


def test_an_answer_that_claims_nothing_is_grounded_and_cites_nothing():
    assert Answer("q").groundedness == 1.0
    assert Answer("q").citations == ()
