"""Folders that tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
SAMPLES = TESTS / "samples"
GOLDEN = TESTS / "golden"
STORED = TESTS / "stored"
EVAL_DATA = ROOT / "evals" / "data"
