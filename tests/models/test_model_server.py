"""Language models on a server with OpenAI's interface, against a small real one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from assistant.errors import ModelError, SettingsError, Stopped
from assistant.models.language_model import open_language_model
from assistant.models.model_server import api_key
from prompts import Prompt
from tests.support.model_server import model_server

KEY = "sk-a-secret-key"


@pytest.fixture
def serve() -> Iterator:
    """Starts servers, which run until the test ends."""
    with ExitStack() as servers:
        yield lambda **options: servers.enter_context(model_server(**options))


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("FOOTNOTE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "key.txt"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return path


def written(settings) -> str:
    prompt = Prompt("You answer.", ("What do hens do?",))
    return "".join(open_language_model(settings).write(prompt, threading.Event()))


def test_without_a_name_the_first_model_answers(serve, settings):
    server = serve()
    model = open_language_model(settings.changed(model=server.address))
    assert model.label == f"first at {server.address[7:-3]}"
    assert written(settings.changed(model=server.address)) == "Hens lay."
    assert server.asked == ["first"]


@pytest.mark.parametrize("name", ["org/second:8b", "org%2Fsecond:8b"])
def test_the_named_model_answers(serve, settings, name):
    server = serve()
    chosen = settings.changed(model=f"{server.address}#{name}")
    assert written(chosen) == "Hens lay."
    assert server.asked == ["org/second:8b"]
    assert open_language_model(chosen).label.startswith("org/second:8b at 127.0.0.1:")


def test_an_address_without_a_path_gets_v1_before_the_name(serve, settings):
    server = serve()
    assert written(settings.changed(model=server.address.removesuffix("/v1") + "#first")) == "Hens lay."
    assert {path for path, _ in server.requests} == {"/v1/models", "/v1/chat/completions"}


def test_an_unknown_model_is_one_line_with_those_that_there_are(serve, settings):
    server = serve(models=["first", "bad\nname", *(f"m{number}" for number in range(40))])
    with pytest.raises(ModelError) as raised:
        open_language_model(settings.changed(model=f"{server.address}#third"))
    said = str(raised.value)
    assert "has no model 'third': name one of first, bad name, m0" in said
    assert said.endswith("and 22 more.")
    assert "\n" not in said


def test_a_server_without_a_list_of_models_takes_the_named_one(serve, settings):
    server = serve(status=404)
    with pytest.raises(ModelError, match="lists no model"):
        open_language_model(settings.changed(model=server.address))
    assert open_language_model(settings.changed(model=f"{server.address}#mine")).label.startswith("mine at")


@pytest.mark.parametrize("body", [b"<html>It works!</html>", b'{"data": null}', b'{"data": [3]}', b"[]"])
def test_answer_that_is_not_a_list_of_models_is_one_line_without_words_of_python(serve, settings, body):
    server = serve(body=body)
    with pytest.raises(ModelError, match=r"^What answers at [\d.:]+ is not a model server, because it sends no list"):
        open_language_model(settings.changed(model=server.address))


def test_the_key_of_the_environment_is_sent(serve, settings, monkeypatch):
    server = serve(key=KEY)
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    assert written(settings.changed(model=server.address)) == "Hens lay."
    assert {key for _, key in server.requests} == {KEY}


def test_the_key_of_a_private_file_goes_before_that_of_the_environment(serve, settings, monkeypatch, key_file):
    server = serve(key=KEY)
    monkeypatch.setenv("FOOTNOTE_API_KEY", "sk-another")
    assert written(settings.changed(model=server.address, api_key_file=str(key_file))) == "Hens lay."


def test_the_key_of_openai_is_sent_to_openai_only(serve, settings, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = serve()
    written(settings.changed(model=server.address))
    assert KEY not in {key for _, key in server.requests}
    assert api_key(settings, "api.openai.com") == KEY
    monkeypatch.setenv("FOOTNOTE_API_KEY", "sk-chosen")
    assert api_key(settings, "api.openai.com") == "sk-chosen"


def test_a_refused_key_is_not_shown(serve, settings, monkeypatch):
    server = serve(key="sk-what-the-server-wants")
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    with pytest.raises(ModelError, match=r"FOOTNOTE_API_KEY or api_key_file") as raised:
        open_language_model(settings.changed(model=server.address))
    assert KEY not in str(raised.value)


def test_a_key_is_not_shown_when_the_server_fails_while_it_writes(serve, settings, monkeypatch):
    server = serve()
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    model = open_language_model(settings.changed(model=server.address))
    server.key = "sk-changed"
    with pytest.raises(ModelError, match="The model server failed") as raised:
        list(model.write(Prompt("You answer.", ("Why?",)), threading.Event()))
    assert KEY not in str(raised.value)
    assert KEY not in repr(model) + model.label + model.offload


def test_a_redirect_does_not_take_the_key_to_another_server(serve, settings, monkeypatch):
    other = serve()
    server = serve(redirect=other.address)
    monkeypatch.setenv("FOOTNOTE_API_KEY", KEY)
    written(settings.changed(model=server.address))
    assert {key for _, key in server.requests} == {KEY}
    assert other.requests
    assert KEY not in {key for _, key in other.requests}


def test_a_key_file_that_others_can_open_is_refused(settings, key_file):
    key_file.chmod(0o644)
    with pytest.raises(SettingsError, match=r"Other users can open the key file .*chmod 600"):
        open_language_model(settings.changed(model="http://127.0.0.1:9/v1", api_key_file=str(key_file)))


@pytest.mark.parametrize("content", ["", "\n", "two words", "schlüssel"])
def test_a_file_without_a_usable_key_is_one_line_that_does_not_show_it(settings, key_file, content):
    key_file.write_text(content)
    with pytest.raises(SettingsError, match="does not contain a key") as raised:
        open_language_model(settings.changed(model="http://127.0.0.1:9/v1", api_key_file=str(key_file)))
    assert not content.strip() or content not in str(raised.value)


def test_a_missing_key_file_is_one_line(settings, tmp_path):
    with pytest.raises(SettingsError, match=r"key file .* cannot be read"):
        open_language_model(settings.changed(model="http://127.0.0.1:9/v1", api_key_file=str(tmp_path / "none")))


def test_a_name_and_password_in_the_address_are_not_shown(settings):
    with pytest.raises(ModelError) as raised:
        open_language_model(settings.changed(model="http://ann:hunter22@127.0.0.1:9/v1"))
    assert "hunter22" not in str(raised.value)


@pytest.mark.parametrize("address", ["http://", "http://[broken/v1", "https://[::1/v1"])
def test_a_text_that_is_not_an_address_is_one_line(settings, address):
    with pytest.raises(ModelError, match="is not the address of a model server"):
        open_language_model(settings.changed(model=address))


@pytest.mark.parametrize(
    ("changes", "tokens"), [({}, 400), ({"prompt": "small"}, 80), ({"answer_tokens": 2_000}, 2_000)]
)
def test_a_model_may_write_as_much_as_its_prompt_asks_for_unless_the_settings_say_otherwise(
    serve, settings, changes, tokens
):
    server = serve()
    written(settings.changed(model=server.address, **changes))
    assert server.chats[0]["max_tokens"] == tokens


def test_a_stop_does_not_wait_for_a_silent_server(serve, settings):
    speaks, stop = threading.Event(), threading.Event()
    model = open_language_model(settings.changed(model=serve(speaks=speaks).address))
    threading.Timer(0.3, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        list(model.write(Prompt("You answer.", ("What do hens do?",)), stop))
    assert time.monotonic() - started < 20
    speaks.set()
