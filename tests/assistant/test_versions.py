from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering.verification import Verifier
from assistant.settings import ABOUT, ANSWER_SETTINGS, Settings
from assistant.versions import answer_version, code_version
from tests.support.fakes import OVERLAP_VERIFIER
from tests.support.paths import ROOT


def other_value(name: str):
    """A value that a setting does not have by default."""
    value = getattr(Settings(), name)
    if isinstance(value, dict):
        return {"other": 1}
    return value + 1 if isinstance(value, int | float) else f"{value}-other"


@pytest.mark.parametrize("name", ANSWER_SETTINGS)
def test_the_version_of_an_answer_changes_with_each_setting_that_changes_answers(make_assistant, name):
    before, after = make_assistant(), make_assistant()
    after.settings = replace(after.settings, **{name: other_value(name)})
    assert answer_version(before) == answer_version(make_assistant())
    assert answer_version(before) != answer_version(after)


@pytest.mark.parametrize("name", [name for name, about in ABOUT.items() if not about.changes_answers])
def test_the_version_of_an_answer_stays_when_another_setting_changes(make_assistant, name):
    before, after = make_assistant(), make_assistant()
    after.settings = replace(after.settings, **{name: other_value(name)})
    assert answer_version(before) == answer_version(after)


@pytest.mark.parametrize(("name", "value"), [("label", "another model"), ("style", "large")])
def test_the_version_of_an_answer_changes_with_the_language_model(make_assistant, name, value):
    before, after = make_assistant(), make_assistant()
    object.__setattr__(after.language_model, name, value)
    assert answer_version(before) != answer_version(after)


def test_the_version_of_an_answer_changes_with_the_verifier(make_assistant):
    before, after = make_assistant(), make_assistant()
    after.verifier = Verifier(OVERLAP_VERIFIER.judge, "another")
    assert answer_version(before) != answer_version(after)


@pytest.fixture
def program(tmp_path) -> Path:
    """A copy of the program's code, without the weights."""
    for package in ("assistant", "prompts"):
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.safetensors")
        )
    return tmp_path


def version_of(program: Path) -> str:
    code = "from assistant.versions import code_version; print(code_version())"
    done = subprocess.run([sys.executable, "-c", code], cwd=program, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_version_of_the_code_changes_with_code_prompts_and_weights(program):
    prompt = next((program / "prompts").glob("*.txt"))
    versions = [version_of(program)]
    for path in (
        program / "assistant" / "answering" / "gate.py",
        prompt,
        program / "assistant" / "models" / "weights" / "reranker.safetensors",
        program / "assistant" / "models" / "weights" / "smollm2_tokenizer.json",
    ):
        with path.open("a") as file:
            file.write("\n")
        versions.append(version_of(program))
    prompt.rename(prompt.with_name("renamed.txt"))
    versions.append(version_of(program))
    assert len(set(versions)) == 6


def test_the_version_of_the_code_stays_when_only_other_files_change(program):
    version = version_of(program)  # running it wrote __pycache__ as well
    (program / "assistant" / "models" / "weights" / "README.md").write_text("other words")
    assert version_of(program) == version


def test_the_version_of_the_code_is_sixteen_hex_digits():
    assert len(code_version()) == 16
    assert int(code_version(), 16) >= 0
