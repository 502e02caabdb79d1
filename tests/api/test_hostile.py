"""What careless and hostile clients send to a real server, on a socket."""

from __future__ import annotations

import gc
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress

import httpx
import pytest
from starlette.responses import PlainTextResponse

from assistant.api import application as application_module
from assistant.api import guard, server
from assistant.api.app import build_app
from tests.support.models import BrokenReranker, HeldModel
from tests.support.views import QUESTION

HENS = b'{"title": "Hens", "abstract": "Hens lay eggs. They sit on them."}\n'
JSON = "Content-Type: application/json\r\n"


@pytest.fixture
def address(application):
    with server.serving(build_app(application), "127.0.0.1", server.free_port("127.0.0.1", 18_400)) as address:
        yield address


@pytest.fixture
def client(address):
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def held(queue) -> Iterator[HeldModel]:
    """A model that waits until it may write."""
    queue.assistant.language_model = model = HeldModel()
    yield model
    model.go.set()


@contextmanager
def connection(address: str):
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connected:
        yield connected


def send(address: str, request: str, body: bytes = b"", host: str = "127.0.0.1") -> tuple[int, str]:
    """The status and the body of the response to a request that is written by hand."""
    with connection(address) as connected:
        head = f"{request}\r\n" if "\r\n" in request else f"{request} HTTP/1.1\r\n"
        connected.sendall(f"{head}Host: {host}\r\nConnection: close\r\n\r\n".encode("latin-1") + body)
        received = b"".join(iter(lambda: connected.recv(65_536), b""))
    answer, _, content = received.partition(b"\r\n\r\n")
    return int(answer.split()[1]), content.decode()


def post(path: str, body: bytes, headers: str = "") -> tuple[str, bytes]:
    return f"POST {path} HTTP/1.1\r\n{JSON}Content-Length: {len(body)}\r\n{headers}".rstrip("\r\n"), body


def until(is_so) -> None:
    while not is_so():
        time.sleep(0.01)


def test_another_spelling_of_a_path_is_not_found(address):
    targets = (
        "//api/v1/papers",
        "/api/v1/../v1/models",
        "/API/V1/papers",
        "/api/v1",
        "http://evil.example/api/v1/papers",
        "/x/api/v1/papers",
        "/api/v1/jobs/..%2f..%2fpapers",
    )
    assert [send(address, f"GET {target}")[0] for target in targets] == [404] * len(targets)


def test_an_origin_that_is_not_ours_is_refused_however_it_is_written(address):
    origins = ("http://[::1", "http://[", "\x80", "http://127.0.0.1:1", "http://127.0.0.1@evil", "null", "")
    asked = [f"GET /api/v1/papers HTTP/1.1\r\nOrigin: {origin}" for origin in origins]
    assert [send(address, one)[0] for one in asked] == [403] * len(origins)


def test_a_second_origin_is_looked_at_too(address):
    origins = "Origin: http://127.0.0.1\r\nOrigin: http://evil.example"
    assert send(address, f"GET /api/v1/papers HTTP/1.1\r\n{origins}")[0] == 403


def test_headers_of_any_size_are_not_kept(address):
    received = b""
    with connection(address) as connected, suppress(ConnectionError):  # of the closed connection, sooner or later
        connected.sendall(b"GET /api/v1/health HTTP/1.1\r\nX-Long: " + b"a" * 200_000)
        received = connected.recv(100)
    assert not received or received.startswith(b"HTTP/1.1 400")


def test_a_body_with_two_sizes_is_refused(address):
    head = f"POST /api/v1/ask HTTP/1.1\r\n{JSON}Content-Length: 5\r\nTransfer-Encoding: chunked"
    assert send(address, head, b"0\r\n\r\nGET /")[0] == 400


def test_a_client_that_sends_no_whole_head_is_given_up(monkeypatch, address):
    monkeypatch.setattr(server, "_HEAD_SECONDS", 0.05)
    with connection(address) as connected:
        connected.sendall(b"GET /api/v1/hea")
        assert connected.recv(100) == b""


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(monkeypatch, address):
    monkeypatch.setattr(guard, "_SLOWEST", 10_000_000)
    monkeypatch.setattr(guard, "_BODY_SECONDS", 0.2)
    with connection(address) as connected:
        connected.sendall(f"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\n{JSON}Content-Length: 900\r\n\r\n".encode())
        connected.settimeout(0.02)
        received = b""
        while not received:
            connected.sendall(b" ")
            try:
                received = connected.recv(1_000)
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/ask", b"[" * 100_000 + b"]" * 100_000),
        ("/v1/chat/completions", b'{"messages": ' + b"[" * 100_000),
        ("/api/v1/search", b'{"query": "tables", "count": %s}' % (b"9" * 5_000)),
        ("/api/v1/search", b'{"query": "tables", "count": 1e999}'),
        ("/api/v1/ask", b'{"question": NaN}'),
        ("/api/v1/ask", b'{"question": "\xff"}'),
        ("/api/v1/ask", b'{"question": "\\ud800"}'),
        ("/api/v1/ask", b'{"question": "tables", "\\ud800": 1}'),
        ("/api/v1/ask", b'{"question": "Which tables?", "paper_ids": ["\\ud800"]}'),
        ("/api/v1/ask", b'{"question": "Which tables?", "paper_ids": ["%s"]}' % (b"x" * 900_000)),
        ("/api/v1/ask", json.dumps({"question": "Which?", "history": [["a", "b"]] * 1_000}).encode()),
        ("/v1/chat/completions", b'{"messages": [{"role": "user", "content": "%s"}]}' % (b"a b " * 10_000)),
        ("/v1/chat/completions", b'{"messages": [{"role": "user", "content": [{"type": "\\ud800"}]}]}'),
    ],
)
def test_json_of_any_shape_is_refused_in_few_words(address, path, body):
    status, content = send(address, *post(path, body))
    assert status in (400, 422)
    assert len(content) < 1_000
    assert json.loads(content)


def test_of_many_faults_the_first_are_told(client):
    response = client.post("/api/v1/batches", json={"questions": [{}] * 10_000})
    assert response.status_code == 422
    assert len(response.json()["faults"]) == 20


def test_a_chat_with_a_collection_of_a_long_name_is_not_found(client):
    message = {"role": "user", "content": QUESTION}
    response = client.post("/v1/chat/completions", json={"model": f"footnote/{'x' * 150}", "messages": [message]})
    assert response.status_code == 404


def test_a_chat_may_say_null_for_what_it_leaves_out(client):
    asked = {"messages": [{"role": "user", "content": QUESTION}], "stream": None, "n": None, "stream_options": None}
    assert client.post("/v1/chat/completions", json=asked).status_code == 200


def test_a_batch_of_ten_thousand_long_questions_is_accepted(client):
    question = f"Which papers are about {'very ' * 20} small tables, of the year"
    questions = [{"question": f"{question} {number}?"} for number in range(10_000)]
    response = client.post("/api/v1/batches", json={"questions": questions})
    assert response.status_code == 202
    client.delete(f"/api/v1/jobs/{response.json()['id']}")


def test_what_the_disk_cannot_keep_is_said_and_leaves_nothing(client, settings, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    response = client.post("/api/v1/ingest", files=[("files", ("a.jsonl", HENS))])
    assert response.status_code == 503
    assert "No space left on device" in response.json()["detail"]
    assert [*(settings.cache_folder / "uploads").iterdir()] == []


def test_an_upload_that_cannot_be_received_for_lack_of_space_says_so(client, monkeypatch):
    monkeypatch.setattr("starlette.formparsers.MultiPartParser.spool_max_size", 10)
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/none")
    response = client.post("/api/v1/ingest", files=[("files", ("a.jsonl", HENS * 100))])
    assert response.status_code == 507
    assert "free space" in response.json()["detail"]


def test_a_client_that_goes_away_during_an_upload_leaves_nothing(address, client, settings):
    with connection(address) as connected:
        head = "POST /api/v1/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        part = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.json"\r\n\r\n'
        connected.sendall(f"{head}Content-Length: 5000000\r\n\r\n{part}".encode() + b"a" * 1_500_000)
    assert client.get("/api/v1/jobs").json() == []
    assert not [*settings.cache_folder.glob("uploads/*")]


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/ask/events"])
def test_a_client_that_goes_away_stops_its_question(address, queue, held, path):
    with connection(address) as connected:
        request, body = post(path, json.dumps({"question": QUESTION}).encode())
        connected.sendall(f"{request}\r\nHost: 127.0.0.1\r\n\r\n".encode() + body)
        held.begun.wait()
    until(lambda: len(queue) == 0)


def test_searches_that_wait_are_counted_and_end_with_their_clients(client, address, queue, held, monkeypatch):
    monkeypatch.setattr(application_module, "MOST_WAITING", 3)
    task = queue.begin(QUESTION)
    held.begun.wait()
    with connection(address) as first, connection(address) as second:
        request, body = post("/api/v1/search", b'{"query": "tables"}')
        for connected in (first, second):
            connected.sendall(f"{request}\r\nHost: 127.0.0.1\r\n\r\n".encode() + body)
        until(lambda: len(queue) == 3)
        assert client.post("/api/v1/search", json={"query": "tables"}).status_code == 503
        assert client.get("/api/v1/health").status_code == 200
    until(lambda: len(queue) == 1)
    task.stop.set()


@pytest.mark.usefixtures("held")
def test_who_waits_when_the_program_ends_is_told(application):
    port = server.free_port("127.0.0.1", 18_400)
    with ThreadPoolExecutor(3) as pool:
        with server.serving(build_app(application), "127.0.0.1", port) as address:
            bodies = {
                "ask": {"question": QUESTION},
                "search": {"query": "tables"},
                "ask/events": {"question": QUESTION},
            }
            sent = []
            for number, (path, body) in enumerate(bodies.items(), start=1):
                sent.append(pool.submit(httpx.post, f"{address}/api/v1/{path}", json=body, timeout=30))
                until(lambda number=number: len(application.queue) == number)
        ask, search, events = (one.result() for one in sent)
    assert (ask.status_code, search.status_code) == (503, 503)
    assert "event: problem" in events.text


def test_every_one_of_many_requests_at_once_gets_an_answer_or_is_told_to_wait(address, monkeypatch):
    monkeypatch.setattr(application_module, "MOST_WAITING", 5)

    def ask(number: int) -> int:
        path, body = (("ask", {"question": QUESTION}), ("search", {"query": "tables"}))[number % 2]
        return httpx.post(f"{address}/api/v1/{path}", json=body, timeout=30).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(pool.map(ask, range(40)))
    assert statuses.keys() <= {200, 503}
    assert statuses[200]


def test_an_answer_that_fails_is_not_printed_again_by_asyncio(client, queue, caplog):
    queue.assistant.reranker = BrokenReranker()
    assert client.post("/api/v1/ask", json={"question": QUESTION}).status_code == 503
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_a_line_that_is_being_written_is_not_among_the_answers_so_far(client, settings):
    batches = settings.home / "batches"
    batches.mkdir()
    (batches / f"{'a' * 32}.jsonl").write_text('{"id": "1"}\n{"id": "2", "quest')
    assert client.get(f"/api/v1/batches/{'a' * 32}/answers").text == '{"id": "1"}\n'


def test_a_name_of_ten_thousand_characters_is_refused(client):
    response = client.post("/api/v1/ingest", files=[("files", ("x" * 10_000, HENS))])
    assert response.status_code in (400, 413)


def test_a_paper_cannot_be_removed_while_others_are_added(client, application):
    (paper,) = client.get("/api/v1/papers", params={"count": 1}).json()["papers"]
    with application.retriever.index.writing():
        response = client.delete(f"/api/v1/papers/{paper['paper_id']}")
    assert (response.status_code, response.headers["retry-after"]) == (409, "5")


@pytest.fixture
def beside_a_page(application):
    """The address of an application whose page reads the body and answers everything with one word."""

    async def page(scope, receive, send):
        while (await receive()).get("more_body"):
            continue
        await PlainTextResponse("page")(scope, receive, send)

    app = build_app(application, lambda app: app.mount("/", page))
    with server.serving(app, "127.0.0.1", server.free_port("127.0.0.1", 18_400)) as address:
        yield address


def test_the_page_gets_nothing_of_the_api_and_the_api_nothing_of_the_page(beside_a_page):
    assert httpx.get(f"{beside_a_page}/config").text == "page"
    unknown, other = httpx.get(f"{beside_a_page}/api/v1/unknown"), httpx.put(f"{beside_a_page}/api/v1/ask")
    assert (unknown.status_code, other.status_code) == (404, 405)
    assert unknown.headers["content-type"] == other.headers["content-type"] == "application/problem+json"


def test_the_page_is_sent_no_body_of_any_size(beside_a_page):
    def parts():
        for _ in range(11):
            yield b" " * 1_000_000

    assert httpx.post(f"{beside_a_page}/login", content=b" " * 9_000_000).text == "page"
    assert httpx.post(f"{beside_a_page}/login", content=parts()).status_code == 413
    assert httpx.post(f"{beside_a_page}/gradio_api/upload", content=parts()).text == "page"


def test_the_page_begins_and_ends_with_the_server(application):
    seen = []

    @asynccontextmanager
    async def lifespan(_):
        seen.append("begun")
        yield
        seen.append("ended")

    def mount(app):
        app.router.lifespan_context = lifespan  # as Gradio does

    with server.serving(build_app(application, mount), "127.0.0.1", server.free_port("127.0.0.1", 18_400)):
        assert seen == ["begun"]
    assert seen == ["begun", "ended"]
