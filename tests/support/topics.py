"""Papers of three topics, and vectors of them."""

from __future__ import annotations

import numpy as np

from assistant.records import Paper, paper_id_of
from tests.support.fakes import WordCountEmbedding

TOPICS = {
    "Machine Translation": "Neural Machine Translation of {} with NMT",
    "Question Answering": "Question Answering about {} by the BERT Model",
    "Speech Recognition": "Automatic Speech Recognition for {} in Arabic",
}
THINGS = """Rivers Harbours Lanterns Violins Glaciers Orchards Bridges Comets Saddles Walnuts Anchors Beetles Candles
    Dolphins Engines Falcons Gardens Hammers Islands Jackets""".split()


def papers_of(topics: dict[str, str] = TOPICS, things: list[str] = THINGS) -> list[Paper]:
    """One paper for each topic and thing; the abstract repeats the title as running text would spell it."""
    titles = [form.format(thing) for form in topics.values() for thing in things]
    return [Paper(paper_id_of(title), title, f"We study {running(title)}.") for title in titles]


def running(title: str) -> str:
    return " ".join(word if word in ("BERT", "NMT", "Arabic") else word.lower() for word in title.split())


def vectors_of(papers: list[Paper]) -> np.ndarray:
    return np.array(WordCountEmbedding().get_text_embedding_batch([paper.title for paper in papers]), dtype=np.float32)


def unit_vectors(count: int) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(size=(count, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
