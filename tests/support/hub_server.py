"""A small Hugging Face hub on this machine: it lists and serves files as ``huggingface_hub`` expects.

As the real hub does, it redirects a request for a large file to another host, which sends the content.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tests.support.http_server import QuietHandler, serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_LARGE_BYTES = 10_000  # the real hub keeps larger files, and all weights, outside git
_CONTENT = "/content/"  # the paths of the other host


class Request(NamedTuple):
    method: str
    path: str
    range: str
    """The Range header."""
    authorization: str


@dataclass
class HubServer:
    """``files``: the content of each file, by ``owner/repo`` and name. What it was asked is in ``requests``."""

    files: dict[str, dict[str, bytes]]
    address: str = ""
    requests: list[Request] = field(default_factory=list)
    cut_after: int | None = None
    """Close the connection after this number of bytes of a large file, once."""
    wait_when_cut: threading.Event | None = None
    """Wait for this before the connection is closed."""
    fails_after_cut: bool = False
    """Answer 503 when a file whose download was cut is asked for again."""
    sends_other_bytes: bool = False
    """Send content that is not what the list of files and the headers describe."""
    was_cut: bool = False

    def downloads(self) -> list[str]:
        """The names of the files whose content was asked for, in order."""
        return [
            one.path.rsplit("/resolve/main/", 1)[1]
            for one in self.requests
            if one.method == "GET" and "/resolve/main/" in one.path
        ]

    def for_content(self, name: str = "") -> list[Request]:
        """The requests that the other host received: for a large file, or for all."""
        return [one for one in self.requests if one.path.startswith(_CONTENT) and one.path.endswith(name)]

    def ranges(self, name: str) -> list[str]:
        """The Range header of each request for the content of a large file."""
        return [one.range for one in self.for_content(f"/{name}")]


@contextmanager
def hub_server(files: dict[str, dict[str, bytes]]) -> Iterator[HubServer]:
    """A hub that runs until the block ends."""
    server = HubServer(files)

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 - http.server's names
            path = unquote(urlsplit(self.path).path)
            header = self.headers.get
            server.requests.append(Request(self.command, path, header("Range", ""), header("Authorization", "")))
            if path.startswith("/api/models/"):
                _list_files(self, server, path.removeprefix("/api/models/"))
            elif path.startswith(_CONTENT):
                _send_large_file(self, server, path.removeprefix(_CONTENT))
            else:
                _send_file(self, server, path)

        do_HEAD = do_GET  # noqa: N815 - http.server's names

    with serving(Handler) as address:
        server.address = address
        yield server


def is_large(content: bytes) -> bool:
    return len(content) >= _LARGE_BYTES


def _list_files(request: BaseHTTPRequestHandler, server: HubServer, repository: str) -> None:
    if repository not in server.files:
        _send_error(request, 404, {"X-Error-Code": "RepoNotFound"})
        return
    siblings = []
    for name, content in server.files[repository].items():
        sibling: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": _etag(content)}
        if is_large(content):
            sibling["lfs"] = {"sha256": _etag(content), "size": len(content), "pointerSize": 135}
        siblings.append(sibling)
    body = json.dumps({"id": repository, "sha": COMMIT, "siblings": siblings}).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def _send_file(request: BaseHTTPRequestHandler, server: HubServer, path: str) -> None:
    repository, _, name = path.removeprefix("/").partition("/resolve/main/")
    content = server.files.get(repository, {}).get(name)
    if content is None:
        _send_error(request, 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        return
    request.send_response(302 if is_large(content) else 200)
    request.send_header("X-Repo-Commit", COMMIT)
    if is_large(content):
        other_host = server.address.replace("127.0.0.1", "localhost")
        request.send_header("Location", f"{other_host}{_CONTENT}{repository}/{name}")
        request.send_header("X-Linked-Etag", f'"{_etag(content)}"')
        request.send_header("X-Linked-Size", str(len(content)))
        content = b""
    else:
        request.send_header("ETag", f'"{_etag(content)}"')
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(content)


def _send_large_file(request: BaseHTTPRequestHandler, server: HubServer, path: str) -> None:
    owner, repository, name = path.split("/", 2)
    content = server.files[f"{owner}/{repository}"][name]
    if server.was_cut and server.fails_after_cut:
        _send_error(request, 503, {})
        return
    header = request.headers.get("Range", "")
    first = int(header.removeprefix("bytes=").split("-")[0]) if header else 0
    request.send_response(206 if header else 200)
    request.send_header("Content-Length", str(len(content) - first))
    if header:
        request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
    request.end_headers()
    _send_content(request, server, content, first)


def _send_content(request: BaseHTTPRequestHandler, server: HubServer, content: bytes, first: int) -> None:
    sent = bytes(255 - byte for byte in content) if server.sends_other_bytes else content
    if server.cut_after is None:
        request.wfile.write(sent[first:])
        return
    request.wfile.write(sent[first : first + server.cut_after])
    request.wfile.flush()
    server.cut_after, server.was_cut = None, True
    if server.wait_when_cut:
        server.wait_when_cut.wait(30)
    request.close_connection = True


def _send_error(request: BaseHTTPRequestHandler, code: int, headers: dict[str, str]) -> None:
    request.send_response(code)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", "0")
    request.end_headers()


def _etag(content: bytes) -> str:
    """The SHA-256 of a large file, a SHA-1 of a small one, as the hub gives."""
    return hashlib.sha256(content).hexdigest() if is_large(content) else hashlib.sha1(content).hexdigest()  # noqa: S324
