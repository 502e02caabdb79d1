"""Searches the index: ranks papers and their sentences by a weighted sum of vector similarity and BM25 (score fusion).

Three scores are added, for papers and again for sentences: the cosine of passages (a title with a run of sentences),
the cosine of single sentences, and BM25 over stems. BM25 is divided by the highest score that the question could get,
so that a long question weighs no more than a short one, and the weights do not depend on the size of the corpus. A
paper also gains if it contains a name of the question that few other papers contain. The weights were chosen on the
``tune`` questions (evals/LOG.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.asked_about import is_about
from assistant.answering.question import Turn, is_follow_up, names_in_question, search_queries
from assistant.answering.sides import Side, best_papers, sides_of, two_parts
from assistant.errors import IndexMismatch
from assistant.index.bm25 import WordIndex
from assistant.index.chunking import sentence_chunks
from assistant.index.index import Index
from assistant.interfaces import Embedder
from assistant.records import Chunk, Evidence, FoundSide, Grain, Paper, RankedPaper, Retrieval, paper_of_chunk

# Candidates per paper to be ranked. Several chunks may be of one paper, so a search for ten papers asks the vector
# store for 60 passages and 120 sentences, and BM25 for 40 papers.
_NEAREST_CHUNKS: dict[Grain, int] = {"passage": 6, "sentence": 12}
_BEST_BY_BM25 = 4
_PAPERS_RANKED = 10


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each signal in a paper's score; a signal with the weight 0 is not computed.

    ``word`` is that of BM25, ``name`` that of BM25 for the names in the question.
    """

    passage: float
    sentence: float
    word: float
    name: float = 0.0


FUSED = Weights(passage=1.0, sentence=1.0, word=0.5, name=0.4)
DENSE_ONLY = Weights(passage=1.0, sentence=1.0, word=0.0)
BM25_ONLY = Weights(passage=0.0, sentence=0.0, word=1.0)


@dataclass(frozen=True, slots=True)
class Retriever:
    """Searches one open index."""

    index: Index
    embedding: Embedder
    weights: Weights = FUSED

    def retrieve(self, question: str, history: Sequence[Turn] = (), paper_ids: Collection[str] = ()) -> Retrieval:
        """The ten best papers, and all their sentences as evidence, both sorted by score.

        Each side of a comparison is searched for too, and its best paper is among them; ``splits`` says how another
        question could be split in two. ``paper_ids`` limits the search to these papers. Raises IndexMismatch for an
        index without some sentences.
        """
        weighted = [(text, weight, self._vector(text)) for text, weight in search_queries(question, history)]
        named = self._name_scores(question, _PAPERS_RANKED, paper_ids)
        scores: dict[str, float] = defaultdict(float)
        for text, weight, vector in weighted:
            for paper_id, score in self._paper_scores(text, vector, named, _PAPERS_RANKED, paper_ids).items():
                scores[paper_id] += weight * score
        sides = self._found_sides(question, paper_ids)
        lowest = min(scores.values(), default=0.0)  # for a paper that only the search for its side found
        chosen = [*_best(scores, _PAPERS_RANKED), *(side.paper_id for side in sides)]
        known = self.index.library.papers(dict.fromkeys(chosen))
        found = {paper_id: scores.get(paper_id, lowest) for paper_id in known}
        papers = [RankedPaper(known[one], found[one]) for one in _best(found, len(found))]
        vector = weighted[0][2] if len(weighted) == 1 else self._vector(question)
        evidence = self._evidence(question, vector, papers)
        # The parts of a follow-up lack what it refers to.
        splits = () if sides or is_follow_up(question, history) else two_parts(question)
        return Retrieval(tuple(papers), evidence, sides=sides, splits=splits)

    def _found_sides(self, question: str, paper_ids: Collection[str]) -> tuple[FoundSide, ...]:
        """What the question compares, with the best paper for each side in a search for that side."""
        sides = sides_of(question)
        scores = [self._about(side, paper_ids) for side in sides]
        return tuple(
            FoundSide(side.name, paper_id, side.query, tuple(of_side.items()))
            for side, paper_id, of_side in zip(sides, best_papers(scores), scores, strict=True)
        )

    def _about(self, side: Side, paper_ids: Collection[str]) -> dict[str, float]:
        """The papers about a side with their scores, best first; if it has a name, only those that mention it."""
        scores = self._scores(side.query, _PAPERS_RANKED, paper_ids)
        ranked = _best(scores, _PAPERS_RANKED)
        papers = self.index.library.papers(ranked)
        names = names_in_question(side.name)
        about = (one for one in ranked if one in papers and (not names or is_about(papers[one], names)))
        return {one: scores[one] for one in about}

    def rank(self, query: str, count: int) -> dict[str, float]:
        """The ids of the ``count`` best papers with their scores, best first, for a query without a conversation."""
        scores = self._scores(query, count)
        return {paper_id: scores[paper_id] for paper_id in _best(scores, count)}

    def _scores(self, query: str, count: int, paper_ids: Collection[str] = ()) -> dict[str, float]:
        vector = self._vector(query) if self.weights.passage or self.weights.sentence else []
        return self._paper_scores(query, vector, self._name_scores(query, count, paper_ids), count, paper_ids)

    def nearest(self, paper: Paper, count: int) -> list[Paper]:
        """The papers most similar to its title and abstract, without the paper itself, best first."""
        text = f"{paper.title}. {paper.abstract}"
        vector = self._stored_vector(paper) or self._vector(text)
        scores = self._paper_scores(text, vector, self._name_scores(text, count + 1), count + 1)
        found = [one for one in _best(scores, count + 1) if one != paper.paper_id]
        known = self.index.library.papers(found[:count])
        return [known[paper_id] for paper_id in found[:count] if paper_id in known]

    def _stored_vector(self, paper: Paper) -> list[float]:
        """The mean of the paper's passages, of unit length; empty if they are not stored."""
        passages = [*self.index.exact["passage"].vectors_of([paper.paper_id]).values()]
        if not passages:
            return []
        mean = np.mean(np.stack(passages).astype(np.float32), axis=0)
        vector: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return vector

    def _vector(self, text: str) -> list[float]:
        return self.embedding.get_query_embedding(text)

    def _paper_scores(
        self, text: str, vector: list[float], named: Mapping[str, float], count: int, paper_ids: Collection[str] = ()
    ) -> dict[str, float]:
        """Fused score of every paper that at least one signal found in a search for ``count`` papers."""
        passages = self._nearest("passage", vector, count, paper_ids) if self.weights.passage else {}
        sentences = self._nearest("sentence", vector, count, paper_ids) if self.weights.sentence else {}
        words = self.index.words["passage"]
        by_bm25 = words.best(text, count * _BEST_BY_BM25, paper_ids) if self.weights.word else {}
        max_bm25 = words.max_score(text)
        found = passages.keys() | sentences.keys() | by_bm25.keys() | named.keys()
        bm25 = words.scores_of(text, found)
        # The cosine of a paper that a vector search did not return is unknown, and at most that of its last result.
        least_passage, least_sentence = min(passages.values(), default=0.0), min(sentences.values(), default=0.0)
        return {
            paper_id: self.weights.passage * passages.get(paper_id, least_passage)
            + self.weights.sentence * sentences.get(paper_id, least_sentence)
            + self.weights.word * bm25.get(paper_id, 0.0) / max_bm25
            + self.weights.name * named.get(paper_id, 0.0)
            for paper_id in found
        }

    def _name_scores(self, question: str, count: int, paper_ids: Collection[str] = ()) -> Mapping[str, float]:
        """Paper id to how well the paper matches a name in the question, from 0 to 1.

        That is BM25 divided by its highest possible value, or by that of a word in a single paper if that is higher, so
        that a common name counts little. The best name counts, not the sum, so that each paper of a comparison is found
        by its own name.
        """
        words = self.index.words["passage"]
        best: dict[str, float] = defaultdict(float)
        for name in names_in_question(question) if self.weights.name else ():
            max_bm25 = max(words.max_score(name), words.rarest_word_score)
            for paper_id, score in words.best(name, count, paper_ids).items():
                best[paper_id] = max(best[paper_id], score / max_bm25)
        return best

    def _nearest(
        self, grain: Grain, vector: list[float], count: int, paper_ids: Collection[str] = ()
    ) -> dict[str, float]:
        """The papers of the nearest chunks: paper id to the cosine of its nearest chunk."""
        best: dict[str, float] = {}
        for chunk_id, cosine in self.index.nearest(grain, vector, count * _NEAREST_CHUNKS[grain], paper_ids).items():
            paper_id = paper_of_chunk(chunk_id)
            best[paper_id] = max(best.get(paper_id, -1.0), cosine)
        return best

    def _evidence(self, question: str, vector: list[float], papers: Sequence[RankedPaper]) -> tuple[Evidence, ...]:
        """All sentences of the papers, best first. Raises IndexMismatch if the index lacks some of them.

        A sentence's score is the sum of its paper's score, its cosine and its share of the highest possible BM25.
        """
        chunks = [(ranked, chunk) for ranked in papers for chunk in sentence_chunks(ranked.paper)]
        ids = [chunk.chunk_id for _, chunk in chunks]
        cosines = self._cosines((ranked.paper.paper_id for ranked in papers), vector)
        words = self.index.words["sentence"]
        bm25, max_bm25 = words.scores_of(question, ids), words.max_score(question)
        self._check_sentences(chunks, cosines.keys() & bm25.keys(), words)
        roles = self.index.library.roles.of_papers(ranked.paper.paper_id for ranked in papers)
        evidence = [
            Evidence(
                ranked.paper,
                chunk.start,
                chunk.end,
                score=ranked.score + cosines.get(chunk.chunk_id, 0.0) + bm25.get(chunk.chunk_id, 0.0) / max_bm25,
                role=roles.get((chunk.paper_id, chunk.start, chunk.end), ""),
            )
            for ranked, chunk in chunks
        ]
        return tuple(sorted(evidence, key=lambda item: (-item.score, item.place)))

    def _check_sentences(
        self, chunks: Iterable[tuple[RankedPaper, Chunk]], known: Collection[str], words: WordIndex
    ) -> None:
        """Raise IndexMismatch for sentences without vector or words, unless an ingest is running or was interrupted."""
        lacking = {ranked.paper.paper_id: ranked.paper for ranked, chunk in chunks if chunk.chunk_id not in known}
        if not lacking or not self.index.is_at_rest or self.index.words["sentence"] is not words:
            return  # in the last case, an ingest ended after the words were searched
        stored = self.index.library.papers(lacking)  # read them again: an ingest may just have changed them
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
