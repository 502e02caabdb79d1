"""Every sample gives the records in its golden file: one format of export, one sample, one golden file.

After an intended change, ``pytest tests/ingest/readers/test_golden_records.py --write-golden`` writes the golden files:
read the difference before you commit it.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from ingest.readers import read_papers
from tests.support.paths import GOLDEN, SAMPLES

EVERY_SAMPLE = sorted(SAMPLES.iterdir())


def records_of(sample: Path) -> dict[str, Any]:
    """The papers and skipped records of a sample, without fields that have their default value."""
    try:
        result = read_papers(sample.read_bytes(), sample.name)
    except InputError as error:
        return {"refused": str(error).partition("): use ")[0]}  # without the list of all formats
    found = {"papers": [*map(shown, result.papers)], "skipped": [*map(shown, result.skipped)]}
    return json.loads(json.dumps(found))


def shown(record: Any) -> dict[str, Any]:
    values = {field.name: (getattr(record, field.name), field.default) for field in fields(record)}
    return {name: value for name, (value, default) in values.items() if default is MISSING or value != default}


@pytest.mark.parametrize("sample", EVERY_SAMPLE, ids=lambda path: path.name)
def test_sample_gives_its_golden_records(sample, request):
    golden = GOLDEN / f"{sample.name}.json"
    found = records_of(sample)
    if request.config.getoption("--write-golden"):
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def test_every_golden_file_has_its_sample():
    assert {path.name for path in GOLDEN.iterdir()} == {f"{sample.name}.json" for sample in EVERY_SAMPLE}
