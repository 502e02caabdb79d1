"""What an MCP client gets from each tool, and which tools there are."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from assistant.mcp.results import search_result
from assistant.records import paper_id_of
from assistant.search import FoundPaper
from tests.support.mcp_clients import called, connected, text_of
from tests.support.papers import ABSTRACTS, HENS

QUESTION = "How much does sparse training reduce the cost on the Pile?"
WRITTEN = "Sparse training reduces the cost by 2.5x on the Pile. [1]"
TITLE = "Sparse Training of Small Models"
TABLES = "Reading Tables with Unified Models"


def listed(server):
    return connected(server, lambda client: client.list_tools()).tools


def test_every_tool_is_described_typed_and_marked_as_read_only(serve):
    tools = listed(serve())
    assert [tool.name for tool in tools] == ["ask", "search", "paper", "cite", "collections"]
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False
        assert 40 < len(tool.description) < 500
        assert tool.output_schema["type"] == "object"


def test_a_tool_that_adds_papers_exists_only_if_it_is_asked_for(serve):
    adding = listed(serve(can_add=True))[-1]
    assert adding.name == "add_papers"
    assert not adding.annotations.read_only_hint
    assert "There is no tool 'add_papers'" in text_of(called(serve(), "add_papers", text="Hens"))


def test_an_answer_is_text_with_its_footnotes_and_values_with_offsets(serve):
    result = called(serve([WRITTEN]), "ask", question=QUESTION)
    values, text = result.structured_content, text_of(result)
    assert values["answer"] in text
    assert f"[1] {TITLE}" in text
    assert f"[1] id: {paper_id_of(TITLE)}" in text
    for quote in values["citations"][0]["quotes"]:
        assert ABSTRACTS[TITLE][quote["start"] : quote["end"]] == quote["text"]
        assert quote["text"] in text


def test_a_declined_question_says_so_and_is_no_error(serve):
    result = called(serve(), "ask", question="Do whales sing at night?")
    assert not result.is_error
    assert result.structured_content["abstained"]
    assert "Nearest" in text_of(result)


def test_a_follow_up_question_is_asked_with_its_history(serve, make_assistant):
    assistant = make_assistant()
    seen = []
    stream = assistant.stream

    def watched(question, history, stop, **more):
        seen.extend(history)
        return stream(question, history, stop, **more)

    assistant.stream = watched
    turns = [{"question": f"What is {number}?", "answer": "A number."} for number in range(6)]
    called(serve(assistant=assistant), "ask", question="And why?", history=json.dumps(turns))  # as some clients send it
    assert [question for question, _ in seen] == [f"What is {number}?" for number in (2, 3, 4, 5)]


def test_a_search_gives_papers_with_their_best_sentences(serve):
    result = called(serve(), "search", query="tables and text", count=2)
    papers = result.structured_content["papers"]
    assert len(papers) == 2
    assert papers[0]["title"] == TABLES
    assert f"1. {TABLES}\n    id: {paper_id_of(TABLES)}" in text_of(result)
    assert papers[0]["sentences"][0]["text"] in text_of(result)


def test_a_found_paper_that_is_retracted_says_so_in_the_text():
    _, text = search_result([FoundPaper(replace(HENS, is_retracted=True), 1.0, ())], [])
    assert "1. Hens, retracted" in text


def test_a_paper_is_shown_and_cited(serve):
    server = serve()
    shown = called(server, "paper", paper_id=paper_id_of(TITLE))
    assert shown.structured_content["abstract"] == ABSTRACTS[TITLE]
    assert ABSTRACTS[TITLE] in text_of(shown)
    cited = called(server, "cite", paper_ids=[paper_id_of(TITLE), paper_id_of(TABLES)])
    assert text_of(cited) == cited.structured_content["references"]
    assert TITLE in text_of(cited).replace("{", "").replace("}", "")


def test_collections_are_listed_with_the_number_of_all_papers(serve):
    assert called(serve(), "collections").structured_content == {"papers": 3, "collections": []}


def test_text_is_added_as_papers_and_found(serve):
    server = serve(can_add=True)
    text = json.dumps({"title": "Hens", "abstract": "Hens lay brown eggs daily."})

    async def add_and_search(client):
        added = await client.call_tool("add_papers", {"text": text})
        return added, await client.call_tool("search", {"query": "brown eggs", "count": 1})

    added, found = connected(server, add_and_search)
    assert added.structured_content["new"] == ["Hens"]
    assert "new: Hens" in text_of(added)
    assert found.structured_content["papers"][0]["title"] == "Hens"


def test_a_client_that_wants_progress_gets_rising_stages(serve):
    reports = []

    async def ask(client):
        async def progress(done, total, message):
            reports.append((done, total, message))

        await client.call_tool("ask", {"question": QUESTION}, progress_callback=progress)
        await asyncio.sleep(0.05)

    connected(serve([WRITTEN]), ask)
    assert reports[0] == (0, 5, "waiting")
    assert [done for done, _, _ in reports] == sorted({done for done, _, _ in reports})
    assert "searching" in {message for _, _, message in reports}
