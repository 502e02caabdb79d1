"""An index becomes a mirror of what a query of Zotero finds, and only what changed is fetched."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from assistant.errors import InputError, Stopped
from assistant.index.opening import open_for_reading, open_for_writing
from ingest.pipeline import remove_sources
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import fail, write_papers
from tests.support.papers import ingest, no_progress
from tests.support.zotero import stored_titles, synced


def changed(report):
    return report.new, report.changed, len(report.removed_ids)


def test_a_whole_library_is_read_once(birds, zotero):
    assert changed(synced(birds, "zotero:")) == (3, 0, 0)
    assert zotero.fetched() == 3
    assert changed(synced(birds, "zotero:")) == (0, 0, 0)
    assert zotero.fetched() == 3
    with closing(open_for_reading(birds, WordCountEmbedding())) as index:
        assert verify(index) == []
        assert index.library.sources() == {"zotero:": 3}


@pytest.mark.parametrize(
    "fields",
    [{"version": 7}, {"dateModified": "2026-02-01T00:00:00Z"}],
    ids=["synchronised with zotero.org", "never synchronised, so that its version stays"],
)
def test_only_a_changed_item_is_fetched_again(birds, zotero, fields):
    synced(birds, "zotero:")
    zotero.put("AAAAAAA1", abstractNote="Ducks swim.", **fields)
    assert changed(synced(birds, "zotero:")) == (0, 1, 0)
    assert zotero.fetched() == 4
    synced(birds, "zotero:")
    assert zotero.fetched() == 4


def test_an_item_whose_clock_was_wrong_does_not_hide_later_changes(birds, zotero):
    zotero.put("AAAAAAA0", dateModified="2999-01-01T00:00:00Z")
    synced(birds, "zotero:")
    zotero.put("AAAAAAA1", abstractNote="Ducks swim.", dateModified="2026-02-01T00:00:00Z")
    assert changed(synced(birds, "zotero:")) == (0, 1, 0)


def test_another_title_changes_the_paper_and_adds_none(birds, zotero):
    synced(birds, "zotero:")
    zotero.put("AAAAAAA1", title="Swans at Work", version=2)
    synced(birds, "zotero:")
    assert stored_titles(birds) == ["Geese at Work", "Hens at Work", "Swans at Work"]


def test_deleted_and_trashed_items_are_removed(birds, zotero):
    synced(birds, "zotero:")
    del zotero.items["users/0"]["AAAAAAA0"]
    zotero.put("AAAAAAA1", deleted=1)
    report = synced(birds, "zotero:")
    assert changed(report) == (0, 0, 2)
    assert stored_titles(birds) == ["Geese at Work"]


def test_a_paper_that_a_file_contains_too_stays(birds, zotero, tmp_path):
    synced(birds, "zotero:")
    ingest([write_papers(tmp_path / "own.jsonl", {"Hens at Work": "Hens lay 2 eggs."})], birds)
    del zotero.items["users/0"]["AAAAAAA0"]
    assert changed(synced(birds, "zotero:"))[2] == 0
    assert "Hens at Work" in stored_titles(birds)


def test_a_library_that_became_empty_removes_nothing_and_says_so(birds, zotero):
    synced(birds, "zotero:")
    zotero.items["users/0"].clear()
    with pytest.raises(InputError, match="so nothing was removed"):
        synced(birds, "zotero:")
    assert len(stored_titles(birds)) == 3


def in_collections(zotero):
    """Hens and ducks in A, ducks in B, geese in a collection inside B."""
    zotero.put_collection("CCCCCCC1", "A")
    zotero.put_collection("CCCCCCC2", "B")
    zotero.put_collection("CCCCCCC3", "Inner", "CCCCCCC2")
    for key, collections in enumerate([["CCCCCCC1"], ["CCCCCCC1", "CCCCCCC2"], ["CCCCCCC3"]]):
        zotero.put(f"AAAAAAA{key}", collections=collections)


def test_a_collection_is_read_with_those_inside_it(birds, zotero):
    in_collections(zotero)
    synced(birds, "zotero:b")
    assert stored_titles(birds) == ["Ducks at Work", "Geese at Work"]


def test_a_sync_of_one_collection_leaves_what_came_by_another(birds, zotero):
    in_collections(zotero)
    synced(birds, "zotero:A")
    synced(birds, "zotero:B/Inner")
    zotero.put("AAAAAAA0", collections=[])
    assert changed(synced(birds, "zotero:B/Inner")) == (0, 0, 0)
    assert len(stored_titles(birds)) == 3
    assert changed(synced(birds, "zotero:A")) == (0, 0, 1)


def test_an_item_that_left_one_of_two_synced_collections_stays_until_it_leaves_the_other(birds, zotero):
    in_collections(zotero)
    synced(birds, "zotero:A", "zotero:B")
    assert zotero.fetched() == 3
    zotero.put("AAAAAAA1", collections=["CCCCCCC2"])
    assert changed(synced(birds, "zotero:A")) == (0, 0, 0)
    zotero.put("AAAAAAA1", collections=[])
    assert changed(synced(birds, "zotero:B")) == (0, 0, 1)


def test_items_with_a_tag_are_read(birds, zotero):
    zotero.put("AAAAAAA0", tags=[{"tag": "-to read"}])
    synced(birds, "zotero:#-to read")
    assert stored_titles(birds) == ["Hens at Work"]
    zotero.put("AAAAAAA0", tags=[])
    assert changed(synced(birds, "zotero:#-to read")) == (0, 0, 1)


@pytest.mark.parametrize("query", ["zotero:group:Bird/Lab", "zotero:group:7", "zotero:group:bird/lab/Eggs"])
def test_items_of_a_group_open_in_the_group(birds, zotero, query):
    zotero.groups |= {6: "Bird", 7: "Bird/Lab"}
    zotero.put_collection("CCCCCCC1", "Eggs", library="groups/7")
    zotero.put("BBBBBBB1", "groups/7", title="Swans", abstractNote="Swans fly.", collections=["CCCCCCC1"])
    synced(birds, query)
    with closing(open_for_reading(birds, WordCountEmbedding())) as index:
        (paper,) = index.library.all_papers()
        assert index.library.links_of([paper.paper_id])[paper.paper_id] == ("zotero://select/groups/7/items/BBBBBBB1",)


def test_collections_of_the_index_follow_those_of_zotero(birds, zotero):
    in_collections(zotero)
    synced(birds, "zotero:A", collection="Birds")
    zotero.put("AAAAAAA2", collections=["CCCCCCC1"])
    zotero.put("AAAAAAA0", collections=["CCCCCCC2"])
    synced(birds, "zotero:B")
    synced(birds, "zotero:A")
    with closing(open_for_reading(birds, WordCountEmbedding())) as index:
        titles = index.library.titles(index.library.source_table.papers_in("Birds"))
    assert sorted(titles.values()) == ["Ducks at Work", "Geese at Work"]
    assert len(stored_titles(birds)) == 3


def test_identifiers_in_the_field_extra_and_retractions_are_read(birds, zotero):
    zotero.put("AAAAAAA0", extra="PMID: 12345\narXiv: 2101.00001", tags=[{"tag": "Retracted"}], DOI="10.1/HENS")
    synced(birds, "zotero:")
    with closing(open_for_reading(birds, WordCountEmbedding())) as index:
        paper = next(paper for paper in index.library.all_papers() if paper.title == "Hens at Work")
    assert (paper.pmid, paper.arxiv_id, paper.doi.casefold(), paper.is_retracted) == (
        "12345",
        "2101.00001",
        "10.1/hens",
        True,
    )


def test_notes_attachments_and_items_without_an_abstract_are_left_out_and_asked_for_once(birds, zotero):
    zotero.put("AAAAAAA0", itemType="note", note="Buy eggs.")
    zotero.put("AAAAAAA1", itemType="attachment")
    zotero.put("AAAAAAA2", abstractNote="")
    report = synced(birds, "zotero:")
    assert (report.read, len(report.without_abstract), report.faults) == (0, 1, [])
    synced(birds, "zotero:")
    assert zotero.fetched() == 3


def test_everything_from_zotero_is_removed_by_its_entry(birds, papers_file):
    synced(birds, "zotero:", str(papers_file))
    with closing(open_for_writing(birds, WordCountEmbedding())) as writer:
        assert remove_sources(["zotero:"], writer, WordCountEmbedding(), no_progress).deleted == 3
        assert writer.library.source_table.versions("zotero:") == {}
    assert changed(synced(birds, "zotero:")) == (3, 0, 0)


def test_what_one_query_found_is_removed_by_its_name(birds, zotero):
    in_collections(zotero)
    synced(birds, "zotero:A", "zotero:B")
    with closing(open_for_writing(birds, WordCountEmbedding())) as writer:
        assert remove_sources(["zotero:A"], writer, WordCountEmbedding(), no_progress).deleted == 1
    assert stored_titles(birds) == ["Ducks at Work", "Geese at Work"]


def many(zotero, count):
    for number in range(count):
        zotero.put(f"{number:08}", title=f"Hens {number}", abstractNote="They lay eggs.")


def test_a_zotero_that_stops_answering_keeps_what_was_read_and_the_next_sync_continues(birds, zotero):
    many(zotero, 120)
    zotero.reply = lambda _: (500, {}, b"") if zotero.fetched() > 100 else None
    report = synced(birds, "zotero:")
    assert report.new == 100
    assert len(report.rejected_files) == 1
    assert "run the same command again" in report.rejected_files[0]
    zotero.reply = lambda _: None
    assert synced(birds, "zotero:").new == 23
    assert zotero.fetched() == 100 + 2 * 23


def test_an_item_deleted_while_it_was_to_be_read_is_not_asked_for_again(birds, zotero):
    synced(birds, "zotero:")
    zotero.put("AAAAAAA0", version=1)
    zotero.put("AAAAAAA1", version=1)
    zotero.reply = lambda path: zotero.answer(path.replace("AAAAAAA0%2C", "")) if "itemKey" in path else None
    synced(birds, "zotero:")
    fetched = zotero.fetched()
    synced(birds, "zotero:")
    assert zotero.fetched() == fetched


def test_a_sync_that_is_stopped_is_finished_by_the_same_command(birds, zotero):
    many(zotero, 120)

    def stop(done, total):
        if total and done >= 64:
            raise Stopped("Stopped.")

    with pytest.raises(Stopped):
        synced(birds, "zotero:", progress=stop)
    del zotero.items["users/0"]["00000000"]
    synced(birds, "zotero:")
    assert len(stored_titles(birds)) == 122


def test_a_sync_that_fails_while_it_embeds_is_finished_by_the_same_command(birds, zotero, tmp_path):
    synced(birds, "zotero:")
    zotero.put("AAAAAAA1", abstractNote="Ducks swim.", version=2)
    fail(birds, write_papers(tmp_path / "x.jsonl", {"Cocks": "Cocks crow."}), "Cocks")
    assert synced(birds, "zotero:").changed == 1
    assert stored_titles(birds) == ["Ducks at Work", "Geese at Work", "Hens at Work"]


def test_records_of_an_earlier_version_of_the_readers_are_read_again(birds, zotero):
    synced(birds, "zotero:")
    with closing(open_for_writing(birds, WordCountEmbedding())) as writer:
        writer.library.state(text_version="1")
    synced(birds, "zotero:")
    assert zotero.fetched() == 6
    with closing(open_for_reading(birds, WordCountEmbedding())) as index:
        assert index.library.outdated_notice() == ""


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("zotero:C", "no collection 'C'; there are: A, B, B/Inner"),
        ("zotero:group:None", "no group 'None'; there are: none"),
    ],
)
def test_what_zotero_does_not_have_is_one_line_that_lists_what_it_has(birds, zotero, query, said):
    in_collections(zotero)
    with pytest.raises(InputError, match=said):
        synced(birds, query)


def test_two_collections_of_one_name_are_told_apart_by_their_paths(birds, zotero):
    in_collections(zotero)
    zotero.put_collection("CCCCCCC4", "Inner", "CCCCCCC1")
    with pytest.raises(InputError, match=r"2 collections 'Inner'.*A/Inner, B/Inner"):
        synced(birds, "zotero:Inner")
    synced(birds, "zotero:B/Inner")
    assert stored_titles(birds) == ["Geese at Work"]


def test_zotero_that_does_not_run_is_one_line_that_says_what_to_start_and_to_switch_on(birds):
    with pytest.raises(InputError, match=r"start Zotero .version 7 or later.*Allow other applications"):
        synced(replace(birds, zotero="http://localhost:9"), "zotero:")


def test_a_query_that_fails_leaves_the_others(birds, zotero):
    in_collections(zotero)
    report = synced(birds, "zotero:None", "zotero:A")
    assert report.new == 2
    assert len(report.rejected_files) == 1
