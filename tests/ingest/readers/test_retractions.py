"""Retracted papers: how each format marks them, and how an index stores them for any order of files."""

from __future__ import annotations

import io
import json
from contextlib import closing

import pytest

from assistant.index.opening import open_for_reading, open_for_writing
from assistant.records import Paper, paper_id_of
from ingest.pipeline import remove_sources
from ingest.readers import Retraction, read_items, read_papers
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.retractions import is_retracted
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ingest

MOSS = {"title": "Moss Tea Heals Bones", "abstract": "Moss tea healed 12 bones.", "DOI": "10.5555/Moss.1"}
NOTICE = {
    "title": ["Retraction: Moss Tea Heals Bones"],
    "DOI": "10.5555/moss.9",
    "type": "journal-article",
    "update-to": [{"DOI": "10.5555/MOSS.1", "type": "retraction", "label": "Retraction", "source": "publisher"}],
}


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def only_paper(text, name="a.json"):
    (paper,) = read_papers(text.encode(), name).papers
    return paper


def retractions(text, name):
    return [item.key for item in read_items(name, io.BytesIO(text.encode())) if isinstance(item, Retraction)]


@pytest.fixture
def moss(tmp_path):
    return write(tmp_path / "moss.jsonl", MOSS)


@pytest.fixture
def notice(tmp_path):
    return write(tmp_path / "notices.jsonl", NOTICE)


def shown(settings):
    """The papers that the index shows, after a check that its parts agree."""
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        assert verify(index) == []
        return {paper.title: paper for paper in index.library.all_papers()}


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


def test_notice_marks_a_stored_paper_without_embedding_anything(settings, moss, notice, monkeypatch):
    ingest([moss], settings)
    monkeypatch.setattr(WordCountEmbedding, "vectors_of", None)
    report = ingest([notice], settings)
    assert shown(settings)[MOSS["title"]].is_retracted
    assert report.changed_ids == [paper_id_of(MOSS["title"])]
    assert report.summary().endswith(" 1 of these papers is retracted.")


@pytest.mark.parametrize("in_one_run", [True, False])
def test_notice_marks_a_paper_that_is_added_later(settings, moss, notice, in_one_run):
    for paths in [[notice, moss]] if in_one_run else [[notice, moss][:1], [moss]]:
        ingest(paths, settings)
    assert shown(settings)[MOSS["title"]].is_retracted


def test_reading_a_notice_twice_changes_nothing(settings, moss, notice):
    ingest([moss, notice], settings)
    report = ingest([moss, notice], settings)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)
    assert report.summary().count("retracted") == 0


def test_paper_is_no_longer_retracted_after_its_only_notice_is_removed(settings, moss, notice):
    ingest([moss, notice], settings)
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        removal = remove_sources([str(notice)], index, WordCountEmbedding(), lambda *_: None)
    assert (removal.gone, removal.changed) == (0, 1)
    assert not shown(settings)[MOSS["title"]].is_retracted


def test_paper_stays_retracted_while_another_file_has_a_notice(settings, moss, notice, tmp_path):
    other = write(tmp_path / "other.jsonl", NOTICE)
    ingest([moss, notice, other], settings)
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        remove_sources([str(notice)], index, WordCountEmbedding(), lambda *_: None)
    assert shown(settings)[MOSS["title"]].is_retracted


def test_paper_that_a_later_export_marks_as_retracted_keeps_its_fields_and_is_not_embedded_again(
    settings, moss, tmp_path, monkeypatch
):
    ingest([moss], settings)
    before = shown(settings)[MOSS["title"]]
    monkeypatch.setattr(WordCountEmbedding, "vectors_of", None)
    later = write(tmp_path / "later.jsonl", {"title": MOSS["title"], "abstract": "Moss.", "is_retracted": True})
    ingest([later], settings)
    after = shown(settings)[MOSS["title"]]
    assert after.is_retracted
    assert (after.abstract, after.doi, after.paper_id) == (before.abstract, before.doi, before.paper_id)


def test_paper_with_a_retraction_mark_added_to_its_title_is_the_same_paper(settings, tmp_path):
    words = {"title": "Moss Tea", "abstract": "Moss tea heals bones.", "year": 2012}
    marked = {**words, "title": "RETRACTED ARTICLE: Moss Tea"}
    other = {**marked, "year": 2019}
    ingest([write(tmp_path / "a.jsonl", words)], settings)
    ingest([write(tmp_path / "b.jsonl", marked, other)], settings)
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        papers = sorted(index.library.all_papers(), key=lambda paper: paper.year or 0)
    assert [(paper.title, paper.year, paper.is_retracted) for paper in papers] == [
        ("RETRACTED ARTICLE: Moss Tea", 2012, True),
        ("RETRACTED ARTICLE: Moss Tea", 2019, True),
    ]
    assert papers[0].paper_id == paper_id_of("Moss Tea")


def test_notice_is_stored_as_a_separate_paper_that_is_not_retracted(settings, moss, tmp_path):
    words = {**NOTICE, "abstract": "The authors retract the paper at their own request."}
    ingest([moss, write(tmp_path / "notice.jsonl", words)], settings)
    papers = shown(settings)
    assert {title: paper.is_retracted for title, paper in papers.items()} == {
        MOSS["title"]: True,
        "Retraction: Moss Tea Heals Bones": False,
    }
