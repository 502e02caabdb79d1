"""Every setting with its default, help and limits, and the only place that reads files and the environment for it.

The fields of ``Settings`` are the source of the table in ``docs/settings.md``, of the help of the command line and of
the form on the page. Later sources win: the defaults below, ``settings.toml`` in the home folder, ``FOOTNOTE_*``
environment variables, options of the command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from assistant.errors import SettingsError
from assistant.setting_values import About, checked
from assistant.system import settings_file

PACKAGED = "packaged"


def _setting(
    default: Any,
    help: str,  # noqa: A002 - the word that argparse uses
    *,
    changes_answers: bool,
    limits: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    shown: str = "",
    label: str = "",
) -> Any:
    """A field of ``Settings``. ``shown``: the default in words, where the value itself does not tell."""
    about = About(help, changes_answers, limits, choices, shown, label)
    if callable(default):
        return field(default_factory=default, metadata={"about": about})
    return field(default=default, metadata={"about": about})


def _default_home() -> Path:
    return user_data_path("footnote", appauthor=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each is also ``FOOTNOTE_<NAME>`` in the environment and a key of ``settings.toml``."""

    home: Path = _setting(
        _default_home,
        "Folder of the index, the models and `settings.toml`. Only `ingest` and `chat` make a folder that you name.",
        changes_answers=False,
        shown="your system's folder for program data",
    )
    host: str = _setting("127.0.0.1", "Address that the page and the HTTP API listen on.", changes_answers=False)
    port: int = _setting(
        7860, "Port of the page; if it is taken, the next free one.", changes_answers=False, limits=(1, 65_535)
    )
    store: str = _setting(
        "",
        "Vector store: the address of a Chroma server (`http://host:port`), or `module:Class` of a llama-index vector "
        "store.",
        changes_answers=False,
        shown="embedded Chroma",
    )
    store_options: Mapping[str, Any] = _setting(
        dict, "Options of the class that `store` names, as a table.", changes_answers=False, shown="none"
    )
    embedding: str = _setting(
        PACKAGED,
        "Embedding model: `packaged`, a folder, `hf:owner/repo`, or `module:Class` of a llama-index embedding. After a "
        "change, run `footnote index rebuild`.",
        changes_answers=True,
    )
    embedding_options: Mapping[str, Any] = _setting(
        dict, "Options of the class that `embedding` names, as a table.", changes_answers=True, shown="none"
    )
    model: str = _setting(
        PACKAGED,
        "Language model: `packaged`, a GGUF file, `hf:owner/repo/file.gguf`, the address of an OpenAI-compatible "
        "server (`http://host:port/v1`, with `#name` if it has several models), or `module:Class` of a llama-index "
        "LLM.",
        changes_answers=True,
        label="Language model",
    )
    model_options: Mapping[str, Any] = _setting(
        dict, "Options of the class that `model` names, as a table.", changes_answers=True, shown="none"
    )
    api_key_file: str = _setting(
        "",
        "File whose first line is the key for the model server. FOOTNOTE_API_KEY can hold the key itself.",
        changes_answers=False,
        shown="none",
    )
    verifier: str = _setting(
        PACKAGED,
        "Model that checks the sentences of an answer: `packaged`, or a folder or `hf:owner/repo` of a classifier for "
        "natural-language inference or factual consistency.",
        changes_answers=True,
    )
    reranker: str = _setting(
        PACKAGED,
        "Model that reads questions together with abstracts: `packaged`, or a folder or `hf:owner/repo` of a "
        "sentence-transformers CrossEncoder. After a change, run `footnote calibrate`.",
        changes_answers=True,
    )
    gpu_layers: int = _setting(
        -1,
        "Layers of the language model to run on a GPU, if llama.cpp was built with support for it; -1 for all.",
        changes_answers=True,
        limits=(-1, 10_000),
        label="GPU layers",
    )
    threads: int = _setting(
        0, "CPU threads of the language model; 0 for one per core.", changes_answers=False, limits=(0, 1_024)
    )
    context_tokens: int = _setting(
        4096, "Context window of the language model, in tokens.", changes_answers=True, limits=(512, 1_048_576)
    )
    answer_tokens: int = _setting(
        0,
        "Longest text that the language model may write for one answer, in tokens; `0` for 80 with the prompt `small` "
        "and 400 with `large`. A model that reasons first needs 2,000 or more.",
        changes_answers=True,
        limits=(0, 32_768),
    )
    answer_words: int = _setting(
        115,
        "Quotations are added to an answer until it has this many words, with those behind `More`.",
        changes_answers=True,
        limits=(20, 1_000),
        label="Words of evidence",
    )
    opening_words: int = _setting(
        60,
        "Quotations are shown at once while the answer has at most this many words; the others are behind `More`. "
        "Lists and comparisons show one sentence for each paper at once.",
        changes_answers=True,
        limits=(1, 1_000),
        label="Words shown at once",
    )
    prompt: str = _setting(
        "auto",
        "What the language model reads: `small` for a few sentences, `large` for whole abstracts, `auto` to decide by "
        "the size of the model.",
        changes_answers=True,
        choices=("auto", "small", "large"),
    )
    writing: str = _setting(
        "auto",
        "Whether the language model writes sentences of answers, or all are quotations: `on`, `off`, or `auto` for any "
        "model but the packaged one, whose sentences are rarely better than quotations.",
        changes_answers=True,
        choices=("auto", "on", "off"),
        label="The model writes",
    )
    answer_above: float = _setting(
        0.38,
        "A question is declined if the estimated probability that the papers answer it is lower. A higher value gives "
        "fewer wrong answers and declines more questions.",
        changes_answers=True,
        limits=(0.0, 1.0),
        label="Answer above",
    )
    zotero: str = _setting("http://localhost:23119", "Address of Zotero on this machine.", changes_answers=False)
    theme: str = _setting(
        "system",
        "Colours of the page; `system` follows the browser.",
        changes_answers=False,
        choices=("system", "light", "dark"),
        label="Theme",
    )
    auth: str = _setting(
        "",
        "`user:file`, the name to log in with and a file that holds the password. Needed for the page if `host` is not "
        "this machine; programs then need a key.",
        changes_answers=False,
        shown="none",
    )
    api_requests: int = _setting(
        600,
        "Requests to the HTTP API that one key may send in a minute.",
        changes_answers=False,
        limits=(1, 1_000_000),
    )
    upload_megabytes: int = _setting(
        200,
        "Largest file that the page or the HTTP API accepts, in megabytes.",
        changes_answers=False,
        limits=(1, 10_000),
    )

    @property
    def is_default_home(self) -> bool:
        """Is the home the default one, because the user named none?"""
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
    def keys_file(self) -> Path:
        return self.home / "api_keys.sqlite"

    @property
    def conversations_file(self) -> Path:
        return self.home / "conversations.sqlite"

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
        """Settings from the file, the environment and ``options``; an option that is None is ignored.

        Raises SettingsError that names the setting and its source.
        """
        environment = os.environ if environment is None else environment
        from_environment = {name: environment[_variable(name)] for name in ABOUT if overridden(name, environment)}
        home = options.get("home") or from_environment.get("home") or cls().home
        settings = replace(cls(), home=Path(home).expanduser())
        for source, values in (
            (str(settings.file), settings_file.read(settings.file)),
            ("the environment", from_environment),
            ("the command line", {name: value for name, value in options.items() if value is not None}),
        ):
            settings = _changed(settings, values, source)
        return settings

    def changed(self, **changes: Any) -> Settings:
        """A copy with changes. Raises SettingsError for what ``load`` would refuse."""
        return _changed(self, changes, "the change")


ABOUT: Mapping[str, About] = {one.name: one.metadata["about"] for one in fields(Settings)}
"""What there is to know about each setting, by its name and in the order of the fields."""
PAGE_SETTINGS = tuple(name for name, about in ABOUT.items() if about.label)
"""The settings that the Settings tab changes, in the order of its fields."""
ANSWER_SETTINGS = tuple(name for name, about in ABOUT.items() if about.changes_answers)
_KINDS = {one.name: type(getattr(Settings(), one.name)) for one in fields(Settings)}


def overridden(name: str, environment: Mapping[str, str] | None = None) -> bool:
    """Does the environment hide the value of a setting in ``settings.toml``?"""
    return bool((os.environ if environment is None else environment).get(_variable(name)))


def saved(settings: Settings, **changes: Any) -> Settings:
    """Write changes to ``settings.toml`` and give the changed settings. Comments and order in the file stay.

    Raises SettingsError, and leaves the file as it was, for what `Settings.load` would refuse, for ``home``, and if
    the file cannot be read or written.
    """
    if "home" in changes:
        raise SettingsError("home says where settings.toml is and cannot be saved in it: set FOOTNOTE_HOME.")
    changed = settings.changed(**changes)
    settings_file.write(settings.file, {name: getattr(changed, name) for name in changes})
    return changed


def _variable(name: str) -> str:
    return f"FOOTNOTE_{name.upper()}"


def _changed(settings: Settings, values: Mapping[str, Any], source: str) -> Settings:
    """A copy with ``values``. Raises SettingsError for an unknown name or a value that is not allowed."""
    for name in values:
        if name not in ABOUT:
            raise SettingsError(f"{source} sets {name!r}, which is not a setting: use one of {', '.join(ABOUT)}.")
    converted = {
        name: checked(name, value, source, _KINDS[name], ABOUT[name])
        for name, value in values.items()
        if name != "home"  # it says where the file is, and was applied before the file was read
    }
    return replace(settings, **converted)
