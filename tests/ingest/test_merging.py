"""Records of one paper in several files are merged by an ingest, in any order, and separated when a file is removed."""

from __future__ import annotations

import itertools
import json
from contextlib import closing

import pytest

from assistant.index.opening import open_for_reading, open_for_writing
from assistant.records import paper_id_of
from assistant.settings import Settings
from ingest.pipeline import ingest_files, remove_papers, remove_sources
from ingest.planning import Merged
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ingest

HENS = paper_id_of("Hens")
SHORT = {"title": "Hens", "abstract": "Hens lay eggs.", "doi": "10.1/h", "authors": ["A. Hen", "B. Cock"]}
LONG = {"title": "HENS!", "abstract": "Hens lay eggs. They sit on them.", "doi": "https://doi.org/10.1/H", "year": 2019}
COWS = {"title": "Cows", "abstract": "Cows give milk."}


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def one(tmp_path):
    return write(tmp_path / "one.jsonl", SHORT, COWS)


@pytest.fixture
def two(tmp_path):
    return write(tmp_path / "two.jsonl", LONG)


def contents(settings):
    """The papers shown and the chunks that have vectors, after a check that the parts of the index agree."""
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        assert verify(index) == []
        chunks = {chunk_id for store in index.exact.values() for chunk_id in [*itertools.chain(*store.all_ids())]}
        return {paper.paper_id: paper for paper in index.library.all_papers()}, chunks


def removing(settings, *names):
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        return remove_sources(names, index, WordCountEmbedding(), lambda *_: None)


def test_same_paper_in_two_files_is_merged_and_the_report_says_why(settings, one, two):
    report = ingest([one, two], settings)
    assert report.merged == [Merged(HENS, "HENS!", "same DOI 10.1/h", (str(one), str(two)))]
    assert report.summary().startswith("3 papers read: 2 new, 0 changed, 0 unchanged; 1 merged with others; ")
    papers, _ = contents(settings)
    assert len(papers) == 2
    hens = papers[HENS]
    assert (hens.abstract, hens.year, hens.authors) == (LONG["abstract"], 2019, ("A. Hen", "B. Cock"))


def test_later_file_changes_only_the_paper_that_it_completes(settings, one, two):
    ingest([one], settings)
    report = ingest([two], settings)
    assert (report.new_ids, report.changed_ids, len(report.merged)) == ([], [HENS], 1)


def test_files_in_any_order_give_the_same_index(tmp_path, one, two):
    three = write(tmp_path / "three.jsonl", {**SHORT, "abstract": "Hens.", "pmid": "7"}, {**COWS, "year": 2001})
    found = []
    for number, order in enumerate(itertools.permutations([one, two, three])):
        settings = Settings.load({}, home=tmp_path / f"home {number}")
        for path in order:
            ingest([path], settings)
        report = ingest([*reversed(order)], settings)
        assert (report.new, report.changed, report.merged, report.unchanged) == (0, 0, [], 5)
        found.append(contents(settings))
    assert all(one == found[0] for one in found)


def test_records_of_one_file_are_merged_and_an_exact_copy_is_only_counted(settings, tmp_path):
    path = write(tmp_path / "twice.jsonl", SHORT, LONG, LONG, COWS)
    report = ingest([path], settings)
    assert (report.read, report.new, len(report.merged), report.repeated) == (4, 2, 1, 1)
    assert contents(settings)[0][HENS].abstract == LONG["abstract"]
    again = ingest([path], settings)
    assert (again.unchanged, again.changed, again.merged) == (3, 0, [])


def test_new_text_of_a_file_replaces_only_the_old_text_of_that_file(settings, one, two):
    ingest([one, two], settings)
    write(two, {**LONG, "abstract": "Hens."})
    report = ingest([two], settings)
    assert (report.changed_ids, report.merged) == (
        [HENS],
        [Merged(HENS, "HENS!", "same DOI 10.1/h", report.merged[0].sources)],
    )
    assert contents(settings)[0][HENS].abstract == SHORT["abstract"]


def test_paper_of_the_same_title_and_another_year_has_the_year_in_its_id(settings, tmp_path):
    editions = [{"title": "Report", "abstract": f"Eggs of {year}.", "year": year} for year in (2019, 2020, 2021)]
    ingest([write(tmp_path / "editions.jsonl", *editions)], settings)
    plain = paper_id_of("Report")
    assert set(contents(settings)[0]) == {plain, f"{plain}-2020", f"{plain}-2021"}
    assert ingest([write(tmp_path / "again.jsonl", *reversed(editions))], settings).new == 0
    assert contents(settings)[0][f"{plain}-2020"].abstract == "Eggs of 2020."


def test_record_that_shares_keys_with_two_papers_makes_them_one(settings, tmp_path):
    one = {"title": "Hens", "abstract": "Hens lay eggs.", "doi": "10.1/h"}
    two = {"title": "Chickens", "abstract": "Chickens lay eggs.", "pmid": "7"}
    ingest([write(tmp_path / "apart.jsonl", one, two)], settings)
    assert len(contents(settings)[0]) == 2
    bridge = write(tmp_path / "bridge.jsonl", {"title": "Hens", "abstract": "Hens.", "doi": "10.1/h", "pmid": "7"})
    ingest([bridge], settings)
    papers, chunks = contents(settings)
    assert len(papers) == 1
    assert {chunk.rsplit(":", 3)[0] for chunk in chunks} == set(papers)
    assert removing(settings, str(bridge)).changed == 2
    assert len(contents(settings)[0]) == 2


def test_removed_file_leaves_only_the_content_of_other_files(settings, one, two):
    ingest([one, two], settings)
    removal = removing(settings, str(one), "nobody.csv")
    assert (removal.deleted, removal.changed) == (1, 1)
    papers, _ = contents(settings)
    assert list(papers) == [HENS]
    assert (papers[HENS].authors, papers[HENS].abstract) == ((), LONG["abstract"])
    assert ingest([one], settings).new == 1
    assert len(contents(settings)[0]) == 2


def test_removing_the_last_file_leaves_an_empty_index(settings, one, two):
    ingest([one, two], settings)
    assert removing(settings, str(one), str(two)).deleted == 2
    assert contents(settings) == ({}, set())


def test_removed_paper_is_removed_from_every_file(settings, one, two):
    ingest([one, two], settings)
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        assert remove_papers([HENS], index) == 1
        assert index.library.sources() == {str(one): 1}
    assert len(contents(settings)[0]) == 1


def test_papers_found_by_search_can_be_removed(settings, one, two):
    ingest([one, two], settings)
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        assert index.library.ids_found("") == index.library.ids_found("?!") == []
        assert index.library.ids_found("eggs") == [HENS]
        assert remove_papers(index.library.ids_found("milk"), index) == 1
    assert list(contents(settings)[0]) == [HENS]


def test_merging_without_new_text_embeds_nothing(settings, one, tmp_path):
    class Refusing(WordCountEmbedding):
        def vectors_of(self, texts):
            raise AssertionError("nothing to embed")

    ingest([one], settings)
    path = write(tmp_path / "more.jsonl", {**SHORT, "venue": "Farm"})
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        report = ingest_files([path], index, Refusing(), lambda *_: None)
    assert report.changed_ids == [HENS]
    assert contents(settings)[0][HENS].venue == "Farm"
