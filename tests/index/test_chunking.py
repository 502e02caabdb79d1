from __future__ import annotations

import pytest

from assistant.index.chunking import CHUNKING, chunks_of, embedded_text
from assistant.records import Chunk, Paper


def spans(abstract: str, grain: str) -> list[tuple[int, int]]:
    chunks = chunks_of(Paper("p", "Title", abstract))
    return [(chunk.start, chunk.end) for chunk in chunks if chunk.grain == grain]


def sentence(first: str, word_count: int) -> str:
    return " ".join([first, *["word"] * (word_count - 1)]) + "."


def test_short_abstract_is_one_passage_and_its_sentences():
    assert chunks_of(Paper("p", "Title", " Hens lay. Cocks crow. ")) == [
        Chunk("p", "passage", 1, 22),
        Chunk("p", "sentence", 1, 10),
        Chunk("p", "sentence", 11, 22),
    ]


@pytest.mark.parametrize("abstract", ["", "  \n "])
def test_abstract_without_words_has_no_chunks(abstract):
    assert chunks_of(Paper("p", "Title", abstract)) == []


def test_exactly_140_words_are_one_passage():
    abstract = " ".join([sentence("One", 70), sentence("Two", 70)])
    assert spans(abstract, "passage") == [(0, len(abstract))]


def test_passages_overlap_by_one_sentence():
    one, two, three = sentence("One", 70), sentence("Two", 70), sentence("Three", 1)
    abstract = " ".join([one, two, three])
    assert [abstract[start:end] for start, end in spans(abstract, "passage")] == [f"{one} {two}", f"{two} {three}"]


def test_sentence_longer_than_a_passage_stays_whole():
    short, long, last = sentence("Short", 5), sentence("Long", 200), sentence("Last", 5)
    abstract = " ".join([short, long, last])
    passages = [abstract[start:end] for start, end in spans(abstract, "passage")]
    assert passages == [short, f"{short} {long}", f"{long} {last}"]


def test_every_sentence_lies_in_a_passage():
    abstract = " ".join(sentence(f"Number{number}", 33) for number in range(20))
    passages = spans(abstract, "passage")
    lost = [
        (start, end)
        for start, end in spans(abstract, "sentence")
        if not any(first <= start and end <= last for first, last in passages)
    ]
    assert len(spans(abstract, "sentence")) == 20
    assert lost == []


def test_passage_is_embedded_with_its_title_and_sentence_without():
    paper = Paper("p", "Hens", "They lay. They sit.")
    passage, first, second = chunks_of(paper)
    assert embedded_text(paper, passage) == "Hens. They lay. They sit."
    assert [embedded_text(paper, chunk) for chunk in (first, second)] == ["They lay.", "They sit."]


def test_no_sentence_contains_the_heading_before_it():
    abstract = "AIMS AND BACKGROUND. Hens lay. RESULTS They sit: METHODS rest. Conclusion: They sleep."
    assert [abstract[start:end] for start, end in spans(abstract, "sentence")] == [
        "Hens lay.",
        "They sit: METHODS rest.",
        "They sleep.",
    ]
    assert [abstract[start:end] for start, end in spans(abstract, "passage")] == [abstract[21:]]


def test_chunk_ids_tell_grain_and_place_apart():
    ids = [chunk.chunk_id for chunk in chunks_of(Paper("p", "Hens", "They lay."))]
    assert ids == ["p:passage:0:9", "p:sentence:0:9"]


def test_the_name_of_the_chunking_stands_for_these_chunks():
    """Change the name together with this test: indexes made before would otherwise be searched for other chunks."""
    abstract = (
        "  Dr. Hen et al. (2020) lay 1.5 eggs, e.g. brown ones. “Why?” They sit!Then they rest. In the U.S. hens\n"
        "weigh 2.1 kg. 鸡下蛋。它们睡觉。 See Fig. 3 vs. 4. gpt-3.5 does not. I. Cock wrote it... and so on"
    )
    assert CHUNKING == "passage140-sentence-3"
    assert len(spans(abstract, "passage")) == 1
    assert [abstract[start:end] for start, end in spans(abstract, "sentence")] == [
        "Dr. Hen et al. (2020) lay 1.5 eggs, e.g. brown ones.",
        "“Why?”",
        "They sit!",
        "Then they rest.",
        "In the U.S. hens\nweigh 2.1 kg.",
        "鸡下蛋。",
        "它们睡觉。",
        "See Fig. 3 vs. 4.",
        "gpt-3.5 does not.",
        "I.",
        "Cock wrote it... and so on",
    ]
