"""``footnote serve`` and ``footnote key``. Heavy libraries load when a command runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from assistant.command_line import Commands, add_setting_options, say
from assistant.commands import Prepare, open_assistant

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.services import PaperServices
    from assistant.settings import Settings


def add_commands(commands: Commands, prepare: Prepare, paper_services: Callable[[Assistant], PaperServices]) -> None:
    """``paper_services`` comes from ``ingest``, which this package may not import."""
    run = partial(serve, prepare=prepare, paper_services=paper_services)
    command = commands.add("serve", run, "answer other programs over HTTP, without the page")
    add_setting_options(command, "host", "port")
    keys = commands.add_group("key", "make, list or revoke keys for programs on other machines", "ACTION")
    command = keys.add("add", add_key, "make a key and print it, once")
    command.add_argument("name", help="what it is for, such as the name of a program")
    command = keys.add("list", list_keys, "list the keys, without their secrets")
    command.add_argument("--json", action="store_true", help="print JSON")
    command = keys.add("revoke", revoke_key, "delete a key, which ends at once")
    command.add_argument("key_id", metavar="ID", help="as `footnote key list` prints it")


def serve(
    _: argparse.Namespace,
    settings: Settings,
    *,
    prepare: Prepare,
    paper_services: Callable[[Assistant], PaperServices],
) -> int:
    from assistant.api.access import needs_key
    from assistant.api.app import build_app
    from assistant.api.application import Application
    from assistant.api.keys import KeyStore
    from assistant.api.server import free_port, serving, wait_until_interrupted
    from assistant.conversations.answer_queue import AnswerQueue
    from assistant.conversations.saved import SavedQuestions
    from assistant.conversations.store import Conversations

    port = free_port(settings.host, settings.port)
    prepare(settings)
    if needs_key(settings) and not KeyStore(settings.keys_file).all():
        say("footnote: programs need a key here and there is none yet: `footnote key add NAME` makes one.")
    say("Loading the models ...")
    with (
        open_assistant(settings) as assistant,
        closing(Conversations(settings.conversations_file)) as conversations,
        closing(AnswerQueue(assistant, conversations)) as queue,
        closing(SavedQuestions(settings.conversations_file)) as saved,
        closing(Application(queue, saved, paper_services(assistant))) as application,
        serving(build_app(application), settings.host, port) as address,
        application.papers.watching(),
    ):
        say(f"Footnote answers programs at {address}/api/v1 and {address}/v1 (Ctrl-C ends it).")
        wait_until_interrupted()
    return 0


def add_key(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.api.keys import KeyStore

    key, secret = KeyStore(settings.keys_file).add(options.name)
    say(f"Key {key.key_id}; it is shown this once, and only its hash is stored:")
    print(secret)
    return 0


def list_keys(options: argparse.Namespace, settings: Settings) -> int:
    from dataclasses import asdict

    from assistant.api.keys import KeyStore

    keys = KeyStore(settings.keys_file).all()
    if options.json:
        print(json.dumps([asdict(key) for key in keys], ensure_ascii=False))
    for key in [] if options.json else keys:
        print(f"{key.key_id}  {key.created}  {key.name}")
    return 0


def revoke_key(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.api.keys import KeyStore

    KeyStore(settings.keys_file).revoke(options.key_id)
    return 0
