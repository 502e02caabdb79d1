"""A small server that answers as Zotero's local one is documented to, for the benchmark and for tests.

Unlike Zotero's it holds its items in memory, where they can be changed while it runs.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_POLL_SECONDS = 0.02  # how soon the server notices that it should end

Item = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class ZoteroServer:
    """``items`` and ``collections`` by library (``users/0``, ``groups/7``) and key; ``groups`` by number.

    ``requests``: the paths asked for, with their queries. ``reply``: if it gives a reply for a path, that is sent.
    """

    items: dict[str, dict[str, Item]] = field(default_factory=lambda: {"users/0": {}})
    collections: dict[str, dict[str, Item]] = field(default_factory=lambda: {"users/0": {}})
    groups: dict[int, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    reply: Callable[[str], Reply | None] = lambda _: None
    address: str = ""

    def put(self, key: str, library: str = "users/0", **fields: Any) -> Item:
        """Add an item, or change some fields of one."""
        known = self.items.setdefault(library, {}).get(key, {"key": key, "version": 0, "itemType": "journalArticle"})
        new = {"tags": [], "collections": [], "dateModified": "2026-01-01T00:00:00Z", **known, **fields}
        self.items[library][key] = new
        return new

    def put_collection(self, key: str, name: str, parent: str = "", library: str = "users/0") -> None:
        found = {"key": key, "version": 1, "name": name, "parentCollection": parent or False}
        self.collections.setdefault(library, {})[key] = found

    def fetched(self) -> int:
        """How many items were asked for by their keys."""
        keys = (parse_qs(urlsplit(path).query).get("itemKey", [""])[0] for path in self.requests)
        return sum(len(key.split(",")) for key in keys if key)

    def answer(self, path: str) -> Reply:
        parts = urlsplit(path)
        values = {name: texts[0] for name, texts in parse_qs(parts.query).items()}
        place = parts.path.removeprefix("/api/").split("/")
        library, rest = "/".join(place[:2]), place[2:]
        found: list[Item] | None = None
        if library == "users/0" and rest == ["groups"]:
            found = [{"id": number, "version": 1, "name": name} for number, name in self.groups.items()]
        elif library in self.items and rest == ["collections"]:
            found = [*self.collections.get(library, {}).values()]
        elif library in self.items and rest == ["items", "top"]:
            found = self._chosen(library, values)
        elif library in self.items and rest[::2] == ["collections", "items"] and rest[3:] == ["top"]:
            found = [one for one in self._chosen(library, values) if rest[1] in one["collections"]]
        if found is None:
            return 404, {}, b"Not found"
        return self._as_reply(found, values)

    def _chosen(self, library: str, values: dict[str, str]) -> list[Item]:
        """Items that are not in the trash; the last modified first, which is Zotero's own order."""
        found = [one for one in self.items[library].values() if not one.get("deleted") and "parentItem" not in one]
        if "itemKey" in values:
            found = [one for one in found if one["key"] in values["itemKey"].split(",")]
        if "tag" in values:
            found = [one for one in found if {"tag": values["tag"].removeprefix("\\")} in one["tags"]]
        return sorted(found, key=lambda one: str(one["dateModified"]), reverse=True)

    @staticmethod
    def _as_reply(found: list[Item], values: dict[str, str]) -> Reply:
        total, start = len(found), int(values.get("start", 0))
        found = found[start : start + int(values.get("limit", total))]
        body: Any = [{"key": one.get("key"), "version": one["version"], "data": one} for one in found]
        if values.get("format") == "versions":
            body = {one["key"]: one["version"] for one in found}
        headers = {"Content-Type": "application/json", "Total-Results": str(total), "Zotero-API-Version": "3"}
        return 200, headers, json.dumps(body, indent=4).encode()


@contextmanager
def zotero_server() -> Iterator[ZoteroServer]:
    """A server on a free port of this machine, until the block ends."""
    server = ZoteroServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append(self.path)
            status, headers, body = server.reply(self.path) or server.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()
    server.address = f"http://127.0.0.1:{http.server_port}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
