"""The wheel holds what the commands read, whatever else lies in the tree: found by setuptools' own rules, not built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import PurePosixPath

import pytest

from tests.support.paths import ROOT

PACKAGES = ("assistant", "ingest", "prompts", "evals")
# What only training reads; it needs a clone, as its documents say.
LEFT_OUT = ("evals/training/*_data/*", "evals/training/README.md")
# In a process of its own, because setuptools replaces a module of Python's library when it is imported.
PROGRAM = """
from pathlib import PurePosixPath
from setuptools import Distribution
distribution = Distribution({"script_name": "setup.py"})
distribution.parse_config_files(["pyproject.toml"])
command = distribution.get_command_obj("build_py")
command.ensure_finalized()
modules = [file for _, _, file in command.find_all_modules()]
data = [PurePosixPath(folder, name) for _, folder, _, names in command.data_files for name in names]
print(*modules, *data, sep="\\n")
"""


@pytest.fixture(scope="module")
def packed() -> set[str]:
    """The files that setuptools would put into a wheel, relative to the root."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    return {PurePosixPath(line).as_posix() for line in done.stdout.splitlines()}


def in_the_tree() -> set[str]:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    return {"app.py", *(path.relative_to(ROOT).as_posix() for path in paths if "__pycache__" not in path.parts)}


def test_every_file_of_the_packages_is_packed_except_what_only_training_reads(packed):
    missing = in_the_tree() - packed
    assert {name for name in missing if not any(PurePosixPath(name).match(one) for one in LEFT_OUT)} == set()


def test_nothing_else_is_packed(packed):
    assert packed - in_the_tree() == set()


@pytest.mark.parametrize(
    "name",
    [
        "assistant/models/no_amx.cmake",
        "assistant/models/weights/reranker.safetensors",
        "assistant/web/static/chat.js",
        "assistant/web/templates/report.html",
        "evals/data/questions.jsonl",
        "ingest/corpus/hf-papers.txt",
        "prompts/answer-small.txt",
    ],
)
def test_one_file_of_each_kind_is_packed(packed, name):
    assert name in packed
