"""``footnote saved``: what it prints, and its exit codes."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

import app
from assistant.conversations import commands
from tests.support.models import WRITTEN, BrokenReranker
from tests.support.views import OTHER, QUESTION, put

BURROWS = "How long are the burrows that wombats dig?"
WOMBATS: dict[str, object] = {"title": "Wombats", "abstract": "The burrows that wombats dig are 30 metres long."}


@pytest.fixture
def assistant(make_assistant, monkeypatch):
    opened = make_assistant([WRITTEN] * 9)
    monkeypatch.setattr(commands, "open_assistant", lambda _: nullcontext(opened))
    return opened


@pytest.fixture
def run(settings, capsys):
    """Runs a command; gives its exit code, its results and its messages."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = app.main(["saved", *arguments, "--home", str(settings.home)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.usefixtures("assistant")
def test_a_question_is_saved_with_its_answer_listed_shown_and_removed(run):
    code, out, said = run("add", *QUESTION.split())
    assert (code, said) == (0, "Saved as 1.\n")
    assert out.startswith(f"{QUESTION}\n\n{WRITTEN} [1]")
    assert run("show", "1") == (0, out, "")
    assert run("list")[1].split(maxsplit=1) == ["1", f"{QUESTION}\n"]
    assert run("remove", "1") == (0, "", "Saved question 1 removed.\n")
    assert run("list") == (0, "", f"{commands._NONE_SAVED}\n")


def test_a_run_prints_what_changed_until_it_is_seen(run, assistant):
    run("add", BURROWS)
    run("add", OTHER)
    assert run("run") == (0, "", "0 of 2 asked again, 0 changed.\n")
    put(assistant.retriever.index, WOMBATS)
    code, out, said = run("run")
    assert code == 0
    assert out.splitlines()[:4] == [
        f"1  {BURROWS}",
        "Answered now; declined before.",
        "New papers cited:",
        "  + Wombats",
    ]
    assert said.splitlines()[0] == "2 of 2 asked again, 1 changed."
    assert run("list")[1].splitlines()[0] == f"   1  {BURROWS}  [changed]"
    assert "Changed since you last looked" in run("show", "1")[1]
    assert run("seen", "1") == (0, "", "")
    assert run("list")[1].splitlines()[0] == f"   1  {BURROWS}"
    assert "Changed since" not in run("show", "1")[1]


def test_programs_get_json(run, assistant):
    added = json.loads(run("add", BURROWS, "--json")[1])
    assert (added["id"], added["answer"]["abstained"]) == (1, True)
    put(assistant.retriever.index, WOMBATS)
    (result,) = map(json.loads, run("run", "--json")[1].splitlines())
    assert ([paper["title"] for paper in result["diff"]["new_papers"]], result["problem"]) == (["Wombats"], "")
    (listed,) = map(json.loads, run("list", "--json")[1].splitlines())
    assert listed == {name: value for name, value in result.items() if name != "problem"}
    assert json.loads(run("show", "1", "--json")[1])["diff"] == listed["diff"]


def test_a_question_that_cannot_be_answered_stays_saved_and_is_asked_by_the_next_run(run, assistant):
    working, assistant.reranker = assistant.reranker, BrokenReranker()
    code, out, said = run("add", QUESTION)
    assert code == 1
    assert "Not answered yet" in out
    assert said.splitlines() == ["Saved as 1.", "footnote: The reranker failed: reinstall footnote."]
    assert "[not answered yet]" in run("list")[1]
    assert run("run")[0] == 1
    assistant.reranker = working
    assert run("run") == (0, "", "1 of 1 asked again, 0 changed.\n")
    assert WRITTEN in run("show", "1")[1]


def test_an_interrupted_run_keeps_what_it_has_and_continues(run, assistant, monkeypatch):
    for question in (BURROWS, OTHER):
        run("add", question)
    put(assistant.retriever.index, WOMBATS)
    stream = assistant.stream

    def interrupted(question, *rest):
        if question == OTHER:
            raise KeyboardInterrupt
        yield from stream(question, *rest)

    monkeypatch.setattr(assistant, "stream", interrupted)
    code, out, said = run("run")
    assert (code, said) == (app.EXIT_STOPPED, "footnote: stopped.\n")
    assert "+ Wombats" in out
    monkeypatch.undo()
    monkeypatch.setattr(commands, "open_assistant", lambda _: nullcontext(assistant))
    assert run("run")[2].splitlines()[0] == "1 of 2 asked again, 0 changed."


@pytest.mark.parametrize("arguments", [["run"], ["show", "1"], ["seen", "1"], ["remove", "1"]])
def test_where_nothing_was_ever_saved_one_line_says_so_and_nothing_is_made(run, settings, arguments):
    code, out, said = run(*arguments)
    assert (code, out, said) == (1, "", f"footnote: {commands._NONE_SAVED}\n")
    assert not settings.home.exists()


@pytest.mark.parametrize("action", ["show", "seen", "remove"])
@pytest.mark.usefixtures("assistant")
def test_an_unknown_id_is_one_line(run, action):
    run("add", QUESTION)
    code, out, said = run(action, "7")
    assert (code, out) == (1, "")
    assert said.startswith("footnote: No saved question has the id 7: ")


@pytest.mark.usefixtures("assistant")
def test_a_question_without_words_is_refused_before_a_model_loads(run, settings):
    assert run("add", "?")[0] == 1
    assert not settings.conversations_file.exists()
