"""A claim must not leave out words that change the meaning of the sentence that it is copied from."""

from __future__ import annotations

import pytest

from assistant.answering.rules.omissions import omission_reason
from assistant.index.chunking import sentence_chunks
from assistant.records import Paper
from ingest.bundled_corpus import CORPUS
from ingest.readers import read_items
from tests.support.fakes import OVERLAP_VERIFIER


@pytest.mark.parametrize(
    ("claim", "evidence", "word"),
    [
        ("Hens fly in winter.", "It is not true that hens fly in winter.", "not"),
        ("Training reduces cost.", "No study shows that training reduces cost.", "no"),
        ("The model improves accuracy.", "We cannot conclude that the model improves accuracy.", "cannot"),
        ("The drug cures the fever.", "It was long believed that the drug cures the fever.", "believed"),
        ("Hens fly in winter.", "It is doubtful whether hens fly in winter.", "doubtful"),
        ("The drug cures the fever.", "The drug cures the fever only if it is taken early.", "only"),
        ("The drug cures the fever.", "Unless it comes too late, the drug cures the fever.", "unless"),
        ("The drug cures the fever.", "If it is taken early, the drug cures the fever.", "if"),
        ("The drug cures the fever.", "There is no evidence, after ten years, that the drug cures the fever.", "no"),
        ("The drug cures the fever.", "We asked whether, in the wild, the drug cures the fever.", "whether"),
        ("the price fell by 5%", "Nobody found that the price fell by 5% (see below).", "nobody"),
    ],
)
def test_a_part_of_a_sentence_without_the_words_that_limit_it_is_refused(claim, evidence, word):
    assert omission_reason(claim, [evidence]) == f"it leaves out {word!r}, which changes what the evidence says"
    assert not OVERLAP_VERIFIER.verify(claim, [evidence]).supported


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Sparse training reduces the cost by 2.5x.", "We find that sparse training reduces the cost by 2.5x."),
        ("Sparse training reduces the cost.", "While accuracy does not fall, sparse training reduces the cost."),
        ("Accuracy does not fall.", "Accuracy does not fall."),
        ("Accuracy does not fall.", "We show that accuracy does not fall, and the cost is not known."),
        ("The drug cures the fever.", "Labels were not used, and we show that the drug cures the fever."),
        ("The drug cures the fever.", "We show, with five farms, that the drug cures the fever."),
        ("Hens lay eggs.", "Cocks crow."),
        ("", "Hens lay eggs."),
    ],
)
def test_a_part_that_says_the_same_as_the_sentence_is_accepted(claim, evidence):
    assert omission_reason(claim, [evidence]) == ""


def test_a_part_that_another_sentence_says_without_limits_is_accepted():
    assert omission_reason("Hens fly.", ["Nobody thought that hens fly.", "We saw that hens fly."]) == ""


def test_every_whole_sentence_of_the_bundled_papers_is_accepted():
    with CORPUS.open("rb") as stream:
        papers = [item for item in read_items(CORPUS.name, stream) if isinstance(item, Paper)]
    texts = [paper.abstract[chunk.start : chunk.end] for paper in papers for chunk in sentence_chunks(paper)]
    assert len(texts) > 500
    assert [text for text in texts if omission_reason(text, [text])] == []
