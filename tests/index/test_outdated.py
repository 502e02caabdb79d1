"""Libraries whose papers an earlier version read, with figures lost: they say so, and are repaired by reading again."""

from __future__ import annotations

import argparse
import gzip
import io
import json
from contextlib import closing
from typing import Any

import pytest

from assistant.index.identity import Record
from assistant.index.library import Library
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.outdated import letters_of, notice_of
from ingest.commands import verify
from ingest.pipeline import ingest_sources
from ingest.planning import plan
from ingest.readers import read_papers
from ingest.sources import Source
from tests.support.fakes import WordCountEmbedding
from tests.support.paths import STORED

STORED = STORED / "papers-3.sqlite.gz"
"""Made by the last version before texts had one: three papers of a Crossref file, and one that was pasted."""

FILE, PASTED = "/home/ada/cells.json", "pasted text"
CROSSREF: list[dict[str, Any]] = [
    {
        "title": ["Growth to 10<sup>6</sup> Cells"],
        "abstract": "<jats:p>Cells grew to 10<jats:sup>6</jats:sup> a litre. They rested.</jats:p>",
        "issued": {"date-parts": [[2019]]},
    },
    {
        "title": ["Eggs in Pans"],
        "abstract": "<jats:p>Eggs sank at 10<jats:sup>−5</jats:sup> m s<jats:sup>−1</jats:sup>.</jats:p>",
        "DOI": "10.5555/pans.1",
    },
    {"title": ["Plain Hens"], "abstract": "<jats:p>Hens lay eggs.</jats:p>", "DOI": "10.5555/hens.1"},
]
DATA = json.dumps({"message": {"items": CROSSREF}}).encode()


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "papers.sqlite"
    path.write_bytes(gzip.decompress(STORED.read_bytes()))
    return path


def read_again(library: Library, source: str, data: bytes) -> None:
    """What an ingest does with the records of a source, without vectors."""
    library.catalogue.begin_run()
    library.catalogue.queue([Record(paper, source) for paper in read_papers(data, "a").papers])
    for waiting in library.catalogue.waiting(100):
        change = plan(library.catalogue, waiting)
        library.catalogue.mark_pending(change.stored, change.dropped, change.pending, "complete")
        library.publish(change.published.values(), change.deleted)


def texts(library: Library) -> dict[str, str]:
    return {paper.title: paper.abstract for paper in library.all_papers()}


def test_an_earlier_library_says_which_files_to_read_again_and_is_left_as_it_is(old):
    before = old.read_bytes()
    with closing(Library(old, is_writable=False)) as library:
        assert library.outdated_notice() == (
            "the papers of 2 files (cells.json, pasted text) were read by an earlier version, which lost "
            "superscripts such as 10^6: run `footnote ingest FILE` again, with --bundled for the bundled papers."
        )
        assert texts(library)["Eggs in Pans"] == "Eggs sank at 10−5 m s−1."
    assert old.read_bytes() == before


def test_a_writer_keeps_the_notice_and_a_later_reader_gives_it(old):
    with closing(Library(old, is_writable=True)):
        pass
    with closing(Library(old, is_writable=False)) as library:
        assert library.catalogue.outdated.sources() == {FILE: 3, PASTED: 1}


def test_reading_a_file_again_repairs_its_papers_under_their_old_ids(old):
    with closing(Library(old, is_writable=True)) as library:
        ids = {paper.doi: paper.paper_id for paper in library.all_papers() if paper.doi}
        read_again(library, FILE, DATA)
        assert texts(library) == {
            "Growth to 10^6 Cells": "Cells grew to 10^6 a litre. They rested.",
            "Eggs in Pans": "Eggs sank at 10^-5 m s^-1.",
            "Plain Hens": "Hens lay eggs.",
            "Old Notes": "Notes tell of 10<sup>3</sup> hens in a yard, and of no other bird.",
        }
        assert {paper.doi: paper.paper_id for paper in library.all_papers() if paper.doi} == ids
        assert library.catalogue.outdated.sources() == {PASTED: 1}
        assert library.sources() == {FILE: 3, PASTED: 1}


def test_what_its_source_no_longer_holds_is_kept_and_still_named(old):
    with closing(Library(old, is_writable=True)) as library:
        read_again(library, PASTED, b"# New Notes\n\nNotes tell of 10<sup>2</sup> hens in a yard, and of no bird.\n")
        assert library.sources() == {FILE: 3, PASTED: 2}
        assert library.catalogue.outdated.sources() == {FILE: 3, PASTED: 1}


def test_a_new_library_has_nothing_to_read_again(tmp_path):
    with closing(Library(tmp_path / "papers.sqlite", is_writable=True)) as library:
        read_again(library, FILE, DATA)
        assert library.outdated_notice() == ""


def test_removed_papers_are_not_asked_for(old):
    with closing(Library(old, is_writable=True)) as library:
        for records in library.catalogue.of_source(FILE):
            change = plan(library.catalogue, [], dropped=records)
            library.catalogue.mark_pending(change.stored, change.dropped, change.pending, "complete")
            library.publish(change.published.values(), change.deleted)
        assert library.catalogue.outdated.sources() == {PASTED: 1}


def forget_readings(settings) -> None:
    """Make the library one of the version before texts had a version."""
    path = settings.index_folder / "papers.sqlite"
    with closing(Library(path, is_writable=True)) as library, library.database.transaction() as connection:
        connection.execute("DROP TABLE outdated")
        connection.execute("DELETE FROM facts WHERE name = 'text_version'")


def test_verify_gives_the_notice_and_finds_no_fault_for_it(indexed, capsys):
    forget_readings(indexed)
    assert verify(argparse.Namespace(json=True), indexed) == 0
    said = capsys.readouterr()
    assert "were read by an earlier version" in said.err
    assert "were read by an earlier version" in json.loads(said.out)["notice"]


def test_an_ingest_embeds_what_reading_again_changes_and_nothing_else(settings):
    def ingest(data: bytes) -> tuple[list[str], list[str], int]:
        index = open_for_writing(settings, WordCountEmbedding())
        try:
            source = Source(FILE, lambda: io.BytesIO(data))
            report = ingest_sources([source], index, WordCountEmbedding(), lambda *_: None)
            return report.new_ids, report.changed_ids, report.unchanged
        finally:
            index.close()

    ingest(
        json.dumps([{**one, "title": one["title"][0], "abstract": plain(one["abstract"])} for one in CROSSREF]).encode()
    )
    forget_readings(settings)
    new, changed, unchanged = ingest(DATA)
    assert (new, len(changed), unchanged) == ([], 2, 1)
    index = open_for_reading(settings, WordCountEmbedding())
    try:
        assert index.library.outdated_notice() == ""
    finally:
        index.close()


def plain(abstract: str) -> str:
    """As the earlier version read it."""
    for tag in ("<jats:p>", "</jats:p>", "<jats:sup>", "</jats:sup>"):
        abstract = abstract.replace(tag, "")
    return abstract


def test_titles_are_compared_by_letters_and_figures():
    assert letters_of("Growth to 10^6 Cells: CLD²") == letters_of("growth to 106 cells, CLD2")


def test_a_notice_names_three_files_at_most():
    assert notice_of([]) == ""
    assert "of 1 file (a.ris) " in notice_of(["/b/a.ris"])
    assert "of 5 files (a, b, c and 2 more) " in notice_of("abcde")
