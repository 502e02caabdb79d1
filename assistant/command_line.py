"""How a package registers its commands, and what every command prints and returns."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.settings import Settings

EXIT_FAULT = 1
"""Something failed or was left out."""

Run = Callable[[argparse.Namespace, "Settings"], int]
"""What a command does; gives its exit code. A FootnoteError that it raises becomes one line and EXIT_FAULT."""


def say(text: str) -> None:
    """Print a message to standard error; standard output is for the results of a command."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of one parser, to which packages add theirs."""

    subparsers: Any  # argparse's class for them is private
    shared: argparse.ArgumentParser
    """The options that every command has."""

    @classmethod
    def of(cls, parser: argparse.ArgumentParser, shared: argparse.ArgumentParser, metavar: str) -> Commands:
        return cls(parser.add_subparsers(required=True, metavar=metavar), shared)

    def add(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        """Add a command; gives its parser, for its own options. ``text`` is its help."""
        command = self._parser(name, text)
        command.set_defaults(run=run)
        return command

    def add_group(self, name: str, text: str, metavar: str) -> Commands:
        """Add a command that has commands of its own, such as ``footnote index``; gives those."""
        return Commands.of(self._parser(name, text), self.shared, metavar)

    def _parser(self, name: str, text: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = self.subparsers.add_parser(
            name, help=text, description=text, parents=[self.shared]
        )
        return command
