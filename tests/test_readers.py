from __future__ import annotations

import json

import pytest

from assistant.errors import InputError
from ingest.bundled import CORPUS
from ingest.readers import read_papers

LONG_ABSTRACT = (
    "We feed forty hens with four kinds of grain for ten weeks and weigh every egg they lay. "
    "Hens that eat oats lay eggs that are heavier by three grams. Barley changes nothing at all."
)
OTHER_ABSTRACT = (
    "Rain on a tin roof keeps people awake, or so they say. We record the sleep of sixty people "
    "during one wet month and find that the steady sound makes their sleep deeper, not lighter."
)


def page(*blocks: str) -> bytes:
    return ("\n\n".join(blocks) + "\n").encode()


def titles(data: bytes, name: str) -> list[str]:
    return [paper.title for paper in read_papers(data, name).papers]


def faults(data: bytes, name: str) -> list[tuple[str, str]]:
    return [(skip.place, skip.reason) for skip in read_papers(data, name).skipped if skip.is_fault]


def test_bundled_corpus_holds_75_papers_verbatim():
    text = CORPUS.read_text(encoding="utf-8")
    papers = read_papers(CORPUS.read_bytes(), CORPUS.name).papers
    assert len(papers) == len({paper.paper_id for paper in papers}) == 75
    assert [paper.title for paper in papers if paper.title not in text] == []
    assert [paper.title for paper in papers if paper.abstract not in text] == []
    assert papers[0].title == "Fast Sampling of Diffusion Models with Exponential Integrator"
    assert papers[0].abstract.startswith("The past few years have witnessed the great success of Diffusion")


def test_bundled_corpus_leaves_out_only_five_lines_of_furniture():
    skipped = read_papers(CORPUS.read_bytes(), CORPUS.name).skipped
    assert [skip.place for skip in skipped] == ["line 1", "line 3", "line 5", "line 7", "line 9"]
    assert not any(skip.is_fault for skip in skipped)
    assert "'Subscribe'" in skipped[2].reason


def test_another_page_in_the_same_form_is_read():
    data = page("Menu", "Sign in", "Eggs and Oats", LONG_ABSTRACT, "Sleep and Rain", OTHER_ABSTRACT, "Next page")
    result = read_papers(data, "saved.txt")
    assert [(paper.title, paper.abstract) for paper in result.papers] == [
        ("Eggs and Oats", LONG_ABSTRACT),
        ("Sleep and Rain", OTHER_ABSTRACT),
    ]
    assert [(skip.place, skip.is_fault) for skip in result.skipped] == [
        ("line 1", False),
        ("line 3", False),
        ("line 13", False),
    ]


def test_page_is_read_alike_with_windows_line_ends_and_a_byte_order_mark():
    data = page("Eggs and Oats", LONG_ABSTRACT)
    assert read_papers(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), "p.txt") == read_papers(data, "p.txt")


def test_second_paragraph_of_an_abstract_is_reported_not_taken_for_a_paper():
    data = page("Eggs and Oats", LONG_ABSTRACT, OTHER_ABSTRACT)
    assert titles(data, "p.txt") == ["Eggs and Oats"]
    assert faults(data, "p.txt") == [("line 5", "a paragraph without a title before it")]


def test_abstract_cut_in_the_middle_is_left_out_and_reported():
    data = page("Eggs and Oats", LONG_ABSTRACT, "Sleep and Rain", OTHER_ABSTRACT)[:-30]
    assert titles(data, "p.txt") == ["Eggs and Oats"]
    assert faults(data, "p.txt") == [("line 7", "the file ends in the middle of this abstract")]


def test_abstract_that_ends_a_file_without_a_line_end_is_whole():
    assert titles(page("Eggs and Oats", LONG_ABSTRACT).rstrip(b"\n"), "p.txt") == ["Eggs and Oats"]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.txt", "a.txt is empty"),
        (b" \n\r\n\t", "a.jsonl", "a.jsonl is empty"),
        (b"\x7fELF\x00\x01\x02", "a.txt", "a.txt is a binary file"),
        ('{"title": "é"}'.encode("utf-16"), "a.jsonl", "a.jsonl is a binary file"),
        ("title,abstract\né,b".encode("latin-1"), "a.csv", "a.csv is not UTF-8 text (byte 15)"),
        (b"just a few words", "a.txt", "a.txt is in no known form"),
        (b"just a few words", "notes", "notes is in no known form"),
        (b"just a few words", "a.csv", "a.csv does not look like .csv"),
        (b"[1, 2]", "a.JSONL", "a.JSONL does not look like .JSONL"),
    ],
)
def test_unreadable_file_is_refused_in_one_line_with_its_name(data, name, said):
    with pytest.raises(InputError) as raised:
        read_papers(data, name)
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)


def test_json_lines_carry_all_fields():
    record = {
        "Title": " Eggs ",
        "abstract": "Hens lay.",
        "authors": [{"name": "A. Hen"}, "B. Cock"],
        "published": "2021-03-04",
        "journal": "Yard",
        "url": "https://e.org",
        "doi": "10.1/1",
        "arxiv id": "2103.1",
    }
    (paper,) = read_papers(json.dumps(record).encode(), "a.jsonl").papers
    assert (paper.title, paper.abstract, paper.authors) == ("Eggs", "Hens lay.", ("A. Hen", "B. Cock"))
    assert (paper.year, paper.venue, paper.url) == (2021, "Yard", "https://e.org")
    assert (paper.doi, paper.arxiv_id) == ("10.1/1", "2103.1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"title": "A", "abstr', "not whole JSON"),
        ("[1]", "not a JSON object"),
        ('{"abstract": "b"}', "no title"),
        ('{"title": "  ", "abstract": "b"}', "no title"),
        ('{"title": "A"}', "no abstract for 'A'"),
        ('{"title": 5, "abstract": "b"}', "title is int, not text"),
        ('{"title": "A", "abstract": ["b"]}', "abstract is list, not text"),
        ('{"title": "A", "abstract": "b\\u0000"}', "abstract holds NUL characters"),
        ("[" * 100_000, "not whole JSON"),
    ],
)
def test_bad_json_line_is_named_and_the_others_are_read(line, reason):
    data = f'{{"title": "First", "abstract": "b"}}\n\n{line}\n{{"title": "Last", "abstract": "d"}}\n'.encode()
    assert titles(data, "a.jsonl") == ["First", "Last"]
    ((place, said),) = faults(data, "a.jsonl")
    assert place == "line 3"
    assert said.startswith(reason)


def test_json_lines_cut_in_the_last_line_keep_the_others():
    data = b'{"title": "A", "abstract": "b"}\n{"title": "C", "abst'
    assert titles(data, "a.ndjson") == ["A"]
    assert [place for place, _ in faults(data, "a.ndjson")] == ["line 2"]


def test_lone_surrogate_becomes_a_question_mark():
    (paper,) = read_papers(b'{"title": "A", "abstract": "b \\ud800 c"}', "a.jsonl").papers
    assert paper.abstract == "b ? c"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'title,abstract\nEggs,"Hens, and ""cocks"""\n', "a.csv"),
        (b'title;abstract\nEggs;"Hens, and ""cocks"""\n', "a.csv"),
        (b'title\tabstract\nEggs\t"Hens, and ""cocks"""\n', "a.tsv"),
        (b'\xef\xbb\xbfTitle,Abstract\r\nEggs,"Hens, and ""cocks"""\r\n', "a.csv"),
        (b'"abstract","year","title"\n"Hens, and ""cocks""",2001,Eggs\n', "A.CSV"),
        (b'\n\ntitle,abstract\nEggs,"Hens, and ""cocks"""', "a.csv"),
        (b'title,abstract\nEggs,"Hens, and ""cocks""",\n', "a.csv"),
        (b'title,abstract\nEggs,"Hens, and ""cocks"""\n', "export.dat"),
    ],
)
def test_table_is_read_whatever_its_marks(data, name):
    (paper,) = read_papers(data, name).papers
    assert (paper.title, paper.abstract) == ("Eggs", 'Hens, and "cocks"')
    assert read_papers(data, name).skipped == ()


def test_table_keeps_line_breaks_inside_a_field():
    data = b'title,abstract\r\nEggs,"Hens lay.\r\nCocks crow."\r\nOats,Grow.\r\n'
    assert [paper.abstract for paper in read_papers(data, "a.csv").papers] == ["Hens lay.\nCocks crow.", "Grow."]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",b", "no title"),
        ("A", "no abstract for 'A'"),
        ("A,We train, and test", "more fields than the header: put texts in quotation marks"),
    ],
)
def test_bad_row_is_named_and_the_others_are_read(row, reason):
    data = f"title,abstract\nFirst,b\n{row}\nLast,d\n".encode()
    assert titles(data, "a.csv") == ["First", "Last"]
    assert faults(data, "a.csv") == [("line 3", reason)]


def test_table_cut_inside_a_quoted_field_keeps_the_rows_before():
    data = b'title,abstract\nEggs,Hens lay.\nOats,"Oats grow in\nthe fie'
    assert titles(data, "a.csv") == ["Eggs"]
    assert faults(data, "a.csv") == [("line 3", "not a whole row (unexpected end of data); nothing after it was read")]


def test_suffix_wins_over_shape_and_text_files_are_read_by_shape():
    assert titles(b'{"title": "A", "abstract": "b"}', "a.txt") == ["A"]
    with pytest.raises(InputError, match=r"does not look like \.csv"):
        read_papers(b'{"title": "A"}', "a.csv")
