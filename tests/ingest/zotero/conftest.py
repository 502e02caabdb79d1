"""A Zotero with three items, and settings that name it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.benchmarks.zotero_server import zotero_server


@pytest.fixture
def zotero():
    with zotero_server() as server:
        for number, bird in enumerate(["Hens", "Ducks", "Geese"]):
            server.put(
                f"AAAAAAA{number}", title=f"{bird} at Work", abstractNote=f"{bird} lay {number + 2} eggs.", date="2020"
            )
        yield server


@pytest.fixture
def birds(settings, zotero):
    """Settings of an empty home that name this Zotero."""
    return replace(settings, zotero=zotero.address)
