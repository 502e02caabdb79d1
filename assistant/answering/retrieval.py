"""Question to ranked papers and ranked evidence sentences.

Three signals are fused, for papers and again for sentences: the cosine of passages (title and a run of sentences),
the cosine of single sentences, and BM25 over stems. BM25 is divided by the most that the question could score, so
that a long question weighs no more than a short one and the sum needs no tuning to the size of the corpus. A paper
that holds what the question calls by name, and few others do, is preferred. The weights were chosen on the ``tune``
questions (evals/LOG.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.question import Turn, names_in_question, search_queries
from assistant.errors import IndexMismatch
from assistant.index.chunking import sentence_chunks
from assistant.index.index import Index
from assistant.interfaces import Embedder
from assistant.records import Chunk, Evidence, Grain, Paper, RankedPaper, Retrieval, paper_of_chunk

# Asked of a signal for each paper to be ranked: chunks of the store by grain, papers of BM25.
_NEAREST: dict[Grain, int] = {"passage": 6, "sentence": 12}
_BEST_BY_WORDS = 4
_PAPERS_RANKED = 10
_PAPERS_READ = 6  # papers whose every sentence is a candidate


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal adds to a paper's score; one that weighs nothing is not asked."""

    passage: float
    sentence: float
    word: float
    name: float = 0.0


FUSED, DENSE_ONLY, BM25_ONLY = Weights(1.0, 1.0, 0.5, 0.4), Weights(1.0, 1.0, 0.0), Weights(0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Retriever:
    """Searches one open index."""

    index: Index
    embedding: Embedder
    weights: Weights = FUSED

    def retrieve(self, question: str, history: Sequence[Turn] = (), paper_ids: Collection[str] = ()) -> Retrieval:
        """The ten best papers, and every sentence of the six best as evidence, best first.

        ``paper_ids``: ids of the papers to look at, when not all of them.
        """
        weighted = [(text, weight, self._vector(text)) for text, weight in search_queries(question, history)]
        named = self._by_name(question, _PAPERS_RANKED, paper_ids)
        scores: dict[str, float] = defaultdict(float)
        for text, weight, vector in weighted:
            for paper_id, score in self._paper_scores(text, vector, named, _PAPERS_RANKED, paper_ids).items():
                scores[paper_id] += weight * score
        best = _best(scores, _PAPERS_RANKED)
        known = self.index.library.papers(best)
        papers = tuple(RankedPaper(known[paper_id], scores[paper_id]) for paper_id in best if paper_id in known)
        vector = weighted[0][2] if len(weighted) == 1 else self._vector(question)
        evidence = self._evidence(question, vector, papers[:_PAPERS_READ])
        return Retrieval(papers, evidence)

    def rank(self, query: str, count: int) -> dict[str, float]:
        """The ids of the ``count`` best papers with their scores, best first, for a query that stands alone."""
        vector = self._vector(query) if self.weights.passage or self.weights.sentence else []
        scores = self._paper_scores(query, vector, self._by_name(query, count), count)
        return {paper_id: scores[paper_id] for paper_id in _best(scores, count)}

    def nearest(self, paper: Paper, count: int) -> list[Paper]:
        """The papers that its title and abstract find, but for itself, best first."""
        found = [one for one in self.rank(f"{paper.title}. {paper.abstract}", count + 1) if one != paper.paper_id]
        known = self.index.library.papers(found[:count])
        return [known[paper_id] for paper_id in found[:count] if paper_id in known]

    def _vector(self, text: str) -> list[float]:
        return self.embedding.get_query_embedding(text)

    def _paper_scores(
        self, text: str, vector: list[float], named: Mapping[str, float], count: int, paper_ids: Collection[str] = ()
    ) -> dict[str, float]:
        """Fused score of every paper that any of the signals found, looking for ``count`` of them."""
        passages = self._nearest("passage", vector, count, paper_ids) if self.weights.passage else {}
        sentences = self._nearest("sentence", vector, count, paper_ids) if self.weights.sentence else {}
        words = self.index.words["passage"]
        by_words = words.best(text, count * _BEST_BY_WORDS, paper_ids) if self.weights.word else {}
        most = words.max_score(text)
        found = passages.keys() | sentences.keys() | by_words.keys() | named.keys()
        exact = words.scores_of(text, found)
        # A paper outside a list is at most as near as the last one on it.
        least_passage, least_sentence = min(passages.values(), default=0.0), min(sentences.values(), default=0.0)
        return {
            paper_id: self.weights.passage * passages.get(paper_id, least_passage)
            + self.weights.sentence * sentences.get(paper_id, least_sentence)
            + self.weights.word * exact.get(paper_id, 0.0) / most
            + self.weights.name * named.get(paper_id, 0.0)
            for paper_id in found
        }

    def _by_name(self, question: str, count: int, paper_ids: Collection[str] = ()) -> Mapping[str, float]:
        """Paper id to how well it holds one of the names, 0 to 1: BM25 over the most that a rare word can score.

        The best of the names counts, not their sum, so that each paper of a comparison is found by its own.
        """
        words = self.index.words["passage"]
        best: dict[str, float] = defaultdict(float)
        for name in names_in_question(question) if self.weights.name else ():
            most = max(words.max_score(name), words.rarest_word_score)
            for paper_id, score in words.best(name, count, paper_ids).items():
                best[paper_id] = max(best[paper_id], score / most)
        return best

    def _nearest(
        self, grain: Grain, vector: list[float], count: int, paper_ids: Collection[str] = ()
    ) -> dict[str, float]:
        """Paper id to the cosine of its nearest chunk."""
        best: dict[str, float] = {}
        for chunk_id, cosine in self.index.nearest(grain, vector, count * _NEAREST[grain], paper_ids).items():
            paper_id = paper_of_chunk(chunk_id)
            best[paper_id] = max(best.get(paper_id, -1.0), cosine)
        return best

    def _evidence(self, question: str, vector: list[float], papers: Iterable[RankedPaper]) -> tuple[Evidence, ...]:
        """Every sentence of the papers, best first. Raises IndexMismatch where the index has other sentences."""
        chunks = [(ranked, chunk) for ranked in papers for chunk in sentence_chunks(ranked.paper)]
        ids = [chunk.chunk_id for _, chunk in chunks]
        cosines = self._cosines((ranked.paper.paper_id for ranked in papers), vector)
        words = self.index.words["sentence"]
        by_words, most = words.scores_of(question, ids), words.max_score(question)
        self._check_sentences(chunks, cosines.keys() & by_words.keys())
        evidence = [
            Evidence(
                ranked.paper,
                chunk.start,
                chunk.end,
                score=ranked.score + cosines.get(chunk.chunk_id, 0.0) + by_words.get(chunk.chunk_id, 0.0) / most,
            )
            for ranked, chunk in chunks
        ]
        return tuple(sorted(evidence, key=lambda item: (-item.score, item.place)))

    def _check_sentences(self, chunks: Iterable[tuple[RankedPaper, Chunk]], known: Collection[str]) -> None:
        """Sentences may lack their vector or words only while somebody writes, or until an ingest is finished."""
        lacking = {ranked.paper.paper_id: ranked.paper for ranked, chunk in chunks if chunk.chunk_id not in known}
        if not lacking or not self.index.is_at_rest:
            return
        stored = self.index.library.papers(lacking)  # once more: a writer may just have changed them
        if changed := [paper for paper_id, paper in lacking.items() if stored.get(paper_id) == paper]:
            raise IndexMismatch(
                f"The index lacks sentences of {len(changed)} papers, for example of “{changed[0].title}”: "
                "run `footnote index rebuild`."
            )

    def _cosines(self, paper_ids: Iterable[str], vector: list[float]) -> Mapping[str, float]:
        """Sentence's id to cosine, of all sentences of the papers."""
        found = self.index.exact["sentence"].vectors_of(paper_ids)
        if not found:
            return {}
        return dict(zip(found, (np.stack([*found.values()]) @ np.array(vector)).tolist(), strict=True))


def _best(scores: Mapping[str, float], count: int) -> list[str]:
    """The ids with the highest scores, best first; ties in the order of ids."""
    return sorted(scores, key=lambda paper_id: (-scores[paper_id], paper_id))[:count]
