"""The commands ``footnote ingest``, ``remove`` and ``index``. Heavy libraries are imported when a command runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.command_line import EXIT_FAULT, Commands, add_collection_option, printable, say
from assistant.errors import InputError
from assistant.system.progress import ProgressBars

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.services import PaperServices
    from assistant.settings import Settings
    from ingest.report import Report

INGEST_CODES = (
    "Exit code 0: everything in the files was taken, or left out knowingly (papers without an abstract, notes, "
    "attachments, page boilerplate). 1: something was not read; each line on standard error says what and where."
)


def add_commands(commands: Commands) -> None:
    command = commands.add("ingest", ingest, "add papers to the index")
    command.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files, folders, patterns, - for input, or zotero: with a collection, #tag or group:Name of Zotero",
    )
    command.add_argument("--bundled", action="store_true", help="the bundled 75 abstracts")
    command.epilog = INGEST_CODES
    command.add_argument("--columns", metavar="NAME=COLUMN,...", help="columns of a table, as title=Name,abstract=Text")
    add_collection_option(command, "put the papers of these files into a collection")
    _add_json(command)
    command = commands.add("refresh", refresh, "look again at the files and at Zotero, and read what changed")
    command.epilog = INGEST_CODES
    command.add_argument("--retractions", type=Path, metavar="FILE", help="also read this file of retractions")
    _add_json(command)
    command = commands.add("remove", remove, "remove papers from the index")
    chosen = command.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--id", nargs="+", metavar="ID", help="papers by id")
    chosen.add_argument("--file", nargs="+", metavar="NAME", help="what files said, by the names `sources` lists")
    chosen.add_argument("--query", metavar="WORDS", help="every paper whose title, authors or abstract hold the words")
    _add_json(command)
    actions = commands.add_group("index", "check, list or rebuild the index", "ACTION")
    actions.add("rebuild", rebuild, "embed every stored paper again")
    _add_json(actions.add("verify", verify, "check that papers, vectors and words agree, and list the differences"))
    _add_json(actions.add("sources", sources, "list the files that papers came from, with their counts"))


def ingest(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.system.memory import limit_caches
    from ingest.bundled_corpus import CORPUS

    limit_caches()
    paths = [*options.paths, *([CORPUS] if options.bundled else [])]
    if not paths:
        raise InputError("give files or folders to ingest, or --bundled for the bundled papers.")
    return ingest_paths(
        settings, paths, columns=_columns(options.columns), collection=options.collection, as_json=options.json
    )


def ingest_paths(
    settings: Settings,
    paths: Sequence[Path],
    *,
    columns: Mapping[str, str] | None = None,
    collection: str = "",
    as_json: bool = False,
) -> int:
    """Add papers and print the report. A path may be a query of Zotero."""
    from ingest.zotero.ingesting import ingest_paths as ingest_all

    with open_index(settings) as (index, embedding), ProgressBars(" papers") as bars:
        report = ingest_all(paths, index, embedding, bars.of("indexing"), columns, collection)
        notice = index.library.outdated_notice()
    return _print_report(report, notice, _as_json(report) if as_json else None)


def refresh(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.opening import require_index
    from assistant.system.memory import limit_caches
    from ingest.refreshing import refresh as refresh_all

    require_index(settings)
    limit_caches()
    lines = list[str]()

    def say_and_keep(line: str) -> None:
        say(line)
        lines.append(line)

    with open_index(settings) as (index, embedding), ProgressBars(" papers") as bars:
        report = refresh_all(index, embedding, bars.of("indexing"), say_and_keep, options.retractions)
        notice = index.library.outdated_notice()
    return _print_report(report, notice, {**_as_json(report), "looked_at": lines} if options.json else None)


def _print_report(report: Report, notice: str, as_json: dict[str, Any] | None) -> int:
    """Print a report, as JSON too if it is given; gives the exit code."""
    for line in report.fault_lines():
        say(f"footnote: {line}; skipped.")
    for rejected in report.rejected_files:
        say(f"footnote: {rejected}")
    say(report.summary())
    if notice:
        say(f"footnote: {notice}")
    if as_json:
        print(json.dumps(as_json, ensure_ascii=False))
    return EXIT_FAULT if report.faults or report.rejected_files else 0


def ensure_indexed(settings: Settings, *, makes_home: bool = False) -> None:
    """Index the bundled papers where nothing is indexed: in the default home, or, with ``makes_home``, in any.

    An index of an earlier chunking is brought up to date. Raises IndexMissing for another home, since its name may be
    mistyped.
    """
    from assistant.system.memory import collect_frozen_objects, garbage_collection_paused

    with garbage_collection_paused():
        from assistant.index.opening import is_indexed, require_index
    from ingest.bundled_corpus import CORPUS

    if not (makes_home or settings.is_default_home):
        require_index(settings)
    elif not is_indexed(settings):
        say("Nothing is indexed yet: indexing the bundled papers first.")
        ingest_paths(settings, [CORPUS])
        collect_frozen_objects()  # the process goes on to answer, without the model that embedded the papers
    _finish_upgrade(settings)


def _finish_upgrade(settings: Settings) -> None:
    """Embed the papers again whose sentences this version splits differently, if there are any."""
    from assistant.index.opening import needs_upgrade
    from assistant.system.memory import collect_frozen_objects
    from ingest.pipeline import ingest_papers

    if not needs_upgrade(settings):
        return
    with open_index(settings) as (writer, embedding), ProgressBars(" papers") as bars:
        if pending := len(writer.library.catalogue.pending()):
            papers = "1 paper" if pending == 1 else f"{pending} papers"
            say(f"This version splits some sentences differently: embedding {papers} again.")
        ingest_papers([], writer, embedding, bars.of("indexing"))
    collect_frozen_objects()


def remove(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.opening import require_index
    from assistant.system.memory import limit_caches
    from ingest.pipeline import remove_papers, remove_sources

    require_index(settings)
    if options.file:  # what other files say of the same papers is embedded
        limit_caches()
        with open_index(settings) as (index, embedding), ProgressBars(" papers") as bars:
            removal = remove_sources(options.file, index, embedding, bars.of("removing"))
        found = {"removed": removal.deleted, "changed": removal.changed}
    else:
        from assistant.index.opening import open_for_writing

        with closing(open_for_writing(settings)) as writer:
            ids = options.id or writer.library.ids_found(options.query)
            found = {"removed": remove_papers(ids, writer), "changed": 0}
    say(f"{found['removed']} papers removed, {found['changed']} changed to what other files say.")
    if options.json:
        print(json.dumps(found))
    return 0


def rebuild(_: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.opening import require_index
    from assistant.system.memory import limit_caches
    from ingest.pipeline import rebuild as rebuild_index

    require_index(settings)
    limit_caches()
    with (
        open_index(settings, is_rebuild=True) as (index, embedding),
        ProgressBars(" papers") as bars,
    ):
        count = rebuild_index(index, embedding, bars.of("rebuilding"))
    say(f"{count} papers indexed again.")
    return 0


def verify(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.opening import open_for_reading
    from ingest.verifying import verify as differences_of

    _finish_upgrade(settings)
    with closing(open_for_reading(settings, while_writing=False)) as index:
        differences = differences_of(index)
        is_unfinished = index.is_unfinished
        count = len(index.library)
        notice = index.library.outdated_notice()
    for difference in differences:
        say(f"footnote: {difference}")
    if is_unfinished:
        say("footnote: an ingest or a removal was interrupted: run the same command again to finish it.")
    elif differences:
        say("footnote: run `footnote ingest` with any of your files; if that does not help, `footnote index rebuild`.")
    if notice:
        say(f"footnote: {notice}")
    if options.json:
        more = {"notice": notice} if notice else {}
        print(json.dumps({"papers": count, "differences": differences, **more}, ensure_ascii=False))
    elif not differences:
        say(f"{count} papers, their vectors and their words agree.")
    return EXIT_FAULT if differences else 0


def sources(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.opening import open_library

    with open_library(settings) as library:
        found = library.sources()
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(f"{count:8,}  {printable(name)}" for name, count in found.items()))
    return 0


def paper_services(assistant: Assistant) -> PaperServices:
    """What this package does for the page of an assistant."""
    from ingest.services import paper_services as services_of

    return services_of(assistant.retriever.index, assistant.retriever.embedding)


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the report as one JSON object")


def _columns(text: str | None) -> dict[str, str] | None:
    """``title=Name,abstract=Text`` as a mapping. Raises InputError."""
    if not text:
        return None
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(name.strip() and column.strip() for name, _, column in pairs):
        raise InputError(f"--columns {text!r} is not name=column,...: give as title=Name,abstract=Text.")
    return {name.strip(): column.strip() for name, _, column in pairs}


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "read": report.read,
        "new": report.new_ids,
        "changed": report.changed_ids,
        "removed": report.removed_ids,
        "unchanged": report.unchanged,
        "merged": [asdict(one) for one in report.merged],
        "skipped": [asdict(skip) for skip in report.skipped],
        "unread_fields": [
            {"file": name, "field": unread, "records": count} for (name, unread), count in report.unread.items()
        ],
        "rejected_files": report.rejected_files,
        "retracted": sorted(report.retracted_ids),
        "languages": report.languages,
    }


@contextmanager
def open_index(settings: Settings, *, is_rebuild: bool = False) -> Iterator[tuple[Any, Any]]:
    from assistant.system.memory import garbage_collection_paused

    with garbage_collection_paused():
        from assistant.index.opening import open_for_writing
        from assistant.models.embedder import open_embedder

        embedding = open_embedder(settings)
        index = open_for_writing(settings, embedding, is_rebuild=is_rebuild)
    try:
        yield index, embedding
    finally:
        index.close()
