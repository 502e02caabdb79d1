"""The yes/no questions of the bundled papers are sound, and each answer is counted under the right outcome."""

from __future__ import annotations

from collections import Counter

import pytest

from assistant.records import Answer, Evidence, Paper, ShortAnswer
from evals.runs.short_answers import YesNoQuestion, load, outcome_of, table
from ingest.bundled_corpus import CORPUS
from ingest.readers import read_papers

HENS = Paper("hens", "Hens", "Hens sank.")
QUESTION = YesNoQuestion("1", "Can hens swim?", "hens", ("Hens sank.",), "no")


def said(word):
    return Answer("q", stage="done", short=ShortAnswer(word, (Evidence(HENS, 0, 10),), 0.9))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (said("no"), "right"),
        (said("yes"), "opposite"),
        (said("mixed"), "other"),
        (Answer("q", stage="done"), "no word"),
        (Answer("q", stage="done", abstained=True), "declined"),
    ],
)
def test_an_answer_has_one_outcome(answer, outcome):
    assert outcome_of(QUESTION, answer) == outcome


def test_the_table_counts_only_words_that_were_said():
    lines = list(table([(QUESTION, said("no")), (QUESTION, said("yes")), (QUESTION, Answer("q", stage="done"))]))
    assert lines[-1] == "said 2 of 3, right 1 (0.50), opposite 1"
    assert lines[1] == "no: right 1, opposite 1, no word 1"


def test_every_question_is_decided_by_sentences_of_its_paper():
    papers = {paper.paper_id: paper for paper in read_papers(CORPUS.read_bytes(), CORPUS.name).papers}
    questions = load()
    assert len({one.question for one in questions}) == len(questions) == 120
    for one in questions:
        abstract = " ".join(papers[one.paper_id].abstract.split())
        assert one.evidence
        assert all(" ".join(text.split()) in abstract for text in one.evidence), one


def test_neither_word_can_be_guessed():
    counts = Counter(one.word for one in load())
    assert max(counts.values()) < 0.5 * sum(counts.values())
