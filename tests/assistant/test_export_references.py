"""BibTeX and RIS of papers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors, SplitNameParts

from assistant.export import as_bibtex, as_ris, link
from assistant.records import Paper
from tests.support.export import HOSTILE, SPARSE, TABLES, one_line


def as_latex_prints(text: str) -> str:
    for typed, printed in (("---", "—"), ("--", "–"), ("``", "“"), ("^", "ˆ")):
        text = text.replace(typed, printed)
    return text


def bibtex_entries(bibtex: str) -> list[dict[str, str]]:
    """What a BibTeX reader finds, with LaTeX decoded; it must find nothing else."""
    library = parse_string(bibtex, append_middleware=[LatexDecodingMiddleware()])
    assert len(library.blocks) == len(library.entries)
    return [
        {"type": entry.entry_type, "key": entry.key} | {field.key: field.value for field in entry.fields}
        for entry in library.entries
    ]


def test_bibtex_and_ris_note_that_a_paper_is_retracted():
    papers = [replace(SPARSE, is_retracted=True), TABLES]
    assert [entry.get("note") for entry in bibtex_entries(as_bibtex(papers))] == ["Retracted", None]
    assert [entry.get("notes") for entry in rispy.loads(as_ris(papers))] == [["Retracted"], None]


# BibTeX


def test_a_paper_with_a_venue_is_an_article():
    assert bibtex_entries(as_bibtex([SPARSE])) == [
        {
            "type": "article",
            "key": "smith2023sparse",
            "title": "Sparse Training of Small Models",
            "author": "Smith, Ada and van Beethoven, Ludwig",
            "journal": "Journal of Sparsity",
            "year": "2023",
            "doi": "10.1000/182_x",
            "url": "https://doi.org/10.1000/182_x",
        }
    ]


def test_a_paper_without_a_venue_is_misc_with_its_arxiv_id():
    assert bibtex_entries(as_bibtex([TABLES])) == [
        {
            "type": "misc",
            "key": "tables",
            "title": "Tables are Hard",
            "eprint": "2301.00001v2",
            "archivePrefix": "arXiv",
            "url": "https://arxiv.org/abs/2301.00001v2",
        }
    ]


def test_letters_beyond_ascii_are_written_as_latex():
    bibtex = as_bibtex([replace(SPARSE, title="Über α", authors=("Élie Müller",))])
    assert r"title = {{\"U}ber {\ensuremath{\alpha}}}" in bibtex
    assert r"author = {M{\"u}ller, {\'E}lie}" in bibtex
    assert bibtex_entries(bibtex)[0]["title"] == "Über α"


def test_capitals_within_a_word_of_a_title_are_kept():
    bibtex = as_bibtex([replace(SPARSE, title="BERT and GPT-3: Reading iPhone Texts")])
    assert "title = {{BERT} and {GPT-3:} Reading {iPhone} Texts}" in bibtex


def test_keys_that_would_be_the_same_get_a_letter():
    papers = [replace(SPARSE, paper_id=str(number)) for number in range(28)]
    keys = [entry["key"] for entry in bibtex_entries(as_bibtex(papers))]
    assert keys[:3] == ["smith2023sparse", "smith2023sparsea", "smith2023sparseb"]
    assert keys[-1] == "smith2023sparseaa"
    assert len(set(keys)) == 28


@pytest.mark.parametrize(
    ("paper", "key"),
    [
        (Paper("p", "On the Attention Span", "", ("José García-López", "Bo Li"), 2017), "garcialopez2017attention"),
        (Paper("p", "注意力 Models", "", authors=("王小明",)), "models"),
        (Paper("p", "What is it?", ""), "paper"),
    ],
)
def test_a_key_is_the_first_family_name_the_year_and_a_word_of_the_title_in_ascii(paper, key):
    assert bibtex_entries(as_bibtex([paper]))[0]["key"] == key


@pytest.mark.parametrize(
    ("author", "last", "first"),
    [
        ("Ada Smith", "Smith", "Ada"),
        ("Smith, Ada B.", "Smith", "Ada B."),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig"),
        ("van Gogh", "van Gogh", ""),
        ("OpenAI", "OpenAI", ""),
        ("王小明", "王小明", ""),
        ("World Health Organization,", "World Health Organization", ""),
        ("Barnes and, Noble", "Barnes and", "Noble"),
        ("King, Martin Luther, Jr.", "King", "Martin Luther, Jr."),
    ],
)
def test_an_author_stays_one_person_with_the_same_parts(author, last, first):
    bibtex = as_bibtex([replace(SPARSE, authors=(author, "Bo Li"))])
    read = parse_string(bibtex, append_middleware=[SeparateCoAuthors(), SplitNameParts(), LatexDecodingMiddleware()])
    person, other = read.entries[0]["author"]
    assert " ".join(person.von + person.last).strip("{}") == last
    assert " ".join(person.first).strip("{}") == first
    assert other.last == ["Li"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_neither_breaks_a_bibtex_entry_nor_adds_one(text):
    paper = Paper("p", text, text, (text, "Bo Li"), 2020, text, f"https://a.b/{text}", f"10.1000/{text}", text)
    entries = bibtex_entries(as_bibtex([paper, SPARSE]))
    assert len(entries) == 2
    assert entries[0]["title"] == entries[0]["journal"] == as_latex_prints(one_line(text))
    assert entries[0]["author"].endswith(" and Li, Bo")
    assert entries[1]["title"] == SPARSE.title


@pytest.mark.parametrize("text", HOSTILE)
def test_braces_in_bibtex_are_balanced_whether_or_not_a_backslash_stands_before_them(text):
    bibtex = as_bibtex([Paper("p", text, text, (text,), 2020, text, f"https://a.b/{text}", f"10.1000/{text}", text)])
    assert "\\{" not in bibtex
    assert "\\}" not in bibtex
    assert bibtex.count("{") == bibtex.count("}")


def test_no_papers_are_empty_bibtex():
    assert as_bibtex([]) == ""


# RIS


def test_a_paper_reads_the_same_from_ris():
    assert rispy.loads(as_ris([SPARSE, TABLES])) == [
        {
            "type_of_reference": "JOUR",
            "title": "Sparse Training of Small Models",
            "authors": ["Smith, Ada", "van Beethoven, Ludwig"],
            "secondary_title": "Journal of Sparsity",
            "year": "2023",
            "doi": "10.1000/182_x",
            "urls": ["https://doi.org/10.1000/182_x"],
        },
        {
            "type_of_reference": "GEN",
            "title": "Tables are Hard",
            "urls": ["https://arxiv.org/abs/2301.00001v2"],
        },
    ]


def test_ris_begins_with_the_type_and_has_one_author_per_line():
    lines = as_ris([SPARSE]).splitlines()
    assert lines[0] == "TY  - JOUR"
    assert lines[2:4] == ["AU  - Smith, Ada", "AU  - van Beethoven, Ludwig"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_starts_no_tag_and_no_entry_in_ris(text):
    paper = Paper("p", text, text, (text, "Bo Li"), 2020, text, f"https://a.b/{text}", f"10.1000/{text}", text)
    first, second = rispy.loads(as_ris([paper, SPARSE]))
    assert first["title"] == first["secondary_title"] == one_line(text)
    assert len(first["authors"]) == 2
    assert first["urls"] == [link(paper)]
    assert "unknown_tag" not in first
    assert second["title"] == SPARSE.title


def test_no_papers_are_empty_ris():
    assert as_ris([]) == ""
