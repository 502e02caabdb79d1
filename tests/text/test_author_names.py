"""Names of authors: their parts, and whether a name that was typed can be an author's."""

from __future__ import annotations

import pytest

from assistant.text.author_names import byline, can_mean, folded, split_name


@pytest.mark.parametrize(
    ("author", "parts"),
    [
        ("Ada Smith", ("Smith", "Ada")),
        ("Smith, Ada", ("Smith", "Ada")),
        ("Smith AB", ("Smith", "AB")),
        ("Ludwig van Beethoven", ("van Beethoven", "Ludwig")),
        ("Li", ("Li", "")),
        ("", ("", "")),
    ],
)
def test_a_name_has_a_family_and_a_given_part(author, parts):
    assert split_name(author) == parts


@pytest.mark.parametrize(
    ("asked", "author"),
    [
        ("Smith", "Lena Smith"),
        ("smith", "Lena Smith"),
        ("Lena Smith", "Lena Smith"),
        ("lena smith", "Lena Smith"),
        ("L. Smith", "Lena Smith"),
        ("Smith, L.", "Lena Smith"),
        ("Smith, L", "Smith LM"),
        ("Lena M. Smith", "Smith, L. M."),
        ("Lena Smith", "L. Smith"),
        ("Muller", "Jürgen Müller"),
        ("Müller", "Muller, J."),
        ("Berg", "Anna van den Berg"),
        ("van den Berg", "van den Berg, Anna"),
        ("García", "Gabriel García-Márquez"),
        ("O’Brien", "Flann O'Brien"),
        ("王小雨", "王小雨"),
        ("Zhao Min", "Min Zhao"),
    ],
)
def test_name_can_mean_an_author_in_any_spelling(asked, author):
    assert can_mean(asked, author)


@pytest.mark.parametrize(
    ("asked", "author"),
    [
        ("Smith", "Lena Smithson"),
        ("J. Smith", "Lena Smith"),
        ("Peter Smith", "Paul Smith"),
        ("Smith", "Smith Jones"),
        ("Lena", "Lena Smith"),
        ("Min Zhao", "Min Zhang"),
        ("", "Lena Smith"),
        ("Smith", ""),
    ],
)
def test_name_of_another_person_cannot_mean_the_author(asked, author):
    assert not can_mean(asked, author)


@pytest.mark.parametrize(
    ("authors", "year", "said"),
    [
        (["Ada Smith"], 2021, "Smith, 2021"),
        (["Smith, A.", "Omar Vale"], None, "Smith and Vale"),
        (["Ann Lee", "Bo Ray", "Cy Fox"], 1999, "Lee et al., 1999"),
        ([], 1999, "1999"),
        ([], None, ""),
    ],
)
def test_a_byline_cites_a_paper_as_texts_do(authors, year, said):
    assert byline(authors, year) == said


def test_folded_text_has_no_case_accents_and_punctuation():
    assert folded("  Éva O'Neill-Ray, ") == "eva o neill ray"
