"""``footnote saved``. Heavy libraries load in the command that needs them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from assistant.command_line import EXIT_FAULT, Commands, printable, say
from assistant.commands import Prepare, open_assistant
from assistant.errors import InputError
from assistant.system.progress import ProgressBars

if TYPE_CHECKING:
    from assistant.conversations.saved import SavedQuestions
    from assistant.conversations.saved_run import SavedResult
    from assistant.settings import Settings

_NONE_SAVED = (
    'No question is saved yet: run `footnote saved add "question"`, or press Save below an answer on the page.'
)


def add_commands(commands: Commands, prepare: Prepare) -> None:
    actions = commands.add_group("saved", "save questions, and see which answers change with new papers", "ACTION")
    action = actions.add("add", partial(add, prepare=prepare), "save a question and answer it")
    action.add_argument("question", nargs="+")
    _add_json(action, "print the saved question with its answer as one JSON object")
    _add_json(actions.add("list", list_saved, "list the saved questions"), "print one JSON object per question")
    action = actions.add(
        "run",
        partial(run, prepare=prepare),
        "ask the saved questions again whose answers may have changed, and print what did; run it again after Ctrl-C",
    )
    _add_json(action, "print one JSON object per question that was asked, as soon as it is answered")
    action = actions.add("show", show, "print a saved question, its answer, and what changed since you last looked")
    _add_id(action)
    _add_json(action, "print it as one JSON object")
    _add_id(actions.add("seen", seen, "note that you have seen what changed"))
    _add_id(actions.add("remove", remove, "remove a saved question with its answers"))


def _add_json(action: argparse.ArgumentParser, text: str) -> None:
    action.add_argument("--json", action="store_true", help=text)


def _add_id(action: argparse.ArgumentParser) -> None:
    action.add_argument("id", type=int, help="as `footnote saved list` prints it")


def add(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.answering.question import checked_question
    from assistant.conversations.saved import SavedQuestions
    from assistant.conversations.saved_run import directly, run_saved
    from assistant.conversations.saved_text import saved_json, saved_text

    question = checked_question(" ".join(options.question))
    prepare(settings)
    with SavedQuestions(settings.conversations_file) as saved:
        saved_id = saved.add(question).saved_id  # first, so that an interrupted answer can be made up for by a run
        with open_assistant(settings) as assistant:
            problems = [result.problem for result in run_saved(directly(assistant), saved, only=[saved_id])]
        one = saved.get(saved_id)
    print(json.dumps(saved_json(one, with_answer=True), ensure_ascii=False) if options.json else saved_text(one))
    say(f"Saved as {saved_id}.")
    return _exit_code(problems)


def list_saved(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.conversations.saved_text import saved_json

    if not settings.conversations_file.exists():
        say(_NONE_SAVED)
        return 0
    with _opened(settings) as saved:
        listed = saved.all()
    for one in listed:
        if options.json:
            print(json.dumps(saved_json(one), ensure_ascii=False))
            continue
        state = "  [changed]" if one.diff else "" if one.answer else "  [not answered yet]"
        print(f"{one.saved_id:>4}  {printable(one.question)}{state}")
    if not listed:
        say(_NONE_SAVED)
    return 0


def run(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.conversations.saved_run import directly, run_saved
    from assistant.conversations.saved_text import result_json

    problems, asked, changed = [], 0, 0
    with _opened(settings) as saved:
        count = len(saved.ids())
        if not count:
            say(_NONE_SAVED)
            return 0
        prepare(settings)
        with open_assistant(settings) as assistant, ProgressBars(" questions") as bars:
            for result in run_saved(directly(assistant), saved, bars.of("asking again")):
                asked, changed = asked + 1, changed + bool(result.diff)
                problems.append(result.problem)
                if options.json:
                    print(json.dumps(result_json(result), ensure_ascii=False), flush=True)
                else:
                    _print_result(result)
    say(f"{asked} of {count} asked again, {changed} changed.")
    if changed:
        say("`footnote saved show ID` prints an answer; `footnote saved seen ID` notes that you have seen the change.")
    return _exit_code(problems)


def _print_result(result: SavedResult) -> None:
    from assistant.conversations.saved_text import diff_text

    if result.diff:
        print(f"{result.saved.saved_id}  {printable(result.saved.question)}\n{diff_text(result.diff)}\n", flush=True)


def show(options: argparse.Namespace, settings: Settings) -> int:
    from assistant.conversations.saved_text import saved_json, saved_text

    with _opened(settings) as saved:
        one = saved.get(options.id)
    print(json.dumps(saved_json(one, with_answer=True), ensure_ascii=False) if options.json else saved_text(one))
    return 0


def seen(options: argparse.Namespace, settings: Settings) -> int:
    with _opened(settings) as saved:
        saved.mark_seen(options.id, saved.get(options.id).answered)
    return 0


def remove(options: argparse.Namespace, settings: Settings) -> int:
    with _opened(settings) as saved:
        saved.remove(options.id)
    say(f"Saved question {options.id} removed.")
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator[SavedQuestions]:
    """The saved questions. Raises InputError where nothing is saved: the home's name may be mistyped."""
    from assistant.conversations.saved import SavedQuestions

    if not settings.conversations_file.exists():  # opening it would create it
        raise InputError(_NONE_SAVED)
    with SavedQuestions(settings.conversations_file) as saved:
        yield saved


def _exit_code(problems: list[str]) -> int:
    """Say each problem once; the exit code."""
    named = list(dict.fromkeys(filter(None, problems)))
    for problem in named:
        say(f"footnote: {printable(problem)}")
    return EXIT_FAULT if named else 0
