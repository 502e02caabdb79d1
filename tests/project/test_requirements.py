"""What is installed: pyproject.toml says what is needed, the lock files the exact version and hashes of everything."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
USERS = [Requirement(line) for line in PROJECT["dependencies"]]
DEVELOPERS = [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
WITHOUT_HASH = "torch"  # its files differ between CPU and GPU builds, so make installs it by its version alone


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package in a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(pin.split("==")[0]): (pin.split("==")[1], hashes) for pin, *hashes in entries}


LOCKED, LOCKED_DEV = locked("requirements.lock"), locked("requirements-dev.lock")
HASHED = [one for one in USERS if one.name != WITHOUT_HASH]


@pytest.mark.parametrize("requirement", HASHED, ids=lambda requirement: requirement.name)
def test_the_locked_version_is_one_that_users_need(requirement):
    assert requirement.specifier.contains(LOCKED[canonicalize_name(requirement.name)][0])


@pytest.mark.parametrize("requirement", DEVELOPERS, ids=lambda requirement: requirement.name)
def test_the_locked_version_is_one_that_developers_need(requirement):
    assert requirement.specifier.contains((LOCKED | LOCKED_DEV)[canonicalize_name(requirement.name)][0])


def test_no_tool_of_developers_is_installed_for_users():
    assert LOCKED.keys() & LOCKED_DEV.keys() == set()
    assert {"pytest", "mypy", "ruff", "playwright"} <= LOCKED_DEV.keys()


def test_every_file_has_a_hash():
    hashes = [one for _, found in (*LOCKED.values(), *LOCKED_DEV.values()) for one in (found or [""])]
    assert len(hashes) > 1_000
    assert [one for one in hashes if not re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one)] == []


@pytest.mark.parametrize("name", ["chromadb", "llama-cpp-python", "torch"])
def test_a_library_that_must_not_change_is_pinned_exactly(name):
    (requirement,) = [one for one in USERS if one.name == name]
    assert re.fullmatch(r"==[\d.]+", str(requirement.specifier))
    assert name == WITHOUT_HASH or f"=={LOCKED[name][0]}" == str(requirement.specifier)
