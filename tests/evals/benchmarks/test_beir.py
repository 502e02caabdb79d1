from __future__ import annotations

import codecs
import gzip
import json
import zlib
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.records import Paper
from evals.benchmarks.beir import read_benchmark

CORPUS = '{"_id": "a", "title": " Hens ", "text": " They lay eggs. "}\n{"_id": "b", "text": "Cows."}\n'
QUERIES = '{"_id": "q", "text": "Who lays eggs?"}\n{"_id": "r", "text": "Who gives milk?"}\n'
HEADER = "query-id\tcorpus-id\tscore\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents and two queries, of which one is judged."""
    folder = tmp_path / "farm"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(CORPUS)
    (folder / "queries.jsonl").write_text(QUERIES)
    (folder / "qrels" / "test.tsv").write_text(f"{HEADER}q\ta\t2\nq\tb\t0\n")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as raised:
        read_benchmark(folder)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def compress(path: Path) -> Path:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    return packed


def test_papers_judged_queries_and_judgements_are_read(folder):
    found = read_benchmark(folder)
    assert found.name == "farm"
    assert found.papers == (Paper("a", "Hens", "They lay eggs."), Paper("b", "", "Cows."))
    assert found.queries == {"q": "Who lays eggs?"}
    assert found.judgements == {"q": {"a": 2, "b": 0}}


def test_gzipped_files_read_the_same(folder):
    plain = read_benchmark(folder)
    for path in [*folder.glob("*.jsonl"), *folder.glob("qrels/*.tsv")]:
        compress(path)
    assert read_benchmark(folder) == plain


def test_lines_may_end_as_on_windows(folder):
    plain = read_benchmark(folder)
    for path in [*folder.glob("*.jsonl"), *folder.glob("qrels/*.tsv")]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_benchmark(folder) == plain


def test_numbers_are_ids_too_and_nought_is_one(folder):
    (folder / "corpus.jsonl").write_text('{"_id": 0, "text": "Hens."}\n')
    (folder / "qrels" / "test.tsv").write_text(f"{HEADER}q\t0\t1\n")
    assert read_benchmark(folder).judgements == {"q": {"0": 1}}


def test_a_folder_given_as_a_dot_still_has_a_name(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert read_benchmark(Path()).name == "farm"


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"_id": "x", "text": "cut sh', "not valid JSON"),
        pytest.param("[" * 100_000, "not valid JSON", id="deep"),
        ("[1]", "no _id."),
        ('{"text": "Pigs."}', "no _id."),
        ('{"_id": "", "text": "Pigs."}', "no _id."),
        ('{"_id": null, "text": "Pigs."}', "no _id."),
        ('{"_id": "x"}', "no text."),
        ('{"_id": "x", "text": ["Pigs."]}', "no text."),
        ('{"_id": "q", "text": "Pigs."}\n{"_id": "q", "text": "Pigs."}', "_id 'q' occurs twice."),
    ],
)
def test_a_malformed_record_is_named_with_file_and_line(folder, name, line, said):
    (folder / name).write_text('{"_id": "first", "text": "Ducks."}\n\n' + line + "\n")
    number = 4 if "twice" in said else 3
    assert refused(folder).startswith(f"{name}, line {number}: {said}")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("q\ta\t1\n", "line 1: the header must be query-id, corpus-id, score"),
        ("query-id corpus-id score\nq a 1\n", "line 1: the header must be"),
        (f"{HEADER}q\ta\n", "line 2: not query id, document id and a whole number"),
        (f"{HEADER}q\t0\ta\t1\n", "line 2: not query id, document id and a whole number"),
        (f"{HEADER}q\ta\tyes\n", "line 2: not query id, document id and a whole number"),
        (f"{HEADER}q\ta\t0.5\n", "line 2: not query id, document id and a whole number"),
        (f"{HEADER}q\ta\t1\nz\ta\t1\n", "line 3: there is no query 'z'."),
        (f"{HEADER}q\ta\t1\nq\tz\t1\n", "line 3: there is no document 'z'."),
        (f"{HEADER}q\ta\t1\nq\ta\t2\n", "line 3: 'a' is judged 1 and 2 for query 'q': keep one of the rows."),
    ],
)
def test_a_malformed_qrel_is_named_with_file_and_line(folder, rows, said):
    (folder / "qrels" / "test.tsv").write_text(rows)
    assert refused(folder).startswith(f"test.tsv, {said}")


def test_a_judgement_listed_twice_with_the_same_value_counts_once_and_is_reported(folder):
    (folder / "qrels" / "test.tsv").write_text(f"{HEADER}q\ta\t1\nq\ta\t1\nq\tb\t0\n")
    found = read_benchmark(folder)
    assert found.judgements == {"q": {"a": 1, "b": 0}}
    assert found.repeated_judgements == 1


def test_a_header_without_judgements_is_refused(folder):
    (folder / "qrels" / "test.tsv").write_text(HEADER)
    assert "test.tsv contains no judgement" in refused(folder)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_named(folder, name, content):
    (folder / name).write_bytes(content)
    assert refused(folder) == f"{folder / name} is empty: nothing to score."


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert f"{folder} has no {name.replace('test', '*')}" in refused(folder)


def test_a_byte_order_mark_is_no_part_of_the_text(folder):
    path = folder / "corpus.jsonl"
    expected = read_benchmark(folder)
    path.write_bytes(codecs.BOM_UTF8 + CORPUS.encode())
    assert read_benchmark(folder) == expected


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_line_that_is_not_utf_8_is_named(folder, is_packed):
    path = folder / "corpus.jsonl"
    path.write_bytes(CORPUS.encode() + b'{"_id": "c", "text": "caf\xe9"}\n')
    if is_packed:
        path = compress(path)
    assert refused(folder).startswith(f"{path.name}, line 3: not UTF-8 text")


def test_gzip_that_is_cut_short_is_named(folder):
    path = compress(folder / "corpus.jsonl")
    path.write_bytes(path.read_bytes()[:-9])
    assert refused(folder).startswith(f"{path} cannot be read (Compressed file ended")


def test_gzip_whose_bytes_are_damaged_is_named(folder):
    path = compress(folder / "corpus.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:10] + b"\xff" * 20 + whole[30:])  # no deflate block begins with 0xff
    with pytest.raises(zlib.error):
        gzip.decompress(path.read_bytes())
    assert refused(folder).startswith(f"{path} cannot be read (Error -3")


def test_a_plain_file_named_gz_is_named(folder):
    path = folder / "corpus.jsonl"
    path.rename(path.with_name("corpus.jsonl.gz"))
    assert refused(folder).startswith(f"{path}.gz cannot be read (Not a gzipped file")


def test_a_title_that_is_no_text_is_shown_as_text(folder):
    (folder / "corpus.jsonl").write_text(CORPUS + json.dumps({"_id": "c", "title": 1984, "text": "x"}) + "\n")
    assert read_benchmark(folder).papers[2].title == "1984"


def test_the_only_split_is_read_whatever_its_name(folder):
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "dev.tsv")
    assert read_benchmark(folder) == read_benchmark(folder, "dev")


@pytest.fixture
def splits(folder: Path) -> Path:
    """The folder with judgements of the other query as well, in a packed split."""
    (folder / "qrels" / "dev.tsv").write_text(f"{HEADER}r\tb\t1\n")
    compress(folder / "qrels" / "dev.tsv")
    return folder


@pytest.mark.parametrize(("split", "judged"), [("", "q"), ("test", "q"), ("dev", "r")])
def test_of_several_splits_one_is_read_test_when_none_is_named(splits, split, judged):
    found = read_benchmark(splits, split)
    assert (list(found.queries), list(found.judgements)) == ([judged], [judged])
    assert len(found.papers) == 2  # every split searches all of them


def test_a_split_that_is_not_there_is_answered_with_those_that_are(splits):
    with pytest.raises(InputError) as raised:
        read_benchmark(splits, "train")
    assert str(raised.value) == f"{splits} has no qrels/train.tsv: name one of its splits, dev, test."


def test_several_splits_without_test_must_be_named(splits):
    (splits / "qrels" / "test.tsv").rename(splits / "qrels" / "train.tsv")
    assert refused(splits) == f"{splits} has no qrels/test.tsv: name one of its splits, dev, train."


@pytest.mark.parametrize("name", ["dev.tsv~", "dev.tsv.bak", "train.tsv.orig"])
def test_copies_that_an_editor_left_are_no_judgements(folder, name):
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "dev.tsv")
    plain = read_benchmark(folder)
    (folder / "qrels" / name).write_text(f"{HEADER}r\tb\t1\n")
    assert read_benchmark(folder) == plain


def test_of_a_split_plain_and_packed_the_plain_one_is_read(folder):
    plain = read_benchmark(folder)
    (folder / "qrels" / "test.tsv.gz").write_bytes(gzip.compress(f"{HEADER}r\tb\t1\n".encode()))
    assert read_benchmark(folder) == plain
