from __future__ import annotations

import io

import assistant.system.progress
from assistant.system.progress import ProgressBars


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(monkeypatch, stream, *calls, delay=0.0) -> str:
    """What a person sees of some progress."""
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(assistant.system.progress, "_QUIET_SECONDS", delay)
    with ProgressBars(" papers") as bars:
        for done, total in calls:
            bars.of("indexing")(done, total)
    return stream.getvalue()


def test_terminal_shows_the_step_and_then_how_much_of_it_is_done(monkeypatch):
    seen = shown(monkeypatch, Terminal(), (0, 0), (64, 0), (0, 128), (128, 128))
    assert seen.index("reading: ") < seen.index("indexing: ") < seen.index("/128 ")


def test_short_step_shows_no_bar(monkeypatch):
    assert shown(monkeypatch, Terminal(), (0, 128), (128, 128), delay=60.0).strip() == ""


def test_no_bar_is_shown_outside_a_terminal(monkeypatch):
    assert shown(monkeypatch, io.StringIO(), (64, 0), (128, 128)) == ""
