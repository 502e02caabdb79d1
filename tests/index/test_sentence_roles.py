"""Roles of sentences are kept with the papers, and computed from headings and stored vectors."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from assistant.index.chunking import sentence_chunks
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.sentence_roles import SentenceRoles
from ingest.pipeline import remove_papers
from tests.support.fakes import WordCountEmbedding
from tests.support.indexes import rebuilt, state
from tests.support.papers import HENS, add, make_paper

COCKS = make_paper(
    "Cocks", "AIM: We ask why cocks crow. RESULTS They crow at dawn. They rest. METHODS AND RESULTS We sat."
)
ROLES = ["aim", "result", "result", ""]


def roles_of(settings, paper=COCKS) -> list[str]:
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        found = index.library.roles.of_papers([paper.paper_id])
        return [found.get((paper.paper_id, chunk.start, chunk.end), "") for chunk in sentence_chunks(paper)]


@pytest.fixture
def farm(settings):
    """The settings of an index with a structured and a plain abstract, whose embedding is not classified."""
    with closing(open_for_writing(settings, WordCountEmbedding())) as writer:
        add(writer, COCKS, HENS)
    return settings


def test_an_ingest_stores_what_headings_say(farm):
    assert roles_of(farm) == ROLES
    assert roles_of(farm, HENS) == ["", ""]


def test_a_rebuild_stores_the_roles_again(farm):
    assert rebuilt(farm) == 2
    assert roles_of(farm) == ROLES


def test_the_roles_of_a_paper_are_removed_with_it(farm):
    with closing(open_for_writing(farm, WordCountEmbedding())) as writer:
        assert remove_papers([COCKS.paper_id], writer) == 1
        assert writer.library.roles.of_papers([COCKS.paper_id]) == {}


@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
def test_an_index_without_roles_gets_them_without_embedding(farm, opening):
    with closing(sqlite3.connect(farm.index_folder / "papers.sqlite")) as connection, connection:
        connection.execute("DROP TRIGGER roles_removed")
        for table in ("sentence_roles", "source_versions", "collections", "watched_folders"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM facts WHERE name = 'roles'")
        connection.execute("PRAGMA user_version = 5")
    opening(farm, WordCountEmbedding()).close()
    assert roles_of(farm) == ROLES


def test_roles_that_an_earlier_classifier_gave_are_computed_again(farm):
    with closing(sqlite3.connect(farm.index_folder / "papers.sqlite")) as connection, connection:
        connection.execute("UPDATE sentence_roles SET roles = '[]'")
    assert roles_of(farm) == ["", "", "", ""]
    state(farm.index_folder, roles="0")
    assert roles_of(farm) == ROLES


def test_a_classifier_decides_what_headings_leave_open(library):
    vectors = {chunk.chunk_id: np.ones(384, dtype=np.float32) for chunk in sentence_chunks(COCKS)}
    roles = SentenceRoles(library.database)
    roles.compute([COCKS], vectors, "all-MiniLM-L6-v2")
    *headed, last = roles.of_papers([COCKS.paper_id]).values()
    assert headed == ROLES[:3]
    assert last in ("method", "result")


def test_a_paper_that_lacks_vectors_gets_no_roles(library):
    roles = SentenceRoles(library.database)
    roles.compute([COCKS], {}, "all-MiniLM-L6-v2")
    assert roles.of_papers([COCKS.paper_id]) == {}
