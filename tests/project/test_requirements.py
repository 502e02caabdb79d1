"""What is installed: pyproject.toml says what is needed, requirements.lock the exact version of everything."""

from __future__ import annotations

import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(line) for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]]
LOCKED = {
    canonicalize_name(name): version
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if "==" in line
    for name, version in [line.split("==")]
}


@pytest.mark.parametrize("requirement", NEEDED, ids=lambda requirement: requirement.name)
def test_the_locked_version_is_one_that_is_asked_for(requirement):
    assert requirement.specifier.contains(LOCKED[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("name", ["chromadb", "llama-cpp-python"])
def test_a_library_whose_private_parts_are_used_is_pinned_exactly(name):
    (requirement,) = [one for one in NEEDED if one.name == name]
    assert str(requirement.specifier) == f"=={LOCKED[canonicalize_name(name)]}"
