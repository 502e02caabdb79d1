"""Whatever answers at Zotero's address is checked before it is believed."""

from __future__ import annotations

import json

import pytest

from assistant.errors import InputError
from ingest.zotero import client
from ingest.zotero.client import Collection, Zotero
from ingest.zotero.queries import find_query
from tests.support.zotero import ITEM, stored_titles, synced


def reply(body, status=200, **headers):
    return lambda _: (status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (reply(b"Local API is not enabled", 403), "Allow other applications"),
        (reply(b"", 302, Location="http://192.0.2.1/api/users/0/items"), "status 302"),
        (reply(b"<html>a web page</html>"), "no valid JSON"),
        (reply(b"[" * 100_000), "no valid JSON"),
        (reply(b"\xff\xfe\x00"), "no valid JSON"),
        (reply([1, 2]), "no list of versions"),
        (reply({"../../x": 1}), "keys or versions"),
        (reply({"AAAAAAA0": "one"}), "keys or versions"),
        (reply({"AAAAAAA0": True}), "keys or versions"),
        (reply(b"", 404), "not Zotero 7"),
        (reply(b"{}", 200, **{"Content-Length": "100"}), "stopped answering"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_cannot_be_used_is_one_line(birds, zotero, sent, said):
    zotero.reply = sent
    with pytest.raises(InputError, match=said) as raised:
        synced(birds, "zotero:")
    assert "\n" not in str(raised.value)


def test_an_answer_without_end_is_cut_off(birds, zotero, monkeypatch):
    monkeypatch.setattr(client, "_ANSWER_BYTES", 1_000_000)
    zotero.reply = reply(b" " * 1_100_000)
    with pytest.raises(InputError, match="over 0 megabytes"):
        synced(birds, "zotero:")


def test_an_answer_that_comes_too_slowly_is_cut_off(birds, monkeypatch):
    monkeypatch.setattr(client, "_ANSWER_SECONDS", -1.0)
    with pytest.raises(InputError, match="does not end"):
        synced(birds, "zotero:")


@pytest.mark.parametrize("data", [None, [], "text", {}, {"key": "ZZZZZZZZ"}, {"key": ["AAAAAAA0"]}])
def test_items_of_another_form_are_not_believed(birds, zotero, data):
    zotero.reply = lambda path: reply([{"data": data}, 1, None])(path) if "itemKey" in path else None
    with pytest.raises(InputError, match="none of the items that it listed"):
        synced(birds, "zotero:")
    zotero.reply = lambda _: None
    assert synced(birds, "zotero:").new == 3


def test_fields_of_other_types_are_a_fault_of_that_item_only(birds, zotero):
    zotero.put("AAAAAAA0", title={"a": 1}, abstractNote=[5], creators="x", tags=7, date=[], extra={})
    report = synced(birds, "zotero:")
    assert report.new == 2
    assert stored_titles(birds) == ["Ducks at Work", "Geese at Work"]


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.1:23119",
        "https://localhost",
        "localhost:23119",
        "http://localhost:x",
        "http://a@localhost",
        "",
        "file:///etc",
    ],
)
def test_only_an_address_of_this_machine_is_asked(address):
    with pytest.raises(InputError, match="not the address of a Zotero on this machine"):
        Zotero(address)


@pytest.mark.parametrize("address", ["http://localhost:23119/", "http://127.0.0.1:23119", "http://[::1]:23119"])
def test_addresses_of_this_machine_are_taken(address):
    Zotero(address)


def test_collections_inside_each_other_in_a_ring_end(zotero):
    zotero.put_collection("CCCCCCC1", "A", "CCCCCCC2")
    zotero.put_collection("CCCCCCC2", "B", "CCCCCCC1")
    with Zotero(zotero.address) as opened:
        assert len(opened.collections("users/0")) == 2
        with pytest.raises(InputError, match="collection"):
            find_query("zotero:C", opened)


def test_one_item_is_no_query(zotero):
    with Zotero(zotero.address) as opened, pytest.raises(InputError, match="is one item"):
        find_query(f"{ITEM}AAAAAAA0", opened)


def test_a_collection_with_a_slash_in_its_name_is_found(zotero):
    zotero.put_collection("CCCCCCC1", "Hens/Ducks")
    with Zotero(zotero.address) as opened:
        assert opened.collections("users/0") == [Collection("CCCCCCC1", "Hens/Ducks", "")]
        assert find_query("zotero:Hens/Ducks", opened).paths == ("users/0/collections/CCCCCCC1",)
