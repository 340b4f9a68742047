"""A small HTTP/1.1 server on asyncio: whole requests in, whole answers out, connections kept open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
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
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Any, status: int = 200) -> Answer:
        return cls(status, json.dumps(data).encode() + b"\n")


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # without its query
    client: str  # the address that it came from, or that a proxy before us says it came from
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # by their names in lower case
    query: str = ""


Respond = Callable[[Request], Awaitable[Answer]]
TooLarge = Callable[[Request, int], Awaitable[Answer]]  # the request without its body, and how long that is


@dataclass(frozen=True)
class Limit:
    """What becomes of a body that is longer than `most`: it is not kept, and `answer` says so."""

    most: int
    answer: TooLarge


async def serve(respond: Respond, port: int = 0, limit: Limit | None = None, shared: bool = False) -> asyncio.Server:
    """Listens on a loopback port; 0 lets the system choose one. Without a limit, who sends too much is cut off.
    `shared`: another process may listen on the same port, until it takes over."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await asyncio.wait_for(_exchange(reader, writer, respond, limit), IDLE_S + 60):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError):
            pass  # a client that went away, was silent or spoke something else: nothing to answer
        finally:
            writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", port, limit=MAX_HEAD, reuse_port=shared or None)


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond, limit: Limit | None
) -> bool:
    """One request and its answer; whether the connection stays open."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_S)
    request, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length") or 0)
    client = headers.get("x-forwarded-for", writer.get_extra_info("peername", ("",))[0])
    path, _, query = target.partition("?")
    bare = Request(method, path, client, headers=headers, query=query)
    kept = headers.get("connection", "").lower() != "close"
    if length <= (limit.most if limit else MAX_BODY):
        answer = await respond(replace(bare, body=await reader.readexactly(length)))
    elif limit:
        await _throw_away(reader, length)  # who is still sending would not read the answer
        answer = await limit.answer(bare, length)
    else:
        raise ValueError("the body is too large")
    writer.write(_head(answer, kept) + (b"" if method == "HEAD" else answer.body))
    await writer.drain()
    return kept


async def _throw_away(reader: asyncio.StreamReader, length: int) -> None:
    while length > 0 and (chunk := await reader.read(min(length, MAX_BODY))):
        length -= len(chunk)


def _head(answer: Answer, kept: bool) -> bytes:
    lines = {
        "Content-Type": answer.kind,
        "Content-Length": str(len(answer.body)),
        "Connection": "keep-alive" if kept else "close",
        "Date": formatdate(usegmt=True),
        **answer.headers,
    }
    first = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in lines.items()), "", ""]).encode()
