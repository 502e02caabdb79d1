"""Building a paper from the fields of a record."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest

from assistant.records import Paper
from ingest.readers.interface import Skipped
from ingest.readers.markup.plain_text import plain_text
from ingest.readers.paper_fields import MAXIMUM_CHARACTERS, paper_from_fields


def paper(**fields: Any) -> Paper:
    item = paper_from_fields({"title": "Eggs", "abstract": "Hens lay.", **fields}, "line 1")
    assert isinstance(item, Paper)
    return item


def test_title_is_on_one_line_and_abstract_keeps_its_paragraphs():
    item = paper(title=" Eggs\n  and\u00a0Oats ", abstract="\nHens lay.\r\n\r\nThey do.\n")
    assert (item.title, item.abstract) == ("Eggs and Oats", "Hens lay.\n\nThey do.")


def test_control_characters_and_lone_surrogates_are_removed():
    item = paper(title="Eg\x00gs", abstract="Hens\ud800 lay\x1f.\x07")
    assert (item.title, item.abstract) == ("Eggs", "Hens lay.")


@pytest.mark.parametrize(
    ("fields", "skipped"),
    [
        ({"abstract": "b"}, Skipped("line 1", "no title")),
        ({"title": " \n", "abstract": "b"}, Skipped("line 1", "no title")),
        ({"title": 5, "abstract": "b"}, Skipped("line 1", "title is int, not text")),
        ({"title": "A", "abstract": ["b"]}, Skipped("line 1", "abstract is list, not text")),
        ({"title": "A"}, Skipped("line 1", "no abstract for 'A'", "no abstract")),
        ({"title": "A", "abstract": "\x00"}, Skipped("line 1", "no abstract for 'A'", "no abstract")),
        (
            {"title": "A", "abstract": "[No abstract available]"},
            Skipped("line 1", "no abstract for 'A'", "no abstract"),
        ),
    ],
)
def test_record_without_a_title_is_a_fault_and_one_without_an_abstract_is_not(fields, skipped):
    assert paper_from_fields(fields, "line 1") == skipped


@pytest.mark.parametrize("name", ["title", "abstract"])
def test_whole_document_in_place_of_a_title_or_an_abstract_is_a_fault(name):
    assert len(getattr(paper(**{name: "a" * MAXIMUM_CHARACTERS}), name)) == MAXIMUM_CHARACTERS
    item = paper_from_fields({"title": "A", "abstract": "b", name: "a" * (MAXIMUM_CHARACTERS + 1)}, "line 1")
    reason = f"its {name} has 100,001 characters, over the limit of 100,000"
    assert item == Skipped("line 1", f"{reason}: export titles and abstracts, not whole documents")


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        (["A. Hen", " Bo  Cock ", "", None], ("A. Hen", "Bo Cock")),
        ([{"name": "A. Hen"}, {"given": "Bo", "family": "Cock"}, {"family": "Plato"}], ("A. Hen", "Bo Cock", "Plato")),
        ([{"name": 5}, {"given": None}, 7], ()),
        ("Hen, Ada; Cock, Bo", ("Hen, Ada", "Cock, Bo")),
        ("Hen, Ada and Cock, Bo", ("Hen, Ada", "Cock, Bo")),
        ("Ada Hen, Bo Cock and Cleo Duck", ("Ada Hen", "Bo Cock", "Cleo Duck")),
        ("Hen, Ada", ("Hen, Ada",)),
        ("Hen, A.B., Cock, B.-C.", ("Hen, A.B.", "Cock, B.-C.")),
        ("van der Hen, A., Jr., Cock, B.", ("van der Hen, A., Jr.", "Cock, B.")),
        ("Hen, AB, Cock, BC", ("Hen, AB", "Cock, BC")),
        ("Hen, A.B., Yard Study Group, Cock, Chr., et al.", ("Hen, A.B.", "Yard Study Group", "Cock, Chr.")),
        ("Hen, A.", ("Hen, A.",)),
        ("Hen A., Cock B.C.", ("Hen A.", "Cock B.C.")),
        ("Ferdinand", ("Ferdinand",)),
        (5, ()),
    ],
)
def test_authors_are_read_from_lists_and_from_texts(authors, names):
    assert paper(authors=authors).authors == names
    assert paper(author=authors).authors == names


@pytest.mark.parametrize(
    ("name", "value", "year"),
    [
        ("year", 2021, 2021),
        ("Year", "2021.0", 2021),
        ("date", "4 March 2021", 2021),
        ("published", "2021-03-04T05:06:07Z", 2021),
        ("issued", {"date-parts": [[2021, 3]]}, 2021),
        ("issued", {"date-parts": [["2021"]]}, 2021),
        ("issued", {"date-parts": [[None]]}, None),
        pytest.param("year", 10**5_000, None, id="more digits than Python prints"),
        ("year", "forthcoming", None),
    ],
)
def test_year_is_found_in_any_date(name, value, year):
    assert paper(**{name: value}).year == year


@pytest.mark.parametrize("doi", ["10.1/AbC", "https://doi.org/10.1/abc", "doi: 10.1/abc", "http://dx.doi.org/10.1/ABC"])
def test_doi_is_stored_without_prefix_in_lower_case(doi):
    assert paper(DOI=doi).doi == "10.1/abc"


def test_text_that_is_not_a_doi_is_left_out():
    assert paper(doi="n/a").doi == ""


@pytest.mark.parametrize(
    ("fields", "arxiv_id"),
    [
        ({"arxiv_id": "2103.01234v2"}, "2103.01234v2"),
        ({"arXiv ID": "arXiv:2103.01234"}, "2103.01234"),
        ({"arxiv": "https://arxiv.org/abs/hep-th/9901001v1"}, "hep-th/9901001v1"),
        ({"url": "http://arxiv.org/pdf/2103.01234v2.pdf"}, "2103.01234v2"),
        ({"doi": "https://doi.org/10.48550/arXiv.2103.01234"}, "2103.01234"),
        ({"url": "https://press.example/2103.01234"}, ""),
    ],
)
def test_arxiv_id_is_stored_without_prefix_and_with_its_version(fields, arxiv_id):
    assert paper(**fields).arxiv_id == arxiv_id


@pytest.mark.parametrize("pmid", [33990001, "33990001", "PMID: 33990001", "https://pubmed.ncbi.nlm.nih.gov/33990001"])
def test_pmid_is_digits(pmid):
    assert paper(pmid=pmid).pmid == "33990001"


def test_venue_is_found_under_the_names_tools_give_it():
    for name in ("venue", "Journal", "booktitle", "container-title"):
        assert paper(**{name: ["Yard"]}).venue == paper(**{name: "Yard"}).venue == "Yard"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "<jats:title>Abstract</jats:title><jats:p>Hens lay.</jats:p><jats:p>They do.</jats:p>",
            "Hens lay.\n\nThey do.",
        ),
        ("<p>H<sub>2</sub>O &amp; <i>oats</i></p>", "H2O & oats"),
        ("<jats:sec><jats:title>Methods</jats:title><jats:p>We wait.</jats:p></jats:sec>", "Methods: We wait."),
        ("p < 0.05 and q > 0.1, if <x> is AT&T", "p < 0.05 and q > 0.1, if <x> is AT&T"),
        ("p &lt; 0.05", "p < 0.05"),
    ],
)
def test_tags_are_removed_and_comparison_signs_stay(text, words):
    assert plain_text(text) == words


@pytest.mark.parametrize(
    "text", ["<title>" + " " * 200_000, "a" + " " * 200_000 + "b", "<p " * 70_000, "&amp" * 50_000, "a\n " * 70_000]
)
def test_tags_of_any_length_take_little_time(text):
    start = perf_counter()
    plain_text(text)
    paper(authors=text, doi=text, url=text, pmid=text, year=text)
    assert perf_counter() - start < 2
