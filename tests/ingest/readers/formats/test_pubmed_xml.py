from __future__ import annotations

import io

import pytest
from hypothesis import given

from assistant.errors import InputError
from ingest.readers.formats import pubmed_xml
from ingest.readers.interface import Skipped
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample, skipped

SET = sample("efetch.pubmed.xml")
ARTICLE = SET[SET.index("<PubmedArticle>") : SET.index("</PubmedArticle>") + len("</PubmedArticle>\n")]


def set_of(*articles: str) -> str:
    return SET[: SET.index("<PubmedArticle>")] + "".join(articles) + "</PubmedArticleSet>\n"


def abstract_of(markup: str) -> str:
    first, last = SET.index("<Abstract>"), SET.index("</Abstract>")
    return papers(pubmed_xml, SET[:first] + "<Abstract>" + markup + SET[last:])[0].abstract


def test_an_article_has_its_own_ids_and_not_those_of_its_references():
    paper = papers(pubmed_xml, SET)[0]
    assert (paper.pmid, paper.doi) == ("38912345", "10.5555/jim.2023.101")
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/38912345/"
    assert (paper.year, paper.venue) == (2023, "Journal of invented medicine")


def test_sections_have_their_labels_and_the_copyright_is_left_out():
    assert papers(pubmed_xml, SET)[0].abstract.split("\n") == [
        "BACKGROUND: Trees that are invented take up CO2 as real ones do.",
        "METHODS & SETTING: We watched 4 × 10^6 leaves in R^2 plots.",
        "Ca2+ stayed the same (p < 0.05).",
    ]


def test_markup_is_removed_and_an_exponent_is_marked():
    assert papers(pubmed_xml, SET)[0].title == "Uptake of CO2 by Quercus imaginaria at 10^-3 bar."
    assert abstract_of(
        "<AbstractText>the 5<sup>th</sup>, <b>m<sup>2</sup></b>\n and 10<sup>−6</sup></AbstractText>"
    ) == ("the 5th, m^2 and 10^-6")


def test_authors_are_people_and_groups_without_corrected_misspellings():
    assert papers(pubmed_xml, SET)[0].authors == ("Okonjo-Lindqvist, Mara E", "Sørby, T", "Oak Study Group")


def test_the_year_is_found_in_a_date_in_words():
    assert papers(pubmed_xml, SET)[1].year == 1998


def test_the_doi_is_taken_from_the_article_if_there_is_no_id_list():
    assert papers(pubmed_xml, SET)[1].doi == "10.5555/aol.5.7"


def test_an_abstract_that_is_only_in_another_language_does_not_count():
    text = SET[: SET.index("<Abstract>")] + SET[SET.index("</Abstract>") + len("</Abstract>") :]
    assert [skip.place for skip in skipped(pubmed_xml, text)] == ["PMID 38912345", "PMID 9876543"]


def test_an_article_without_an_abstract_is_not_a_fault():
    assert skipped(pubmed_xml, SET) == [Skipped("PMID 9876543", "no abstract for 'A letter.'", "no abstract")]


def test_a_chapter_has_its_authors_and_not_the_editors_of_the_book():
    paper = papers(pubmed_xml, SET)[-1]
    assert (paper.title, paper.venue, paper.year) == ("Imaginary Disorders Overview", "InventReviews", 1993)
    assert paper.authors == ("Doctor, Dora",)


def test_an_empty_record_is_reported_and_the_next_is_read():
    first, second = items(pubmed_xml, set_of("<PubmedArticle/>", ARTICLE))
    assert first == Skipped("record 1", "it holds no article")
    assert second == papers(pubmed_xml, SET)[0]


def test_articles_before_the_end_of_a_truncated_file_are_read():
    first, second, fault = items(pubmed_xml, set_of(ARTICLE, ARTICLE, ARTICLE)[:-500])
    assert first == second == papers(pubmed_xml, SET)[0]
    assert fault.place == "line 6"
    assert "cut short" in fault.reason


def test_a_file_with_nested_entities_is_refused():
    bomb = '<!DOCTYPE PubmedArticleSet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    text = SET.replace(SET[SET.index("<!DOCTYPE") : SET.index("<PubmedArticleSet>")], bomb)
    assert pubmed_xml.recognises(text)
    with pytest.raises(InputError, match="defines entities"):
        items(pubmed_xml, text)


@pytest.mark.parametrize("text", ["", "words", "<html/>", '<?xml version="1.0"?><!DOCTYPE a><a/>', "PMID- 1"])
def test_a_file_that_is_not_a_set_of_articles_is_refused(text):
    with pytest.raises(InputError):
        items(pubmed_xml, text)


def test_only_sets_of_articles_are_recognised():
    recognised = [
        path.name for path in SAMPLES.glob("*.xml") if pubmed_xml.recognises(path.read_text(encoding="utf-8"))
    ]
    assert recognised == ["efetch.pubmed.xml"]
    assert pubmed_xml.recognises('<!-- a note --><?xml version="1.0"?>\n<PubmedArticleSet>')
    assert not pubmed_xml.recognises("title,abstract\n<PubmedArticleSet>,of articles\n")
    assert not pubmed_xml.recognises("<PubmedArticleSetting>")


def test_a_long_set_is_read_in_pieces():
    text = io.StringIO(set_of(*[ARTICLE] * 300))
    next(pubmed_xml.read(text))
    assert text.tell() < 40_000


@LITTLE_TIME
@given(mutated(SET))
def test_a_damaged_set_is_read_or_refused(text):
    assert reads_or_refuses(pubmed_xml, text)


def test_long_text_in_an_ignored_element_is_reported():
    prose = "Hop tea was given to poor sleepers for a month, and they fell asleep sooner than those given water. " * 3
    kind = 'Type="plain-language-summary" Language="eng"'
    other = f"<OtherAbstract {kind}><AbstractText>{prose}</AbstractText></OtherAbstract>"
    article = "<Article><ArticleTitle>Hop tea.</ArticleTitle></Article>"
    citation = f"<MedlineCitation><PMID>7</PMID>{article}{other}</MedlineCitation>"
    (fault,) = items(pubmed_xml, f"<PubmedArticleSet><PubmedArticle>{citation}</PubmedArticle></PubmedArticleSet>")
    assert (fault.kind, fault.unread_field) == ("unread", "OtherAbstract plain-language-summary eng")
