from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from chromadb.api.shared_system_client import SharedSystemClient

from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch, IndexMissing
from assistant.index import is_indexed, open_for_writing, open_index
from assistant.library import Library
from assistant.retrieval import Retriever
from assistant.settings import Settings
from ingest.pipeline import ingest_files, rebuild
from tests.conftest import ABSTRACTS, ingest
from tests.fakes import WordCountEmbedding

REPOSITORY = Path(__file__).parent.parent
REBUILD = "run `footnote index rebuild`"


def no_progress(done, total):
    pass


def as_new_program():
    """Forget Chroma's open files, which it keeps for as long as a program runs."""
    SharedSystemClient.clear_system_cache()


def rebuilt(settings, embedding=None) -> int:
    as_new_program()
    embedding = embedding or WordCountEmbedding()
    with closing(open_for_writing(settings, embedding, is_rebuild=True)) as index:
        count = rebuild(index, embedding, no_progress)
    as_new_program()
    return count


def papers_on_disk(settings) -> dict[str, str]:
    with closing(Library(settings.index_folder / "papers.sqlite", is_writable=False)) as library:
        return {paper.title: paper.abstract for paper in library.all_papers()}


def best_title(settings, question: str) -> str:
    embedding = WordCountEmbedding()
    with closing(open_index(settings, embedding)) as index:
        return Retriever(index, embedding).retrieve(question).papers[0].paper.title


def cut_in_half(path: Path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def fill_with_garbage(path: Path):
    path.write_bytes(b"garbage " * 600)


def state(folder: Path, **facts: str):
    with closing(Library(folder / "papers.sqlite", is_writable=True)) as library:
        library.state(**facts)


DAMAGES = {
    "words folder missing": lambda folder: shutil.rmtree(folder / "words-sentence"),
    "word ids cut": lambda folder: cut_in_half(folder / "words-passage" / "ids.json"),
    "word ids missing": lambda folder: (folder / "words-passage" / "ids.json").unlink(),
    "word counts cut": lambda folder: cut_in_half(folder / "words-passage" / "data.csc.index.npy"),
    "vectors missing": lambda folder: shutil.rmtree(folder / "chroma"),
    "vectors garbage": lambda folder: fill_with_garbage(folder / "chroma" / "chroma.sqlite3"),
    "vectors cut": lambda folder: cut_in_half(folder / "chroma" / "chroma.sqlite3"),
    "vectors empty": lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b""),
    "collection lost": lambda folder: state(folder, collection="footnote-other"),
    "ingest unfinished": lambda folder: state(folder, state="unfinished"),
    "rebuild unfinished": lambda folder: state(folder, state="rebuilding"),
}


@pytest.fixture(autouse=True)
def _chroma_forgets():
    yield
    as_new_program()


def test_finished_index_opens_with_its_label(indexed):
    with closing(open_index(indexed, WordCountEmbedding())) as index:
        assert index.label == f"3 papers, {index.fingerprint[:12]}"
        assert len(index.fingerprint) == 64


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_refused_in_one_line_keeps_the_papers_and_is_mended_by_a_rebuild(indexed, damage):
    as_new_program()
    DAMAGES[damage](indexed.index_folder)
    with pytest.raises(IndexDamaged) as raised:
        open_index(indexed, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert "\n" not in str(raised.value)
    assert papers_on_disk(indexed) == ABSTRACTS
    assert rebuilt(indexed) == 3
    assert papers_on_disk(indexed) == ABSTRACTS
    assert best_title(indexed, "forgetting in continual learning") == "A Survey of Continual Learning"


@pytest.mark.parametrize("damage", ["vectors missing", "vectors garbage", "collection lost", "rebuild unfinished"])
def test_ingest_into_an_index_without_its_vectors_is_refused_before_it_hides_the_loss(indexed, damage):
    as_new_program()
    DAMAGES[damage](indexed.index_folder)
    with pytest.raises(IndexDamaged) as raised:
        open_for_writing(indexed, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "questions about tables") == "Reading Tables with Unified Models"


def test_missing_index_says_how_to_make_one_and_leaves_nothing_behind(settings):
    with pytest.raises(IndexMissing, match="run `footnote ingest PATH") as raised:
        open_index(settings, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    assert not is_indexed(settings)
    assert not settings.home.exists()


def test_index_is_there_once_something_was_ingested(indexed):
    assert is_indexed(indexed)


def test_index_that_was_only_begun_is_missing(settings):
    open_for_writing(settings, WordCountEmbedding()).close()
    assert not is_indexed(settings)
    with pytest.raises(IndexMissing):
        open_index(settings, WordCountEmbedding())


def test_damaged_papers_still_count_as_an_index(indexed):
    fill_with_garbage(indexed.index_folder / "papers.sqlite")
    assert is_indexed(indexed)


@pytest.mark.parametrize(
    ("made_with", "said"),
    [
        ({"embedding": "another model"}, "embedding another model, and word-count was asked for"),
        ({"dimension": "384"}, "dimension 384, and 64 was asked for"),
        ({"chunking": "sentence-0"}, "chunking sentence-0, and passage140-sentence-1 was asked for"),
        ({"chunking": ""}, "chunking unknown, and passage140-sentence-1 was asked for"),
    ],
)
def test_index_made_otherwise_is_refused_to_readers_and_writers_and_mended_by_a_rebuild(indexed, made_with, said):
    state(indexed.index_folder, **made_with)
    for opening in (open_index, open_for_writing):
        with pytest.raises(IndexMismatch) as raised:
            opening(indexed, WordCountEmbedding())
        assert said in str(raised.value)
        assert REBUILD in str(raised.value)
        assert "\n" not in str(raised.value)
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_rebuild_takes_the_index_to_another_embedding_model(indexed):
    rebuilt(indexed, WordCountEmbedding(fingerprint="another model"))
    with pytest.raises(IndexMismatch):
        open_index(indexed, WordCountEmbedding())
    with closing(open_index(indexed, WordCountEmbedding(fingerprint="another model"))) as index:
        assert len(index.library) == 3


def test_interrupted_rebuild_is_not_finished_by_an_ingest_that_finds_nothing_new(indexed, papers_file):
    as_new_program()
    open_for_writing(indexed, WordCountEmbedding(), is_rebuild=True).close()
    as_new_program()
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        ingest([papers_file], indexed)
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        open_index(indexed, WordCountEmbedding())
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "questions about tables") == "Reading Tables with Unified Models"


@pytest.mark.parametrize("damage", [cut_in_half, fill_with_garbage])
@pytest.mark.parametrize("opening", [open_index, open_for_writing])
def test_damaged_papers_are_refused_with_advice_and_never_touched(indexed, papers_file, damage, opening):
    path = indexed.index_folder / "papers.sqlite"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(IndexDamaged) as raised:
        opening(indexed, WordCountEmbedding())
    assert "Restore the file from a backup, or move it away and ingest your papers again" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before
    path.rename(path.with_suffix(".damaged"))
    as_new_program()
    assert ingest([papers_file], indexed).new == 3
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_damaged_lock_is_refused_with_advice_that_mends_it(indexed):
    lock = indexed.index_folder / "lock.db"
    fill_with_garbage(lock)
    with pytest.raises(IndexDamaged, match="delete the file if it is damaged") as raised:
        open_index(indexed, WordCountEmbedding())
    assert str(lock) in str(raised.value)
    lock.unlink()
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_failed_opening_lets_go_of_the_lock(indexed):
    state(indexed.index_folder, state="unfinished")
    with pytest.raises(IndexDamaged):
        open_index(indexed, WordCountEmbedding())
    open_for_writing(indexed, WordCountEmbedding()).close()


@contextmanager
def another_program(settings: Settings, opening: str):
    """A second process that holds the index open."""
    code = f"""
import sys
from pathlib import Path
from assistant.index import open_for_writing, open_index
from assistant.settings import Settings
from tests.fakes import WordCountEmbedding
index = {opening}(Settings.load({{}}, home=Path(sys.argv[1])), WordCountEmbedding())
print("open", flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "open\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_reader_is_told_that_another_program_writes_and_may_read_once_it_is_gone(indexed):
    with another_program(indexed, "open_for_writing"):
        with pytest.raises(
            IndexInUse, match=r"in use by another footnote program .* wait for it or close it"
        ) as raised:
            open_index(indexed, WordCountEmbedding())
        assert "\n" not in str(raised.value)
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_writer_is_told_that_another_program_reads_and_others_may_read_along(indexed):
    with another_program(indexed, "open_index"):
        assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
        for is_rebuild in (False, True):
            with pytest.raises(IndexInUse) as raised:
                open_for_writing(indexed, WordCountEmbedding(), is_rebuild=is_rebuild)
            assert "\n" not in str(raised.value)
        assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
    open_for_writing(indexed, WordCountEmbedding()).close()


def test_home_that_is_a_file_is_refused(tmp_path):
    home = tmp_path / "home"
    home.write_text("not a folder")
    settings = Settings.load({}, home=home)
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write") as raised:
        open_for_writing(settings, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    with pytest.raises(IndexMissing):
        open_index(settings, WordCountEmbedding())
    assert home.read_text() == "not a folder"


def test_index_folder_that_is_a_file_is_refused(settings):
    settings.home.mkdir()
    settings.index_folder.write_text("not a folder")
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write"):
        open_for_writing(settings, WordCountEmbedding())


@pytest.fixture
def read_only(indexed, tmp_path):
    """The settings of an index on a read-only file system: file permissions would not bind the superuser."""
    as_new_program()
    mount = shutil.which("mount")
    place = tmp_path / "mounted"
    place.mkdir()
    if not mount or subprocess.run([mount, "-t", "tmpfs", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("mounting a file system takes the superuser")
    try:
        shutil.copytree(indexed.home, place / "home")
        subprocess.run([mount, "-o", "remount,ro", str(place)], check=True)
        yield replace(indexed, home=place / "home")
    finally:
        as_new_program()
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("opening", [open_index, open_for_writing])
def test_read_only_folder_is_refused_with_advice(read_only, opening):
    with pytest.raises(IndexDamaged, match="make its folder writable, set FOOTNOTE_HOME to another") as raised:
        opening(read_only, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    assert papers_on_disk(read_only) == ABSTRACTS


def test_read_only_parent_is_refused_with_advice(read_only):
    settings = replace(read_only, home=read_only.home / "new")
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write"):
        open_for_writing(settings, WordCountEmbedding())


def test_fingerprint_is_the_same_for_the_same_papers_in_another_order(tmp_path, papers_file):
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text("\n".join(reversed(papers_file.read_text().splitlines())))
    fingerprints = []
    for number, path in enumerate((papers_file, backwards)):
        settings = Settings.load({}, home=tmp_path / f"home {number}")
        ingest([path], settings)
        with closing(open_index(settings, WordCountEmbedding())) as index:
            fingerprints.append(index.fingerprint)
    assert fingerprints[0] == fingerprints[1]


def test_index_without_papers_answers_with_nothing(settings, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as index:
        ingest_files([empty], index, embedding, no_progress)
    with closing(open_index(settings, embedding)) as index:
        found = Retriever(index, embedding).retrieve("What is there?")
    assert (found.papers, found.evidence) == ((), ())


def test_half_written_transaction_of_the_papers_is_rolled_back(indexed):
    path = indexed.index_folder / "papers.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM papers")
    connection.close()  # without a commit, as when a program ends in the middle
    assert papers_on_disk(indexed) == ABSTRACTS
