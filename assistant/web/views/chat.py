"""What the tab of questions shows: the conversations, the open one, and what its footnotes open. Without Gradio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.conversations.desk import Desk, Task
from assistant.conversations.store import Conversations, Exchange
from assistant.export import as_bibtex, as_markdown, as_ris, cited_papers
from assistant.presentation import as_text, footnotes, with_retracted
from assistant.web.rendering import exchange_html, paper_html, problem_html
from assistant.web.views import Data
from assistant.web.views.papers import PaperViews

_SUFFIXES = {"markdown": "md", "bibtex": "bib", "ris": "ris"}


@dataclass
class ChatViews:
    """What the conversation shows and what can be done with it."""

    desk: Desk
    papers: PaperViews

    @property
    def conversations(self) -> Conversations:
        return self.desk.conversations

    def shown(self, conversation_id: str) -> Data:
        """The whole conversation as the page draws it."""
        turns = []
        exchanges, under_way = self._together(conversation_id)
        tasks = {task.exchange.exchange_id: task for task in under_way}
        for exchange in exchanges:
            task = tasks.get(exchange.exchange_id)
            waits = task and task.answer is None
            html = exchange_html(
                exchange,
                task.answer if task else exchange.answer,
                is_done=task is None,
                ahead=self.desk.ahead_of(task) if task and waits else None,
                problem=self.desk.problems.get(exchange.exchange_id, ""),
            )
            turns.append({"id": exchange.exchange_id, "html": html, "done": task is None})
        return {"conversation": conversation_id, "turns": turns}

    def _exchanges(self, conversation_id: str) -> list[Exchange]:
        return [self._marked(exchange) for exchange in self.conversations.exchanges(conversation_id)]

    def _exchange(self, exchange_id: str) -> Exchange | None:
        exchange = self.conversations.exchange(exchange_id)
        return self._marked(exchange) if exchange else None

    def _marked(self, exchange: Exchange) -> Exchange:
        """The exchange with papers marked that were retracted after it was answered."""
        answer = exchange.answer
        if answer is None:
            return exchange
        shown = [citation.paper for citation in answer.citations] + [ranked.paper for ranked in answer.retrieved]
        papers = self.papers.library.papers(paper.paper_id for paper in shown)
        retracted = {paper_id for paper_id, paper in papers.items() if paper.is_retracted}
        return replace(exchange, answer=with_retracted(answer, retracted))

    def _together(self, conversation_id: str) -> tuple[list[Exchange], list[Task]]:
        """A conversation's exchanges and its tasks, read again when one was finished in between."""
        while True:
            tasks = self.desk.tasks(conversation_id)
            exchanges = self._exchanges(conversation_id) if conversation_id else []
            if tasks == self.desk.tasks(conversation_id):
                return exchanges, tasks

    def _growing(self, task: Task, base: Data) -> Data:
        """``base`` with the task's turn as it is now, without reading the others again."""
        turn = {"id": task.exchange.exchange_id, "html": exchange_html(task.exchange, task.answer, is_done=False)}
        turns = [{**turn, "done": False} if turn["id"] == other["id"] else other for other in base["turns"]]
        return {**base, "turns": turns}

    def with_problem(self, conversation_id: str, question: str, problem: str) -> Data:
        """The conversation with a question at its end that could not be asked; it is not kept."""
        shown = self.shown(conversation_id)
        html = exchange_html(Exchange("", conversation_id, question, ""), None, is_done=False, problem=problem)
        return {**shown, "turns": [*shown["turns"], {"id": "problem", "html": html, "done": True}]}

    def follow(self, task: Task) -> Iterator[Data]:
        """The conversation after each change of a question's answer."""
        conversation_id = task.exchange.conversation_id
        base, beside = self.shown(conversation_id), self.desk.tasks(conversation_id)
        for changed in self.desk.follow(task):
            if changed.is_done or changed.answer is None or beside != self.desk.tasks(conversation_id):
                base, beside = self.shown(conversation_id), self.desk.tasks(conversation_id)
                yield base
            else:
                yield self._growing(changed, base)

    def listed(self, current: str, search: str = "") -> Data:
        """The list of conversations."""
        return {"rows": self.search_conversations({"text": search}), "current": current}

    # What the page's scripts call; each takes and gives JSON values.

    def search_conversations(self, data: Data) -> list[Data]:
        found = self.conversations.listed(str(data["text"]))
        return [{"id": one.conversation_id, "title": one.title, "updated": one.updated} for one in found]

    def rename_conversation(self, data: Data) -> None:
        self.conversations.rename(str(data["id"]), str(data["title"]))

    def delete_conversation(self, data: Data) -> None:
        self.desk.stop(str(data["id"]))
        self.conversations.delete(str(data["id"]))

    def source(self, data: Data) -> str:
        """The paper behind a marker of an answer, as it was when the answer was given."""
        exchange = self._exchange(str(data["turn"]))
        citations = exchange.answer.citations if exchange and exchange.answer else ()
        for citation in citations:
            if citation.marker == data["marker"]:
                known = self.papers.is_indexed(citation.paper.paper_id)
                return paper_html(
                    citation.paper,
                    is_indexed=known,
                    quotes=citation.quotes,
                    now=int(data["start"]),
                    is_record_cited=citation.rests_on_record,
                )
        return problem_html("This answer is no longer there.")

    def copy_text(self, data: Data) -> str:
        exchange = self._exchange(str(data["turn"]))
        answer = exchange.answer if exchange else None
        return "\n\n".join(part for part in (as_text(answer), footnotes(answer)) if part) if answer else ""

    def judge(self, data: Data) -> str:
        """Keep a thumb and a note, the old one when none is given; gives the exchange as it is now."""
        turn = str(data["turn"])
        exchange = self._exchange(turn)
        note = exchange.note if exchange and data["note"] is None else str(data["note"] or "")
        self.conversations.judge(turn, int(data["verdict"]), note)
        exchange = self._exchange(turn)
        return exchange_html(exchange, exchange.answer, is_done=True) if exchange else ""

    def export(self, data: Data) -> Data | None:
        """A conversation as a file: its name and its text."""
        conversation_id, form = str(data["conversation"]), str(data["form"])
        exchanges = self._exchanges(conversation_id)
        if not exchanges or form not in _SUFFIXES:
            return None
        if form == "markdown":
            title = self.conversations.title(conversation_id)
            text = as_markdown(title, [(exchange.question, exchange.answer) for exchange in exchanges])
        else:
            papers = cited_papers(exchange.answer for exchange in exchanges if exchange.answer)
            text = as_bibtex(papers) if form == "bibtex" else as_ris(papers)
        return {"name": f"footnote-{conversation_id[:8]}.{_SUFFIXES[form]}", "text": text}
