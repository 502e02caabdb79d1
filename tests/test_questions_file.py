"""The evaluation questions fit the bundled corpus."""

from __future__ import annotations

from collections import Counter

import pytest

from assistant.errors import InputError
from evals.questions import KINDS, load
from ingest.bundled import CORPUS
from ingest.readers import read_papers

PAPERS = {paper.paper_id: paper for paper in read_papers(CORPUS.read_bytes(), CORPUS.name).papers}
QUESTIONS = load()


def test_ids_are_unique_and_kinds_known():
    assert len({question.question_id for question in QUESTIONS}) == len(QUESTIONS) >= 100
    assert {question.kind for question in QUESTIONS} == set(KINDS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question_id)
def test_gold_facts_and_evidence_are_in_the_corpus(question):
    assert set(question.right) <= PAPERS.keys()
    assert question.is_answerable == (question.kind != "unanswerable")
    texts = [f"{PAPERS[paper_id].title} {PAPERS[paper_id].abstract}" for paper_id in question.right]
    for sentence in question.evidence:
        assert any(sentence in text for text in texts)
    for fact in question.facts:
        assert any(alternative in text.casefold() for alternative in fact for text in texts)


def test_no_paper_is_in_both_splits():
    splits: dict[str, set[str]] = {"tune": set(), "test": set()}
    for question in QUESTIONS:
        splits[question.split] |= set(question.right)
    assert not splits["tune"] & splits["test"]


def test_every_paper_is_asked_for():
    asked = Counter(paper_id for question in QUESTIONS for paper_id in question.gold)
    assert PAPERS.keys() == asked.keys()


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(InputError, match=r"questions\.jsonl, line 1"):
        load(path)
