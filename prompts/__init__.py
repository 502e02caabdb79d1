"""Every word said to a language model, one file a prompt, filled strictly.

A file holds the system message and then turns of user and assistant, ending with the user's, with a line ``---``
between them: earlier turns are examples of what is wanted. ``$name`` is where something is filled in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Literal

Style = Literal["small", "large"]
"""Which prompt a model gets: ``small`` carries a few sentences, ``large`` whole abstracts."""

_FOLDER = Path(__file__).parent
_SEPARATOR = "\n---\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages of a request: one of the system, then user and assistant in turns; the last is the user's."""

    system: str
    turns: tuple[str, ...]

    @property
    def user(self) -> str:
        """The last message, which is to be answered."""
        return self.turns[-1]

    def filled(self, **values: str) -> Prompt:
        """The prompt with every variable replaced, once: ``$`` inside a value stays as it is.

        Raises KeyError when a variable of the file has no value, or a value no variable.
        """
        templates = [Template(text) for text in (self.system, *self.turns)]
        wanted = {name for template in templates for name in template.get_identifiers()}
        if unused := values.keys() - wanted:
            raise KeyError(f"the prompt has no variable {sorted(unused)}")
        system, *turns = (template.substitute(values) for template in templates)
        return Prompt(system, tuple(turns))


@lru_cache
def load(name: str) -> Prompt:
    """A prompt by the name of its file, unfilled. Raises FileNotFoundError, or ValueError for a missing turn."""
    system, *turns = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").split(_SEPARATOR)
    if len(turns) % 2 == 0:
        raise ValueError(f"{name}.txt has {len(turns)} turns: the last must be the user's")
    return Prompt(system.strip(), tuple(turn.strip() for turn in turns))


@lru_cache
def version() -> str:
    """Changes when any prompt does: eight hex digits of the SHA-256 of all files."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.txt")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]
