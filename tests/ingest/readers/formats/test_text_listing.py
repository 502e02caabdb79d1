from __future__ import annotations

import pytest

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


def titles(data: bytes, name: str = "p.txt") -> list[str]:
    return [paper.title for paper in read_papers(data, name).papers]


def faults(data: bytes, name: str = "p.txt") -> list[tuple[str, str]]:
    return [(skip.place, skip.reason) for skip in read_papers(data, name).skipped if skip.is_fault]


def test_another_page_of_the_same_shape_is_read():
    data = page("Menu", "Sign in", "Eggs and Oats", LONG_ABSTRACT, "Sleep and Rain", OTHER_ABSTRACT, "Next page")
    result = read_papers(data, "saved.txt")
    assert [(paper.title, paper.abstract) for paper in result.papers] == [
        ("Eggs and Oats", LONG_ABSTRACT),
        ("Sleep and Rain", OTHER_ABSTRACT),
    ]
    assert [(skip.place, skip.kind) for skip in result.skipped] == [
        ("line 1", "boilerplate"),
        ("line 3", "boilerplate"),
        ("line 13", "boilerplate"),
    ]


def test_second_paragraph_of_an_abstract_is_reported_and_not_read_as_a_paper():
    data = page("Eggs and Oats", LONG_ABSTRACT, OTHER_ABSTRACT)
    assert titles(data) == ["Eggs and Oats"]
    assert faults(data) == [("line 5", "a paragraph without a title before it")]


def test_lines_of_a_menu_before_an_abstract_are_not_its_title():
    data = page("Eggs and Oats", LONG_ABSTRACT, "Home\nAbout", OTHER_ABSTRACT)
    assert titles(data) == ["Eggs and Oats"]
    assert faults(data) == [("line 8", "a paragraph without a title before it")]
    assert read_papers(data, "p.txt").skipped[0].kind == "boilerplate"


def test_truncated_abstract_is_left_out_and_reported():
    data = page("Eggs and Oats", LONG_ABSTRACT, "Sleep and Rain", OTHER_ABSTRACT)[:-30]
    assert titles(data) == ["Eggs and Oats"]
    assert faults(data) == [("line 7", "the file ends in the middle of this abstract")]


def test_abstract_at_the_end_of_a_file_without_a_line_break_is_complete():
    assert titles(page("Eggs and Oats", LONG_ABSTRACT).rstrip(b"\n")) == ["Eggs and Oats"]


# Markdown, and a text with a title line


def test_each_heading_is_a_paper_with_its_paragraphs():
    data = page("# Eggs and Oats", "Hens lay.", "They do.", "# Sleep  and Rain #", "It rains.", "# Snow")
    result = read_papers(data, "a.md")
    assert [(paper.title, paper.abstract) for paper in result.papers] == [
        ("Eggs and Oats", "Hens lay.\n\nThey do."),
        ("Sleep and Rain", "It rains."),
    ]
    assert [(skip.place, skip.kind) for skip in result.skipped] == [("line 11", "no abstract")]


def test_only_the_text_under_the_heading_abstract_is_the_abstract():
    data = page("# Eggs", "Ada Hen, 2021", "## Abstract", "Hens lay.", "## Notes", "Ask Bo.")
    assert [paper.abstract for paper in read_papers(data, "a.md").papers] == ["Hens lay."]


def test_papers_may_have_headings_of_any_level():
    assert titles(page("## Eggs", "Hens lay.", "## Oats", "Oats grow."), "a.txt") == ["Eggs", "Oats"]


def test_hash_marks_that_are_not_headings_are_kept():
    (paper,) = read_papers(page("# Eggs", "#1 of the hens lays.\n#hens"), "a.md").papers
    assert paper.abstract == "#1 of the hens lays.\n#hens"


def test_title_line_and_short_paragraphs_are_one_paper():
    (paper,) = read_papers(
        page("Eggs and Oats", "Hens lay more eggs when they eat oats.", "So we say."), "a.txt"
    ).papers
    assert (paper.title, paper.abstract) == ("Eggs and Oats", "Hens lay more eggs when they eat oats.\n\nSo we say.")


@pytest.mark.parametrize(
    "blocks", [("Menu", "Sign in", "Next"), ("Two\nlines", "Hens lay more eggs when they eat oats.")]
)
def test_other_short_texts_are_not_papers(blocks):
    with pytest.raises(Exception, match="in no known form"):
        read_papers(page(*blocks), "a.txt")
