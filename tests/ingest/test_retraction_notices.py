"""An index stores retracted papers and retraction notices in the same way for any order of files."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from assistant.index.opening import open_for_reading, open_for_writing
from assistant.records import paper_id_of
from ingest.pipeline import remove_sources
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


def test_notice_marks_a_stored_paper_without_embedding_anything(settings, moss, notice, monkeypatch):
    ingest([moss], settings)
    monkeypatch.setattr(WordCountEmbedding, "vectors_of", None)
    report = ingest([notice], settings)
    assert shown(settings)[MOSS["title"]].is_retracted
    assert report.changed_ids == [paper_id_of(MOSS["title"])]
    assert report.summary().endswith(" 1 of these papers is retracted.")


@pytest.mark.parametrize("in_one_run", [True, False])
def test_notice_marks_a_paper_that_is_added_later(settings, moss, notice, in_one_run):
    for paths in [[notice, moss]] if in_one_run else [[notice], [moss]]:
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
    assert (removal.deleted, removal.changed) == (0, 1)
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
