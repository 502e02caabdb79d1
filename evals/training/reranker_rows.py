"""The questions and abstracts that the reranker is trained on, as rows: one abstract with several questions about it.

A row is an abstract, the questions written about it, and questions written about other abstracts that BM25 finds near:
these it must answer with "none of the sentences". Questions about Wikipedia (SelQA) and about papers on COVID-19
(COVID-QA), written by people, are rows of their own.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bm25s

from assistant.interfaces import Abstract
from assistant.text.sentences import sentences
from assistant.text.stemming import stems
from evals.files import read_abstracts

FOLDER = Path(__file__).with_name("reranker_data")
OWN_QUESTIONS, NEAR_QUESTIONS = 8, 8  # of a row
# Ranks, from 1, of the near abstracts that a question is asked of as well: the nearest may well answer it, too.
_NEAR_RANKS = range(2, 25)
_OTHER_TOPIC_QUESTIONS = 3  # of a row of SelQA or COVID-QA, from other sections of the same article
_LONGEST_SECTION = 2_200  # characters
_FILES = ("questions.jsonl", "everyday_questions.jsonl")  # of the reranker
# By file: the seed that draws held-out abstracts from those that no earlier file asks about, and how many.
_HELD_OUT = {"questions.jsonl": (1, 137), "everyday_questions.jsonl": (2, 218), "lay_questions.jsonl": (3, 90)}


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    answers: frozenset[int]
    """The numbers of the sentences that answer it."""


@dataclass(frozen=True, slots=True)
class Document:
    """An abstract, the questions about it, and questions about near abstracts."""

    abstract: Abstract
    own: tuple[Question, ...]
    near: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingData:
    documents: list[Document]
    sections: list[Document]
    """Of SelQA and COVID-QA; ``near`` are questions about other sections of the same article."""
    held_out: dict[str, list[Document]] = field(default_factory=dict)
    """By the file of their questions."""


def load(abstracts: Sequence[Path], sections: Sequence[Path]) -> TrainingData:
    """Raises KeyError for a question whose document is not in ``abstracts``."""
    lines = question_lines(_FILES)
    wanted = dict.fromkeys(line["doc"] for line in lines)
    texts = {
        name: Abstract(title, tuple(sentences(text))) for name, title, text in texts_of(abstracts) if name in wanted
    }
    own: dict[str, list[Question]] = {name: [] for name in wanted}
    asked_of: dict[str, set[str]] = defaultdict(set)  # a comparison is asked of several documents
    for line in lines:
        own[line["doc"]].append(Question(line["q"], frozenset(line["a"])))
        asked_of[line["q"]].add(line["doc"])
    held = held_out_names(_FILES)
    names = [name for name in wanted if not any(name in part for part in held.values())]
    near = _near_questions(names, texts, own, asked_of)
    return TrainingData(
        [Document(texts[name], tuple(own[name]), tuple(near[name])) for name in names],
        [*_sections(sections)],
        {part: [Document(texts[name], tuple(own[name])) for name in sorted(held[part])] for part in held},
    )


def texts_of(paths: Sequence[Path]) -> Iterator[tuple[str, str, str]]:
    """Id, title and abstract of every abstract in public files and among the invented ones."""
    for path in (*paths, FOLDER / "abstracts.jsonl"):
        yield from read_abstracts(path)


def question_lines(files: Iterable[str] = _HELD_OUT) -> list[dict[str, Any]]:
    """The lines of these files of ``reranker_data``, one file after another."""
    return [json.loads(line) for name in files for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def held_out_names(files: Iterable[str] = _HELD_OUT) -> dict[str, set[str]]:
    """The documents that are not trained on, by the file of their questions."""
    asked: set[str] = set()
    held = {}
    for name in files:
        new = sorted({line["doc"] for line in question_lines([name])} - asked)
        asked.update(new)
        seed, count = _HELD_OUT[name]
        random.Random(seed).shuffle(new)
        held[name] = set(new[:count])
    return held


def _near_questions(
    names: Sequence[str],
    texts: Mapping[str, Abstract],
    own: Mapping[str, Sequence[Question]],
    asked_of: Mapping[str, set[str]],
) -> dict[str, list[Question]]:
    """For each document, the questions about other documents for which BM25 ranks it among ``_NEAR_RANKS``."""
    search = bm25s.BM25()
    search.index(
        [stems(f"{texts[name].title}. {' '.join(texts[name].sentences)}") for name in names], show_progress=False
    )
    found: dict[str, list[Question]] = defaultdict(list)
    for name in names:
        for question in own[name]:
            ranked, scores = search.retrieve([stems(question.text)], k=_NEAR_RANKS.stop + 2, show_progress=False)
            near = [names[place] for place, score in zip(ranked[0], scores[0], strict=True) if score > 0]
            others = [other for other in near if other not in asked_of[question.text]]
            for other in others[_NEAR_RANKS.start - 1 : _NEAR_RANKS.stop - 1]:
                found[other].append(Question(question.text, frozenset()))
    return found


def _sections(paths: Iterable[Path]) -> Iterator[Document]:
    by_section: dict[Abstract, list[Question]] = defaultdict(list)
    by_article: dict[str, list[tuple[Abstract, Question]]] = defaultdict(list)
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for record in map(json.loads, file):
                section = Abstract(record.get("title", ""), tuple(text.strip() for text in record["sentences"]))
                if sum(map(len, section.sentences)) < _LONGEST_SECTION:
                    question = Question(record["question"], frozenset(record["answers"]))
                    by_section[section].append(question)
                    by_article[section.title.split(":")[0]].append((section, question))
    for section, questions in by_section.items():
        others = [
            Question(question.text, frozenset())
            for other, question in by_article[section.title.split(":")[0]]
            if other != section
        ]
        chosen = random.Random(section.title).sample(others, min(_OTHER_TOPIC_QUESTIONS, len(others)))
        yield Document(section, tuple(questions), tuple(chosen))
