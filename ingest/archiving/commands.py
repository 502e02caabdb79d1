"""The commands ``footnote library export`` and ``import``. Heavy libraries are imported when a command runs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.command_line import Commands, printable, say
from assistant.system.progress import ProgressBars
from ingest.commands import open_index

if TYPE_CHECKING:
    from assistant.settings import Settings


def add_commands(commands: Commands) -> None:
    actions = commands.add_group("library", "move papers and conversations to another machine", "ACTION")
    for name, run, text in (
        ("export", export, "write papers, vectors and conversations to one file"),
        ("import", import_file, "add the papers and conversations of an exported file"),
    ):
        command = actions.add(name, run, text)
        command.add_argument("file", type=Path, metavar="FILE")
        command.add_argument("--json", action="store_true", help="print the report as one JSON object")


def export(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.archiving.exporting import export_library, summary

    with ProgressBars(" chunks") as bars:
        manifest = export_library(settings, options.file, bars.of("exporting"))
    say(f"{printable(str(options.file))}: {summary(manifest)}")
    if options.json:
        print(json.dumps({**asdict(manifest), "bytes": options.file.stat().st_size}))
    return 0


def import_file(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.system.memory import limit_caches
    from ingest.archiving.importing import import_library

    limit_caches()
    with ProgressBars(" papers") as bars:
        imported = import_library(settings, options.file, lambda: open_index(settings), bars.of("importing"))
    if imported.notice:
        say(f"footnote: {printable(imported.notice)}")
    say(imported.summary())
    if options.json:
        print(json.dumps(imported.to_json(), ensure_ascii=False))
    return 0
