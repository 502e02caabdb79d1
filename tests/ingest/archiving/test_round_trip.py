"""A library arrives in another home as it was, and is merged with what is there."""

from __future__ import annotations

from contextlib import closing

import pytest

from assistant.conversations.store import Conversations
from assistant.errors import IndexInUse, Stopped
from assistant.index.identity import Notice
from assistant.index.opening import open_for_reading, open_for_writing
from ingest.pipeline import ingest_records, remove_papers
from ingest.report import Report
from ingest.services import import_from
from ingest.verifying import verify
from tests.support.archives import (
    OtherEmbedding,
    Unable,
    add_papers,
    conversations_of,
    converse,
    everything,
    export,
    import_,
    members_of,
    settings_of,
)
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import another_program, best_title
from tests.support.ingesting import stop_at
from tests.support.papers import ABSTRACTS, make_paper, no_progress

SPARSE = "Sparse Training of Small Models"


def run(settings, statement, *values):
    """Run a statement on ``papers.sqlite``."""
    with (
        closing(open_for_writing(settings, WordCountEmbedding())) as writer,
        writer.library.database.transaction() as on,
    ):
        on.execute(statement, values)


def test_an_empty_home_gets_papers_vectors_and_conversations_bit_for_bit(there, here, archive):
    imported = import_(here, archive, Unable())
    assert everything(here) == everything(there)
    assert conversations_of(here) == conversations_of(there)
    assert (imported.papers.new, imported.computed, imported.notice) == (3, 0, "")
    assert imported.taken == len(everything(there)["vectors"])
    with closing(open_for_reading(here, WordCountEmbedding())) as index:
        assert verify(index) == []
    assert best_title(here, "sparse training") == SPARSE


def test_what_was_moved_twice_is_still_the_same_bit_for_bit(there, here, archive, tmp_path):
    import_(here, archive)
    export(here, tmp_path / "second.zip")
    third = settings_of(tmp_path / "third")
    import_(third, tmp_path / "second.zip", Unable())
    assert everything(third) == everything(there)


def test_importing_a_file_again_changes_nothing(here, archive):
    import_(here, archive)
    before, talks = everything(here), conversations_of(here)
    again = import_(here, archive, Unable())
    assert (everything(here), conversations_of(here)) == (before, talks)
    assert (again.papers.new, again.papers.changed, again.papers.unchanged, again.kept) == (0, 0, 3, 0)
    assert not any(again.conversations.values())


def test_the_report_is_one_line(here, archive):
    assert import_(here, archive).summary() == (
        "3 records read: 3 papers new, 0 changed. 13 vectors taken from the archive, 0 computed here. "
        "Conversations added: 1, questions: 2."
    )


def test_a_home_keeps_its_own_papers_and_conversations(here, archive):
    add_papers(here, "mine.jsonl", ("Hens", "Hens lay eggs."))
    converse(here, "What is mine?")
    import_(here, archive)
    assert {paper.title for paper in everything(here)["papers"].values()} == {*ABSTRACTS, "Hens"}
    assert {*conversations_of(here)} == {"What is mine?", "What do hens do?"}


def test_a_paper_that_both_libraries_have_is_merged(here, archive):
    add_papers(here, "mine.jsonl", (SPARSE, ABSTRACTS[SPARSE] + " It is also fast."))
    imported = import_(here, archive, Unable())
    kept = everything(here)
    assert len(kept["papers"]) == 3
    assert [one.title for one in imported.papers.merged] == [SPARSE]
    assert next(paper for paper in kept["papers"].values() if paper.title == SPARSE).abstract.endswith("also fast.")
    assert len(kept["records"]) == 4


def test_a_richer_paper_of_the_archive_replaces_the_text_here_with_its_vectors(here, archive):
    add_papers(here, "mine.jsonl", (SPARSE, "We train sparse models."))
    import_(here, archive, Unable())
    assert next(one for one in everything(here)["papers"].values() if one.title == SPARSE).abstract == ABSTRACTS[SPARSE]


def test_another_embedding_computes_all_vectors_and_says_so(here, there, archive):
    imported = import_(here, archive, OtherEmbedding())
    assert (imported.taken, imported.computed) == (0, len(everything(there)["vectors"]))
    assert imported.notice == (
        "The vectors of the archive were computed with word-count, and this library uses other: "
        "the papers were embedded again."
    )
    assert everything(here, OtherEmbedding())["papers"] == everything(there)["papers"]


def test_the_same_source_keeps_what_it_said_last(there, here, archive, tmp_path):
    source = str(tmp_path / "papers.jsonl")
    import_(here, archive)
    add_papers(here, source, (SPARSE, "They changed the abstract."))
    changed = everything(here)
    older = import_(here, archive)
    assert (older.kept, everything(here)) == (1, changed)
    add_papers(there, source, (SPARSE, "They changed it once more."))
    export(there, archive)
    assert import_(here, archive).papers.changed_ids
    assert "They changed it once more." in {paper.abstract for paper in everything(here)["papers"].values()}
    assert len(everything(here)["records"]) == 3


def test_a_paper_keeps_the_id_that_conversations_know(there, here, archive):
    """Its title came from another source than its id."""
    paper_id = next(name for name, paper in everything(there)["papers"].items() if paper.title == SPARSE)
    run(there, "UPDATE records SET paper_id = ? WHERE paper_id = ?", "kept", paper_id)
    export(there, archive)
    import_(here, archive)
    assert "kept" in everything(here)["papers"]


def test_an_id_that_is_taken_here_stays_with_its_paper(there, here, archive):
    add_papers(here, "mine.jsonl", ("Hens", "Hens lay eggs."))
    hens = next(iter(everything(here)["papers"]))
    run(there, "UPDATE records SET paper_id = ? WHERE paper_id = ?", hens, make_paper(SPARSE, "").paper_id)
    export(there, archive)
    import_(here, archive)
    assert everything(here)["papers"][hens].title == "Hens"
    assert len(everything(here)["papers"]) == 4


def test_retraction_notices_arrive_and_take_effect(there, here, archive):
    with closing(open_for_writing(there, WordCountEmbedding())) as writer:
        report = Report(notices=[Notice("doi:10.1/x", "notices.csv")])
        ingest_records([], writer, WordCountEmbedding(), no_progress, report)
    export(there, archive)
    import_(here, archive)
    assert everything(here)["notices"] == [("doi:10.1/x", "notices.csv")]


def test_records_of_an_earlier_version_are_still_named_as_such(there, here, archive):
    with closing(open_for_writing(there, WordCountEmbedding())) as writer:
        catalogue = writer.library.catalogue
        catalogue.outdated.add(catalogue.of_papers([make_paper(SPARSE, "").paper_id]).popitem()[1])
    export(there, archive)
    import_(here, archive)
    import_(here, archive)
    assert everything(here)["outdated"] == everything(there)["outdated"] != []


def test_collections_and_versions_of_sources_arrive(there, here, archive):
    add_papers(here, "mine.jsonl", ("Hens", "Hens lay eggs."))
    run(there, "INSERT INTO collections VALUES ('farm', 'a.csv')")
    run(there, "INSERT INTO source_versions VALUES ('a.csv', '1')")
    export(there, archive)
    import_(here, archive)
    with closing(open_for_reading(here, WordCountEmbedding())) as index:
        assert ("farm", "a.csv") in index.library.database.rows("SELECT collection, source FROM collections")
        assert ("a.csv", "1") in index.library.database.rows("SELECT source, version FROM source_versions")


def test_a_stopped_import_is_finished_by_the_same_command(there, here, archive):
    add_papers(there, "many.jsonl", *((f"Hens {number}", "They lay eggs.") for number in range(70)))
    export(there, archive)
    with pytest.raises(Stopped):
        import_(here, archive, progress=stop_at(64))
    assert len(everything(here)["papers"]) == 64
    assert conversations_of(here) == {}
    import_(here, archive, Unable())
    assert everything(here) == everything(there)
    assert conversations_of(here) == conversations_of(there)


def test_an_import_that_failed_in_the_middle_is_finished_by_the_same_command(there, here, archive):
    def fail(done, total):
        if total and done:
            raise KeyboardInterrupt

    add_papers(there, "many.jsonl", *((f"Hens {number}", "They lay eggs.") for number in range(70)))
    export(there, archive)
    with pytest.raises(KeyboardInterrupt):
        import_(here, archive, progress=fail)
    import_(here, archive, Unable())
    assert everything(here) == everything(there)


def test_a_page_answers_while_it_imports(here, archive):
    add_papers(here, "mine.jsonl", ("Hens", "Hens lay eggs."))
    with closing(open_for_reading(here, WordCountEmbedding())) as index:
        summary = import_from(index, WordCountEmbedding(), archive, no_progress)
        assert summary.startswith("3 records read: 3 papers new")
        assert len(index.library) == 4
        assert index.words["passage"].best("sparse", 5)


def test_another_program_that_reads_is_named_and_nothing_is_changed(here, archive):
    add_papers(here, "mine.jsonl", ("Hens", "Hens lay eggs."))
    converse(here, "What is mine?")
    with (
        another_program(here, "open_for_reading"),
        pytest.raises(IndexInUse, match="in use by another footnote program"),
    ):
        import_(here, archive)
    assert {*conversations_of(here)} == {"What is mine?"}


def test_a_conversation_here_keeps_its_title_and_ratings_and_gets_later_answers(there, here, archive):
    import_(here, archive)
    with closing(Conversations(here.conversations_file)) as kept:
        (conversation,) = kept.find()
        kept.rename(conversation.conversation_id, "Mine")
        first = kept.exchanges(conversation.conversation_id)[0]
        kept.rate(first.exchange_id, -1, "bad")
    with closing(Conversations(there.conversations_file)) as kept:
        kept.add_question("And goats?", conversation.conversation_id)
    export(there, archive)
    import_(here, archive)
    (exchanges,) = [*conversations_of(here).values()]
    assert {*conversations_of(here)} == {"Mine"}
    assert [(one.question, one.rating, one.note) for one in exchanges] == [
        ("What do hens do?", -1, "bad"),
        ("And cows?", 1, "good"),
        ("And goats?", 0, ""),
    ]


def test_nothing_of_the_settings_and_of_removed_papers_is_in_the_archive(there, archive):
    there.file.write_text('api_key_file = "/secret/place"\nauth = "user:hunter2"\n', encoding="utf-8")
    with closing(Conversations(there.conversations_file)) as kept:
        kept.delete(kept.add_question("Where are the zebras?").conversation_id)
    add_papers(there, "removed.jsonl", ("Okapis", "Okapis are shy giraffes."))
    with closing(open_for_writing(there, WordCountEmbedding())) as writer:
        remove_papers([make_paper("Okapis", "").paper_id], writer)
    export(there, archive)
    content = b"".join(members_of(archive).values()).lower()
    assert b"sparse training" in content
    assert not [word for word in (b"secret", b"hunter2", b"zebra", b"okapi", b"giraffe") if word in content]
