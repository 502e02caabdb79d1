"""Several threads can ask one assistant at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from assistant.assistant import Assistant
from assistant.records import Answer, Seconds
from ingest.commands import ingest_paths

QUESTIONS = (
    "How much does sparse training reduce the cost?",
    "Which model answers questions about tables?",
    "What is the central problem of continual learning?",
    "How many methods does the survey review?",
    "What share of the weights is set to zero?",
    "Which papers are about language models?",
    "On how many data sets is the unified model better than T5?",
    "Which birds lay eggs?",
)


def said(answer: Answer) -> Answer:
    """The answer without its times."""
    return replace(answer, seconds=Seconds())


@pytest.mark.models
def test_eight_threads_get_the_same_answers_as_one_thread(settings, papers_file):
    assert ingest_paths(settings, [papers_file]) == 0
    with Assistant.open(settings) as assistant:
        alone = [said(assistant.ask(question)) for question in QUESTIONS]
    written = [*(claim for answer in alone for claim in answer.claims if claim.support == "supported")]
    assert written + [sentence for answer in alone for sentence in answer.dropped]  # the model wrote, and was checked
    start = threading.Barrier(8)

    def ask_all(first: int) -> list[Answer]:
        order = [*range(first, 8), *range(first)]  # each thread begins with another question
        start.wait()
        answers = {number: said(assistant.ask(QUESTIONS[number])) for number in order}
        return [answers[number] for number in range(8)]

    with Assistant.open(settings) as assistant, ThreadPoolExecutor(8) as pool:
        for answers in pool.map(ask_all, range(8)):
            assert answers == alone
