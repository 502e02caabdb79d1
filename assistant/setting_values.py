"""What there is to know about a setting, and the conversion and the check of a value that somebody gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError


@dataclass(frozen=True, slots=True)
class About:
    """What there is to know about a setting besides its name and default."""

    help: str
    """One or two sentences for people, with code in backticks."""
    changes_answers: bool
    """May it change what an answer says? A batch or an eval does not keep an answer made with another value."""
    limits: tuple[float, float] | None = None
    """The least and the greatest value allowed, of a number."""
    choices: tuple[str, ...] = ()
    """The only values allowed, of a text."""
    default: str = ""
    """The default in words, where the value itself does not tell."""
    label: str = ""
    """The label of its field on the Settings tab; empty if it is changed only in the file, because it is read at the
    start."""

    @property
    def plain_help(self) -> str:
        """The help without backticks, for a terminal or a form."""
        return self.help.replace("`", "")


def checked(name: str, value: Any, source: str, kind: type, about: About) -> Any:
    """The value in the type of the setting. Raises SettingsError for one that is not allowed."""
    converted: Any
    if kind is str:
        converted = _text(name, value, source)
    elif kind is dict:
        converted = _table(name, value, source)
    else:
        converted = _number(name, value, source, kind)
    _check(name, converted, source, about)
    return converted


def _text(name: str, value: Any, source: str) -> str:
    if not isinstance(value, str | Path):
        raise SettingsError(f"{name} = {_shown(value)} in {source} is not text.")
    return str(value)


def _number(name: str, value: Any, source: str, kind: type) -> int | float:
    is_float = kind is float
    try:
        if is_float:
            return float(value)
        if isinstance(value, bool | float):
            raise ValueError("not a whole number")
        return int(value)
    except (ValueError, TypeError, OverflowError) as error:
        expected = "number" if is_float else "whole number"
        raise SettingsError(f"{name} = {_shown(value)} in {source} is not a {expected}.") from error


def _shown(value: Any) -> str:
    """A value for a message; ``true`` and ``false`` as TOML writes them."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _table(name: str, value: Any, source: str) -> dict[str, Any]:
    """In the environment and on the command line, a table is a JSON object."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = json.loads(value)
    if not isinstance(value, Mapping):  # the value may hold a key, so it is not shown
        raise SettingsError(f"{name} in {source} is not a table: write [{name}] in settings.toml, or a JSON object.")
    return dict(value)


def _check(name: str, value: Any, source: str, about: About) -> None:
    """Raises SettingsError for a number out of range, and for a text that is not one of the choices."""
    if about.limits and not about.limits[0] <= value <= about.limits[1]:
        least, greatest = about.limits
        raise SettingsError(f"{name} = {value} in {source} is out of range: use {least} to {greatest}.")
    if about.choices and value not in about.choices:
        use = f"{', '.join(about.choices[:-1])} or {about.choices[-1]}"
        raise SettingsError(f"{name} = {value!r} in {source} is unknown: use {use}.")
