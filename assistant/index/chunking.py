"""Divides a paper into chunks: offsets into the abstract, at two grains.

``sentence``: each sentence, without the heading before it. ``passage``: runs of whole sentences short enough for the
embedding model to read to their end (MiniLM reads 256 tokens), overlapping by one sentence. Most abstracts are two
passages.

The only module that computes chunks, so that an ingest and a search use the same ids.
"""

from __future__ import annotations

from assistant.records import Chunk, Paper
from assistant.text.headings import abstract_sentences

# Change this name whenever the chunks or the embedded text change: an index with another name is then refused.
CHUNKING = "passage140-sentence-3"
EARLIER_CHUNKINGS = frozenset({"passage140-sentence-1", "passage140-sentence-2"})
"""Those that differ only in where some sentences begin or end: ``upgrade.py`` has just these papers embedded again."""
PASSAGE_WORDS = 140  # about 200 MiniLM tokens of abstract, which leaves room for the title


def chunks_of(paper: Paper) -> list[Chunk]:
    """All chunks of a paper, passages first; none for an abstract without words."""
    sentences = sentence_chunks(paper)
    spans = _passage_spans(paper.abstract, [(chunk.start, chunk.end) for chunk in sentences])
    return [Chunk(paper.paper_id, "passage", start, end) for start, end in spans] + sentences


def sentence_chunks(paper: Paper) -> list[Chunk]:
    """The sentences of a paper's abstract, in their order."""
    return [Chunk(paper.paper_id, "sentence", one.start, one.end) for one in abstract_sentences(paper.abstract)]


def embedded_text(paper: Paper, chunk: Chunk) -> str:
    """The text that is embedded for a chunk: a passage with its title, a sentence by itself."""
    text = paper.abstract[chunk.start : chunk.end]
    return f"{paper.title}. {text}" if chunk.grain == "passage" and paper.title else text


def _passage_spans(abstract: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    passages: list[tuple[int, int]] = []
    first, word_count = 0, 0
    for number, (start, end) in enumerate(spans):
        sentence_words = len(abstract[start:end].split())
        if number > first and word_count + sentence_words > PASSAGE_WORDS:
            passages.append((spans[first][0], spans[number - 1][1]))
            first = number - 1
            word_count = len(abstract[slice(*spans[first])].split())
        word_count += sentence_words
    if spans:
        passages.append((spans[first][0], spans[-1][1]))
    return passages
