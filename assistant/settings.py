"""Every setting, its default, and the only place that reads files and the environment for it.

Later wins: the defaults below, ``settings.toml`` in the home folder, ``FOOTNOTE_*`` environment variables, options
of the command line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from assistant.errors import SettingsError
from assistant.system.settings_file import read, write

PACKAGED = "packaged"
_LIMITS = {
    "port": (1, 65_535),
    "context_tokens": (512, 1_048_576),
    "answer_tokens": (16, 8_192),
    "answer_words": (20, 1_000),
    "answer_above": (0.0, 1.0),
    "gpu_layers": (-1, 10_000),
    "threads": (0, 1_024),
    "upload_megabytes": (1, 10_000),
}
ANSWER_SETTINGS = (
    "embedding",
    "embedding_options",
    "model",
    "model_options",
    "verifier",
    "gpu_layers",
    "context_tokens",
    "answer_tokens",
    "answer_words",
    "prompt",
    "answer_above",
)
"""Settings that may change what an answer says: an answer made with others is not kept by a batch or an eval."""
OTHER_SETTINGS = (
    "api_key_file",
    "home",
    "host",
    "port",
    "store",
    "store_options",
    "threads",
    "theme",
    "auth",
    "upload_megabytes",
)
"""Settings that change no answer. Every setting is in one of the two lists."""
_CHOICES = {"prompt": ("auto", "small", "large"), "theme": ("system", "light", "dark")}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each is also ``FOOTNOTE_<NAME>`` in the environment and a key of ``settings.toml``."""

    home: Path = field(default_factory=lambda: _default_home())
    """Folder of the index, the model cache and ``settings.toml``."""
    host: str = "127.0.0.1"
    """Address the page listens on."""
    port: int = 7860
    """Port of the page; when it is taken, the next free one."""
    store: str = ""
    """Vector store: ``http://host:port`` of a Chroma server, or ``module:Class`` of a llama-index vector store;
    empty for embedded Chroma in the home folder."""
    store_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the class that ``store`` names, as a table; see ``system/named_class.py`` for its forms."""
    embedding: str = PACKAGED
    """Embedding model: ``packaged``, a folder, ``hf:owner/repo``, or ``module:Class`` of a llama-index embedding."""
    embedding_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the class that ``embedding`` names, as a table."""
    model: str = PACKAGED
    """Language model: ``packaged``, a GGUF file, ``hf:owner/repo/file.gguf``, the ``http://...`` address of an
    OpenAI-compatible server, with ``#name`` when it has several models, or ``module:Class`` of a llama-index LLM."""
    model_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the class that ``model`` names, as a table."""
    api_key_file: str = ""
    """File whose first line is the key for that server; empty for the one in the environment, or none."""
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
    theme: str = "system"
    """Colours of the page: ``light``, ``dark``, or ``system`` for what the browser asks for."""
    auth: str = ""
    """``user:file``: the name people log in with, and a file that holds the password. Needed when ``host`` is not
    this machine; empty for no login."""
    upload_megabytes: int = 200
    """Largest file that the page takes."""

    @property
    def is_default_home(self) -> bool:
        """Whether the home is the one of a user who named none."""
        return self.home == _default_home()

    @property
    def file(self) -> Path:
        return self.home / "settings.toml"

    @property
    def index_folder(self) -> Path:
        return self.home / "index"

    @property
    def cache_folder(self) -> Path:
        return self.home / "cache"

    @property
    def models_folder(self) -> Path:
        return self.home / "models"

    @property
    def reports_folder(self) -> Path:
        return self.home / "reports"

    @property
    def conversations_file(self) -> Path:
        return self.home / "conversations.sqlite"

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
        """Settings from the file, the environment and ``options`` (those that are None are left out).

        Raises SettingsError naming the setting and where it came from.
        """
        environment = os.environ if environment is None else environment
        names = [setting.name for setting in fields(cls)]
        from_environment = {name: environment[_variable(name)] for name in names if overridden(name, environment)}
        home = options.get("home") or from_environment.get("home") or cls().home
        settings = replace(cls(), home=Path(home).expanduser())
        for source, values in (
            (str(settings.file), read(settings.file)),
            ("the environment", from_environment),
            ("the command line", {name: value for name, value in options.items() if value is not None}),
        ):
            settings = _changed(settings, values, source)
        return settings

    def changed(self, **changes: Any) -> Settings:
        """The settings with changes. Raises SettingsError for what ``load`` would refuse."""
        return _changed(self, changes, "the change")


def overridden(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether the environment hides what ``settings.toml`` says of a setting."""
    return bool((os.environ if environment is None else environment).get(_variable(name)))


def saved(settings: Settings, **changes: Any) -> Settings:
    """The changed settings, once ``settings.toml`` has the changes; its comments and their order stay.

    Raises SettingsError, and leaves the file as it was, for what `Settings.load` would refuse, for ``home``, and when
    the file cannot be read or written.
    """
    if "home" in changes:
        raise SettingsError("home says where settings.toml is and cannot be saved in it: set FOOTNOTE_HOME.")
    changed = settings.changed(**changes)
    write(settings.file, {name: getattr(changed, name) for name in changes})
    return changed


def _default_home() -> Path:
    return user_data_path("footnote", appauthor=False)


def _variable(name: str) -> str:
    return f"FOOTNOTE_{name.upper()}"


def _changed(settings: Settings, values: Mapping[str, Any], source: str) -> Settings:
    """The settings with ``values`` in place. Raises SettingsError for an unknown name or a value of another type."""
    known = {setting.name: type(getattr(settings, setting.name)) for setting in fields(settings)}
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"{source} sets {name!r}, which is no setting: use one of {', '.join(known)}.")
        if name == "home":
            continue  # it said where the file is, and was taken before the file was read
        if known[name] is dict:
            changes[name] = _table(name, value, source)
            continue
        if known[name] is str and not isinstance(value, str | Path):
            raise SettingsError(f"{name} = {value!r} in {source} is not text.")
        try:
            changes[name] = known[name](value)
            if known[name] is int and isinstance(value, bool | float):
                raise ValueError("no whole number")
        except (ValueError, TypeError, OverflowError) as error:
            raise SettingsError(f"{name} = {value!r} in {source} is not a number.") from error
    changed = replace(settings, **changes)
    _check(changed, source)
    return changed


def _table(name: str, value: Any, source: str) -> dict[str, Any]:
    """In the environment and on the command line, a table is a JSON object. Raises SettingsError."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = json.loads(value)
    if not isinstance(value, Mapping):  # the value may hold a key, so it is not shown
        raise SettingsError(f"{name} in {source} is not a table: write [{name}] in settings.toml, or a JSON object.")
    return dict(value)


def _check(settings: Settings, source: str) -> None:
    for name, (least, most) in _LIMITS.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            raise SettingsError(f"{name} = {value} in {source} is out of range: use {least} to {most}.")
    for name, choices in _CHOICES.items():
        choice = getattr(settings, name)
        if choice not in choices:
            use = f"{', '.join(choices[:-1])} or {choices[-1]}"
            raise SettingsError(f"{name} = {choice!r} in {source} is unknown: use {use}.")
