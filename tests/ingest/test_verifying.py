from __future__ import annotations

import json
import shutil
from contextlib import closing

import pytest

from assistant.index.opening import open_for_reading, open_for_writing
from assistant.records import paper_id_of
from ingest.pipeline import rebuild
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ingest

SPARSE = paper_id_of("Sparse Training of Small Models")
FIRST = paper_id_of("A Survey of Continual Learning")


@pytest.fixture
def verified(indexed, tmp_path):
    """The three papers and one more, of two files."""
    hens = {"title": "Hens", "abstract": "Hens lay eggs.", "doi": "10.1/h"}
    for name in ("one", "two"):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(json.dumps(hens))
        ingest([path], indexed)
    return indexed


def run(index, statement, *values):
    with index.library.database.transaction() as connection:
        connection.execute(statement, values)


def add_vector(index, grain, name, paper_id):
    rows = next(index.exact[grain].all_rows())
    index.exact[grain].put([name], rows.vectors[:1], [paper_id])


def lose_passage_vectors(index):
    index.exact["passage"].delete_papers([SPARSE])


def lose_sentence_vectors(index):
    index.exact["sentence"].delete_papers([SPARSE])


def add_stranger(index):
    add_vector(index, "passage", "nobody-1:passage:0:4", "nobody-1")


def add_other_text(index):
    add_vector(index, "sentence", f"{SPARSE}:sentence:1:4", SPARSE)


def lose_vector_store(index):
    shutil.rmtree(index.settings.index_folder / "chroma")


def lose_record(index):
    run(index, "DELETE FROM records WHERE paper_id = ?", SPARSE)


def change_record(index):
    run(index, "UPDATE records SET fields = replace(fields, 'energy', 'power') WHERE paper_id = ?", SPARSE)


def lose_paper(index):
    run(index, "DELETE FROM papers WHERE paper_id = ?", SPARSE)


def add_key(index):
    run(index, "INSERT INTO keys VALUES ('doi:10.1/z', 'nobody-1')")


def lose_key(index):
    run(index, "DELETE FROM keys WHERE paper_id = ?", SPARSE)


def lose_words(index):
    index.library.state(state="unfinished")
    index.finish(lambda _: [("nobody-1", "words")])


def leave_pending(index):
    run(index, "INSERT INTO pending VALUES (?, '')", SPARSE)


DAMAGES = [
    (lose_passage_vectors, f"papers that lack passage vectors: 1, for example {SPARSE}"),
    (lose_sentence_vectors, f"papers that lack sentence vectors: 1, for example {SPARSE}"),
    (add_stranger, "passage vectors of no paper: 1, for example nobody-1:passage:0:4"),
    (add_other_text, f"papers with sentence vectors of another text: 1, for example {SPARSE}"),
    (lose_vector_store, "vector stores that lack vectors, until the next ingest: 1, for example embedded Chroma"),
    (lose_record, f"papers without a record of a source: 1, for example {SPARSE}"),
    (change_record, f"papers that are not what their records say: 1, for example {SPARSE}"),
    (lose_paper, f"records without a paper: 1, for example {SPARSE}"),
    (add_key, "keys without a paper: 1, for example doi:10.1/z"),
    (lose_key, f"papers without a key: 1, for example {SPARSE}"),
    (lose_words, f"papers missing in the passage words: 4, for example {FIRST}"),
    (lose_words, "papers extra in the sentence words: 1, for example nobody-1"),
    (leave_pending, f"papers that an interrupted run left unfinished: 1, for example {SPARSE}"),
]


def differences(settings) -> list[str]:
    with closing(open_for_writing(settings, WordCountEmbedding())) as index:
        return verify(index)


def test_index_as_it_was_made_agrees_with_itself(verified):
    assert differences(verified) == []
    with closing(open_for_reading(verified, WordCountEmbedding())) as index:
        assert verify(index) == []


@pytest.mark.parametrize(("damage", "line"), DAMAGES)
def test_difference_is_named_with_its_number_and_an_example_and_repaired_by_a_rebuild(verified, damage, line):
    embedding = WordCountEmbedding()
    with closing(open_for_writing(verified, embedding)) as index:
        damage(index)
        assert line in verify(index)
    with closing(open_for_writing(verified, embedding, is_rebuild=True)) as index:
        assert rebuild(index, embedding, lambda *_: None) == 4
        assert verify(index) == []
