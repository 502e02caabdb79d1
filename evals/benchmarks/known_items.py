"""Known-item questions over any papers, so that retrieval can be measured without labels.

Two kinds, both with one right paper: its title, searched among abstracts that have lost their titles; and one of its
sentences with the rarest words hidden. They are easier than what people ask, and a paper that answers as well counts
as wrong: good for comparing two settings on the same papers, not for saying how good answers are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assistant.errors import InputError
from assistant.records import Paper
from assistant.text.sentences import sentences
from assistant.text.stemming import stems
from evals.benchmarks.beir import Benchmark
from evals.questions import load
from evals.statistics import SEED
from ingest.bundled_corpus import CORPUS
from ingest.readers import read_papers

MOST_OF_A_KIND = 300
HIDDEN_SHARE = 0.4  # of the distinct content words of a sentence, the rarest first
_SENTENCE_WORDS = range(10, 60)  # shorter ones say too little, longer ones are lists


def bundled_benchmark() -> Benchmark:
    """The bundled papers and the answerable questions about them that stand alone."""
    papers = read_papers(CORPUS.read_bytes(), CORPUS.name).papers
    questions = [question for question in load() if question.is_answerable and not question.history]
    return Benchmark(
        "bundled",
        papers,
        {question.question_id: question.question for question in questions},
        {question.question_id: dict.fromkeys(question.right, 1) for question in questions},
        {question.question_id: question.kind for question in questions},
    )


def known_items(papers: Sequence[Paper]) -> Benchmark:
    """The papers without their titles, and up to 300 questions of each kind, the same ones every time.

    Raises InputError when there are fewer than two papers: there is nothing to tell apart.
    """
    if len(papers) < 2:
        raise InputError(f"{len(papers)} papers are indexed: ingest at least two to measure how one is found.")
    chance = random.Random(SEED)
    by_id = sorted(papers, key=lambda paper: paper.paper_id)
    frequency = Counter(stem for paper in by_id for stem in set(stems(paper.abstract)))
    queries: dict[str, str] = {}
    judgements: dict[str, dict[str, int]] = {}
    for paper in chance.sample(by_id, min(len(by_id), MOST_OF_A_KIND)):
        fit = [text for text in sentences(paper.abstract) if len(text.split()) in _SENTENCE_WORDS]
        texts = {"title": paper.title}
        if fit:
            texts["sentence"] = hidden(chance.choice(fit), frequency)
        for kind, text in texts.items():
            if stems(text):
                queries[f"{kind}:{paper.paper_id}"] = text
                judgements[f"{kind}:{paper.paper_id}"] = {paper.paper_id: 1}
    kinds = {query_id: query_id.split(":", 1)[0] for query_id in queries}
    return Benchmark("own", tuple(replace(paper, title="") for paper in by_id), queries, judgements, kinds)


def hidden(sentence: str, frequency: Counter[str]) -> str:
    """The sentence without its rarest words: 40% of its stems, those in the fewest papers; ties by the alphabet."""
    distinct = sorted(set(stems(sentence)), key=lambda stem: (frequency[stem], stem))
    rarest = set(distinct[: round(len(distinct) * HIDDEN_SHARE)])
    return " ".join(word for word in sentence.split() if rarest.isdisjoint(stems(word)))
