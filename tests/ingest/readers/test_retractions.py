"""Retracted papers and retraction notices, as each format marks them."""

from __future__ import annotations

import io
import json

import pytest

from assistant.records import Paper, paper_id_of
from ingest.readers import Retraction, read_items, read_papers
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.retractions import is_retracted


def only_paper(text, name="a.json"):
    (paper,) = read_papers(text.encode(), name).papers
    return paper


def retractions(text, name):
    return [item.key for item in read_items(name, io.BytesIO(text.encode())) if isinstance(item, Retraction)]


@pytest.mark.parametrize(
    "title",
    [
        "RETRACTED: Moss Tea Heals Bones",
        "RETRACTED ARTICLE: Moss Tea Heals Bones",
        "Retracted: Moss tea heals bones",
        "[Retracted] Moss tea heals bones",
        "[RETRACTED ARTICLE] Moss tea heals bones",
        "WITHDRAWN: Moss tea for broken bones",
        "Moss tea heals bones (Retracted article. See vol. 12, pg 3, 2014)",
        "Moss tea heals bones (Retracted Article)",
    ],
)
def test_paper_with_a_title_that_publishers_marked_is_retracted(title):
    assert paper_from_fields({"title": title, "abstract": "Words."}, "line 1").is_retracted


@pytest.mark.parametrize(
    "title",
    [
        "Retraction: Moss Tea Heals Bones",
        "Retraction notice to “Moss tea heals bones” [Bones 3 (2012) 4]",
        "Retraction of: Moss tea heals bones",
        "Retracted articles: a survey",
        "Retracted papers in moss science",
        "Withdrawn: adolescents who stay at home",
        "Why are papers retracted? A study of tea",
        "Citations of moss papers (retracted and not)",
    ],
)
def test_retraction_notices_and_papers_about_retractions_are_not_retracted(title):
    assert not paper_from_fields({"title": title, "abstract": "Words."}, "line 1").is_retracted


@pytest.mark.parametrize(
    "fields",
    [
        {"is_retracted": True},
        {"is_retracted": "TRUE"},
        {"publication_types": ["Journal Article", "Retracted Publication"]},
        {"Document Type": "Article; Retracted Publication"},
        {"Document Type": "Retracted"},
        {"updated-by": [{"DOI": "10.5555/moss.9", "type": "retraction", "source": "retraction-watch"}]},
        {"updated-by": [{"DOI": "10.1/a", "type": "correction"}, {"DOI": "10.1/b", "type": "withdrawal"}]},
        {"relation": {"is-retracted-by": [{"id-type": "doi", "id": "10.5555/moss.9", "asserted-by": "subject"}]}},
        {"tags": [{"tag": "moss"}, {"tag": "Retracted", "type": 1}]},
        {"extra": "PMID: 90000001\nRetracted: see Bones 2014"},
        {"note": "RETRACTED"},
    ],
)
def test_paper_is_retracted_if_a_field_says_so(fields):
    assert only_paper(json.dumps({"title": "Moss Tea", "abstract": "Words.", **fields})).is_retracted


@pytest.mark.parametrize(
    "fields",
    [
        {"is_retracted": False},
        {"is_retracted": "false"},
        {"is_retracted": None},
        {"publication_types": ["Journal Article", "Retraction of Publication"]},
        {"publication_types": ["Retraction Notice"], "title": "Retracted: Moss Tea"},
        {"update-to": [{"DOI": "10.5555/moss.1", "type": "retraction"}], "title": "Retracted: Moss Tea"},
        {"updated-by": [{"DOI": "10.1/a", "type": "expression_of_concern"}]},
        {"updated-by": "10.1/a"},
        {"update-policy": "https://doi.org/10.5555/crossmark-policy"},
        {"relation": {"is-preprint-of": [{"id": "10.1/b"}]}},
        {"relation": {"is-retracted-by": "text"}},
        {"tags": [{"tag": "retracted papers, studies of"}, "retractor", 3]},
        {"note": "Retracted data were left out of the analysis."},
    ],
)
def test_paper_is_not_retracted_if_a_field_says_something_else(fields):
    assert not only_paper(json.dumps({"title": "Moss Tea", "abstract": "Words.", **fields})).is_retracted


def test_time_to_read_a_note_grows_linearly_with_its_length():
    note = "\n" * 200_000 + "retracted" + " " * 200_000 + "x"
    assert not is_retracted({"note": note}, "Moss Tea")


PUBMED = """<?xml version="1.0"?>
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID>90000001</PMID><Article><ArticleTitle>Moss tea.</ArticleTitle>
<Abstract><AbstractText>Moss tea healed bones.</AbstractText></Abstract>{types}</Article>{references}</MedlineCitation>
</PubmedArticle>
</PubmedArticleSet>"""
TYPE = "<PublicationTypeList><PublicationType>{}</PublicationType></PublicationTypeList>"
REFERENCE = (
    '<CommentsCorrectionsList><CommentsCorrections RefType="{}"><RefSource>Bones. 2014;9:3</RefSource>'
    "<PMID>90000009</PMID></CommentsCorrections></CommentsCorrectionsList>"
)


@pytest.mark.parametrize(
    ("types", "references", "is_retracted", "names"),
    [
        (TYPE.format("Retracted Publication"), "", True, []),
        ("", REFERENCE.format("RetractionIn"), True, []),
        (TYPE.format("Journal Article"), REFERENCE.format("ErratumIn"), False, []),
        (TYPE.format("Retraction of Publication"), REFERENCE.format("RetractionOf"), False, ["pmid:90000009"]),
    ],
)
def test_retractions_in_pubmed_xml(types, references, is_retracted, names):
    text = PUBMED.format(types=types, references=references)
    assert only_paper(text, "a.xml").is_retracted == is_retracted
    assert retractions(text, "a.xml") == names


NBIB = """
PMID- 90000001
TI  - Moss tea.
AB  - Moss tea healed bones.
{line}
SO  - Bones. 2012;3:4
"""


@pytest.mark.parametrize(
    ("line", "is_retracted", "names"),
    [
        ("PT  - Retracted Publication", True, []),
        ("RIN - Bones. 2014;9:3. PMID: 90000009", True, []),
        ("PT  - Journal Article", False, []),
        ("ROF - Bones. 2012;1:2. PMID: 90000009", False, ["pmid:90000009"]),
    ],
)
def test_retractions_in_nbib(line, is_retracted, names):
    text = NBIB.format(line=line)
    assert only_paper(text, "a.nbib").is_retracted == is_retracted
    assert retractions(text, "a.nbib") == names


def test_content_hash_of_a_paper_that_is_not_retracted_does_not_depend_on_the_field():
    paper = Paper(paper_id_of("Moss"), "Moss", "Words.", ("A. Hen",), 2020, "Bones", "", "10.1/m")
    assert paper.content_hash == "d5354e711f2b28d81d240c1fca2f83754359991d838b2a54fd6e412251f4ee3d"
