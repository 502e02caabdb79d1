from __future__ import annotations

import pytest
from hypothesis import given

from assistant.errors import InputError
from ingest.readers.formats import pubmed_text
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample

EXPORT = sample("pubmed_abstracts.txt")
RECORD = (
    "{0}. Sleep Teas. 2011 Mar;9(3):1-9.\n\nTitle {0}.\n\nVik R(1).\n\n{1}We gave tea to {0} people.\n\nPMID: {0}\n\n\n"
)


def test_only_pubmeds_abstracts_are_recognised():
    recognised = {path.name for path in SAMPLES.iterdir() if pubmed_text.recognises(path.read_text("utf-8", "replace"))}
    assert recognised == {"pubmed_abstracts.txt"}


@pytest.mark.parametrize(
    "block",
    [
        "Author information:\n(1)Institute of Tea.\n\n",
        "Comment in\n    Tea. 2012;1:2.\n\n",
        "Collaborators: Lund O.\n\n",
        "Conflict of interest statement: None.\n\n",
        "© 2011 Tea Press.\n\n",
    ],
)
def test_other_blocks_are_not_taken_for_the_abstract(block):
    (paper,) = papers(pubmed_text, RECORD.format(1, block))
    assert (paper.title, paper.abstract) == ("Title 1.", "We gave tea to 1 people.")


def test_a_paper_without_authors_keeps_its_abstract():
    (paper,) = papers(pubmed_text, RECORD.format(1, "").replace("Vik R(1).\n\n", ""))
    assert (paper.authors, paper.abstract) == ((), "We gave tea to 1 people.")


def test_a_numbered_sentence_does_not_begin_a_record():
    text = RECORD.format(1, "2. We drank. 2012 was dry, and tea was scarce.\n\n") + RECORD.format(2, "")
    assert [paper.title for paper in papers(pubmed_text, text)] == ["Title 1.", "Title 2."]


def test_a_retracted_paper_is_recognised():
    assert papers(pubmed_text, RECORD.format(1, "Retraction in\n    Tea. 2014;9:3.\n\n"))[0].is_retracted


def test_a_truncated_last_record_is_reported():
    text = RECORD.format(1, "") + RECORD.format(2, "")[:60]
    assert items(pubmed_text, text)[1:] == [Skipped("line 12", "an incomplete record: its last block has no PMID")]


@pytest.mark.parametrize("text", ["", "A few words.\n", "1. Eggs\n\nHens lay.\n"])
def test_a_file_without_a_citation_is_refused(text):
    with pytest.raises(InputError, match="no citation"):
        items(pubmed_text, text)


@LITTLE_TIME
@given(mutated(EXPORT))
def test_a_damaged_file_is_read_or_refused(text):
    assert reads_or_refuses(pubmed_text, text)
