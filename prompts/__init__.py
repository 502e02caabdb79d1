"""The prompts for the language model, one file per prompt, and their variables.

A file contains the system message and then turns of user and assistant, with a line ``---`` between them; the last turn
is the user's, and the earlier ones are examples. ``$name`` is a variable.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Literal

Style = Literal["small", "large"]
"""The prompt that a model gets: ``small`` contains a few sentences, ``large`` whole abstracts."""

_FOLDER = Path(__file__).parent
_SEPARATOR = "\n---\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages of a request: the system message, then turns of user and assistant; the last is the user's."""

    system: str
    turns: tuple[str, ...]

    @property
    def user(self) -> str:
        """The last message, which the model has to answer."""
        return self.turns[-1]

    def filled(self, **values: str) -> Prompt:
        """The prompt with every variable replaced. A ``$`` in a value is not replaced again.

        Raises KeyError if a variable has no value, or if there is no variable for a value.
        """
        templates = [Template(text) for text in (self.system, *self.turns)]
        wanted = {name for template in templates for name in template.get_identifiers()}
        if unused := values.keys() - wanted:
            raise KeyError(f"the prompt has no variable {sorted(unused)}")
        system, *turns = (template.substitute(values) for template in templates)
        return Prompt(system, tuple(turns))


@lru_cache
def load(name: str) -> Prompt:
    """The prompt in a file, with its variables. Raises FileNotFoundError, or ValueError if a turn is missing."""
    system, *turns = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").split(_SEPARATOR)
    if len(turns) % 2 == 0:
        raise ValueError(f"{name}.txt has {len(turns)} turns: the last must be the user's")
    return Prompt(system.strip(), tuple(turn.strip() for turn in turns))


@lru_cache
def version() -> str:
    """Eight hex digits of the SHA-256 of all files: they change with every prompt."""
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.txt")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]
