"""Asks a running Zotero over its local HTTP server, and checks what it sends: any program may answer at that address.

Zotero answers with its web API, version 3 (https://www.zotero.org/support/dev/web_api/v3/basics), without a key. What
differs is described at the top of its own source (chrome/content/zotero/xpcom/server/server_localAPI.js): nothing is
divided into pages unless a limit is given, and ``version`` is the one that the item was last synchronised with
zotero.org at. An item that never was has version 0, and a later change does not raise it
(https://github.com/zotero/zotero/issues/5011), so that ``dateModified`` has to be compared too.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from assistant.errors import InputError

_SILENCE_SECONDS = 60.0  # until the next piece of an answer; Zotero loads its library before the first one
_ANSWER_SECONDS = 600.0  # for one answer, however slowly it comes
_ANSWER_BYTES = 64 * 2**20  # the versions of 2 million items, or 50 items with very long abstracts
_REASON_LETTERS = 120
_KEY = re.compile(r"[A-Z0-9]{8}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SETTING = (
    "in its settings, under Advanced, switch on “Allow other applications on this computer to communicate with Zotero”"
)
_AGAIN = "what was read so far stays; run the same command again to continue"

Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of Zotero. ``parent`` is the key of the collection that contains it, or empty."""

    key: str
    name: str
    parent: str


class Zotero:
    """A running Zotero. Every method raises InputError, with one line, when no usable answer comes."""

    def __init__(self, address: str) -> None:
        """``address``: as ``http://localhost:23119``. Raises InputError unless it is of this machine."""
        self.address = _checked(address)
        self._http = httpx.Client(
            base_url=f"{self.address}/api/",
            headers={"Zotero-API-Version": "3", "User-Agent": "footnote"},
            timeout=httpx.Timeout(_SILENCE_SECONDS, connect=5.0),
            follow_redirects=False,
            trust_env=False,  # no proxy: Zotero is on this machine
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def groups(self) -> dict[int, str]:
        """The names of the groups by their numbers."""
        found = [_data(entry) for entry in self._list("users/0/groups", {})]
        return {one["id"]: one["name"] for one in found if _is(one, id=int, name=str)}

    def collections(self, library: str) -> list[Collection]:
        """All collections of a library, which is ``users/0`` or ``groups/`` and a number."""
        found = [_data(entry) for entry in self._list(f"{library}/collections", {})]
        return [
            Collection(one["key"], one["name"], str(one.get("parentCollection") or ""))
            for one in found
            if _is(one, key=str, name=str) and _KEY.fullmatch(one["key"])
        ]

    def versions(self, path: str, values: Values) -> dict[str, int]:
        """The keys and versions of the items at a path that have no parent, without those in the trash.

        Zotero's filter by type is not used: it lets notes and attachments in that have a parent.
        """
        found = self._json(f"{path}/items/top", {**values, "format": "versions"})
        if not isinstance(found, dict):
            raise self._unusable("no list of versions")
        usable = {key: version or 0 for key, version in found.items() if _KEY.fullmatch(key)}
        if len(usable) < len(found) or not all(type(version) is int for version in usable.values()):
            raise self._unusable("keys or versions that Zotero does not use")
        return usable

    def last_modified(self, path: str, values: Values, start: int, limit: int) -> list[tuple[str, str]]:
        """Some items as ``versions`` finds them, those modified last first: keys and dates."""
        paging: Values = {"sort": "dateModified", "direction": "desc", "start": start, "limit": limit}
        found = [_data(entry) for entry in self._list(f"{path}/items/top", {**values, **paging})]
        return [(one["key"], modified_of(one)) for one in found if _is(one, key=str)]

    def items(self, library: str, keys: list[str]) -> dict[str, dict[str, Any]]:
        """The data of items by their keys; those that are no longer there are left out."""
        found = map(_data, self._list(f"{library}/items/top", {"itemKey": ",".join(keys), "limit": len(keys)}))
        return {str(one["key"]): one for one in found if one.get("key") in keys}

    def _list(self, path: str, values: Values) -> list[Any]:
        found = self._json(path, {**values, "format": "json"})
        if not isinstance(found, list):
            raise self._unusable("no list")
        return found

    def _json(self, path: str, values: Values) -> Any:
        try:
            return json.loads(self._answer(path, values))
        except (ValueError, RecursionError) as error:
            raise self._unusable("no valid JSON") from error

    def _answer(self, path: str, values: Values) -> bytes:
        found, until = bytearray(), time.monotonic() + _ANSWER_SECONDS
        with self._translated(), self._http.stream("GET", path, params=dict(values)) as answer:
            if answer.status_code == httpx.codes.FORBIDDEN:
                raise InputError(f"Zotero does not let other programs read its library: {_SETTING}.")
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise self._unusable(f"nothing for {path}: it was deleted meanwhile, or this is not Zotero 7")
            if answer.status_code != httpx.codes.OK:
                raise self._unusable(f"status {answer.status_code}")
            for piece in answer.iter_bytes():
                found += piece
                if len(found) > _ANSWER_BYTES:
                    raise self._unusable(f"an answer of over {_ANSWER_BYTES // 2**20} megabytes")
                if time.monotonic() > until:
                    raise self._unusable("an answer that does not end")
        return bytes(found)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectError as error:
            raise InputError(
                f"Zotero does not answer at {self.address}: start Zotero (version 7 or later), and {_SETTING}."
            ) from error
        except httpx.HTTPError as error:
            reason = " ".join(str(error).split())[:_REASON_LETTERS] or type(error).__name__
            raise InputError(f"Zotero stopped answering ({reason}): {_AGAIN}.") from error

    def _unusable(self, what: str) -> InputError:
        return InputError(f"What answers at {self.address} sent {what}: check that it is Zotero; {_AGAIN}.")


def modified_of(item: Mapping[str, Any]) -> str:
    """When an item was last modified, such as ``2026-03-01T12:00:00Z``; empty if it does not say."""
    text = item.get("dateModified")
    return text if isinstance(text, str) and _DATE.fullmatch(text) else ""


def _checked(address: str) -> str:
    """The address without a slash at its end. Raises InputError."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
        is_of_this_machine = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_of_this_machine = False
    if not is_of_this_machine or parts.scheme != "http" or parts.path.strip("/") or parts.query or parts.username:
        raise InputError(f"{address} is not the address of a Zotero on this machine: use http://localhost:23119.")
    return address.rstrip("/")


def _data(entry: Any) -> dict[str, Any]:
    """The fields of an entry of a list; none if it has another form than Zotero's."""
    data = entry.get("data") if isinstance(entry, dict) else None
    return data if isinstance(data, dict) else {}


def _is(entry: Mapping[str, Any], **kinds: type) -> bool:
    """Do these fields have values of these types?"""
    return all(isinstance(entry.get(name), kind) for name, kind in kinds.items())
