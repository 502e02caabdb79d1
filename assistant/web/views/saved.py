"""The tab of saved questions: saves an answer, asks again in a separate thread, shows what changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from assistant.answering.question import is_follow_up
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved import SavedQuestion, SavedQuestions
from assistant.conversations.saved_run import current_version, run_saved, through_queue
from assistant.conversations.store import history_of
from assistant.errors import FootnoteError, InputError, Stopped
from assistant.web.rendering import counted, problem_html, saved_html
from assistant.web.views import Data
from assistant.web.views.papers import PaperViews

_BUG = "Asking again failed. The error is printed in the terminal that Footnote runs in."


@dataclass
class _Run:
    """A run through the saved questions: how far it is, what it found, and why it ended early, if it did."""

    done: int = 0
    total: int = 0
    asked: int = 0
    changed: int = 0
    problem: str = ""
    is_running: bool = True
    stop: threading.Event = field(default_factory=threading.Event)

    def update(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.stop.is_set() and done < total:
            raise Stopped("Asking was stopped. What was answered so far is stored.")

    @property
    def message(self) -> str:
        if self.is_running:
            return f"Asking question {min(self.done + 1, self.total)} of {self.total} …" if self.total else "Asking …"
        found = f"{counted(self.asked, 'question')} asked again, {self.changed} changed."
        return f"{found} {self.problem}".strip()


@dataclass
class SavedViews:
    """What the tab shows. The scripts of the page call the methods that take ``Data``."""

    queue: AnswerQueue
    stored: SavedQuestions
    papers: PaperViews
    _run: _Run | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def saved(self, _: Data) -> Data:
        """Each question as HTML, and the progress of the last run, with how many may have another answer now."""
        progress = self.progress({})  # first: what is answered after it makes the page load again
        version = current_version(self.queue.assistant)
        listed = self.stored.all()
        rows = [
            {"id": one.saved_id, "html": saved_html(self._current(one), may_have_changed=one.may_have_changed(version))}
            for one in listed
        ]
        if rows and not progress["running"]:
            outdated = sum(one.may_have_changed(version) for one in listed)
            state = f", {outdated} may have another answer now" if outdated else ""
            total = counted(len(rows), "saved question")
            progress["message"] = f"{progress['message']} {total}{state}.".strip()
        return {"rows": rows, **progress}

    def progress(self, _: Data) -> Data:
        """How far the last run is, in words; whether it goes on; and how many questions it has answered."""
        run = self._run or _Run(is_running=False)
        running = run.is_running  # first: a run that ends now is read again, and not left as if it went on
        return {"message": run.message if self._run else "", "running": running, "asked": run.asked}

    def remark(self) -> str:
        """For the report of added papers: how many saved questions may have another answer now."""
        count = self.stored.count_outdated(current_version(self.queue.assistant))
        return f"{counted(count, 'saved question')} may have another answer now: open the tab Saved." if count else ""

    def save(self, data: Data) -> str:
        """Save the question and the answer of an exchange; gives the message for the user."""
        kept = self.queue.conversations
        exchange = kept.exchange(str(data["turn"]))
        if exchange is None or exchange.answer is None:
            raise InputError("This answer was deleted: ask the question again, then save it.")
        exchanges = kept.exchanges(exchange.conversation_id)
        before = [one.exchange_id for one in exchanges].index(exchange.exchange_id)
        history = history_of(exchanges[:before])
        self.stored.add(
            exchange.question,
            history=history if is_follow_up(exchange.question, history) else (),
            within=exchange.within,
            collection=exchange.collection,
            answer=exchange.answer,
            version=kept.made_with(exchange.exchange_id).get("version", ""),
        )
        return "The question is saved. The tab Saved shows what changes in its answer."

    def ask_saved(self, _: Data) -> None:
        """Begin to ask the questions again whose answers may have changed."""
        with self._lock:
            if self._run and self._run.is_running:
                raise InputError("The saved questions are being asked already.")
            self._run = run = _Run()
        threading.Thread(target=self._ask, args=(run,), name="saved-questions", daemon=True).start()

    def stop_saved(self, _: Data) -> None:
        """Stop after the question that is being answered."""
        if self._run:
            self._run.stop.set()

    def mark_seen(self, data: Data) -> None:
        """The user has seen what changed up to an answer. If there is a later one, that stays unseen."""
        self.stored.mark_seen(int(data["id"]), str(data["answered"]))

    def remove_saved(self, data: Data) -> None:
        self.stored.remove(int(data["id"]))

    def cited(self, data: Data) -> str:
        """The paper of a footnote of the answer, or one that this answer or the one before it cites, by its id."""
        one = self.stored.find(int(data["id"]))
        for answer in (one.answer, one.seen) if one else ():
            for citation in (answer.citations or answer.nearest_citations) if answer else ():
                if data["marker"] == citation.marker or data["paper"] == citation.paper.paper_id:
                    return self.papers.cited(citation, int(data["start"]))
        return problem_html("This answer was replaced: open the tab again.")

    def _current(self, one: SavedQuestion) -> SavedQuestion:
        """The question with those of its papers marked that were retracted after it was answered."""
        return replace(one, answer=one.answer and self.papers.with_retractions(one.answer))

    def _ask(self, run: _Run) -> None:
        try:
            for result in run_saved(through_queue(self.queue), self.stored, run.update):
                run.asked += not result.problem
                run.changed += bool(result.diff)
                run.problem = result.problem or run.problem
        except FootnoteError as error:
            run.problem = str(error)
        except BaseException:
            run.problem = _BUG
            raise  # its traceback is printed in the terminal
        finally:
            run.is_running = False
