"""Files become papers of an index, and papers leave it again."""

from __future__ import annotations

import json
import os
from io import BytesIO

import pytest

from assistant.errors import InputError
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing
from ingest.bundled_corpus import CORPUS
from ingest.pipeline import ingest_files, ingest_sources, rebuild, remove_papers
from ingest.sources import Source
from tests.support.fakes import WordCountEmbedding
from tests.support.ingesting import (
    SPARSE,
    FailingEmbedding,
    expected_chunks,
    fingerprint,
    ids,
    stored_abstracts,
    stored_chunks,
    write_papers,
)
from tests.support.papers import ABSTRACTS, ingest, make_paper, no_progress


def test_first_ingest_stores_every_chunk_of_every_paper(settings, papers_file):
    report = ingest([papers_file], settings)
    assert (report.read, report.new, report.changed, report.unchanged) == (3, 3, 0, 0)
    assert stored_chunks(settings) == expected_chunks(ABSTRACTS)
    assert stored_abstracts(settings) == ABSTRACTS


def test_second_ingest_changes_nothing_and_says_so(indexed, papers_file):
    before = stored_chunks(indexed), fingerprint(indexed)
    report = ingest([papers_file], indexed)
    assert report.summary() == (
        "3 papers read: 0 new, 0 changed, 3 unchanged; "
        "0 without abstract, 0 skipped, 0 lines of page boilerplate left out."
    )
    assert (stored_chunks(indexed), fingerprint(indexed)) == before


def test_second_ingest_embeds_nothing(indexed, papers_file):
    embedding = FailingEmbedding(fails_at="")  # every text holds the empty one
    index = open_for_writing(indexed, embedding)
    try:
        report = ingest_files([papers_file], index, embedding, no_progress)
    finally:
        index.close()
    assert report.unchanged == 3


def test_changed_abstract_replaces_the_old_one_chunks_and_all(indexed, papers_file):
    before = fingerprint(indexed)
    changed = {**ABSTRACTS, SPARSE: "Only one sentence is left."}
    report = ingest([write_papers(papers_file, changed)], indexed)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    assert stored_chunks(indexed) == expected_chunks(changed)
    assert stored_abstracts(indexed) == changed
    assert fingerprint(indexed) != before


def test_changed_abstract_is_found_by_its_new_words_alone(indexed, papers_file):
    ingest([write_papers(papers_file, {SPARSE: "Hens lay eggs."})], indexed)
    index = open_for_reading(indexed, WordCountEmbedding())
    try:
        paper_id = make_paper(SPARSE, "").paper_id
        assert list(index.words["passage"].best("hens", 5)) == [paper_id]
        assert index.words["sentence"].best("Pile GLUE", 5) == {}
    finally:
        index.close()


def test_changed_year_alone_counts_as_a_change(indexed, tmp_path):
    path = tmp_path / "year.jsonl"
    path.write_text(json.dumps({"title": SPARSE, "abstract": ABSTRACTS[SPARSE], "year": 2020}))
    assert ingest([path], indexed).changed == 1


def test_new_papers_join_those_already_there(indexed, tmp_path):
    more = {"Hens": "Hens lay eggs. They sit on them."}
    report = ingest([write_papers(tmp_path / "more.jsonl", more)], indexed)
    assert (report.new, report.unchanged) == (1, 0)
    assert stored_chunks(indexed) == expected_chunks({**ABSTRACTS, **more})


def test_folder_is_searched_for_known_files_only(settings, papers_file, tmp_path):
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    papers_file.rename(folder / "deep" / "papers.JSONL")
    (folder / "photo.png").write_bytes(b"\x89PNG\x00")
    report = ingest([folder], settings)
    assert (report.read, report.rejected_files) == (3, [])


def test_unknown_folder_is_named(settings, tmp_path):
    with pytest.raises(InputError, match="check the path") as raised:
        ingest([tmp_path / "nowhere"], settings)
    assert str(raised.value).startswith(f"{tmp_path / 'nowhere'} cannot be read")
    assert "\n" not in str(raised.value)


def test_ingest_of_nothing_readable_leaves_no_index(settings, tmp_path):
    with pytest.raises(InputError):
        ingest([tmp_path / "nowhere"], settings)
    assert not is_indexed(settings)


def test_ingest_of_nothing_readable_leaves_an_index_as_it_was(indexed, tmp_path):
    with pytest.raises(InputError):
        ingest([tmp_path / "nowhere"], indexed)
    assert stored_abstracts(indexed) == ABSTRACTS


def test_one_bad_file_among_good_ones_is_named_and_the_others_are_read(settings, papers_file, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\xff\xfe\x00")
    report = ingest([bad, tmp_path / "gone.txt", papers_file], settings)
    assert report.read == 3
    assert [message.split(" ")[0].split("/")[-1] for message in report.rejected_files] == ["bad.csv", "gone.txt"]
    assert stored_abstracts(settings) == ABSTRACTS


def test_bad_line_is_named_with_its_file(settings, papers_file):
    with papers_file.open("a") as file:
        file.write('{"title": "Half')
    (fault,) = ingest([papers_file], settings).faults
    assert fault.place == "papers.jsonl, line 4"


def test_two_abstracts_under_one_title_are_one_paper_with_the_longer_and_the_report_says_so(settings, tmp_path):
    one = write_papers(tmp_path / "one.jsonl", {"Hens": "They lay eggs."})
    two = write_papers(tmp_path / "two.jsonl", {"HENS!": "They sit."})
    report = ingest([one, two], settings)
    assert [(merged.title, merged.why, merged.sources) for merged in report.merged] == [
        ("HENS!", "same title", (str(one), str(two)))
    ]
    assert (report.read, report.new, report.faults) == (2, 1, [])
    assert stored_abstracts(settings) == {"HENS!": "They lay eggs."}


def test_page_boilerplate_is_counted_and_no_fault(settings):
    report = ingest([CORPUS], settings)
    assert report.faults == []
    assert report.summary() == (
        "75 papers read: 75 new, 0 changed, 0 unchanged; "
        "0 without abstract, 0 skipped, 5 lines of page boilerplate left out."
    )


def test_progress_ends_with_everything_done(settings):
    embedding = WordCountEmbedding()
    index = open_for_writing(settings, embedding)
    calls = []
    try:
        ingest_files([CORPUS], index, embedding, lambda done, total: calls.append((done, total)))
    finally:
        index.close()
    assert calls == [(0, 0), (64, 0), (0, 75), (64, 75), (75, 75)]


def test_rebuild_embeds_every_paper_again(indexed):
    before = fingerprint(indexed)
    embedding = WordCountEmbedding(fingerprint="another model")
    index = open_for_writing(indexed, embedding, is_rebuild=True)
    try:
        assert rebuild(index, embedding, no_progress) == 3
        assert index.exact["passage"].count() == 3
        assert index.exact["sentence"].count() == 4 + 3 + 3
        assert index.fingerprint != before
    finally:
        index.close()


def test_report_names_the_papers_that_are_new_and_changed(indexed, papers_file):
    report = ingest([write_papers(papers_file, {"Hens": "They lay.", SPARSE: "Less.", "Cocks": "."})], indexed)
    assert (report.new_ids, report.changed_ids) == (ids("Hens", "Cocks"), ids(SPARSE))
    assert (report.new, report.changed) == (2, 1)


def test_upload_and_pasted_text_are_stored_under_the_names_they_were_given(writable, papers_file):
    upload = Source("my papers.jsonl", lambda: papers_file.open("rb"))
    pasted = Source("Pasted text", lambda: BytesIO(b'{"title": "Hens", "abstract": "They lay."}'))
    report = ingest_sources([upload, pasted], writable, WordCountEmbedding(), no_progress)
    assert (report.new, report.unchanged) == (1, 3)
    assert writable.library.sources()["Pasted text"] == 1


def test_sources_that_cannot_be_read_are_named_as_they_were_given(writable):
    def gone():
        raise FileNotFoundError(2, "No such file or directory")

    sources = [Source("gone.csv", gone), Source("empty.csv", BytesIO)]
    with pytest.raises(InputError) as raised:
        ingest_sources(sources, writable, WordCountEmbedding(), no_progress)
    assert str(raised.value) == (
        "gone.csv cannot be read (No such file or directory): check the path. empty.csv is empty: nothing to read."
    )


def test_no_source_at_all_changes_nothing(writable):
    before = writable.fingerprint
    assert ingest_sources([], writable, WordCountEmbedding(), no_progress).read == 0
    assert writable.fingerprint == before


def test_file_whose_name_is_not_utf_8_is_read(settings, papers_file):
    path = papers_file.rename(papers_file.parent / os.fsdecode(b"caf\xe9.jsonl"))
    assert ingest([path], settings).new == 3


def test_removed_paper_is_deleted_with_its_chunks_and_words(indexed, writable):
    before = writable.fingerprint
    assert remove_papers([*ids(SPARSE), "nobody", *ids(SPARSE)], writable) == 1
    writable.close()
    rest = {title: abstract for title, abstract in ABSTRACTS.items() if title != SPARSE}
    assert stored_abstracts(indexed) == rest
    assert stored_chunks(indexed) == expected_chunks(rest)
    assert fingerprint(indexed) != before
    index = open_for_reading(indexed, WordCountEmbedding())
    assert index.words["passage"].best("sparse", 5) == index.words["sentence"].best("sparse", 5) == {}
    index.close()


@pytest.mark.parametrize("paper_ids", [[], ["nobody"]])
def test_removing_nothing_changes_nothing(writable, paper_ids):
    before = writable.fingerprint
    assert remove_papers(paper_ids, writable) == 0
    assert (writable.is_complete, writable.fingerprint) == (True, before)


def test_removed_paper_comes_back_with_its_file(indexed, writable, papers_file):
    remove_papers(ids(SPARSE), writable)
    writable.close()
    assert ingest([papers_file], indexed).new_ids == ids(SPARSE)
    assert stored_chunks(indexed) == expected_chunks(ABSTRACTS)
