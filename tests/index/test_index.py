from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering.retrieval import DENSE_ONLY, Retriever
from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch, IndexMissing
from assistant.index.graph_copies import GraphCopies
from assistant.index.library import Library
from assistant.index.opening import is_indexed, open_for_reading, open_for_writing, open_to_verify
from assistant.settings import Settings
from ingest.pipeline import ingest_files, rebuild, remove_papers
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import ABSTRACTS, HENS, add, ingest, make_paper, no_progress
from tests.support.paths import ROOT

REBUILD = "run `footnote index rebuild`"


def rebuilt(settings, embedding=None) -> int:
    embedding = embedding or WordCountEmbedding()
    with closing(open_for_writing(settings, embedding, is_rebuild=True)) as index:
        return rebuild(index, embedding, no_progress)


def papers_on_disk(settings) -> dict[str, str]:
    with closing(Library(settings.index_folder / "papers.sqlite", is_writable=False)) as library:
        return {paper.title: paper.abstract for paper in library.all_papers()}


def best_title(settings, question: str) -> str:
    embedding = WordCountEmbedding()
    with closing(open_for_reading(settings, embedding)) as index:
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
    "rebuild unfinished": lambda folder: state(folder, state="rebuilding"),
}


def test_finished_index_opens_with_its_label(indexed):
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert index.label == f"3 papers, {index.fingerprint[:12]}"
        assert len(index.fingerprint) == 64


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_refused_in_one_line_keeps_the_papers_and_is_mended_by_a_rebuild(indexed, damage):
    DAMAGES[damage](indexed.index_folder)
    with pytest.raises(IndexDamaged) as raised:
        open_for_reading(indexed, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert "\n" not in str(raised.value)
    assert papers_on_disk(indexed) == ABSTRACTS
    assert rebuilt(indexed) == 3
    assert papers_on_disk(indexed) == ABSTRACTS
    assert best_title(indexed, "forgetting in continual learning") == "A Survey of Continual Learning"


@pytest.mark.parametrize("damage", ["vectors missing", "collection lost"])
def test_unfinished_index_that_has_lost_its_vectors_is_refused_too(indexed, damage):
    with closing(Library(indexed.index_folder / "papers.sqlite", is_writable=True)) as library:
        library.catalogue.note([], [], {HENS.paper_id: HENS.content_hash}, "unfinished")
    DAMAGES[damage](indexed.index_folder)
    for opening in (open_for_reading, open_for_writing):
        with pytest.raises(IndexDamaged, match="The index holds 0 of 3 passage vectors"):
            opening(indexed, WordCountEmbedding())


def test_unfinished_index_without_word_indexes_answers_by_its_vectors(indexed):
    state(indexed.index_folder, state="unfinished")
    for grain in ("passage", "sentence"):
        shutil.rmtree(indexed.index_folder / f"words-{grain}")
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert index.is_unfinished
        assert titles(index, "sparse training")[0] == "Sparse Training of Small Models"


def test_index_that_was_killed_while_its_file_was_made_is_missing(settings):
    settings.index_folder.mkdir(parents=True)
    (settings.index_folder / "papers.sqlite").touch()
    assert not is_indexed(settings)


@pytest.mark.parametrize("damage", ["vectors missing", "vectors garbage", "collection lost", "rebuild unfinished"])
def test_ingest_into_an_index_without_its_vectors_is_refused_before_it_hides_the_loss(indexed, damage):
    DAMAGES[damage](indexed.index_folder)
    with pytest.raises(IndexDamaged) as raised:
        open_for_writing(indexed, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "questions about tables") == "Reading Tables with Unified Models"


def test_missing_index_says_how_to_make_one_and_leaves_nothing_behind(settings):
    with pytest.raises(IndexMissing, match="run `footnote ingest PATH") as raised:
        open_for_reading(settings, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    assert not is_indexed(settings)
    assert not settings.home.exists()


def test_index_is_there_once_something_was_ingested(indexed):
    assert is_indexed(indexed)


def test_index_that_was_only_begun_is_missing(settings):
    open_for_writing(settings, WordCountEmbedding()).close()
    assert not is_indexed(settings)
    with pytest.raises(IndexMissing):
        open_for_reading(settings, WordCountEmbedding())


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
    for opening in (open_for_reading, open_for_writing):
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
        open_for_reading(indexed, WordCountEmbedding())
    with closing(open_for_reading(indexed, WordCountEmbedding(fingerprint="another model"))) as index:
        assert len(index.library) == 3


def test_interrupted_rebuild_is_not_finished_by_an_ingest_that_finds_nothing_new(indexed, papers_file):
    open_for_writing(indexed, WordCountEmbedding(), is_rebuild=True).close()
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        ingest([papers_file], indexed)
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        open_for_reading(indexed, WordCountEmbedding())
    assert rebuilt(indexed) == 3
    assert best_title(indexed, "questions about tables") == "Reading Tables with Unified Models"


@pytest.mark.parametrize("damage", [cut_in_half, fill_with_garbage])
@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
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
    assert ingest([papers_file], indexed).new == 3
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_damaged_lock_is_refused_with_advice_that_mends_it(indexed):
    lock = indexed.index_folder / "lock.db"
    fill_with_garbage(lock)
    with pytest.raises(IndexDamaged, match="delete the file if it is damaged") as raised:
        open_for_reading(indexed, WordCountEmbedding())
    assert str(lock) in str(raised.value)
    lock.unlink()
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_failed_opening_lets_go_of_the_lock(indexed):
    state(indexed.index_folder, state="rebuilding")
    with pytest.raises(IndexDamaged):
        open_for_reading(indexed, WordCountEmbedding())
    state(indexed.index_folder, state="complete")
    open_for_writing(indexed, WordCountEmbedding()).close()


@contextmanager
def another_program(settings: Settings, opening: str, **options: bool):
    """A second process that holds the index open."""
    code = f"""
import sys
from pathlib import Path
from assistant.index.opening import open_for_writing, open_for_reading
from assistant.settings import Settings
from tests.support.fakes import WordCountEmbedding
index = {opening}(Settings.load({{}}, home=Path(sys.argv[1])), WordCountEmbedding(), **{options})
print("open", flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)],
        cwd=ROOT,
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


def test_reader_that_finds_another_program_writing_answers_from_what_is_stored_and_may_not_write(indexed):
    with another_program(indexed, "open_for_writing"):
        with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
            assert titles(index, "sparse weights")[0] == "Sparse Training of Small Models"
            assert (index.is_beside_writer, index.is_unfinished) == (True, False)
            with pytest.raises(IndexInUse, match="start it again to add or remove papers here") as raised:
                index.writing().__enter__()
            assert "\n" not in str(raised.value)
            folder = Path(index.copy.name)
            assert folder.exists()
        assert not folder.exists()
        with pytest.raises(IndexInUse, match="in use by another footnote program"):
            open_to_verify(indexed)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert not index.is_beside_writer


def test_reader_waits_for_a_rebuild_by_another_program(indexed):
    with another_program(indexed, "open_for_writing", is_rebuild=True):
        with pytest.raises(IndexInUse, match="wait for it or close it") as raised:
            open_for_reading(indexed, WordCountEmbedding())
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("failing", ["copy_chroma", "load_words"])
def test_reader_waits_for_a_writer_where_no_copy_can_be_made(indexed, monkeypatch, failing):
    def fail(*_: object, **__: object) -> None:
        raise IndexDamaged("no room left on its disk")

    with another_program(indexed, "open_for_writing"):
        before = {*Path(tempfile.gettempdir()).glob("footnote-*")}
        monkeypatch.setattr(f"assistant.index.opening.{failing}", fail)
        with pytest.raises(IndexInUse, match="wait for it or close it"):
            open_for_reading(indexed, WordCountEmbedding())
        assert {*Path(tempfile.gettempdir()).glob("footnote-*")} == before


def test_writer_is_told_that_another_program_reads_and_others_may_read_along(indexed):
    with another_program(indexed, "open_for_reading"):
        assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
        for is_rebuild in (False, True):
            with pytest.raises(IndexInUse) as raised:
                open_for_writing(indexed, WordCountEmbedding(), is_rebuild=is_rebuild)
            assert "\n" not in str(raised.value)
        assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
    open_for_writing(indexed, WordCountEmbedding()).close()


def cut_short(settings):
    """As by a kill while Chroma wrote the graphs."""
    chroma = settings.index_folder / "chroma"
    with closing(Library(settings.index_folder / "papers.sqlite", is_writable=False)) as library:
        name = library.fact("collection")
    for grain in ("passage", "sentence"):
        with suppress(KeyboardInterrupt), GraphCopies(chroma).kept(f"{name}-{grain}"):
            raise KeyboardInterrupt
    for graph in chroma.glob("*-*"):
        (graph / "index_metadata.pickle").write_bytes(b"\x80\x03}(X")


@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
def test_graphs_that_were_cut_short_are_mended_by_who_opens_the_index_next(indexed, opening):
    cut_short(indexed)
    opening(indexed, WordCountEmbedding()).close()
    assert GraphCopies(indexed.index_folder / "chroma").left() == []
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_graphs_that_were_cut_short_wait_for_the_other_programs_that_read(indexed):
    with another_program(indexed, "open_for_reading"):
        cut_short(indexed)
        with pytest.raises(IndexInUse):
            open_for_reading(indexed, WordCountEmbedding())
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"


def test_home_that_is_a_file_is_refused(tmp_path):
    home = tmp_path / "home"
    home.write_text("not a folder")
    settings = Settings.load({}, home=home)
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write") as raised:
        open_for_writing(settings, WordCountEmbedding())
    assert "\n" not in str(raised.value)
    with pytest.raises(IndexMissing):
        open_for_reading(settings, WordCountEmbedding())
    assert home.read_text() == "not a folder"


def test_index_folder_that_is_a_file_is_refused(settings):
    settings.home.mkdir()
    settings.index_folder.write_text("not a folder")
    with pytest.raises(IndexDamaged, match="set FOOTNOTE_HOME to a folder you can write"):
        open_for_writing(settings, WordCountEmbedding())


@pytest.fixture
def read_only(indexed, tmp_path):
    """The settings of an index on a read-only file system: file permissions would not bind the superuser."""
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
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("opening", [open_for_reading, open_for_writing])
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
        with closing(open_for_reading(settings, WordCountEmbedding())) as index:
            fingerprints.append(index.fingerprint)
    assert fingerprints[0] == fingerprints[1]


def test_index_without_papers_answers_with_nothing(settings, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as index:
        ingest_files([empty], index, embedding, no_progress)
    with closing(open_for_reading(settings, embedding)) as index:
        found = Retriever(index, embedding).retrieve("What is there?")
    assert (found.papers, found.evidence) == ((), ())


def test_half_written_transaction_of_the_papers_is_rolled_back(indexed):
    path = indexed.index_folder / "papers.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM papers")
    connection.close()  # without a commit, as when a program ends in the middle
    assert papers_on_disk(indexed) == ABSTRACTS


@pytest.fixture
def reading(indexed):
    """The index as a page has it open."""
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        yield index


def titles(index, question: str) -> list[str]:
    return [ranked.paper.title for ranked in Retriever(index, WordCountEmbedding()).retrieve(question).papers]


def state_of(index) -> str:
    return index.library.fact("state")


def fail_at(done):
    def progress(now, total):
        if total and now == done:
            raise RuntimeError("the page is gone")

    return progress


def test_paper_added_while_the_index_is_open_is_found_by_its_words_and_vectors(reading):
    before = reading.fingerprint
    with reading.writing() as index:
        assert add(index, HENS).new_ids == [HENS.paper_id]
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"
    assert list(reading.words["passage"].best("hens", 5)) == [HENS.paper_id]
    assert list(reading.words["sentence"].best("hens eggs", 5)) == [f"{HENS.paper_id}:sentence:0:14"]
    assert reading.library.find("hen").total == 1
    assert reading.fingerprint != before
    assert reading.label.startswith("4 papers")


def test_paper_removed_while_the_index_is_open_is_found_no_more(reading):
    sparse = make_paper("Sparse Training of Small Models", "").paper_id
    with reading.writing() as index:
        assert remove_papers([sparse], index) == 1
    assert "Sparse Training of Small Models" not in titles(reading, "sparse training")
    assert reading.words["passage"].best("sparse", 5) == {}
    assert reading.label.startswith("2 papers")


def test_what_was_written_is_there_for_the_next_program(reading, indexed):
    with reading.writing() as index:
        add(index, HENS)
    reading.close()
    assert best_title(indexed, "Which birds lay eggs?") == "Hens"


def test_open_index_answers_with_the_words_it_has_until_the_writer_is_done(reading):
    with reading.writing() as index:
        add(index, HENS)
        assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
        assert reading.words["passage"].best("hens", 5) == {}
    assert reading.words["passage"].best("hens", 5) != {}


def test_second_writer_of_this_program_is_refused_at_once_and_the_first_goes_on(reading):
    with reading.writing() as index, ThreadPoolExecutor(1) as pool:
        with pytest.raises(IndexInUse, match="wait until that is done") as raised:
            pool.submit(reading.writing().__enter__).result(timeout=0.4)
        assert "\n" not in str(raised.value)
        add(index, HENS)
    with reading.writing() as index:
        assert add(index, HENS).unchanged == 1


def test_writer_is_refused_while_another_program_reads_and_this_one_goes_on_reading(reading, indexed):
    with another_program(indexed, "open_for_reading"):
        with pytest.raises(IndexInUse, match="in use by another footnote program"), reading.writing():
            pytest.fail("another program reads")
        assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
    with pytest.raises(IndexInUse):
        open_for_writing(indexed, WordCountEmbedding())
    with reading.writing() as index:
        add(index, HENS)


def test_other_programs_may_read_but_not_write_while_papers_are_written(reading, indexed):
    with reading.writing() as index:
        add(index, HENS)
        with pytest.raises(IndexInUse):
            open_for_writing(indexed, WordCountEmbedding())
        with closing(open_for_reading(indexed, WordCountEmbedding())) as other:
            assert titles(other, "Which birds lay eggs?")[0] == "Hens"
    with another_program(indexed, "open_for_reading"):
        assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"


def test_writer_that_fails_leaves_the_open_index_answering_and_the_next_one_finishes(reading, indexed):
    with pytest.raises(RuntimeError), reading.writing() as index:
        add(index, *(make_paper(f"Hens {number}", "Hens lay eggs.") for number in range(70)), progress=fail_at(64))
    assert state_of(reading) == "unfinished"
    assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
    with reading.writing() as index:
        assert add(index).read == 0
    assert state_of(reading) == "complete"
    assert len(reading.words["passage"].best("hens", 100)) == 64
    reading.close()
    open_for_reading(indexed, WordCountEmbedding()).close()


def test_writer_that_chroma_fails_leaves_the_open_index_answering_and_the_next_one_finishes(reading, monkeypatch):
    with monkeypatch.context() as failing:
        failing.setattr(GraphCopies, "forget", fail_to_forget)
        with pytest.raises(IndexDamaged, match="cannot be read"), reading.writing() as index:
            add(index, HENS)
    assert titles(reading, "sparse weights")[0] == "Sparse Training of Small Models"
    with reading.writing() as index:
        add(index)
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"
    assert state_of(reading) == "complete"


def fail_to_forget(*_: object) -> None:
    raise OSError(5, "Input/output error")


def test_writer_that_did_nothing_changes_nothing(reading):
    before = reading.fingerprint
    with pytest.raises(RuntimeError), reading.writing() as index:
        add(index, HENS, progress=fail_at(0))
    assert (state_of(reading), reading.fingerprint) == ("complete", before)


def test_writing_may_end_in_another_thread_than_it_began(reading):
    writing = reading.writing()
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        index = one.submit(writing.__enter__).result()
        other.submit(add, index, HENS).result()
        other.submit(writing.__exit__, None, None, None).result()
    assert titles(reading, "Which birds lay eggs?")[0] == "Hens"


def test_index_closed_while_papers_are_written_is_let_go_once_they_are(reading, indexed):
    with reading.writing() as index:
        reading.close()
        with pytest.raises(IndexInUse):
            open_for_writing(indexed, WordCountEmbedding())
        add(index, HENS)
    open_for_writing(indexed, WordCountEmbedding()).close()


def test_questions_are_answered_from_whole_papers_while_others_are_added_changed_and_removed(reading):
    done = threading.Event()
    retriever = Retriever(reading, WordCountEmbedding())
    flock = [make_paper(f"Hens {number}", f"Hens lay {number} eggs. They sit on them.") for number in range(200)]

    def ask() -> int:
        asked = 0
        while not done.is_set():
            found = retriever.retrieve("Which hens train sparse models and lay eggs?")
            assert found.papers
            assert all(item.text and item.text in item.paper.abstract for item in found.evidence)
            assert reading.library.find("a").total >= 3
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            with reading.writing() as index:
                add(index, *flock)
                add(index, *(replace(paper, abstract="Cocks crow. Hens do not.") for paper in flock[:50]))
                remove_papers([paper.paper_id for paper in flock[100:]], index)
        finally:
            done.set()
        assert min(question.result() for question in asking) > 0
    assert len(reading.words["passage"].best("hens", 200)) == 100


ADD_HENS = """
import sys
from contextlib import closing
from assistant.index.opening import open_for_writing
from assistant.settings import Settings
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import HENS, add
from tests.support.paths import ROOT
with closing(open_for_writing(Settings.load({}, home=sys.argv[1]), WordCountEmbedding())) as index:
    add(index, HENS)
"""


def test_what_another_program_wrote_meanwhile_is_seen_by_whoever_opens_again(indexed):
    assert best_title(indexed, "sparse weights") == "Sparse Training of Small Models"
    subprocess.run([sys.executable, "-c", ADD_HENS, str(indexed.home)], cwd=ROOT, check=True)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert {grain: len(store) for grain, store in index.stores.items()} == {"passage": 4, "sentence": 12}
        found = Retriever(index, WordCountEmbedding(), DENSE_ONLY).rank("Which birds lay eggs?", 1)
    assert list(found) == [HENS.paper_id]


def test_index_whose_papers_were_all_removed_opens_and_finds_nothing(reading, indexed):
    with reading.writing() as index:
        assert remove_papers(index.library.content_hashes(), index) == 3
    assert titles(reading, "sparse weights") == []
    reading.close()
    assert is_indexed(indexed)
    with closing(open_for_reading(indexed, WordCountEmbedding())) as index:
        assert Retriever(index, WordCountEmbedding()).retrieve("sparse weights").evidence == ()
        with index.writing() as writer:
            add(writer, HENS)
        assert titles(index, "Which birds lay eggs?") == ["Hens"]


@pytest.fixture
def earlier(indexed):
    """The settings of an index whose papers are stored as before they could be searched."""
    path = indexed.index_folder / "papers.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        papers = connection.execute("SELECT paper_id, content_hash, source, fields FROM records").fetchall()
        facts = connection.execute("SELECT name, value FROM facts").fetchall()
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE papers (paper_id TEXT PRIMARY KEY, content_hash, source, fields)")
        connection.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT)")
        connection.executemany("INSERT INTO papers VALUES (?, ?, ?, ?)", papers)
        connection.executemany("INSERT INTO facts VALUES (?, ?)", facts)
    return indexed


def test_index_of_an_earlier_version_is_refused_to_readers_with_advice_and_left_unlocked(earlier):
    assert is_indexed(earlier)
    with pytest.raises(IndexMismatch, match="made by an earlier version of Footnote") as raised:
        open_for_reading(earlier, WordCountEmbedding())
    assert REBUILD in str(raised.value)
    assert "\n" not in str(raised.value)
    open_for_writing(earlier, WordCountEmbedding()).close()


def test_ingest_that_finds_nothing_new_brings_an_index_of_an_earlier_version_up_to_date(earlier, papers_file):
    assert ingest([papers_file], earlier).unchanged == 3
    assert best_title(earlier, "sparse weights") == "Sparse Training of Small Models"


def test_rebuild_brings_an_index_of_an_earlier_version_up_to_date(earlier):
    assert rebuilt(earlier) == 3
    assert papers_on_disk(earlier) == ABSTRACTS
    assert best_title(earlier, "sparse weights") == "Sparse Training of Small Models"
