"""A source that mirrors a file: what the file no longer contains is removed."""

from __future__ import annotations

import io
import json
from contextlib import closing

import pytest

from assistant.errors import InputError
from assistant.index.opening import open_for_writing
from assistant.settings import Settings
from ingest.pipeline import ingest_files, ingest_sources, remove_sources
from ingest.report import Report
from ingest.sources import Source, version_of_file
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import many, stored_abstracts, write_papers
from tests.support.papers import no_progress

NOTICE = '{"DOI": "10.1/notice", "title": "Retraction", "update-to": [{"DOI": "10.1/a", "type": "retraction"}]}'


def mirrored(settings: Settings, lines: str, name: str = "a.jsonl") -> Report:
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        source = Source(name, lambda: io.BytesIO(lines.encode()))
        return ingest_sources([source], writer, embedding, no_progress, is_mirror=True)


def lines_of(*titles: str) -> str:
    return "".join(json.dumps({"title": title, "abstract": f"{title} lay eggs."}) + "\n" for title in titles)


def test_a_paper_that_its_source_no_longer_contains_is_removed(settings):
    mirrored(settings, lines_of("Hens", "Ducks"))
    report = mirrored(settings, lines_of("Ducks", "Geese"))
    assert stored_abstracts(settings).keys() == {"Ducks", "Geese"}
    assert len(report.removed_ids) == 1
    assert "1 removed; " in report.summary()


def test_a_paper_that_another_source_contains_stays(settings):
    mirrored(settings, lines_of("Hens", "Ducks"))
    mirrored(settings, lines_of("Hens"), "b.jsonl")
    report = mirrored(settings, lines_of("Ducks"))
    assert stored_abstracts(settings).keys() == {"Ducks", "Hens"}
    assert report.removed_ids == []


def test_a_source_that_cannot_be_read_to_its_end_loses_nothing(settings):
    mirrored(settings, lines_of("Hens", "Ducks"))
    with pytest.raises(InputError, match="empty"):
        mirrored(settings, "")
    assert stored_abstracts(settings).keys() == {"Ducks", "Hens"}


def test_an_ordinary_ingest_removes_nothing(settings, tmp_path):
    path = write_papers(tmp_path / "a.jsonl", many(3))
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_files([path], writer, embedding, no_progress)
        write_papers(path, many(1))
        ingest_files([path], writer, embedding, no_progress)
    assert len(stored_abstracts(settings)) == 3


def test_a_large_source_is_compared_as_a_whole(settings):
    mirrored(settings, lines_of(*many(700)))
    report = mirrored(settings, lines_of(*[*many(700)][650:]))
    assert len(report.removed_ids) == 650
    assert len(stored_abstracts(settings)) == 50


def test_a_paper_is_no_longer_retracted_when_its_source_drops_the_notice(settings):
    paper = '{"title": "Hens", "abstract": "Hens lay eggs.", "DOI": "10.1/a"}\n'
    mirrored(settings, paper, "papers.jsonl")
    assert mirrored(settings, f"{NOTICE}\n", "notices.jsonl").retracted_ids
    report = mirrored(settings, NOTICE.replace("10.1/a", "10.1/other"), "notices.jsonl")
    assert len(report.changed_ids) == 1


def test_the_version_of_a_file_is_kept_with_it(settings, tmp_path):
    path = write_papers(tmp_path / "a.jsonl", many(1))
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_files([path], writer, embedding, no_progress)
        assert writer.library.source_table.versions() == {str(path): version_of_file(path)}
        remove_sources([str(path)], writer, embedding, no_progress)
        assert writer.library.source_table.versions() == {}


def test_files_are_put_into_the_collection_that_was_named(settings, tmp_path):
    path = write_papers(tmp_path / "a.jsonl", many(2))
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        ingest_files([path], writer, embedding, no_progress, collection="Birds")
        assert writer.library.source_table.collections() == {"Birds": 2}


def test_a_bad_name_of_a_collection_is_refused_before_anything_is_read(settings, tmp_path):
    path = write_papers(tmp_path / "a.jsonl", many(2))
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:
        with pytest.raises(InputError, match="needs a name"):
            ingest_files([path], writer, embedding, no_progress, collection="\x00")
        assert len(writer.library) == 0
