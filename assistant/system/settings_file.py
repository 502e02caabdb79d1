"""Reads and writes ``settings.toml``. Users edit it too, so comments and the order of lines are preserved."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError
from assistant.system.disk import write_file

_WRITING = threading.Lock()  # two browser tabs may save at the same time, and both changes must be stored


def read(path: Path) -> dict[str, Any]:
    """The values in the file; none if there is no file. Raises SettingsError if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): correct it, or move it to another folder.") from error


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Set all values in the file, or none. Raises SettingsError if it cannot be read or written."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        with _WRITING:
            document = tomlkit.parse(path.read_bytes().decode() if path.exists() else "")
            document.update(values)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, tomlkit.dumps(document).encode())
    except (OSError, UnicodeError, TOMLKitError) as error:
        raise SettingsError(f"{path} cannot be changed ({error}): correct it, or move it to another folder.") from error
