"""How a package registers its commands, how settings become options, and what every command prints and returns."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.settings import ABOUT, Settings

_OPTION = "setting_"  # begins the names of settings among the parsed options
EXIT_FAULT = 1
"""Something failed or was left out."""

Run = Callable[[argparse.Namespace, Settings], int]
"""What a command does; gives its exit code. A FootnoteError that it raises becomes one line and EXIT_FAULT."""


def say(text: str) -> None:
    """Print a message to standard error; standard output is for the results of a command."""
    print(text, file=sys.stderr, flush=True)


def add_setting_options(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add an option for each of these settings, with its help and limits; ``settings_of`` reads them."""
    for name in names:
        kind = type(getattr(Settings(), name))
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=f"{_OPTION}{name}",
            metavar=name.upper(),
            type=kind if kind in (int, float) else str,
            help=_help(name),
        )


def add_collection_option(parser: argparse.ArgumentParser, text: str = "only the papers of a collection") -> None:
    """Add ``--collection NAME``, which is empty if it is not given. ``text`` is its help."""
    parser.add_argument("--collection", metavar="NAME", default="", help=text)


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings, with the options of the command line. Raises SettingsError."""
    given = {name.removeprefix(_OPTION): value for name, value in vars(options).items() if name.startswith(_OPTION)}
    return Settings.load(**given)


def _help(name: str) -> str:
    about = ABOUT[name]
    limits = f" From {about.limits[0]} to {about.limits[1]}." if about.limits else ""
    default = about.default or getattr(Settings(), name)
    return f"{about.plain_help}{limits} Default: {default}.".replace("%", "%%")


def printable(text: str) -> str:
    """The text on one line: line breaks and other control characters become escapes such as ``\\n``."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of one parser, to which packages add theirs."""

    subparsers: Any  # argparse's class for them is private
    shared: argparse.ArgumentParser
    """The options that every command has."""

    @classmethod
    def of(
        cls, parser: argparse.ArgumentParser, shared: argparse.ArgumentParser, metavar: str, *, required: bool = True
    ) -> Commands:
        return cls(parser.add_subparsers(required=required, metavar=metavar), shared)

    def add(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        """Add a command; gives its parser, for its own options. ``text`` is its help."""
        command = self._parser(name, text)
        command.set_defaults(run=run)
        return command

    def add_group(self, name: str, text: str, metavar: str, *, run: Run | None = None) -> Commands:
        """Add a command that has commands of its own, such as ``footnote index``; gives those.

        ``run``: what it does without one of them; by default, one must be given.
        """
        command = self._parser(name, text)
        if run:
            command.set_defaults(run=run)
        return Commands.of(command, self.shared, metavar, required=run is None)

    def _parser(self, name: str, text: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = self.subparsers.add_parser(
            name, help=text, description=text, parents=[self.shared]
        )
        return command
