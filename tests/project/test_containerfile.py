"""The container: what a linter does not know that it must do."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT

LINES = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
STAGES = [number for number, line in enumerate(LINES) if line.startswith("FROM ")]
IMAGE = LINES[STAGES[-1] :]


def argument(instruction: str) -> str:
    (line,) = [line for line in IMAGE if line.startswith(f"{instruction} ")]
    return line.removeprefix(instruction).strip()


def test_it_runs_as_a_user_who_is_not_root():
    assert int(argument("USER")) >= 1000
    assert IMAGE.index(f"USER {argument('USER')}") > max(i for i, line in enumerate(IMAGE) if line.startswith("RUN "))


def test_what_it_stores_is_in_a_volume():
    """Below the default home, so that the bundled papers are indexed at the first start."""
    assert f"XDG_DATA_HOME={argument('VOLUME')} " in argument("ENV")


def test_it_asks_for_a_password_that_is_not_in_the_image():
    user, _, file = re.findall(r"FOOTNOTE_AUTH=(\w+)(:)(\S+)", argument("ENV"))[0]
    assert user
    assert file.startswith(argument("VOLUME"))
    assert "FOOTNOTE_HOST=0.0.0.0 " in argument("ENV")
    assert not any(file in line for line in LINES if line.startswith(("RUN", "COPY")))


def test_its_health_is_checked_where_it_listens():
    assert f"127.0.0.1:{argument('EXPOSE')}/" in argument("HEALTHCHECK")


def test_stopping_it_ends_it_like_ctrl_c():
    assert argument("STOPSIGNAL") == "SIGINT"  # the first process of a container ignores SIGTERM


@pytest.mark.parametrize("stage", STAGES)
def test_the_base_is_a_slim_python_that_footnote_runs_on(stage):
    assert re.match(r"FROM docker\.io/library/python:3\.1[12]-slim\b", LINES[stage])


def test_everything_that_is_copied_exists_and_reaches_the_build():
    sent = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied = {name for line in LINES if re.match(r"COPY (?!--from)", line) for name in line.split()[1:-1]}
    assert copied == sent
    assert [name for name in copied if not (ROOT / name).exists()] == []
