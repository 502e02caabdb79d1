"""Reads a password or key from a file that only its owner can open."""

from __future__ import annotations

import os
from pathlib import Path

from assistant.errors import SettingsError


def first_line_of_private_file(name: str, what: str) -> str:
    """The first line of the file ``name`` without its line break; ``what`` names the secret in messages.

    Raises SettingsError if the file cannot be read, or if other users can open it.
    """
    try:
        with Path(name).expanduser().open(encoding="utf-8-sig") as file:
            # Windows gives every file the same mode, which therefore says nothing there.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise SettingsError(f"Other users can open the {what} file {name}: run `chmod 600 {name}`.")
            return file.readline().removesuffix("\n")
    except (OSError, ValueError, RuntimeError) as error:
        raise SettingsError(f"The {what} file {name} cannot be read ({error}): check the path.") from error
