"""``footnote models``: lists presets of models, downloads one, and writes it into the settings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from assistant.command_line import Commands, say
from assistant.errors import ModelError, SettingsError

if TYPE_CHECKING:
    from assistant.models.hub import Hub, HubFile
    from assistant.models.presets import PresetModel
    from assistant.settings import Settings

_MEGABYTE = 1_000_000


def add_commands(commands: Commands, hub: Hub | None = None) -> None:
    """``hub``: what to download from in place of the Hugging Face hub."""
    listing = partial(list_presets, hub=hub)
    actions = commands.add_group("models", "list (the default), download or use better models", "ACTION", run=listing)
    actions.add("list", listing, "list the presets, with size, licence and what is already here")
    command = actions.add("get", partial(get, hub=hub), "download the models of a preset; run it again to continue")
    command.add_argument("preset", metavar="PRESET", help="a name that `footnote models list` prints")
    command = actions.add("use", partial(use, hub=hub), "write the models of a preset into settings.toml")
    command.add_argument("preset", metavar="PRESET", help="a name that `footnote models list` prints")


def list_presets(_: argparse.Namespace, __: Settings, *, hub: Hub | None = None) -> int:
    from assistant.models.presets import COLUMNS, PRESETS, rows

    hub = hub or _hub()
    models = [model for models in PRESETS.values() for model in models]
    here = ["yes" if _is_here(model, hub) else "no" for model in models]
    table = [(*COLUMNS, "here"), *((*row, is_here) for row, is_here in zip(rows(), here, strict=True))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def get(options: argparse.Namespace, settings: Settings, *, hub: Hub | None = None) -> int:
    from assistant.models.presets import preset

    models = preset(options.preset)
    hub = hub or _hub()
    wanted = [(model, file) for model in models if not model.is_packaged for file in _needed_files(model, hub)]
    missing = _announce(wanted, hub)
    if missing > (free := hub.free_bytes()):
        raise ModelError(
            f"{options.preset} needs {_size(missing)} more, and the disk of {hub.folder} has {_size(free)} free: free "
            "some space, or set HF_HOME to a folder on another disk."
        )
    for model, file in wanted:
        hub.download(model.repository, file)
    if wanted:
        say("All files are here, and the SHA-256 of each large file is the one that the hub states.")
    for model in models:
        print(f"{model.setting} = {json.dumps(model.value)}")
    say(f"Write these lines into {settings.file}, or run `footnote models use {options.preset}`.")
    _say_what_follows(settings, settings.changed(**_values(models)))
    return 0


def use(options: argparse.Namespace, settings: Settings, *, hub: Hub | None = None) -> int:
    from assistant.models.presets import preset
    from assistant.settings import overridden, saved

    models = preset(options.preset)
    hub = hub or _hub()
    if missing := [model.repository for model in models if not _is_here(model, hub)]:
        raise ModelError(f"{', '.join(missing)} must be downloaded first: run `footnote models get {options.preset}`.")
    if not settings.is_default_home and not settings.home.is_dir():
        raise SettingsError(f"There is no folder {settings.home}: create it, or correct the home folder.")
    changed = saved(settings, **_values(models))
    for model in models:
        print(f"{model.setting} = {json.dumps(model.value)}")
        if overridden(model.setting):
            say(f"footnote: FOOTNOTE_{model.setting.upper()} in the environment replaces this line until you unset it.")
    say(f"Written to {settings.file}.")
    _say_what_follows(settings, changed)
    return 0


def _hub() -> Hub:
    from assistant.models.hub import Hub

    return Hub()


def _values(models: Sequence[PresetModel]) -> dict[str, str]:
    return {model.setting: model.value for model in models}


def _is_here(model: PresetModel, hub: Hub) -> bool:
    from assistant.models.presets import MODEL

    if model.is_packaged:
        return True
    if model.setting == MODEL:
        return hub.cached(model.repository, model.file) is not None
    return hub.has_model(model.repository)


def _needed_files(model: PresetModel, hub: Hub) -> list[HubFile]:
    """The files of the repository to download, the weights last. Raises ModelError when there are no weights."""
    files = [file for file in hub.files(model.repository) if model.needs(file.name)]
    if model.file not in [file.name for file in files]:
        raise ModelError(
            f"{model.repository} no longer contains {model.file}: choose another file or repository, and set "
            f"`{model.setting}` to it."
        )
    return sorted(files, key=lambda file: file.name == model.file)


def _announce(wanted: Sequence[tuple[PresetModel, HubFile]], hub: Hub) -> int:
    """Say what will be downloaded, and give the number of bytes."""
    missing = 0
    for repository in dict.fromkeys(model.repository for model, _ in wanted):
        files = [file for model, file in wanted if model.repository == repository]
        left = sum(hub.bytes_to_download(repository, file) for file in files)
        total = sum(file.size for file in files)
        names = ", ".join(file.name for file in files)
        say(f"{hub.address}/{repository}: {_size(left)} of {_size(total)} to download ({names})")
        missing += left
    if wanted:
        say(f"{_size(missing)} in all, to {hub.folder}")
    else:
        say("These models are installed with Footnote: nothing is downloaded.")
    return missing


def _size(count: int) -> str:
    from assistant.models.presets import size_of

    return size_of(count / _MEGABYTE)


def _say_what_follows(before: Settings, after: Settings) -> None:
    """Name the commands that a change of models makes necessary."""
    from assistant.settings import PACKAGED

    if before.embedding != after.embedding:
        say("Then run `footnote index rebuild`: an index is searched with the embedding model that made it.")
    is_changed = (before.embedding, before.reranker) != (after.embedding, after.reranker)
    if is_changed and not after.embedding == after.reranker == PACKAGED:
        say("Then run `footnote calibrate`: it fits which questions are declined to these models.")
