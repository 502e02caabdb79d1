from __future__ import annotations

import io

import pytest
from hypothesis import given

from assistant.errors import InputError
from ingest.readers.formats import pubmed_nbib
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample, skipped

SAVED = sample("saved.nbib")
RECORD = "PMID- {}\nTI  - Title {}\nAB  - An abstract.\nSO  - Ann. 1999.\n\n"


def test_a_record_is_a_paper_with_all_its_fields():
    paper = papers(pubmed_nbib, SAVED)[0]
    assert (paper.pmid, paper.doi, paper.year) == ("38912345", "10.5555/jim.2023.101", 2023)
    assert paper.venue == "Journal of invented medicine"
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/38912345/"


def test_continued_lines_are_joined():
    paper = papers(pubmed_nbib, SAVED)[0]
    assert paper.title.endswith("a study of invented trees in plots that nobody has seen.")
    assert paper.abstract.startswith(
        "BACKGROUND: Trees that are invented take up CO(2) as real ones do. METHODS: We wat"
    )
    assert paper.abstract.endswith("CONCLUSIONS: A well - formed leaf takes up more than a torn one.")


def test_authors_have_full_names_if_available_and_groups_come_last():
    assert [paper.authors for paper in papers(pubmed_nbib, SAVED)] == [
        ("Okonjo-Lindqvist, Mara E", "Sørby, T", "Oak Study Group"),
        ("Imker I",),
    ]


def test_a_record_without_an_abstract_is_not_a_fault():
    assert skipped(pubmed_nbib, SAVED) == [Skipped("PMID 9876543", "no abstract for 'A letter.'", "no abstract")]


def test_records_without_a_blank_line_between_them_are_separated():
    assert len(papers(pubmed_nbib, (RECORD.format(1, 1) + RECORD.format(2, 2)).replace("\n\n", "\n"))) == 2


def test_a_record_without_its_id_is_reported_and_the_next_is_read():
    text = RECORD.format(1, 1) + "TI  - Lost\nAB  - Lost.\nSO  - Ann. 1999.\n\n" + RECORD.format(2, 2)
    first, fault, second = items(pubmed_nbib, text)
    assert (first.pmid, second.pmid) == ("1", "2")
    assert fault == Skipped("line 6", 'a record without the line "PMID- " that begins it')


def test_a_truncated_last_record_is_reported():
    assert items(pubmed_nbib, RECORD.format(1, 1) + RECORD.format(2, 2)[:35])[1:] == [
        Skipped("line 6", "the file ends in the middle of this record")
    ]


def test_a_last_record_that_ends_in_its_source_line_is_complete():
    assert len(papers(pubmed_nbib, RECORD.format(1, 1).rstrip("\n"))) == 1


@pytest.mark.parametrize("text", ["", "words", "TY  - JOUR\nTI  - A\nER  - \n", "title,abstract\na,b\n"])
def test_a_file_without_a_record_is_refused(text):
    with pytest.raises(InputError):
        items(pubmed_nbib, text)


def test_only_records_are_recognised():
    recognised = [
        path.name for path in SAMPLES.iterdir() if pubmed_nbib.recognises(path.read_text("utf-8", errors="replace"))
    ]
    assert recognised == ["saved.nbib"]
    assert not pubmed_nbib.recognises("PMID- 1 is the first\n\nof all papers.")
    assert not pubmed_nbib.recognises("A page\n\n" + RECORD.format(1, 1))


def test_a_long_file_is_read_in_pieces():
    text = io.StringIO(RECORD.format(1, 1) * 1_000)
    next(pubmed_nbib.read(text))
    assert text.tell() < 1_000


@LITTLE_TIME
@given(mutated(SAVED))
def test_a_damaged_file_is_read_or_refused(text):
    assert reads_or_refuses(pubmed_nbib, text)
