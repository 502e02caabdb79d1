"""Who may use the API, from which pages, how often and with how much."""

from __future__ import annotations

import anyio
import pytest
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from assistant.api import guard
from assistant.api.guard import Guard, Limits
from assistant.api.keys import KeyStore

EVERYWHERE = "0.0.0.0"  # noqa: S104
ASKED = {"question": "?!"}  # which is refused with 400 once it is let in


@pytest.fixture
def keys(settings) -> KeyStore:
    return KeyStore(settings.keys_file)


@pytest.fixture
def outside(make_client):
    """A client of a server that other machines can reach."""
    return make_client(host=EVERYWHERE)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_program_on_this_machine_needs_no_key(client):
    assert client.post("/api/v1/ask", json=ASKED).status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/papers", "/api/v1/openapi.json", "/v1/models", "/api/v1/unknown"])
def test_a_program_on_another_machine_needs_a_key_for_everything(outside, path):
    response = outside.get(path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_health_and_readiness_need_no_key(outside):
    assert outside.get("/api/v1/health").status_code == 200
    assert outside.get("/api/v1/ready").status_code == 200


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_lets_a_program_in(outside, keys, header):
    _, secret = keys.add("notebook")
    value = f"Bearer {secret}" if header == "Authorization" else secret
    assert outside.get("/api/v1/papers", headers={header: value}).status_code == 200


def test_a_revoked_key_ends_at_once(outside, keys):
    key, secret = keys.add("notebook")
    assert outside.get("/api/v1/papers", headers=bearer(secret)).status_code == 200
    keys.revoke(key.key_id)
    assert outside.get("/api/v1/papers", headers=bearer(secret)).status_code == 401


@pytest.mark.parametrize("secret", ["", "fn_", "fn_wrong", "wrong", "é", "fn_" + "x" * 10_000, "' OR 1=1 --"])
def test_a_wrong_key_lets_nobody_in(outside, keys, secret):
    keys.add("notebook")
    headers = [(b"authorization", f"Bearer {secret}".encode())]
    assert outside.get("/api/v1/papers", headers=headers).status_code == 401


def test_the_hash_of_a_key_is_no_key(outside, keys, settings):
    keys.add("notebook")
    content = settings.keys_file.read_bytes()
    sixty_four = next(part for part in content.decode("latin-1").split("fn_") if len(part) >= 64)[-64:]
    assert outside.get("/api/v1/papers", headers=bearer(sixty_four)).status_code == 401


def test_who_guesses_keys_is_refused_for_a_while_and_others_are_not(outside, keys):
    _, secret = keys.add("notebook")
    statuses = [outside.get("/api/v1/papers", headers=bearer("fn_guess")).status_code for _ in range(25)]
    assert statuses[:20] == [401] * 20
    assert set(statuses[20:]) == {429}
    assert outside.get("/api/v1/papers", headers=bearer(secret)).status_code == 200


def test_a_login_on_this_machine_asks_programs_for_keys(make_client, tmp_path):
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text("correct horse")
    assert make_client(auth=f"ann:{file}").get("/api/v1/papers").status_code == 401


def test_one_key_may_send_so_many_requests_in_a_minute(make_client, keys):
    outside = make_client(host=EVERYWHERE, api_requests=3)
    first, second = (keys.add(name)[1] for name in ("one", "two"))
    statuses = [outside.get("/api/v1/papers", headers=bearer(first)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert outside.get("/api/v1/papers", headers=bearer(second)).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example"]
)
def test_a_page_of_another_site_may_not_ask(client, origin):
    response = client.post("/api/v1/ask", json=ASKED, headers={"Origin": origin})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_a_browser_that_says_cross_site_is_refused(client):
    assert client.get("/api/v1/papers", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_preflight_of_another_site_is_refused(client):
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response = client.options("/api/v1/ask", headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_our_own_page_may_ask(client):
    headers = {"Origin": "http://127.0.0.1:7860", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/ask", json=ASKED, headers=headers).status_code == 400


def test_a_name_that_another_site_made_resolve_here_is_refused(client):
    assert client.get("/api/v1/papers", headers={"Host": "evil.example"}).status_code == 400


def test_a_body_that_says_it_is_too_large_is_not_read(client):
    response = client.post("/api/v1/ask", content=b"{}", headers={"Content-Length": str(100_000_000)})
    assert response.status_code == 413


def test_a_body_that_does_not_say_its_size_is_counted(client):
    def parts():
        for _ in range(100):
            yield b" " * 1_000_000

    response = client.post("/api/v1/ask", content=parts(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert response.json()["detail"] == "The body is larger than 1 MB."


def test_papers_may_be_larger_than_questions(client):
    paper = b'{"title": "Hens", "abstract": "%s"}' % (b"Hens lay eggs. " * 100_000)
    assert client.post("/api/v1/ingest", files=[("files", ("a.json", paper))]).status_code == 202


def test_a_client_that_sends_no_body_is_given_up(monkeypatch):
    monkeypatch.setattr(guard, "_BODY_SECONDS", 0.01)

    async def silent(*_):
        await anyio.sleep(5)

    async def read(_scope, receive, _send):
        await receive()

    async def request():
        scope = {"type": "http", "path": "/api/v1/ask", "headers": [], "client": ("127.0.0.1", 1)}
        with pytest.raises(HTTPException) as raised:
            await Guard(read, None, Limits())(scope, silent, silent)
        return raised.value.status_code

    assert anyio.run(request) == 408


def test_what_is_not_of_the_api_is_passed_on():
    async def page(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})

    client = TestClient(Guard(page, KeyStore(None), Limits()))  # type: ignore[arg-type]
    assert client.get("/", headers={"Origin": "http://evil.example"}).text == "page"
