"""The README says what there is: every command, setting, make target and folder."""

from __future__ import annotations

import re

import pytest

import app
from assistant import settings_reference
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_table_of_settings_is_up_to_date():
    message = "run `python -m assistant.settings_reference`"
    assert settings_reference.FILE.read_text(encoding="utf-8") == settings_reference.markdown(), message


@pytest.mark.parametrize("target", TARGETS)
def test_the_readme_names_every_make_target(target):
    assert re.search(rf"[`$] ?make {target}\b", README)


def test_the_readme_names_every_command(capsys):
    with pytest.raises(SystemExit):
        app.main(["--help"])
    commands = re.findall(r"^    ([a-z]+) ", capsys.readouterr().out, re.MULTILINE)
    assert len(commands) >= 6
    assert [command for command in commands if f"footnote {command}" not in README] == []


def test_every_path_in_the_readmes_tree_exists():
    tree = README.split("```text\n", 1)[1].split("```", 1)[0]
    paths = re.findall(r"^(\S+)", tree, re.MULTILINE)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
