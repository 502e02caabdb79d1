from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.export import as_ris
from ingest.readers.formats import ris
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample, skipped

ZOTERO = sample("zotero.ris")
RECORD = "TY  - JOUR\nTI  - {}\nAB  - An abstract.\nER  - \n\n"


def titles(text: str) -> list[str]:
    return [paper.title for paper in papers(ris, text)]


def test_a_record_of_zotero_is_a_paper_with_all_its_fields():
    paper = papers(ris, ZOTERO)[0]
    assert paper.title == "Slow Rivers and Fast Boats"
    assert paper.authors == ("Ferrymann, Otto", "Delta, Ria")
    assert (paper.year, paper.venue) == (2020, "Journal of Inland Waters")
    assert (paper.doi, paper.url) == ("10.5555/jiw.2020.17", "https://example.org/jiw/17")


def test_lines_without_a_tag_continue_the_abstract():
    assert papers(ris, ZOTERO)[0].abstract == (
        "Boats go faster on slow rivers. We show this with thirty boats. US - type hulls were left out."
    )


def test_a_preprint_of_zotero_has_its_arxiv_id():
    assert papers(ris, ZOTERO)[1].arxiv_id == "2301.12345"


def test_a_record_without_an_abstract_is_not_a_fault():
    assert skipped(ris, ZOTERO) == [Skipped("line 41", "no abstract for 'The Complete Ferryman'", "no abstract")]


def test_older_tags_of_mendeley_are_read():
    (paper,) = papers(ris, sample("mendeley.ris"))
    assert paper.title == "Counting sheep at night"
    assert paper.abstract == "Sheep that are counted at night are fewer than by day."
    assert paper.authors == ("Shepherd, Sam", "Woolf, Wim")
    assert (paper.year, paper.venue) == (2010, "Sleep and Sheep")


def test_the_first_address_of_endnote_is_kept_and_its_accession_number_is_the_pmid():
    (paper,) = papers(ris, sample("endnote.ris"))
    assert paper.url == "https://example.org/doors/5"
    assert (paper.pmid, paper.year) == ("31234567", 2019)


def test_an_accession_number_of_another_database_is_not_a_pmid():
    assert papers(ris, sample("endnote.ris").replace("PubMed", "WOS"))[0].pmid == ""


def test_adjacent_records_are_separated_and_the_parts_of_an_abstract_are_joined():
    faded, stays = papers(ris, sample("publisher.ris"))
    assert faded.abstract == "We left forty letters in the sun. Half of them can still be read."
    assert (faded.doi, faded.year) == ("10.5555/ink.1", 2001)
    assert stays.title == "Ink that Stays"


def test_a_record_without_its_type_is_read():
    first, second, third = items(ris, RECORD.format("A") + RECORD.format("B")[11:] + RECORD.format("C"))
    assert (first.title, second.title, third.title) == ("A", "B", "C")


def test_a_record_ends_at_er_even_if_its_type_comes_late():
    body = "DB  - Own\nTI  - {0}\nAB  - An abstract of {0}.\nTY  - JOUR\nAU  - Crane, J.\nER  - \n\n"
    assert [(paper.title, paper.abstract) for paper in papers(ris, body.format("A") + body.format("B"))] == [
        ("A", "An abstract of A."),
        ("B", "An abstract of B."),
    ]


@pytest.mark.parametrize(
    "separator", [" - ", "  - ", "   -   ", "\t-\t", "- ", " -", "  -", "-", " – ", "  — "], ids=lambda text: repr(text)
)
def test_white_space_around_the_hyphen_may_vary(separator):
    lines = (("TY", "JOUR"), ("T1", "Snow"), ("AU", "Toma, R."), ("AB", "An abstract."), ("ER", ""))
    text = "\n".join(f"{tag}{separator}{value}".rstrip() for tag, value in lines) + "\n"
    assert ris.recognises(text)
    (paper,) = papers(ris, text)
    assert (paper.title, paper.abstract, paper.authors) == ("Snow", "An abstract.", ("Toma, R.",))


@pytest.mark.parametrize("changed", [str.lower, lambda text: "  " + text.replace("\n", "\n  ")])
def test_lower_case_tags_and_indented_lines_are_read(changed):
    text = "TY  - JOUR\nTI  - a title\nAB  - an abstract.\nER  - \n"
    (paper,) = papers(ris, changed(text))
    assert (paper.title, paper.abstract) == ("a title", "an abstract.")


@pytest.mark.parametrize("line", ["US - type hulls", "CA-125 levels", "DNA - the molecule", "In - short"])
def test_a_line_of_an_abstract_that_looks_like_a_tag_is_kept(line):
    (paper,) = papers(ris, f"TY  - JOUR\nTI  - A\nAB  - An abstract on\n{line} rise.\nER  - \n")
    assert paper.abstract == f"An abstract on {line} rise."


def test_a_byte_order_mark_inside_a_joined_file_is_ignored():
    assert titles(RECORD.format("A") + "\ufeff" + RECORD.format("B")) == ["A", "B"]


def test_non_breaking_spaces_count_as_white_space():
    assert titles("TY\xa0\xa0-\xa0JOUR\nTI\xa0\xa0-\xa0A\nAB\xa0\xa0-\xa0An abstract.\nER\xa0\xa0-\xa0\n") == ["A"]


def test_the_misspelled_line_is_shown():
    (fault,) = items(ris, "TY  - JOUR\nAU  - Toma, R.\nTI: Snow fences\nAB  - An abstract.\nER  - \n")
    assert fault == Skipped("line 1", 'no title; line 3, "TI: Snow fences", has no tag that can be read')
    (fault,) = items(ris, "TY  - JOUR\nTI  - Snow fences\nAB = An abstract.\nER  - \n")
    assert fault.is_fault
    assert fault.reason.endswith('line 3, "AB = An abstract.", has no tag that can be read')
    with pytest.raises(InputError, match=r'no line such as "TY  - JOUR" begins a record; line 2 is "Snow fences"'):
        items(ris, "\nSnow fences\n")


def test_an_abstract_under_an_ignored_tag_is_a_fault_that_names_the_tag():
    prose = "We built snow fences above the tree line and counted seedlings behind them for ten years. " * 3
    (fault,) = items(ris, f"TY  - JOUR\nTI  - Snow\nC8  - {prose}\nER  - \n")
    assert (fault.kind, fault.unread_field) == ("unread", "C8")
    assert fault.reason == "no abstract for 'Snow', and its field 'C8' was not read"


def test_a_truncated_last_record_is_reported():
    assert items(ris, RECORD.format("A") + RECORD.format("B")[:-10])[1:] == [
        Skipped("line 6", "the file ends in the middle of this record")
    ]


@pytest.mark.parametrize("ending", ["ER  - ", "ER  -", "ER  - \n1 record exported\n"])
def test_the_last_record_may_end_in_any_of_the_usual_ways(ending):
    assert titles("TY  - JOUR\nTI  - A\nAB  - An abstract.\n" + ending) == ["A"]


def test_the_next_tag_of_a_kind_is_used_where_the_first_is_empty():
    text = "TY  - JOUR\nTI  - \nT1  - A\nAB  -\nN2  - An abstract.\nPY  - \nDA  - 2020/05/03/\nER  - \n"
    (paper,) = papers(ris, text)
    assert (paper.title, paper.abstract, paper.year) == ("A", "An abstract.", 2020)


def test_exported_papers_can_be_read_back():
    exported = as_ris(papers(ris, ZOTERO))
    assert ris.recognises(exported)
    assert [skip.reason for skip in skipped(ris, exported)] == [
        "no abstract for 'Slow Rivers and Fast Boats'",
        "no abstract for 'Anchors as Memory'",
    ]


@pytest.mark.parametrize("text", ["", "words", "title,abstract\na,TY  - JOUR\n"])
def test_a_file_without_a_record_is_refused(text):
    with pytest.raises(InputError):
        items(ris, text)


def test_only_records_are_recognised():
    recognised = {path.name for path in SAMPLES.iterdir() if ris.recognises(path.read_text("utf-8", errors="replace"))}
    assert recognised == {"endnote.ris", "mendeley.ris", "ovid.cgi", "ovid.ris", "publisher.ris", "zotero.ris"}
    assert ris.recognises("1.\n" + RECORD.format("A"))
    assert not ris.recognises("On reference formats\n\nA record begins with TY  - JOUR.\n")
    assert not ris.recognises("On reference formats\n\nTY  - JOUR\n\nbegins a record.\n")
    assert not ris.recognises("words\n" * 20 + RECORD.format("A"))


def test_a_long_file_is_read_in_pieces():
    text = io.StringIO(RECORD.format("A") * 1_000)
    next(ris.read(text))
    assert text.tell() < 1_000


def test_a_million_continued_lines_take_little_time():
    (fault,) = skipped(ris, "TY  - JOUR\nTI  - A\nAB  - a\n" + "b\n" * 500_000)
    assert fault.reason.startswith("its abstract has 1,000,001 characters")


@LITTLE_TIME
@given(
    st.sampled_from(["zotero", "mendeley", "endnote", "publisher"]).flatmap(lambda tool: mutated(sample(f"{tool}.ris")))
)
def test_a_damaged_file_is_read_or_refused(text):
    assert reads_or_refuses(ris, text)
