"""What an MCP client does in one connection, with the client of the official SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from mcp.client.client import Client

Result = TypeVar("Result")
_SECONDS = 240  # after which a connection that hangs ends with an error


def connected(server: Any, work: Callable[[Client], Awaitable[Result]]) -> Result:
    """What ``work`` gives, with a client of a server in this process, of an address, or of a transport."""

    async def program() -> Result:
        async with Client(server, mode="legacy") as client:
            return await work(client)

    return asyncio.run(asyncio.wait_for(program(), _SECONDS))


def called(server: Any, tool: str, **arguments: Any) -> Any:
    """The result of one call."""
    return connected(server, lambda client: client.call_tool(tool, arguments))


def text_of(result: Any) -> str:
    (content,) = result.content
    return str(content.text)
