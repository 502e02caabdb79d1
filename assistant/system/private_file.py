"""Reads a password or key from a file that only its owner can open."""

from __future__ import annotations

import os
from pathlib import Path

from assistant.errors import SettingsError


def first_line_of_private_file(name: str, what: str) -> str:
    """The file's first line without its end; ``what`` names the secret in messages.

    Raises SettingsError when it cannot be read, or others can open it.
    """
    try:
        with Path(name).expanduser().open(encoding="utf-8-sig") as file:
            # Windows gives every file the same mode, so there it says nothing.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise SettingsError(f"Others can open the {what} file {name}: run `chmod 600 {name}`.")
            return file.readline().removesuffix("\n")
    except (OSError, ValueError, RuntimeError) as error:
        raise SettingsError(f"The {what} file {name} cannot be read ({error}): check the path.") from error
