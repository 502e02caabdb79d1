"""What is special about Web of Science's plain text, refer and RefWorks. Complete records are in the golden files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from ingest.readers.formats import endnote_enw, refworks, web_of_science
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample

WOS = "PT J\nAU Weir, B\nTI {0}\nAB An abstract\n   of {0}.\n{1}ER\n\n"


def recognised(reader) -> set[str]:
    return {path.name for path in SAMPLES.iterdir() if reader.recognises(path.read_text("utf-8", errors="replace"))}


def test_only_files_of_each_format_are_recognised():
    assert recognised(web_of_science) == {"web_of_science_plain.txt"}
    assert recognised(endnote_enw) == {"endnote.enw"}
    assert recognised(refworks) == {"refworks.txt"}
    assert not web_of_science.recognises("AB is a blood group\n\nIt is rare. " + "It is rare. " * 40)
    assert not endnote_enw.recognises("% A comment of LaTeX\n% Another\n@article{a, title = {A}}")


def test_web_of_science_file_without_header_and_end_lines_is_read():
    text = WOS.format("A", "").replace("ER\n", "") + WOS.format("B", "")
    assert web_of_science.recognises(text)
    assert [(paper.title, paper.abstract) for paper in papers(web_of_science, text)] == [
        ("A", "An abstract of A."),
        ("B", "An abstract of B."),
    ]


def test_a_truncated_last_record_of_web_of_science_is_reported():
    assert items(web_of_science, WOS.format("A", "") + "PT J\nTI B\nAB An abst")[1:] == [
        Skipped("line 8", "the file ends in the middle of this record")
    ]


def test_a_misspelled_line_of_web_of_science_is_shown():
    (fault,) = items(web_of_science, "PT J\nAU Weir, B\nTI: Holts\nAB An abstract.\nER\n")
    assert fault == Skipped("line 1", 'no title; line 3, "TI: Holts", has no tag that can be read')


def test_records_of_bsd_refer_end_at_blank_lines():
    text = "%A Weir, B\n%T A\n%X An abstract\nof A.\n\n%T B\n%X An abstract of B.\n"
    assert endnote_enw.recognises(text)
    assert [(paper.title, paper.abstract) for paper in papers(endnote_enw, text)] == [
        ("A", "An abstract of A."),
        ("B", "An abstract of B."),
    ]


def test_a_record_of_refer_without_a_title_is_reported_by_line():
    text = "%0 Book\n%A Weir, B\n%X An abstract.\n\n%0 Book\n%T B\n%X An abstract.\n"
    fault, paper = items(endnote_enw, text)
    assert (fault, paper.title) == (Skipped("line 1", "no title"), "B")


@pytest.mark.parametrize(
    ("reader", "example"),
    [(web_of_science, "PT J"), (endnote_enw, "%0 Journal Article"), (refworks, "RT Journal Article")],
)
def test_a_file_without_a_record_is_refused_with_its_first_line(reader, example):
    with pytest.raises(InputError, match=f'^no line such as "{example}" begins a record; line 1 is "a few words"$'):
        items(reader, "a few words\n")


@LITTLE_TIME
@given(
    st.sampled_from(
        [(web_of_science, "web_of_science_plain.txt"), (endnote_enw, "endnote.enw"), (refworks, "refworks.txt")]
    ).flatmap(lambda pair: st.tuples(st.just(pair[0]), mutated(sample(pair[1]))))
)
def test_a_damaged_file_is_read_or_refused(pair):
    assert reads_or_refuses(*pair)
