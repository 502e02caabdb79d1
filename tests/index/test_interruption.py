"""Nothing stored is lost by a kill at any moment or a full disk, and the same command finishes the work."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.answering.retrieval import Retriever
from assistant.errors import IndexDamaged, IndexMissing
from assistant.index.chroma import ChromaStore
from assistant.index.layout import GRAINS
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.index.stores import open_stores
from assistant.settings import Settings
from ingest.archiving.exporting import export_library
from ingest.pipeline import ingest_files
from ingest.verifying import verify
from tests.support.fakes import WordCountEmbedding
from tests.support.paths import ROOT

pytestmark = pytest.mark.models

REPOSITORY = ROOT
WORDS = (
    "hen cow goat sheep oat barley field barn egg milk wool straw plough seed rain frost soil root leaf stem".split()
)
QUESTIONS = ("Which hens lay eggs in a barn?", "frost on barley", "milk of goats and sheep")
KILLS = 20


class Worker:
    """Runs commands on an index, each in a process of its own."""

    def __init__(self) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.support.interrupted"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, settings: Settings, *command: object, killed_after: float | None = None, moment: str = "start"
    ) -> int:
        """The exit status; negative if the command was killed, ``killed_after`` seconds after its start.

        With "store" for ``moment``, the seconds are counted from when the vector store begins to be changed.
        """
        seconds = "" if killed_after is None else f"{killed_after:.4f}"
        print(moment, seconds, settings.home, *command, sep="\t", file=self._program.stdin, flush=True)
        return int(self._program.stdout.readline())

    def close(self) -> None:
        self._program.stdin.close()
        self._program.stdout.close()
        self._program.wait()


@pytest.fixture(scope="module")
def worker():
    with closing(Worker()) as worker:
        yield worker


def write_papers(path: Path, count: int, seed: int, **fields: object) -> Path:
    chance = random.Random(seed)  # noqa: S311
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            sentences = [" ".join(chance.choices(WORDS, k=chance.randint(5, 12))).capitalize() for _ in range(4)]
            record = {"title": f"Farming, part {number}", "abstract": ". ".join(sentences) + ".", **fields}
            file.write(json.dumps(record) + "\n")
    return path


def settings_of(path: Path) -> Settings:
    return Settings.load({}, home=path)


def everything(settings: Settings) -> dict[str, Any]:
    """The complete content of an index."""
    with closing(open_for_reading(settings, WordCountEmbedding())) as index:
        assert verify(index) == []
        assert not index.is_unfinished
        assert not index.vectors.is_exact
        catalogue = index.library.catalogue
        found: dict[str, object] = {
            "papers": [asdict(paper) for paper in index.library.all_papers()],
            "records": sorted(
                (*record.version, record.paper_id)
                for records in catalogue.of_papers(index.library.content_hashes()).values()
                for record in records
            ),
            "fingerprint": index.fingerprint,
        }
        check_store_holds_the_same(index)
        for grain in GRAINS:
            found[f"{grain} vectors"] = all_rows(index, grain)
            words = index.words[grain]
            found[f"{grain} words"] = (list(words.ids), [words.best(question, 50) for question in QUESTIONS])
    return found


def check_store_holds_the_same(index) -> None:
    """The vector store holds the chunks and vectors that the exact store holds."""
    stores = open_stores(index.settings, index.library.fact("collection"), index.exact)
    for grain, store in stores.items():
        assert isinstance(store, ChromaStore)
        expected, stored = all_rows(index, grain), sorted_rows(store.stored_rows())
        assert [row[:2] for row in stored] == [row[:2] for row in expected]
        np.testing.assert_allclose([row[2] for row in stored], [row[2] for row in expected], atol=1e-6)
        store.close()


def all_rows(index, grain) -> list[tuple[str, str, list[float]]]:
    return sorted_rows((rows.ids, rows.vectors, rows.paper_ids) for rows in index.exact[grain].all_rows())


def sorted_rows(pages) -> list[tuple[str, str, list[float]]]:
    """Id, paper id and vector of all chunks, by their ids."""
    return sorted(
        (name, paper_id, vector.tolist())
        for ids, vectors, paper_ids in pages
        for name, vector, paper_id in zip(ids, vectors, paper_ids, strict=True)
    )


def check_answers(settings: Settings) -> int:
    """Open whatever is stored, and find papers in it and a vector for each chunk.

    Returns the number of papers.
    """
    try:
        index = open_for_reading(settings, WordCountEmbedding())
    except IndexMissing:
        return 0
    with closing(index):
        for store in index.exact.values():
            for rows in store.all_rows():
                assert {*rows.ids} <= {*store.vectors_of(rows.paper_ids)}
        count = len(index.library)  # before the question: another program may be adding papers
        found = Retriever(index, WordCountEmbedding()).retrieve(QUESTIONS[0])
        assert count == 0 or found.papers
        assert all(item.text in item.paper.abstract for item in found.evidence)
        return count


def uninterrupted(worker: Worker, make_home, command) -> tuple[dict[str, Any], float]:
    """The content of a home after the command, and the seconds that it takes; the first run is slower."""
    seconds = []
    for _ in range(2):
        settings, started = make_home(), time.perf_counter()
        assert worker.run(settings, *command) == 0
        seconds.append(time.perf_counter() - started)
    return everything(settings), min(seconds)


def killed(worker: Worker, make_home, command, seconds: float, kills: int) -> list[Settings]:
    """Kill the command several times, at moments spread over its duration, and read what is stored then.

    Every second one continues where the first was killed. Returns the homes.
    """
    chance = random.Random(1)  # noqa: S311
    left, statuses = list[Settings](), list[int]()
    for number in range(kills):
        settings = left.pop() if number % 2 else make_home()
        moment = seconds * (number + chance.random()) / kills
        statuses.append(worker.run(settings, *command, killed_after=moment))
        check_answers(settings)
        left.append(settings)
    assert set(statuses) <= {0, -9}
    assert statuses.count(-9) >= kills // 2
    return left


def home_maker(folder: Path, start: Settings | None = None):
    """Makes homes: empty ones, or copies of ``start``."""

    def make() -> Settings:
        home = folder / f"home {len(list(folder.iterdir()))}"
        if start:
            shutil.copytree(start.home, home)
        else:
            home.mkdir()
        return settings_of(home)

    folder.mkdir()
    return make


def test_ingest_killed_at_any_moment_is_finished_by_the_same_command_as_if_never_killed(worker, tmp_path):
    command = ("ingest", write_papers(tmp_path / "papers.jsonl", 300, seed=0))
    make_home = home_maker(tmp_path / "homes")
    expected, seconds = uninterrupted(worker, make_home, command)
    for settings in killed(worker, make_home, command, seconds, KILLS):
        assert worker.run(settings, *command) == 0
        assert everything(settings) == expected


def test_ingest_killed_while_the_vector_store_is_changed_is_finished_as_if_never_killed(worker, tmp_path):
    command = ("ingest", write_papers(tmp_path / "papers.jsonl", 300, seed=0))
    make_home = home_maker(tmp_path / "homes")
    expected, _ = uninterrupted(worker, make_home, command)
    chance = random.Random(2)  # noqa: S311
    kills = 0
    for _ in range(30):  # some runs end before their kill, more of them on a busy machine
        settings = make_home()
        kills += worker.run(settings, *command, killed_after=chance.uniform(0, 0.3), moment="store") == -9
        check_answers(settings)
        assert worker.run(settings, *command) == 0
        assert everything(settings) == expected
        if kills == 5:
            break
    assert kills == 5


def test_questions_are_answered_while_another_program_adds_papers(worker, tmp_path):
    path = write_papers(tmp_path / "papers.jsonl", 2_000, seed=0)
    settings = settings_of(tmp_path / "home")
    sizes = []
    with ThreadPoolExecutor(1) as thread:
        adding = thread.submit(worker.run, settings, "ingest", path)
        while not adding.done():
            sizes.append(check_answers(settings))
            time.sleep(0.02)
        assert adding.result() == 0
    assert sizes == sorted(sizes)
    assert any(0 < size < 2_000 for size in sizes)
    assert len(everything(settings)["papers"]) == 2_000


@pytest.fixture
def filled(worker, tmp_path):
    """An index of 150 papers of one file; another file describes 100 of them in other words."""
    home = settings_of(tmp_path / "filled")
    one = write_papers(tmp_path / "one.jsonl", 150, seed=0)
    two = write_papers(tmp_path / "two.jsonl", 100, seed=1)
    assert worker.run(home, "ingest", one, two) == 0
    return home


@pytest.mark.parametrize("kind", ["changes", "sources removed", "papers removed"])
def test_changes_and_removals_killed_at_any_moment_are_finished_by_the_same_command(worker, filled, tmp_path, kind):
    one = tmp_path / "one.jsonl"
    with closing(open_for_reading(filled, WordCountEmbedding())) as index:
        ids = list(index.library.content_hashes())[::2]
    if kind == "changes":
        write_papers(one, 150, seed=2)
    command = {
        "changes": ("ingest", one),
        "sources removed": ("remove-sources", one),
        "papers removed": ("remove", *ids),
    }[kind]
    make_home = home_maker(tmp_path / "homes", filled)
    expected, seconds = uninterrupted(worker, make_home, command)
    assert len(expected["papers"]) == {"changes": 150, "sources removed": 100, "papers removed": 75}[kind]
    for settings in killed(worker, make_home, command, seconds, 8):
        assert worker.run(settings, *command) == 0
        assert everything(settings) == expected


def test_an_import_killed_at_any_moment_is_finished_by_the_same_command(worker, filled, tmp_path):
    archive = tmp_path / "library.zip"
    export_library(filled, archive, lambda *_: None)
    make_home = home_maker(tmp_path / "homes")
    expected, seconds = uninterrupted(worker, make_home, ("import", archive))
    assert expected == everything(filled)
    for settings in killed(worker, make_home, ("import", archive), seconds, 8):
        assert worker.run(settings, "import", archive) == 0
        assert everything(settings) == expected


def test_rebuild_killed_is_refused_to_readers_and_done_again(worker, filled):
    expected, seconds = uninterrupted(worker, lambda: filled, ["rebuild"])
    assert worker.run(filled, "rebuild", killed_after=seconds * 0.6) == -9
    with pytest.raises(IndexDamaged, match="The last rebuild did not finish"):
        open_for_reading(filled, WordCountEmbedding())
    assert worker.run(filled, "rebuild") == 0
    assert everything(filled) == expected


@contextmanager
def small_disk(folder: Path, megabytes: int):
    """A file system of this size. Skips the test without the permission to mount one."""
    folder.mkdir()
    mount = shutil.which("mount")
    options = [f"size={megabytes}m", "tmpfs", str(folder)]
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", *options], capture_output=True).returncode:
        pytest.skip("mounting a file system takes the superuser")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_loses_nothing(worker, tmp_path):
    path = write_papers(tmp_path / "papers.jsonl", 300, seed=0)
    whole = settings_of(tmp_path / "whole")
    assert worker.run(whole, "ingest", path) == 0
    expected = everything(whole)
    with small_disk(tmp_path / "disk", 16) as disk:
        settings = settings_of(disk / "home")
        stored = []
        for kilobytes in (0, 10, 50, 200, 500, 1_000):
            fill(disk, leaving=kilobytes)
            check_said(settings, path)
            (disk / "ballast").unlink()  # Chroma cannot even read on a full disk
            stored.append(check_answers(settings))
        assert stored == sorted(stored)
        assert worker.run(settings, "ingest", path) == 0
        assert everything(settings) == expected


def fill(disk: Path, leaving: int) -> None:
    """Fill the disk, except for some kilobytes."""
    (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - leaving * 1_024))


def check_said(settings: Settings, path: Path) -> None:
    """The disk is too full for the papers, and one line says so."""
    embedding = WordCountEmbedding()
    with (
        pytest.raises(IndexDamaged, match="make room and run the same command again") as raised,
        closing(open_for_writing(settings, embedding)) as index,
    ):
        ingest_files([path], index, embedding, lambda *_: None)
    assert "\n" not in str(raised.value)
