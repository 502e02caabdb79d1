"""The command ``footnote watch``. Heavy libraries are imported when it runs."""

from __future__ import annotations

import argparse
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.command_line import Commands, add_collection_option, printable, say
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.settings import Settings

_NO_FOLDER = "No folder is watched yet: give one as `footnote watch PATH`."
_WAKE_SECONDS = 0.5  # Windows delivers Ctrl-C only between waits


def add_commands(commands: Commands) -> None:
    command = commands.add("watch", watch, "follow what is added, changed and deleted in folders, until Ctrl-C")
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="folders to put on the list and to watch")
    add_collection_option(command, "put the papers of these folders into it")
    command.add_argument("--list", action="store_true", help="print the list of watched folders")
    command.add_argument("--forget", nargs="+", metavar="PATH", help="take folders off the list; their papers stay")
    command.epilog = (
        "Without PATH, the folders on the list are watched. While a page is open, it watches them itself, and this "
        "command only changes the list."
    )


def watch(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.watch_list import add_folders, can_be_changed, checked_folders

    if options.collection and not options.paths:
        raise InputError("--collection needs the folders whose papers are put into it: give PATH too.")
    if options.forget or options.list:
        return _change_list(options, settings)
    folders = checked_folders(settings, options.paths, options.collection)
    can_change = can_be_changed(settings)
    if can_change:
        add_folders(settings, folders, options.collection)
    if not can_change and not folders:
        raise InputError(_NO_FOLDER)
    return _watch(settings, [] if can_change else folders, options.collection)


def _change_list(options: argparse.Namespace, settings: Settings) -> int:
    from ingest.watch_list import FORGOTTEN, forget_folder, watched_folders

    for path in options.forget or ():
        say(f"{printable(forget_folder(settings, path))} is not watched any more. {FORGOTTEN}")
    if options.list:
        for one in watched_folders(settings):
            print(printable(one.folder) + (f"  ({printable(one.collection)})" if one.collection else ""))
    return 0


def _watch(settings: Settings, folders: list[str], collection: str) -> int:
    """Watch until Ctrl-C, after putting these folders on the list of an index that is still to be made."""
    from assistant.index.locks import is_watched_by_another
    from assistant.system.memory import garbage_collection_paused, limit_caches

    if settings.index_folder.exists() and is_watched_by_another(settings.index_folder):
        say("The folders on the list are watched by a page or another `footnote watch` that is open: it reads them.")
        return 0
    limit_caches()
    with garbage_collection_paused():
        from assistant.models.embedder import open_embedder
        from ingest.index_on_demand import IndexOnDemand
        from ingest.watch_list import add_folders
        from ingest.watching import FolderWatch

        embedding = open_embedder(settings)
    with closing(IndexOnDemand(settings, embedding)) as index:
        if folders:
            add_folders(settings, folders, collection)
        watched = index.library.source_table.watched()
        if not watched:
            raise InputError(_NO_FOLDER)
        with FolderWatch(index, embedding, lambda line: say(str(line))), suppress(KeyboardInterrupt):
            count = "1 folder" if len(watched) == 1 else f"{len(watched)} folders"
            say(f"Watching {count} (Ctrl-C ends it).")
            while True:
                threading.Event().wait(_WAKE_SECONDS)
    return 0
