"""The tab where questions are asked: the list of conversations, the open conversation, and its answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.conversations.answer_queue import AnswerQueue, Task
from assistant.conversations.store import Conversations, Exchange
from assistant.export import FORMATS
from assistant.index.source_table import checked_collection
from assistant.presentation import as_text, footnotes
from assistant.web.rendering import exchange_html, problem_html
from assistant.web.views import Data
from assistant.web.views.papers import PaperViews


@dataclass
class ChatViews:
    """What the tab shows, and what its scripts call."""

    queue: AnswerQueue
    papers: PaperViews

    @property
    def stored(self) -> Conversations:
        return self.queue.conversations

    def ask(self, question: str, conversation_id: str | None, within: Sequence[str], collection: str) -> Task:
        """Ask a question, in a new conversation if none is given; the name of a collection comes from the page.

        Raises QuestionError for a question that cannot be asked, InputError for a text that cannot be a name.
        """
        name = collection and checked_collection(collection)
        return self.queue.ask(question, conversation_id, within, name)

    def conversation(self, conversation_id: str) -> Data:
        """The whole conversation: its id, and the HTML of each turn."""
        turns = []
        exchanges, unfinished = self._exchanges_and_tasks(conversation_id)
        tasks = {task.exchange.exchange_id: task for task in unfinished}
        for exchange in exchanges:
            task = tasks.get(exchange.exchange_id)
            is_waiting = task and task.answer is None
            html = exchange_html(
                exchange,
                task.answer if task else exchange.answer,
                is_done=task is None,
                ahead=self.queue.ahead_of(task) if task and is_waiting else None,
                problem=self.queue.problems.get(exchange.exchange_id, ""),
            )
            turns.append({"id": exchange.exchange_id, "html": html, "done": task is None})
        return {"conversation": conversation_id, "turns": turns}

    def _exchanges(self, conversation_id: str) -> list[Exchange]:
        return [self._with_retractions(exchange) for exchange in self.stored.exchanges(conversation_id)]

    def _exchange(self, exchange_id: str) -> Exchange | None:
        exchange = self.stored.exchange(exchange_id)
        return self._with_retractions(exchange) if exchange else None

    def _with_retractions(self, exchange: Exchange) -> Exchange:
        """The exchange with those of its papers marked that were retracted after it was answered."""
        return replace(exchange, answer=exchange.answer and self.papers.with_retractions(exchange.answer))

    def _exchanges_and_tasks(self, conversation_id: str) -> tuple[list[Exchange], list[Task]]:
        """A conversation's exchanges and its unfinished tasks, read again when a task finished in between."""
        while True:
            tasks = self.queue.tasks(conversation_id)
            exchanges = self._exchanges(conversation_id) if conversation_id else []
            if tasks == self.queue.tasks(conversation_id):
                return exchanges, tasks

    def _with_task(self, base: Data, task: Task) -> Data:
        """The conversation ``base`` with the current state of one task; the other turns are not read again."""
        turn = {"id": task.exchange.exchange_id, "html": exchange_html(task.exchange, task.answer, is_done=False)}
        turns = [{**turn, "done": False} if turn["id"] == other["id"] else other for other in base["turns"]]
        return {**base, "turns": turns}

    def with_problem(self, conversation_id: str, question: str, problem: str) -> Data:
        """The conversation, and after it a question that could not be asked, with the reason. It is not stored."""
        shown = self.conversation(conversation_id)
        html = exchange_html(Exchange("", conversation_id, question, ""), None, is_done=False, problem=problem)
        return {**shown, "turns": [*shown["turns"], {"id": "problem", "html": html, "done": True}]}

    def follow(self, task: Task) -> Iterator[Data]:
        """The conversation after each change of a task's answer."""
        conversation_id = task.exchange.conversation_id
        base, tasks = self.conversation(conversation_id), self.queue.tasks(conversation_id)
        for changed in self.queue.follow(task):
            if changed.is_done or changed.answer is None or tasks != self.queue.tasks(conversation_id):
                base, tasks = self.conversation(conversation_id), self.queue.tasks(conversation_id)
                yield base
            else:
                yield self._with_task(base, changed)

    def conversation_list(self, current: str, search: str = "") -> Data:
        """The list of conversations; ``current`` is the id of the open one."""
        return {"rows": self.search_conversations({"text": search}), "current": current}

    # The scripts of the page call what follows.

    def search_conversations(self, data: Data) -> list[Data]:
        found = self.stored.find(str(data["text"]))
        return [{"id": one.conversation_id, "title": one.title, "updated": one.updated} for one in found]

    def rename_conversation(self, data: Data) -> None:
        self.stored.rename(str(data["id"]), str(data["title"]))

    def delete_conversation(self, data: Data) -> None:
        self.queue.stop(str(data["id"]))
        self.stored.delete(str(data["id"]))

    def source(self, data: Data) -> str:
        """The paper that a footnote cites, or of one of the nearest sentences, as it was when it was found."""
        exchange = self._exchange(str(data["turn"]))
        answer = exchange.answer if exchange else None
        for citation in (answer.citations or answer.nearest_citations) if answer else ():
            if citation.marker == data["marker"]:
                return self.papers.cited(citation, int(data["start"]))
        return problem_html("This answer was deleted.")

    def copy_text(self, data: Data) -> str:
        exchange = self._exchange(str(data["turn"]))
        answer = exchange.answer if exchange else None
        return "\n\n".join(part for part in (as_text(answer), footnotes(answer)) if part) if answer else ""

    def rate(self, data: Data) -> str:
        """Store a rating and a note; a note of None keeps the old one. Gives the new HTML of the exchange."""
        turn = str(data["turn"])
        exchange = self._exchange(turn)
        note = exchange.note if exchange and data["note"] is None else str(data["note"] or "")
        self.stored.rate(turn, int(data["rating"]), note)
        exchange = self._exchange(turn)
        return exchange_html(exchange, exchange.answer, is_done=True) if exchange else ""

    def export(self, data: Data) -> Data | None:
        """A conversation as a file, its name and its text; None for an empty conversation or an unknown format."""
        conversation_id, chosen = str(data["conversation"]), FORMATS.get(str(data["format"]))
        exchanges = self._exchanges(conversation_id)
        if not exchanges or chosen is None:
            return None
        turns = [(exchange.question, exchange.answer) for exchange in exchanges]
        text = chosen.write(self.stored.title(conversation_id), turns)
        return {"name": f"footnote-{conversation_id[:8]}.{chosen.suffix}", "text": text}
