from __future__ import annotations

import pytest

from assistant.errors import InputError
from evals.kept import Kept, key_of


def test_what_is_kept_is_there_the_next_time_as_it_was(tmp_path):
    path = tmp_path / "deep" / "kept.jsonl"
    result = {"b": 0.1 + 0.2, "a": [1, "é\n"]}
    with Kept(path) as kept:
        assert "k" not in kept
        kept["k"] = result
        assert kept["k"] == result
    with Kept(path) as kept:
        assert kept["k"] == result
        assert list(kept["k"]) == ["b", "a"]  # the order of a ranking


@pytest.mark.parametrize("cut", [-1, -2, -20, -40])
def test_a_line_cut_short_counts_as_not_there_and_the_next_one_is_whole(tmp_path, cut):
    path = tmp_path / "kept.jsonl"
    with Kept(path) as kept:
        kept["first"], kept["second"] = {"paper": 1.0}, {"paper": 2.0}
    path.write_bytes(path.read_bytes()[:cut])
    with Kept(path) as kept:
        assert ("second" in kept) == (cut == -1)  # only the end of the line is lost: the result is whole
        kept["third"] = {"paper": 3.0}
    with Kept(path) as kept:
        assert (kept["first"], kept["third"]) == ({"paper": 1.0}, {"paper": 3.0})


@pytest.mark.parametrize("line", [b"[]", b'"text"', b'{"key": "k"}', b"\xff\xfe", b"7"])
def test_lines_that_are_no_results_are_left_out(tmp_path, line):
    path = tmp_path / "kept.jsonl"
    path.write_bytes(line + b'\n{"key": "k2", "result": 1}\n')
    with Kept(path) as kept:
        assert "k" not in kept
        assert kept["k2"] == 1
    assert path.read_text() == '{"key": "k2", "result": 1}\n'


def test_a_result_is_on_disk_as_soon_as_it_is_kept(tmp_path):
    path = tmp_path / "kept.jsonl"
    with Kept(path) as kept:
        kept["k"] = 1
        assert path.read_text() == '{"key": "k", "result": 1}\n'


def test_a_place_that_cannot_be_written_gets_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written .*: set FOOTNOTE_HOME to another") as raised:
        Kept(tmp_path / "file" / "kept.jsonl")
    assert "\n" not in str(raised.value)


def test_a_key_changes_with_every_part_and_with_nothing_else():
    assert key_of("a", {"x": 1, "y": 2}) == key_of("a", {"y": 2, "x": 1})
    assert len({key_of("a"), key_of("b"), key_of("a", ""), key_of("a", "b"), key_of("ab"), key_of(["a"])}) == 6
