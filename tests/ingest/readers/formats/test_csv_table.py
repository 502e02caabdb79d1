from __future__ import annotations

import io

import pytest

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers import read_items, read_papers
from tests.support.paths import SAMPLES


def papers_of(sample: str) -> tuple[Paper, ...]:
    return read_papers((SAMPLES / sample).read_bytes(), sample).papers


def titles(data: bytes, name: str = "a.csv") -> list[str]:
    return [paper.title for paper in read_papers(data, name).papers]


def faults(data: bytes, name: str = "a.csv") -> list[tuple[str, str]]:
    return [(skip.place, skip.reason) for skip in read_papers(data, name).skipped if skip.is_fault]


def test_zotero_table_gives_all_fields_and_keeps_line_breaks():
    eggs, rain = papers_of("zotero.csv")
    assert (eggs.authors, eggs.year, eggs.venue) == (("Hen, Ada", "Müller, Bo"), 2021, "Poultry Numbers")
    assert (eggs.doi, eggs.url) == ("10.5555/poultry.2021.0042", "https://press.example/a")
    assert "they lay.\nHens" in eggs.abstract
    assert (rain.year, rain.authors) == (2020, ("Reyes, Cleo",))


def test_scopus_table_gives_full_names_without_author_ids():
    eggs, _ = papers_of("scopus.csv")
    assert (eggs.authors, eggs.year, eggs.venue) == (("Hen, Ada", "Müller, Bo"), 2021, "Poultry Numbers")
    assert (eggs.doi, eggs.pmid) == ("10.5555/poultry.2021.0042", "33990001")


@pytest.mark.parametrize("sample", ["web_of_science.txt", "web_of_science_utf16.txt"])
def test_quotation_marks_in_web_of_science_tables_are_literal(sample):
    eggs, _ = papers_of(sample)
    assert eggs.abstract.startswith('"Oats" are fed to forty hens')
    assert (eggs.authors, eggs.year, eggs.venue) == (("Hen, Ada", "Müller, Bo"), 2021, "POULTRY NUMBERS")
    assert (eggs.doi, eggs.pmid) == ("10.5555/poultry.2021.0042", "33990001")


@pytest.mark.parametrize("sample", ["zotero.csv", "scopus.csv", "web_of_science.txt"])
def test_row_without_an_abstract_is_not_a_fault(sample):
    (skip,) = read_papers((SAMPLES / sample).read_bytes(), sample).skipped
    assert (skip.reason, skip.kind) == ("no abstract for 'A Note on Snow and Silence'", "no abstract")


def test_excel_table_from_windows_with_semicolons_is_read():
    eggs, _ = papers_of("excel.csv")
    assert eggs.authors == ("Ada Hen", "Bo Müller")
    assert eggs.abstract.endswith("Größe und Gewicht ändern sich – das heißt, für Hühner.")


def test_table_without_abstracts_is_refused_with_its_columns():
    with pytest.raises(InputError, match=r"no column of abstracts among PMID, Title, .*; export them too"):
        papers_of("pubmed.csv")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'title,abstract\nEggs,"Hens, and ""cocks"""\n', "a.csv"),
        (b'title;abstract\nEggs;"Hens, and ""cocks"""\n', "a.csv"),
        (b'title\tabstract\nEggs\t"Hens, and ""cocks"""\n', "a.tsv"),
        (b'\xef\xbb\xbfTitle,Abstract\r\nEggs,"Hens, and ""cocks"""\r\n', "a.csv"),
        (b'"abstract","year","title"\n"Hens, and ""cocks""",2001,Eggs\n', "A.CSV"),
        (b',Article Title,Abstract_Note\n0,Eggs,"Hens, and ""cocks"""\n', "a.csv"),
        (b'\n\ntitle,abstract\nEggs,"Hens, and ""cocks"""', "a.csv"),
        (b'title,abstract\nEggs,"Hens, and ""cocks""",\n', "a.csv"),
        (b'title,abstract\n,\n\nEggs,"Hens, and ""cocks"""\n', "a.csv"),
        (b'title,abstract\nEggs,"Hens, and ""cocks"""\n', "export.dat"),
    ],
)
def test_table_is_read_with_any_delimiter(data, name):
    (paper,) = read_papers(data, name).papers
    assert (paper.title, paper.abstract) == ("Eggs", 'Hens, and "cocks"')
    assert read_papers(data, name).skipped == ()


def test_line_breaks_inside_a_field_are_kept():
    data = b'title,abstract\r\nEggs,"Hens lay.\r\nCocks crow."\r\nOats,Grow.\r\n'
    assert [paper.abstract for paper in read_papers(data, "a.csv").papers] == ["Hens lay.\nCocks crow.", "Grow."]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",b", "no title"),
        ("A", "1 fields where the header has 2"),
        ("A,We train, and test", "more fields than the header: put texts in quotation marks"),
        ('A,"We" train', "not a valid row (',' expected after '\"')"),
    ],
)
def test_bad_row_is_reported_and_the_others_are_read(row, reason):
    data = f'title,abstract\nFirst,"b\nc"\n{row}\nLast,d\n'.encode()
    assert titles(data) == ["First", "Last"]
    assert faults(data) == [("line 4", reason)]


def test_rows_before_a_truncated_quoted_field_are_read():
    data = b'title,abstract\nEggs,Hens lay.\nOats,"Oats grow in\nthe fie'
    assert titles(data) == ["Eggs"]
    assert faults(data) == [("line 3", "not a valid row (unexpected end of data)")]


def test_unclosed_quotation_mark_does_not_lose_the_following_rows():
    rows = b"".join(b"Eggs %d,Hens lay eggs.\n" % number for number in range(20_000))
    data = b'title,abstract\nOats,"Oats grow.\n' + rows
    assert len(titles(data)) > 10_000
    ((place, reason),) = faults(data)
    assert (place, reason) == ("line 2", "not a valid row (field larger than field limit (131072))")


# Lines before the header, and columns that share a field


@pytest.mark.parametrize(
    "before",
    [
        b'"About the data: Exported on May 06, 2024. Criteria: bells, in title; wolves"\n',
        b"sep=,\n",
        b"My reading list\n\nof 2024, so far\n",
        b"Title: bells\nAbstract: any\n" * 10,
    ],
)
def test_header_is_found_after_other_lines_and_line_numbers_include_them(before):
    data = before + b"Title,Abstract,Year,Authors\nEggs,Hens lay.,2020,A. Hen\nOats,Grow.\n"
    assert titles(data) == titles(data, "export") == ["Eggs"]
    assert faults(data) == [(f"line {before.count(chr(10).encode()) + 3}", "2 fields where the header has 4")]


def test_prose_that_mentions_column_names_is_not_a_table():
    text = b"How to submit\n\nGive a title, abstract and year.\n\nTitle, abstract\n"
    with pytest.raises(InputError, match="is in no known format"):
        read_papers(text, "notes")


def test_error_about_a_missing_column_lists_the_line_with_most_known_columns():
    with pytest.raises(InputError, match="no column of abstracts among Title, Authors, Year; export them too"):
        read_papers(b"My list, in short\nTitle,Authors,Year\nEggs,A. Hen,2020\n", "a.csv")


def test_the_next_column_is_used_where_the_first_is_empty():
    data = (
        b"Title,Abstract,Publication Title,Conference Name,Publication Year,Date\nEggs,Hens lay.,,Egg Days,,May 2020\n"
    )
    (paper,) = read_papers(data, "a.csv").papers
    assert (paper.venue, paper.year) == ("Egg Days", 2020)


@pytest.mark.parametrize("name", ["Author(s)", "Author/s", "AUTHORS", "author_names", "Authors:"])
def test_authors_are_found_under_the_names_tools_give_the_column(name):
    (paper,) = read_papers(f"Title,Abstract,{name}\nEggs,Hens lay.,A. Hen; B. Cock\n".encode(), "a.csv").papers
    assert paper.authors == ("A. Hen", "B. Cock")


def test_long_text_in_an_ignored_column_is_reported_but_addresses_are_not():
    prose = "We feed forty hens with four kinds of grain for ten weeks and weigh every single egg that they lay. " * 3
    data = f"Title,Abstract,Year,Affiliations,Text in full\nEggs,,2020,{prose},{prose}\nOats,,2020,{prose},\n".encode()
    named, other = read_papers(data, "a.csv").skipped
    assert (named.kind, named.unread_field) == ("unread", "Text in full")
    assert other.kind == "no abstract"


# Columns named by the user


def read(data: bytes, columns: dict[str, str], name: str = "a.csv") -> list[str]:
    return [f"{item.title}: {item.abstract}" for item in read_items(name, io.BytesIO(data), columns)]


@pytest.mark.parametrize("name", ["a.csv", "export"])
def test_named_columns_hold_the_fields(name):
    data = "Überschrift;Zusammenfassung;Jahr\nEier;Hennen legen.;2021\n".encode()
    assert read(data, {"title": "überschrift ", "abstract": "Zusammenfassung"}, name) == ["Eier: Hennen legen."]


def test_named_column_takes_precedence_over_a_recognised_one():
    data = b"Title,Abstract,Summary in short\nEggs,Hens lay eggs.,Hens lay.\n"
    assert read(data, {"abstract": "Summary in short"}) == ["Eggs: Hens lay."]


def test_unknown_named_column_is_refused_with_the_columns_of_the_table():
    with pytest.raises(InputError, match=r"^a\.csv .*no column 'Name' among Title, Abstract"):
        read(b"Title,Abstract\nEggs,Hens lay.\n", {"title": "Name"})


def test_unknown_field_is_refused_with_the_known_fields():
    with pytest.raises(InputError, match="'headline' is not a field of a paper: name columns for title, abstract"):
        read(b"Title,Abstract\nEggs,Hens lay.\n", {"headline": "Title"})


def test_named_columns_do_not_affect_other_formats():
    assert read(b'{"title": "Eggs", "abstract": "Hens lay."}', {"title": "Name"}, "a.jsonl") == ["Eggs: Hens lay."]
