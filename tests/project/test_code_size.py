"""Limits on the size of files and functions, and no fixture without a test that uses it."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from tests.support.paths import ROOT, TESTS

FOLDERS = ("assistant", "ingest", "prompts", "evals", "tests", "docs")
SOURCES = [ROOT / "app.py", *itertools.chain.from_iterable(sorted((ROOT / name).rglob("*.py")) for name in FOLDERS)]
LONGEST_FILE, LONGEST_FUNCTION = 350, 50  # lines
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_350_lines():
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_function_is_longer_than_50_lines():
    long = [
        f"{path.relative_to(ROOT)}: {node.name} has {lines_of(node)} lines"
        for path in SOURCES
        for node in functions(path)
        if lines_of(node) > LONGEST_FUNCTION
    ]
    assert long == []


def is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator).startswith("pytest.fixture") for decorator in node.decorator_list)


def test_every_fixture_is_used():
    tests = [node for path in TESTS.rglob("*.py") for node in functions(path)]
    used = {argument.arg for node in tests for argument in node.args.args}
    named = {
        constant.value
        for path in TESTS.rglob("test_*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and "usefixtures" in ast.unparse(call.func)
        for constant in ast.walk(call)
        if isinstance(constant, ast.Constant)
    }
    automatic = {node.name for node in tests if any("autouse" in ast.unparse(one) for one in node.decorator_list)}
    assert {node.name for node in tests if is_fixture(node)} - used - named - automatic == set()


@pytest.mark.parametrize("handler", ["except Exception", "except BaseException", "except:"])
def test_broad_handlers_raise_again_or_report(handler):
    broad = [
        f"{path.relative_to(ROOT)}: line {node.lineno}"
        for path in SOURCES
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        if ast.unparse(node).startswith(handler)
        if not any(isinstance(inner, ast.Raise) or "logging" in ast.unparse(inner) for inner in ast.walk(node))
    ]
    assert broad == []
