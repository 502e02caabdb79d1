"""Labelled data of the evals; README.md in the folder above says how each file was made."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
