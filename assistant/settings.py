"""Every setting, its default, and the only place that reads files and the environment for it.

Later wins: the defaults below, ``settings.toml`` in the home folder, ``FOOTNOTE_*`` environment variables, options
of the command line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from assistant.errors import SettingsError

PACKAGED = "packaged"
_LIMITS = {
    "port": (1, 65_535),
    "context_tokens": (512, 1_048_576),
    "answer_tokens": (16, 8_192),
    "answer_words": (20, 1_000),
    "answer_above": (0.0, 1.0),
    "gpu_layers": (-1, 10_000),
    "threads": (0, 1_024),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each is also ``FOOTNOTE_<NAME>`` in the environment and a key of ``settings.toml``."""

    home: Path = field(default_factory=lambda: user_data_path("footnote", appauthor=False))
    """Folder of the index, the model cache and ``settings.toml``."""
    host: str = "127.0.0.1"
    """Address the page listens on."""
    port: int = 7860
    """Port of the page; when it is taken, the next free one."""
    store: str = ""
    """``http://host:port`` of a Chroma server; empty for embedded Chroma in the home folder."""
    embedding: str = PACKAGED
    """Embedding model: ``packaged``, a folder, or ``hf:owner/repo``."""
    model: str = PACKAGED
    """Language model: ``packaged``, a GGUF file, ``hf:owner/repo/file.gguf``, or the ``http://...`` address of an
    OpenAI-compatible server."""
    verifier: str = PACKAGED
    """Model that checks sentences: ``packaged``, or a folder or ``hf:owner/repo`` of a text-pair classifier for
    natural-language inference or factual consistency."""
    gpu_layers: int = -1
    """Layers of the language model to offload to a GPU; -1 for all, when the build can offload."""
    threads: int = 0
    """CPU threads of the language model; 0 for one a core."""
    context_tokens: int = 4096
    """Context window asked of the language model, in tokens."""
    answer_tokens: int = 80
    """Longest text the language model may write for one answer, in tokens."""
    answer_words: int = 115
    """Words of evidence an answer is filled up to with quotations."""
    prompt: str = "auto"
    """``small`` gives the model a few sentences, ``large`` whole abstracts; ``auto`` decides by the model's size."""
    answer_above: float = 0.44
    """Least probability that the corpus holds an answer; below it the assistant declines."""

    @property
    def index_folder(self) -> Path:
        return self.home / "index"

    @property
    def cache_folder(self) -> Path:
        return self.home / "cache"

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
        """Settings from the file, the environment and ``options`` (those that are None are left out).

        Raises SettingsError naming the setting and where it came from.
        """
        environment = os.environ if environment is None else environment
        named = {setting.name: f"FOOTNOTE_{setting.name.upper()}" for setting in fields(cls)}
        from_environment = {
            name: environment[variable] for name, variable in named.items() if environment.get(variable)
        }
        home = options.get("home") or from_environment.get("home") or cls().home
        settings = replace(cls(), home=Path(home).expanduser())
        for source, values in (
            (str(settings.home / "settings.toml"), _read_toml(settings.home / "settings.toml")),
            ("the environment", from_environment),
            ("the command line", {name: value for name, value in options.items() if value is not None}),
        ):
            settings = _changed(settings, values, source)
        return settings


def _changed(settings: Settings, values: Mapping[str, Any], source: str) -> Settings:
    """The settings with ``values`` in place. Raises SettingsError for an unknown name or a value that is no number."""
    known = {setting.name: type(getattr(settings, setting.name)) for setting in fields(settings)}
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"{source} sets {name!r}, which is no setting: use one of {', '.join(known)}.")
        if name == "home":
            continue  # it said where the file is, and was taken before the file was read
        try:
            changes[name] = known[name](value)
            if known[name] is int and isinstance(value, bool | float):
                raise ValueError("no whole number")
        except (ValueError, TypeError, OverflowError) as error:
            raise SettingsError(f"{name} = {value!r} in {source} is not a number.") from error
    changed = replace(settings, **changes)
    _check(changed, source)
    return changed


def _check(settings: Settings, source: str) -> None:
    for name, (least, most) in _LIMITS.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            raise SettingsError(f"{name} = {value} in {source} is out of range: use {least} to {most}.")
    if settings.prompt not in ("auto", "small", "large"):
        raise SettingsError(f"prompt = {settings.prompt!r} in {source} is unknown: use auto, small or large.")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): mend it or move it away.") from error
