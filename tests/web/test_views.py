"""What the tabs show and do, without a browser and without Gradio."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import bibtexparser
import numpy as np
import pytest
import rispy

import assistant.web.views.add_papers
import assistant.web.views.map
from assistant.conversations.desk import Desk, Task
from assistant.errors import FootnoteError, InputError, ModelError, Stopped
from assistant.records import Paper
from assistant.services import Added, EvalReport, Given, PaperServices
from assistant.settings import Settings
from assistant.web.components import _plain
from assistant.web.rendering import exchange_html
from assistant.web.views.add_papers import AddPapersViews
from assistant.web.views.chat import ChatViews
from assistant.web.views.map import MapViews
from assistant.web.views.papers import PaperViews
from assistant.web.views.reports import ReportViews
from assistant.web.views.samples import SampleViews
from assistant.web.views.settings import SettingsViews
from ingest.pipeline import ingest_sources
from ingest.services import remover
from ingest.sources import Source
from tests.conftest import ABSTRACTS
from tests.conversations.test_desk import BrokenModel, HeldModel
from tests.support.fakes import ScriptedModel, WordCountEmbedding
from tests.web.test_rendering import Reader

QUESTION = "How much does sparse training reduce the cost on the Pile?"
OTHER = "How many methods does the survey of continual learning review?"
SPARSE = "Sparse Training of Small Models"
WRITTEN = "Sparse training reduces the cost by 2.5x on the Pile."
CITED = "Sparse training reduces the cost by 2.5x on the Pile."  # the abstract's own words


class HalfModel(ScriptedModel):
    """Writes two words, and the rest once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "half", threading.Event())
        object.__setattr__(self, "go", threading.Event())

    def write(self, prompt, stop):
        yield "Sparse training "
        self.half.set()
        while not self.go.wait(0.01):
            if stop.is_set():
                raise Stopped("Stopped.")
        yield WRITTEN.removeprefix("Sparse training ")


def services(**given) -> PaperServices:
    """Services of which only the given ones may be asked for."""

    def unasked(*_):
        raise AssertionError("this service was not to be asked")

    return PaperServices(**{**dict.fromkeys(("add", "remove"), unasked), "file_types": (), **given})


def finished(desk: Desk, task: Task) -> Task:
    *_, last = desk.follow(task)
    return last


def put(index, *papers: dict[str, object], source: str = "more.jsonl"):
    """Papers into an open index that goes on answering."""
    lines = "\n".join(map(json.dumps, papers)).encode()
    with index.writing() as writer:
        ingest_sources([Source(source, lambda: io.BytesIO(lines))], writer, WordCountEmbedding(), lambda *_: None)


# Sample papers.


def test_the_sample_papers_are_offered_and_removed():
    views = SampleViews(services(samples=lambda: ["hens", "cows"], remove_samples=lambda: 2))
    assert views.samples({}) == {"ids": ["hens", "cows"]}
    assert views.remove_samples({}) == "2 sample papers removed."


def test_nothing_is_offered_where_there_are_no_sample_papers():
    assert SampleViews(services()).samples({}) == {"ids": []}


# Questions.


@pytest.fixture
def desk(make_assistant, conversations):
    desk = Desk(make_assistant([WRITTEN] * 9), conversations)
    yield desk
    desk.close()


@pytest.fixture
def chat(desk) -> ChatViews:
    return ChatViews(desk, papers_of(desk.assistant.retriever))


def papers_of(retriever) -> PaperViews:
    return PaperViews(lambda: retriever, remover(retriever.index))


def conversation_of(task: Task) -> str:
    return task.exchange.conversation_id


def turns_of(shown) -> list[Reader]:
    return [Reader(turn["html"]) for turn in shown["turns"]]


def test_a_conversation_that_is_not_begun_shows_nothing(chat):
    assert chat.shown("") == {"conversation": "", "turns": []}


def test_an_answered_question_is_shown_with_its_answer(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    shown = chat.shown(conversation_of(task))
    assert shown["conversation"] == conversation_of(task)
    assert [(turn["id"], turn["done"]) for turn in shown["turns"]] == [(task.exchange.exchange_id, True)]
    (page,) = turns_of(shown)
    assert page.one("h3").text == QUESTION
    assert WRITTEN in page.all(class_="fn-claim")[0].text
    assert page.all(data_action="copy")


def test_an_answer_warns_of_a_paper_that_was_retracted_after_it_was_given(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    (before,) = turns_of(chat.shown(conversation_of(task)))
    assert before.all(class_="fn-warning") == []
    put(desk.assistant.retriever.index, {"title": SPARSE, "abstract": "Withdrawn.", "is_retracted": True})
    (after,) = turns_of(chat.shown(conversation_of(task)))
    assert after.one(class_="fn-warning").said.startswith("This answer cites a retracted paper: ")
    turn = {"turn": task.exchange.exchange_id}
    assert chat.copy_text(turn).startswith("This answer cites a retracted paper: [")
    source = Reader(chat.source({**turn, "marker": 1, "start": 0}))
    assert source.one(class_="fn-warning").said == "This paper is retracted."
    exported = chat.export({"conversation": conversation_of(task), "form": "markdown"})
    assert "**This answer cites a retracted paper: " in exported["text"]


def test_a_question_behind_another_is_shown_waiting_and_one_under_way_growing(chat, desk):
    desk.assistant.language_model = model = HeldModel()
    first = desk.ask(QUESTION)
    second = desk.ask(OTHER, conversation_of(first))
    assert model.begun.wait(5)
    shown = chat.shown(conversation_of(first))
    growing, waiting = turns_of(shown)
    assert [turn["done"] for turn in shown["turns"]] == [False, False]
    assert growing.one(aria_current="step").said.startswith("Reading")
    assert waiting.one(class_="fn-status").said == "Waiting: 1 question first …"
    model.go.set()
    finished(desk, second)
    assert [turn["done"] for turn in chat.shown(conversation_of(first))["turns"]] == [True, True]


def test_following_a_question_shows_the_whole_conversation_each_time_and_ends_with_the_answer(chat, desk):
    first = finished(desk, desk.ask(QUESTION))
    task = desk.ask(OTHER, conversation_of(first))
    *grown, last = chat.follow(task)
    ids = [first.exchange.exchange_id, task.exchange.exchange_id]
    assert all([turn["id"] for turn in shown["turns"]] == ids for shown in [*grown, last])
    assert all(shown["turns"][0]["done"] for shown in grown)
    assert last == chat.shown(conversation_of(first))
    assert last["turns"][1]["done"]


def test_a_follower_sees_the_draft_grow_under_the_answers_before_it(chat, desk):
    first = finished(desk, desk.ask(QUESTION))
    desk.assistant.language_model = model = HalfModel()
    task = desk.ask(QUESTION, conversation_of(first))
    assert model.half.wait(5)
    following = chat.follow(task)
    half = next(following)
    assert half == chat.shown(conversation_of(first))
    answered, growing = turns_of(half)
    assert answered.all(class_="fn-claim")
    assert growing.one(class_="fn-draft").said.endswith("Sparse training")
    model.go.set()
    *_, last = following
    assert turns_of(last)[1].all(class_="fn-draft") == []
    assert turns_of(last)[1].all(class_="fn-claim")


def test_a_question_that_failed_says_why_until_it_is_asked_again(chat, desk):
    desk.assistant.language_model = BrokenModel()
    task = desk.ask(QUESTION)
    *_, last = chat.follow(task)
    assert "The model server failed" in turns_of(last)[0].one(class_="fn-problem").text
    assert chat.shown(conversation_of(task)) == last
    desk.assistant.language_model = ScriptedModel([WRITTEN])
    *_, last = chat.follow(desk.ask_again(task.exchange.exchange_id))
    (page,) = turns_of(last)
    assert page.all(class_="fn-problem") == []
    assert page.all(class_="fn-claim")


def test_a_question_that_failed_while_nobody_looked_says_why_to_who_comes_back(chat, desk):
    desk.assistant.language_model = BrokenModel()
    unwatched = desk.ask(QUESTION)
    finished(desk, desk.ask(OTHER))
    (page,) = turns_of(chat.shown(conversation_of(unwatched)))
    assert "The model server failed" in page.one(class_="fn-problem").text


def test_a_question_that_nothing_stands_before_is_shown_starting(chat, desk):
    with desk.paused():
        page = turns_of(chat.shown(conversation_of(desk.ask(QUESTION))))[0]
    assert page.one(class_="fn-status").said == "Starting …"


def test_a_problem_at_the_end_of_a_conversation_is_not_kept(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    before = chat.shown(conversation_of(task))
    shown = chat.with_problem(conversation_of(task), "?!", "Ask with a word in it.")
    assert shown["turns"][:-1] == before["turns"]
    assert turns_of(shown)[-1].said == "?! Ask with a word in it."
    assert chat.shown(conversation_of(task)) == before


def test_a_problem_is_shown_also_where_no_conversation_is_begun(chat):
    assert [page.said for page in turns_of(chat.with_problem("", "Why?", "Too long."))] == ["Why? Too long."]


def test_conversations_are_listed_newest_first_with_the_open_one_named(chat, desk):
    one, two = (finished(desk, desk.ask(question)) for question in (QUESTION, OTHER))
    listed = chat.listed(conversation_of(one))
    assert [row["id"] for row in listed["rows"]] == [conversation_of(two), conversation_of(one)]
    assert [row["title"] for row in listed["rows"]] == [OTHER, QUESTION]
    assert listed["current"] == conversation_of(one)


def test_conversations_are_searched_by_what_was_asked_and_answered(chat, desk):
    one = finished(desk, desk.ask(QUESTION))
    finished(desk, desk.ask(OTHER))
    assert [row["id"] for row in chat.search_conversations({"text": "2.5X"})] == [conversation_of(one)]
    assert [row["id"] for row in chat.listed("", "2.5x")["rows"]] == [conversation_of(one)]
    assert chat.search_conversations({"text": "whales"}) == []


def test_a_conversation_is_renamed(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    chat.rename_conversation({"id": conversation_of(task), "title": " Costs  of training "})
    assert [row["title"] for row in chat.listed("")["rows"]] == ["Costs of training"]
    with pytest.raises(InputError, match="needs a word"):
        chat.rename_conversation({"id": conversation_of(task), "title": " "})


def test_a_deleted_conversation_is_gone_and_its_question_is_stopped(chat, desk):
    desk.assistant.language_model = model = HeldModel()
    kept = desk.ask(OTHER)
    task = desk.ask(QUESTION)
    chat.delete_conversation({"id": conversation_of(task)})
    model.go.set()
    finished(desk, kept)
    assert finished(desk, task).answer.stopped
    assert [row["id"] for row in chat.listed("")["rows"]] == [conversation_of(kept)]
    assert chat.shown(conversation_of(task))["turns"] == []


def first_footnote(task: Task) -> dict[str, object]:
    """What the page sends when the first marker is pressed."""
    page = Reader(exchange_html(task.exchange, task.answer, is_done=True))
    sent = page.all(class_="fn-marker")[0].attributes
    return {
        "turn": task.exchange.exchange_id,
        "marker": int(sent["data-marker"]),
        "start": int(sent["data-start"]),
    }


def test_a_marker_opens_the_paper_at_the_words_it_stands_for(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    page = Reader(chat.source(first_footnote(task)))
    assert page.one("h3").text == SPARSE
    assert page.one("mark", class_="fn-now").text == CITED
    assert page.one("p", class_="fn-abstract").text == ABSTRACTS[SPARSE]
    assert page.all(class_="fn-gone") == []
    assert page.all(data_action="narrow")


def test_a_marker_opens_the_paper_as_it_was_when_it_was_answered(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    put(desk.assistant.retriever.index, {"title": SPARSE, "abstract": "Only one sentence is left."})
    page = Reader(chat.source(first_footnote(task)))
    assert page.one("p", class_="fn-abstract").text == ABSTRACTS[SPARSE]
    assert page.one("mark", class_="fn-now").text == CITED


def test_a_removed_paper_opens_under_its_footnote_and_says_that_it_is_no_longer_indexed(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    paper_id = task.answer.citations[0].paper.paper_id
    assert chat.papers.remove_papers({"ids": [paper_id]}) == "1 paper removed."
    page = Reader(chat.source(first_footnote(task)))
    assert "no longer indexed" in page.one(class_="fn-gone").said
    assert page.one("mark", class_="fn-now").text == CITED
    assert page.all("button") == []


@pytest.mark.parametrize("wrong", [{"turn": "gone"}, {"marker": 99}])
def test_a_marker_of_an_answer_that_is_gone_says_so(chat, desk, wrong):
    asked = first_footnote(finished(desk, desk.ask(QUESTION)))
    assert Reader(chat.source({**asked, **wrong})).said == "This answer is no longer there."


def test_a_verdict_and_a_note_are_kept_and_shown(chat, desk, conversations):
    turn = finished(desk, desk.ask(QUESTION)).exchange.exchange_id
    page = Reader(chat.judge({"turn": turn, "verdict": -1, "note": " Too short. "}))
    assert page.one(aria_pressed="true").attributes["data-action"] == "down"
    assert page.one(class_="fn-note").said == "Your note Too short."
    kept = conversations.exchange(turn)
    assert (kept.verdict, kept.note) == (-1, "Too short.")


def test_a_verdict_without_a_note_keeps_the_note_that_was_given_and_an_empty_note_takes_it_back(chat, desk):
    turn = finished(desk, desk.ask(QUESTION)).exchange.exchange_id
    chat.judge({"turn": turn, "verdict": -1, "note": "Too short."})
    page = Reader(chat.judge({"turn": turn, "verdict": 1, "note": None}))
    assert page.one(aria_pressed="true").attributes["data-action"] == "up"
    assert page.one(class_="fn-note").said == "Your note Too short."
    assert Reader(chat.judge({"turn": turn, "verdict": 1, "note": ""})).all(class_="fn-note") == []


def test_a_verdict_is_taken_back(chat, desk, conversations):
    turn = finished(desk, desk.ask(QUESTION)).exchange.exchange_id
    chat.judge({"turn": turn, "verdict": 1, "note": ""})
    page = Reader(chat.judge({"turn": turn, "verdict": 0, "note": ""}))
    assert page.all(aria_pressed="true") == []
    assert conversations.exchange(turn).verdict == 0


@pytest.mark.parametrize("note", ["", None])
def test_what_was_never_answered_or_is_gone_is_not_judged(chat, conversations, note):
    for turn in (conversations.begin(QUESTION).exchange_id, "gone"):
        with pytest.raises(InputError, match="never finished"):
            chat.judge({"turn": turn, "verdict": 1, "note": note})


def test_a_copied_answer_brings_its_footnotes(chat, desk):
    task = finished(desk, desk.ask(QUESTION))
    text = chat.copy_text({"turn": task.exchange.exchange_id})
    answer, notes = text.split("\n\n")
    assert answer.startswith(f"{WRITTEN} [1]")
    assert notes.startswith(f"[1] {SPARSE}\n")
    assert f"    “{CITED}”" in notes


def test_a_declined_question_is_copied_without_an_empty_end(chat, desk):
    task = finished(desk, desk.ask("Do whales sing under water?"))
    assert task.answer.abstained
    text = chat.copy_text({"turn": task.exchange.exchange_id})
    assert text.startswith("The indexed papers do not answer this question.")
    assert text == text.strip()


def test_there_is_nothing_to_copy_of_an_answer_that_is_gone(chat, conversations):
    assert chat.copy_text({"turn": "gone"}) == ""
    assert chat.copy_text({"turn": conversations.begin(QUESTION).exchange_id}) == ""


@pytest.fixture
def conversation(desk) -> str:
    first = finished(desk, desk.ask(QUESTION))
    return conversation_of(finished(desk, desk.ask(OTHER, conversation_of(first))))


def test_a_conversation_is_exported_as_markdown_under_its_title(chat, conversation):
    chat.rename_conversation({"id": conversation, "title": "Costs"})
    file = chat.export({"conversation": conversation, "form": "markdown"})
    assert file["name"] == f"footnote-{conversation[:8]}.md"
    assert file["text"].startswith("# Costs\n\n## How much does sparse training")
    assert file["text"].count("\n## ") == 2
    assert f"[^1]: *{SPARSE}*" in file["text"]


def test_the_cited_papers_of_a_conversation_are_exported_as_bibtex(chat, conversation):
    file = chat.export({"conversation": conversation, "form": "bibtex"})
    assert file["name"].endswith(".bib")
    titles = [entry["title"].strip("{}") for entry in bibtexparser.parse_string(file["text"]).entries]
    assert titles[0] == SPARSE
    assert len(titles) == len(set(titles))


def test_the_cited_papers_of_a_conversation_are_exported_as_ris(chat, conversation):
    file = chat.export({"conversation": conversation, "form": "ris"})
    assert file["name"].endswith(".ris")
    assert rispy.loads(file["text"])[0]["title"] == SPARSE


def test_nothing_is_exported_in_an_unknown_form_or_of_no_conversation(chat, conversation):
    assert chat.export({"conversation": conversation, "form": "pdf"}) is None
    assert chat.export({"conversation": "gone", "form": "markdown"}) is None
    assert chat.export({"conversation": "", "form": "markdown"}) is None


# Papers.


@pytest.fixture
def papers_views(make_assistant) -> PaperViews:
    """The three papers without a year, and two with one."""
    retriever = make_assistant().retriever
    hens = {"title": "Hens", "abstract": "Hens lay eggs.", "year": 2019, "authors": ["Ada", "Bo", "Cy", "Di"]}
    cows = {"title": "Cows", "abstract": "Cows give milk.", "year": 2021}
    put(retriever.index, hens, cows, source="farm/animals.jsonl")
    return papers_of(retriever)


def asked_for(**changes) -> dict[str, object]:
    return {"query": "", "order": "title", "from": "", "to": "", "source": "", "first": 0, **changes}


def titles(found) -> list[str]:
    return [button.text for button in Reader(found["html"]).all("button", class_="fn-link")]


def test_all_papers_are_listed_when_nothing_is_asked_for(papers_views):
    found = papers_views.find(asked_for())
    assert titles(found) == sorted([*ABSTRACTS, "Hens", "Cows"])
    assert (found["total"], found["said"]) == (5, "5 papers")


def test_papers_are_found_while_their_words_are_typed(papers_views):
    found = papers_views.find(asked_for(query="he", order="relevance"))
    assert titles(found)[0] == "Hens"
    found = papers_views.find(asked_for(query="hens"))
    assert (titles(found), found["said"]) == (["Hens"], "1 paper")
    assert papers_views.find(asked_for(query="whales")) == {"html": "", "total": 0, "said": "0 papers"}


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ({"from": "2020"}, ["Cows"]),
        ({"to": "2020"}, ["Hens"]),
        ({"from": "2019", "to": "2019"}, ["Hens"]),
        ({"from": 2020}, ["Cows"]),
    ],
    ids=str,
)
def test_papers_are_narrowed_to_years(papers_views, years, found):
    assert titles(papers_views.find(asked_for(**years))) == found


def test_what_is_no_year_or_only_half_of_one_narrows_nothing(papers_views):
    for typed in ("", "abc", "-5", "20.5", "²", " ", None, "2", "20", "202", 202, "20190", "9" * 30, "9" * 5000):
        assert papers_views.find(asked_for(**{"from": typed, "to": typed}))["total"] == 5, typed


def test_the_list_goes_on_from_where_it_was(papers_views):
    assert titles(papers_views.find(asked_for(first=3))) == titles(papers_views.find(asked_for()))[3:]


def test_papers_are_narrowed_to_the_file_they_came_from(papers_views):
    assert titles(papers_views.find(asked_for(source="farm/animals.jsonl"))) == ["Cows", "Hens"]


def test_files_are_named_shortly_with_their_counts_and_the_span_of_years(papers_views):
    found = papers_views.sources({})
    assert ("farm/animals.jsonl", "animals.jsonl (2)") in found["names"]
    assert [label for _, label in found["names"] if label.startswith("papers.jsonl")] == ["papers.jsonl (3)"]
    assert found["years"] == (2019, 2021)


def test_papers_without_any_year_have_no_span(make_assistant):
    assert papers_of(make_assistant().retriever).sources({})["years"] is None


def paper_id(views: PaperViews, title: str) -> str:
    (paper,) = (paper for paper in views.library.all_papers() if paper.title == title)
    return paper.paper_id


def test_a_paper_is_opened_with_its_nearest_but_not_itself(papers_views):
    page = Reader(papers_views.paper({"paper": paper_id(papers_views, SPARSE)}))
    assert page.one("p", class_="fn-abstract").text == ABSTRACTS[SPARSE]
    nearest = [button.text for button in page.all("button", class_="fn-link")]
    assert len(nearest) == 4
    assert nearest[0] in ABSTRACTS  # the farm is farther away than any paper of language models
    assert SPARSE not in nearest


def test_a_paper_can_be_removed_only_where_that_is_asked_for(papers_views):
    asked = {"paper": paper_id(papers_views, SPARSE)}
    assert Reader(papers_views.paper(asked)).all(data_action="remove") == []
    assert Reader(papers_views.paper({**asked, "can_remove": False})).all(data_action="remove") == []
    assert Reader(papers_views.paper({**asked, "can_remove": True})).one(data_action="remove")


def test_a_paper_that_is_unknown_says_so(papers_views):
    assert Reader(papers_views.paper({"paper": "nobody"})).said == "This paper is no longer indexed."


def test_removed_papers_are_counted_and_gone(papers_views):
    ids = [paper_id(papers_views, "Hens"), paper_id(papers_views, "Cows")]
    assert papers_views.is_indexed(ids[0])
    assert papers_views.remove_papers({"ids": [*ids, "nobody"]}) == "2 papers removed."
    assert not papers_views.is_indexed(ids[0])
    assert papers_views.find(asked_for())["total"] == 3
    assert papers_views.remove_papers({"ids": ids}) == "0 papers removed."


# Adding papers.


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(assistant.web.views.add_papers, "_PAUSE_SECONDS", 0.001)


@pytest.fixture
def faults(monkeypatch) -> list[type]:
    """What would be a traceback on the terminal: the errors that ended threads."""
    seen: list[type] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: seen.append(fault.exc_type))
    return seen


def joined(name: str):
    """Wait until the threads of a name have ended."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(5)
            assert not thread.is_alive()


@dataclass
class HeldAdding:
    """Adds once it is let go, and tells how far it is whenever it is asked to."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    given: list[Given] = field(default_factory=list)

    def add(self, given, progress) -> Added:
        self.given += given
        progress(1, 4)
        self.begun.set()
        for _ in range(5_000):  # five seconds at least, but not for ever
            if self.go.wait(0.001):
                break
            progress(1, 4)
        return Added("2 papers read.", new=("Hens",), skipped=("line 2: no title", "line 3: no abstract"))


def last_of(shown: Iterator[tuple[str, bool]]) -> Reader:
    """What is shown in the end, which must come."""
    until = time.monotonic() + 10
    for html, _ in shown:
        assert time.monotonic() < until, f"it does not end, and shows {html}"
    return Reader(html)


def upload(folder: Path, name: str = "papers.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"{}")
    return path


def test_adding_shows_how_far_it_is_and_then_what_became_of_the_papers(tmp_path):
    adding = HeldAdding()
    views = AddPapersViews(services(add=adding.add))
    shown = views.add([upload(tmp_path)], "")
    next(shown)
    assert adding.begun.wait(5)
    html, _ = next(shown)
    assert Reader(html).said.startswith("1 of 4 papers done, about ")
    adding.go.set()
    page = last_of(shown)
    assert page.said.startswith("2 papers read.")
    assert [summary.said for summary in page.all("summary")] == ["New: 1", "Skipped: 2"]


def test_files_are_given_by_name_and_pasted_text_as_bytes(tmp_path):
    adding = HeldAdding()
    adding.go.set()
    path = upload(tmp_path, "my papers.csv")
    last_of(AddPapersViews(services(add=adding.add)).add([path], "Hens\n\nHens lay \ud83d eggs."))
    assert adding.given == [Given("my papers.csv", path), Given("pasted text", b"Hens\n\nHens lay ? eggs.")]


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_nothing_given_is_refused_with_a_line_and_starts_nothing(text):
    ((html, is_dealt_with),) = AddPapersViews(services()).add([], text)
    assert Reader(html).said == "Choose files or paste text first."
    assert not is_dealt_with


def test_papers_are_not_added_while_others_are_and_may_be_afterwards(tmp_path):
    adding = HeldAdding()
    views = AddPapersViews(services(add=adding.add))
    first = views.add([], "Hens")
    next(first)
    path = upload(tmp_path)
    ((html, is_dealt_with),) = views.add([path], "")
    assert Reader(html).said == "Papers are being added already: wait until that is done."
    assert not is_dealt_with
    adding.go.set()
    last_of(first)
    assert path.exists()
    assert last_of(views.add([path], "")).one(role="status")
    assert [one.content for one in adding.given] == [b"Hens", path]


def test_adding_that_is_cancelled_stops_at_its_next_step_and_says_what_stays():
    adding = HeldAdding()
    views = AddPapersViews(services(add=adding.add))
    shown = views.add([], "Hens")
    next(shown)
    assert adding.begun.wait(5)
    views.cancel()
    last = last_of(shown)
    assert last.one(class_="fn-problem").said.startswith("Adding was stopped; what was stored by then stays.")
    assert not adding.go.is_set()


def test_cancelling_when_nothing_runs_does_not_stop_what_comes_next():
    adding = HeldAdding()
    adding.go.set()
    views = AddPapersViews(services(add=adding.add))
    views.cancel()
    assert last_of(views.add([], "Hens")).one(role="status")
    views.cancel()
    assert last_of(views.add([], "Cows")).one(role="status")


def test_what_was_given_is_dealt_with_once_it_is_added_and_not_before():
    adding = HeldAdding()
    shown = AddPapersViews(services(add=adding.add)).add([], "Hens")
    _, is_dealt_with = next(shown)
    assert not is_dealt_with
    adding.go.set()
    *_, at_the_end = [is_dealt_with for _, is_dealt_with in shown]
    assert at_the_end


def test_an_expected_error_ends_in_its_line():
    def add(*_):
        raise InputError("papers.csv is empty: nothing to read.")

    last = last_of(AddPapersViews(services(add=add)).add([], "Hens"))
    assert last.said == "papers.csv is empty: nothing to read."


def test_a_fault_ends_in_a_line_for_the_page_and_a_traceback_for_the_terminal(faults):
    def add(*_):
        raise KeyError("a bug")

    last = last_of(AddPapersViews(services(add=add)).add([], "Hens"))
    joined("adding")
    assert last.said == "Adding failed; the terminal Footnote runs in says how."
    assert faults == [KeyError]


def test_uploads_are_deleted_once_they_are_added(tmp_path):
    paths = [upload(tmp_path, "one.csv"), upload(tmp_path, "two.csv")]
    seen = []

    def add(*_):
        seen.extend(path.exists() for path in paths)
        paths[1].unlink()  # one that is gone already is no problem
        return Added("1 paper read.")

    last_of(AddPapersViews(services(add=add)).add(paths, ""))
    joined("adding")
    assert seen == [True, True]
    assert [path.exists() for path in paths] == [False, False]


@pytest.mark.parametrize("error", [InputError("It is empty."), Stopped("Stopped."), KeyError("a bug")], ids=repr)
@pytest.mark.usefixtures("faults")
def test_uploads_that_could_not_be_added_stay_for_another_try(tmp_path, error):
    def add(*_):
        raise error

    path = upload(tmp_path)
    assert not any(is_dealt_with for _, is_dealt_with in AddPapersViews(services(add=add)).add([path], ""))
    joined("adding")
    assert path.exists()


# Reports.


@pytest.fixture
def report_views(tmp_path) -> ReportViews:
    page = tmp_path / "retrieval-farm.html"
    page.write_text("<h1>Farm é</h1>", encoding="utf-8")
    gone = tmp_path / "gone.html"
    reports = [
        EvalReport("retrieval-farm", "2026-01-02T00:00:00+00:00", "retrieval of 2 questions", page),
        EvalReport("gone", "2026-01-01T00:00:00+00:00", "answers of 1 questions", gone),
    ]
    return ReportViews(lambda: reports)


def test_reports_are_listed_as_they_come_with_their_headlines(report_views):
    assert report_views.reports({}) == [
        {
            "name": "retrieval-farm",
            "created": "2026-01-02T00:00:00+00:00",
            "headline": "retrieval of 2 questions",
        },
        {"name": "gone", "created": "2026-01-01T00:00:00+00:00", "headline": "answers of 1 questions"},
    ]


def test_a_report_is_opened_by_its_name(report_views):
    assert report_views.report({"name": "retrieval-farm"}) == "<h1>Farm é</h1>"


def test_a_report_with_broken_letters_is_opened_all_the_same(report_views, tmp_path):
    (tmp_path / "retrieval-farm.html").write_bytes(b"<h1>Farm \xe9</h1>")
    assert report_views.report({"name": "retrieval-farm"}) == "<h1>Farm \N{REPLACEMENT CHARACTER}</h1>"


@pytest.mark.parametrize("name", ["gone", "never", "../retrieval-farm", ""])
def test_a_report_that_is_not_there_says_so(report_views, name):
    assert report_views.report({"name": name}) == "<p>This report is no longer there.</p>"


# Settings.


@dataclass
class Changes:
    """Stands for ``Assistant.change``: takes settings, but for a model that is missing."""

    desk: Desk
    asked: list[Settings] = field(default_factory=list)

    def __call__(self, settings: Settings) -> None:
        assert self.desk._answering.locked(), "parts are exchanged while a question may be answered"
        self.asked.append(settings)
        if settings.model == "missing.gguf":
            raise ModelError("The model missing.gguf cannot be read: check the path.")
        self.desk.assistant.settings = settings


@pytest.fixture
def changes(settings, conversations):
    settings.home.mkdir()
    desk = Desk(SimpleNamespace(settings=settings), conversations)
    yield Changes(desk)
    desk.close()


@pytest.fixture
def settings_views(changes) -> SettingsViews:
    return SettingsViews(changes.desk, changes)


def kept_in(settings: Settings) -> Settings:
    """What the next start reads."""
    return Settings.load({}, home=settings.home)


def test_a_changed_setting_is_kept_in_the_file_and_works_at_once(settings_views, changes, settings):
    said = Reader(settings_views.save(answer_above=0.9, theme="dark", model=settings.model)).said
    assert said == f"Saved in {settings.file}."
    assert settings_views.settings.answer_above == 0.9
    assert kept_in(settings) == settings.changed(answer_above=0.9, theme="dark")
    assert changes.asked == [settings.changed(answer_above=0.9, theme="dark")]


def test_only_what_was_changed_is_written_beside_what_people_wrote(settings_views, settings):
    settings.file.write_text("# Ours.\nport = 9999\n", encoding="utf-8")
    settings_views.save(theme="dark", answer_words=settings.answer_words)
    assert settings.file.read_text(encoding="utf-8") == '# Ours.\nport = 9999\ntheme = "dark"\n'


def test_saving_what_is_so_already_says_so_and_writes_nothing(settings_views, changes, settings):
    said = Reader(settings_views.save(theme=settings.theme, answer_above=settings.answer_above)).said
    assert said == "Nothing was changed."
    assert changes.asked == []
    assert not settings.file.exists()


def test_a_model_that_loads_is_said_to_answer_from_now_on(settings_views):
    said = Reader(settings_views.save(model="other.gguf")).said
    assert said.endswith("The model is loaded and answers from now on.")


def test_a_model_that_does_not_load_changes_nothing_and_is_not_kept(settings_views, settings):
    page = Reader(settings_views.save(model="missing.gguf", theme="dark"))
    assert page.one(class_="fn-problem").said == "The model missing.gguf cannot be read: check the path."
    assert settings_views.settings == settings
    assert not settings.file.exists()


def test_a_value_out_of_range_is_refused_with_a_line(settings_views, changes, settings):
    page = Reader(settings_views.save(answer_above=1.5))
    assert "answer_above = 1.5" in page.one(class_="fn-problem").said
    assert changes.asked == []
    assert not settings.file.exists()


def test_a_file_that_cannot_be_changed_is_said(settings_views, settings):
    settings.file.write_text("port = = 1", encoding="utf-8")
    assert "cannot be changed" in Reader(settings_views.save(theme="dark")).one(class_="fn-problem").said
    assert settings.file.read_text(encoding="utf-8") == "port = = 1"


def test_what_cannot_be_kept_in_the_file_is_not_in_force_either(settings_views, changes, settings):
    settings.file.mkdir()
    page = Reader(settings_views.save(model="other.gguf", answer_above=0.9))
    assert "cannot be changed" in page.one(class_="fn-problem").said
    assert settings_views.settings == settings
    assert changes.asked == [settings.changed(model="other.gguf", answer_above=0.9), settings]


def test_settings_that_the_environment_hides_are_named(settings_views, monkeypatch):
    for name in ("MODEL", "THEME", "GPU_LAYERS", "ANSWER_ABOVE", "ANSWER_WORDS"):
        monkeypatch.delenv(f"FOOTNOTE_{name}", raising=False)
    assert settings_views.hidden_by_environment() == []
    monkeypatch.setenv("FOOTNOTE_THEME", "dark")
    assert settings_views.hidden_by_environment() == ["theme"]


# The map.

PLACES = np.array([[0.0, 1.0], [0.5, 0.123456], [0.99999, 1 / 3]], dtype=np.float32)


@dataclass
class Group:
    label: str
    x: float
    y: float
    size: int


@dataclass
class Drawn:
    """What ``map_of`` gives."""

    paper_ids: tuple[str, ...] = ("hens", "cows", "pigs")
    positions: np.ndarray = field(default_factory=lambda: PLACES)
    cluster_of: np.ndarray = field(default_factory=lambda: np.array([0, 0, -1], dtype=np.int16))
    clusters: tuple[Group, ...] = (Group("birds", 0.25, 0.5, 2),)


@dataclass
class Shelf:
    """An index of which only this much is asked; its pigs were removed."""

    fingerprint: str = "one"

    @property
    def library(self):
        return self

    def papers(self, paper_ids) -> dict[str, Paper]:
        known = {"hens": Paper("hens", "Hens", "Hens lay."), "cows": Paper("cows", "Cows", "Cows give milk.")}
        return {one: known[one] for one in paper_ids if one in known}

    def titles(self, paper_ids) -> dict[str, str]:
        return {paper_id: paper.title for paper_id, paper in self.papers(paper_ids).items()}

    def retracted_ids(self) -> set[str]:
        return {"cows", "whales"}


@dataclass
class ShelfRetriever:
    index: Shelf

    def nearest(self, paper, count) -> list[Paper]:
        return []


@dataclass
class Drawing:
    """Stands for ``map_of``: tells how far it is, and gives its map once it is let go."""

    go: threading.Event = field(default_factory=threading.Event)
    said: threading.Event = field(default_factory=threading.Event)
    times: int = 0
    error: Exception | None = None

    def __call__(self, index, progress) -> Drawn:
        self.times += 1
        progress("laying out", 0.5)
        self.said.set()
        assert self.go.wait(5)
        if self.error:
            raise self.error
        return Drawn()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def drawing(monkeypatch):
    stand_in = Drawing()
    monkeypatch.setattr(assistant.web.views.map, "map_of", stand_in)
    yield stand_in
    stand_in.go.set()
    joined("map")


@pytest.fixture
def map_views(shelf) -> MapViews:
    return MapViews(lambda: shelf, PaperViews(lambda: ShelfRetriever(shelf), len))


def ready(views: MapViews, drawing: Drawing) -> dict[str, object]:
    """The map as the page gets it."""
    views.map({"have": ""})
    drawing.go.set()
    joined("map")
    return views.map({"have": ""})


def test_a_map_under_way_says_how_far_it_is(map_views, drawing):
    first = map_views.map({"have": ""})
    assert first["state"] == "computing"
    assert first["said"].startswith("Drawing the map")
    assert drawing.said.wait(5)
    assert map_views.map({"have": ""}) == {"state": "computing", "said": "Drawing the map: laying out, 50% …"}


def test_a_map_is_drawn_once_however_often_it_is_asked_for(map_views, drawing):
    for _ in range(3):
        map_views.map({"have": ""})
    found = ready(map_views, drawing)
    assert found["state"] == "ready"
    assert map_views.map({"have": "another"}) == found
    assert drawing.times == 1


def test_a_map_has_the_papers_titles_and_groups_as_json(map_views, drawing):
    found = ready(map_views, drawing)
    assert json.loads(json.dumps(found)) == found
    assert found["titles"] == ["Hens", "Cows (retracted)", ""]  # of a paper that was removed meanwhile there is none
    assert found["cluster"] == [0, 0, -1]
    assert found["clusters"] == [{"label": "birds", "x": 0.25, "y": 0.5, "size": 2}]
    assert found["said"] == "3 papers in 1 group"


def test_positions_travel_as_two_whole_numbers_of_16_bits_a_paper(map_views, drawing):
    data = base64.b64decode(ready(map_views, drawing)["positions"])
    places = np.frombuffer(data, dtype="<u2").reshape(-1, 2) / 65_535
    assert places.shape == PLACES.shape
    assert np.abs(places - PLACES).max() <= 1 / 65_535
    assert places[0].tolist() == [0.0, 1.0]


def test_a_page_that_has_the_map_is_not_sent_it_again(map_views, drawing):
    found = ready(map_views, drawing)
    assert map_views.map({"have": found["fingerprint"]}) == {"state": "same"}


def test_an_index_that_changed_gets_another_map(map_views, drawing, shelf):
    old = ready(map_views, drawing)
    drawing.go.clear()
    shelf.fingerprint = "two"
    assert map_views.map({"have": old["fingerprint"]})["state"] == "computing"
    drawing.go.set()
    joined("map")
    new = map_views.map({"have": old["fingerprint"]})
    assert (new["state"], new["fingerprint"]) == ("ready", "two")
    assert drawing.times == 2


def test_a_map_that_cannot_be_drawn_says_why(map_views, drawing):
    drawing.error = InputError("There are too few papers for a map: add more.")
    assert ready(map_views, drawing) == {"state": "failed", "said": "There are too few papers for a map: add more."}


def test_a_fault_in_drawing_says_where_to_look_and_is_a_traceback_there(map_views, drawing, faults):
    drawing.error = KeyError("a bug")
    found = ready(map_views, drawing)
    assert found == {"state": "failed", "said": "The map could not be drawn; the terminal Footnote runs in says why."}
    assert faults == [KeyError]


def test_points_are_papers_and_papers_are_points(map_views, drawing):
    fingerprint = ready(map_views, drawing)["fingerprint"]
    assert map_views.papers_at({"points": [1, 0], "fingerprint": fingerprint}) == ["cows", "hens"]
    assert map_views.points({"ids": ["pigs", "hens", "whales"], "fingerprint": fingerprint}) == [0, 2]


def test_points_that_are_not_on_the_map_are_passed_over(map_views, drawing):
    fingerprint = ready(map_views, drawing)["fingerprint"]
    assert map_views.papers_at({"points": [-1, 3, 2], "fingerprint": fingerprint}) == ["pigs"]


def test_points_of_a_map_that_another_took_the_place_of_give_nothing(map_views, drawing, shelf):
    old = ready(map_views, drawing)["fingerprint"]
    shelf.fingerprint = "two"
    ready(map_views, drawing)
    assert map_views.papers_at({"points": [0], "fingerprint": old}) == []
    assert map_views.points({"ids": ["hens"], "fingerprint": old}) == []
    assert Reader(map_views.paper_at({"point": 0, "fingerprint": old})).said == "The map has changed: open it again."
    assert map_views.points({"ids": ["hens"], "fingerprint": "two"}) == [0]


def test_before_there_is_a_map_no_point_is_on_it(map_views):
    assert map_views.points({"ids": ["hens"], "fingerprint": ""}) == []


def test_a_point_opens_its_paper(map_views, drawing):
    fingerprint = ready(map_views, drawing)["fingerprint"]
    assert Reader(map_views.paper_at({"point": 1, "fingerprint": fingerprint})).one("h3").text == "Cows"
    gone = Reader(map_views.paper_at({"point": 2, "fingerprint": fingerprint}))
    assert gone.said == "This paper is no longer indexed."


# What the page's scripts call.


def test_a_script_gets_the_line_of_an_expected_error_and_no_other():
    def fail(data):
        raise data["error"]

    assert _plain(fail)({"error": FootnoteError("It failed.")}) == {"problem": "It failed."}
    with pytest.raises(KeyError):
        _plain(fail)({"error": KeyError("a bug")})


def test_a_script_calls_a_method_by_its_name(report_views):
    call = _plain(report_views.report)
    assert call.__name__ == "report"
    assert call({"name": "retrieval-farm"}) == "<h1>Farm é</h1>"
