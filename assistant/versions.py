"""Versions of the code and of an answer: they change whenever an answer to the same question may change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import prompts
from assistant.pipeline import AnswerPipeline
from assistant.settings import ANSWER_SETTINGS
from assistant.system.named_class import public

_PACKAGES = (Path(__file__).parent, Path(prompts.__file__).parent)
_SUFFIXES = (".py", ".txt", ".safetensors", ".json")


def package_version() -> str:
    """The version of the installed package; empty if the program runs from a folder, without being installed."""
    try:
        return version("footnote")
    except PackageNotFoundError:
        return ""


@lru_cache
def code_version(*measured_with: Path) -> str:
    """Sixteen hex digits over the program's code, prompts and packaged weights, and over the files given."""
    digest = hashlib.sha256()
    for path in measured_with:
        digest.update(path.read_bytes())
    for package in _PACKAGES:
        for path in sorted(package.rglob("*")):
            if path.suffix in _SUFFIXES:
                digest.update(str(path.relative_to(package)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def answer_version(assistant: AnswerPipeline) -> str:
    """Sixteen hex digits over papers, collections, models, the settings that change answers, and the program itself."""
    parts = (
        assistant.retriever.index.fingerprint,
        assistant.retriever.index.library.source_table.all_pairs(),
        assistant.language_model.label,
        assistant.language_model.style,
        assistant.verifier.fingerprint,
        asdict(assistant.calibration),
        sorted(public({name: getattr(assistant.settings, name) for name in ANSWER_SETTINGS}).items()),
        code_version(),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
