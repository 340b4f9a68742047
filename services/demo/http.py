"""A small HTTP/1.1 server on asyncio: whole requests in, whole answers out, connections kept open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MAX_HEAD = 16_384
MAX_BODY = 65_536
IDLE_S = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    kind: str = "application/json"

    @classmethod
    def of(cls, data: Any, status: int = 200) -> Answer:
        return cls(status, json.dumps(data).encode() + b"\n")


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # without its query
    client: str  # the address that it came from, or that a proxy before us says it came from
    body: bytes = b""


Respond = Callable[[Request], Awaitable[Answer]]


async def serve(respond: Respond, port: int = 0) -> asyncio.Server:
    """Listens on a loopback port; 0 lets the system choose one."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await asyncio.wait_for(_exchange(reader, writer, respond), IDLE_S + 60):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError):
            pass  # a client that went away, was silent or spoke something else: nothing to answer
        finally:
            writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", port, limit=MAX_HEAD)


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond) -> bool:
    """One request and its answer; whether the connection stays open."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_S)
    request, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length") or 0)
    if length > MAX_BODY:
        raise ValueError("the body is too large")
    body = await reader.readexactly(length)
    client = headers.get("x-forwarded-for", writer.get_extra_info("peername", ("",))[0])
    answer = await respond(Request(method, target.partition("?")[0], client, body))
    kept = headers.get("connection", "").lower() != "close"
    start = (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        f"Content-Type: {answer.kind}\r\nContent-Length: {len(answer.body)}\r\n"
        f"Connection: {'keep-alive' if kept else 'close'}\r\n\r\n"
    )
    writer.write(start.encode() + (b"" if method == "HEAD" else answer.body))
    await writer.drain()
    return kept
