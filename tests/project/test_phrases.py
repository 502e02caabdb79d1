"""The check of phrases finds what it lists, across line breaks too, and leaves similar words alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import phrases
from tests.support.paths import ROOT
from tests.support.phrases import EXCLUDED, checked_files, findings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The map is made anew.", ["anew"]),
        ("# a copy for who\n    # reads it", ["for who", "who reads it"]),
        ('"An index is no "\n    f"longer" here', []),
        ('f"{path} is no "\n    f"report: give another."', ["is no report"]),
        ("There is no paper here.", []),
        ("It is no longer there, and recommended besides.", []),
        ("The panel opens beside the answer.", ["beside"]),
        ("class='fn-beside' of is_beside_writer", []),
        ("one JSON object a line", ["object a line"]),
        ("34 ms a paper", ["34 ms a paper"]),
        ("34 ms per paper", []),
    ],
)
def test_listed_phrases_are_found(text, found):
    assert sorted(finding.phrase for finding in findings("file.md", text)) == sorted(found)


def test_a_finding_names_file_line_and_replacement():
    (finding,) = findings("notes.md", "One.\nIt is borne out.\n")
    assert str(finding) == "notes.md:2: “borne out”: write support"


def test_files_of_every_kind_are_checked_except_what_others_wrote():
    names = checked_files()
    assert {"app.py", "README.md", "Makefile", "pyproject.toml", ".ci/run", "assistant/web/static/map.js"} <= {*names}
    assert [name for name in names if name.startswith(EXCLUDED)] == []


@pytest.mark.parametrize(("name", "code"), [("tests/support/phrases.py", 0), ("no/such/file", 0)])
def test_the_check_can_be_limited_to_a_folder(name, code):
    done = subprocess.run([sys.executable, "-m", "tests.support.phrases", "--count", name], cwd=ROOT, check=False)
    assert done.returncode == code


def test_what_is_found_is_counted_and_fails_the_check(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(phrases, "ROOT", tmp_path)
    monkeypatch.setattr(phrases, "checked_files", lambda: ["docs/a.md", "docs/b.md"])
    for name in ("docs/a.md", "docs/b.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("It is made anew.\n")
    assert phrases.main(["docs/b.md"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "docs/b.md:1: “anew”: write again",
    ]
    assert phrases.main(["--count"]) == 1
    assert capsys.readouterr().out.split() == ["1", "docs/a.md", "1", "docs/b.md"]
