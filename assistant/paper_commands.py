"""``footnote search``, ``paper``, ``cite`` and ``collections``. Heavy libraries load in the command that needs them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from assistant.command_line import Commands, add_collection_option, printable, say
from assistant.commands import Prepare, open_assistant

if TYPE_CHECKING:
    from assistant.settings import Settings


def add_commands(commands: Commands, prepare: Prepare) -> None:
    command = commands.add("search", partial(search, prepare=prepare), "find papers without writing an answer")
    command.add_argument("query", nargs="+")
    command.add_argument("--count", type=_count, default=5, help="how many papers, from 1 to 10; default: 5")
    add_collection_option(command)
    _add_json(command)
    command = commands.add("paper", partial(paper, prepare=prepare), "print the abstract and the record of a paper")
    command.add_argument("name", metavar="ID", help="an id that `search` prints, a DOI, an arXiv id or a PMID")
    _add_json(command)
    command = commands.add("cite", partial(cite, prepare=prepare), "print references to papers")
    command.add_argument("names", nargs="+", metavar="ID", help="ids, DOIs, arXiv ids or PMIDs")
    command.add_argument("--style", default="bibtex", help="bibtex, ris or text; default: bibtex")
    _add_collections(commands)


def _add_collections(commands: Commands) -> None:
    actions = commands.add_group(
        "collections", "list collections, or change what they consist of", "ACTION", run=collections
    )
    for name, run, text in (
        ("put", put, "put the papers of files into a collection"),
        ("take-out", take_out, "take files out of a collection; their papers stay in the library"),
    ):
        command = actions.add(name, run, text)
        command.add_argument("collection")
        command.add_argument("sources", nargs="+", metavar="FILE", help="as `footnote index sources` lists them")
    command = actions.add("rename", rename, "give a collection another name; if that is taken, both become one")
    command.add_argument("collection")
    command.add_argument("name")


def search(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.answering.question import checked_question
    from assistant.search import found_as_json
    from assistant.text.author_names import byline

    query = checked_question(" ".join(options.query))
    prepare(settings)
    with open_assistant(settings) as assistant:
        found = assistant.search(query, options.count, options.collection)
        if options.json:
            print(json.dumps(found_as_json(found, assistant.retriever.index.library), ensure_ascii=False))
            return 0
    for one in found:
        cited_as = byline(one.paper.authors, one.paper.year)
        retracted = ", retracted" if one.paper.is_retracted else ""
        print(printable(f"{one.paper.title}{f' ({cited_as})' if cited_as else ''}{retracted}"))
        print(f"    id: {printable(one.paper.paper_id)}")
        for item in one.sentences:
            print(f"    “{printable(item.text)}”")
    return 0


def paper(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.index.opening import open_library
    from assistant.search import find_paper, papers_as_json

    prepare(settings)
    with open_library(settings) as library:
        found = find_paper(library, options.name)
        (values,) = papers_as_json([found], library)
    if options.json:
        print(json.dumps(values, ensure_ascii=False))
        return 0
    lines = [found.title, found.record, *(["This paper is retracted."] if found.is_retracted else []), found.abstract]
    print("\n\n".join(printable(line) for line in lines if line))
    if values["collections"]:
        print(f"\nCollections: {', '.join(values['collections'])}")
    return 0


def cite(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.index.opening import open_library
    from assistant.search import cite as references_to

    prepare(settings)
    with open_library(settings) as library:
        print(references_to(library, options.names, options.style), end="")
    return 0


def collections(_: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.opening import open_library

    with open_library(settings) as library:
        found = library.source_table.collections()
    _print(found)
    return 0


def put(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.collecting import put_into

    _print(put_into(settings, options.collection, options.sources))
    return 0


def take_out(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.collecting import take_out as take_out_of

    _print(take_out_of(settings, options.collection, options.sources))
    return 0


def rename(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.index.collecting import rename as rename_collection

    _print(rename_collection(settings, options.collection, options.name))
    return 0


def _print(counts: Mapping[str, int]) -> None:
    if not counts:
        say("There are no collections yet: `footnote ingest FILE --collection NAME` makes one.")
    for name, count in counts.items():
        print(f"{count:8,}  {printable(name)}")


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10:
        raise argparse.ArgumentTypeError("give a number from 1 to 10")
    return int(text)
