"""Reading and writing ``settings.toml``, which people edit too: their comments and the order of their lines stay."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError
from assistant.system.disk import write_file

_WRITING = threading.Lock()  # two sessions of the page may save at once, and neither's change may be lost


def read(path: Path) -> dict[str, Any]:
    """What the file sets; nothing when there is no file. Raises SettingsError when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): mend it or move it away.") from error


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Put the values in the file, all or none. Raises SettingsError when it cannot be read or written."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        with _WRITING:
            document = tomlkit.parse(path.read_bytes().decode() if path.exists() else "")
            document.update(values)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, tomlkit.dumps(document).encode())
    except (OSError, UnicodeError, TOMLKitError) as error:
        raise SettingsError(f"{path} cannot be changed ({error}): mend it or move it away.") from error
