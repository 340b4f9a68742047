"""Health endpoints that hang, flood, lie and redirect: each is that check's fault, and nobody else's."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.clock import SystemClock
from services.errors import SourceError
from services.profile import HttpSource
from services.readings import HealthCheck, HealthValues
from services.sources.http import Health
from services.sources.http_client import HttpClient

Page = Callable[[asyncio.StreamWriter], Awaitable[None]]


def page(body: bytes | str, status: str = "200 OK", **headers: str) -> Page:
    async def send(to: asyncio.StreamWriter) -> None:
        data = body.encode() if isinstance(body, str) else body
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        to.write("\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(data)}", *lines, "", ""]).encode() + data)
        await to.drain()

    return send


@asynccontextmanager
async def serving(pages: dict[str, Page]) -> AsyncIterator[str]:
    """A server on loopback; a path that it does not have is 404."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await pages.get(head.split(b" ")[1].decode(), page("", "404 Not Found"))(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()


async def fetch(url: str, *paths: str, **spec: Any) -> HealthValues:
    health = Health("api", HttpSource(kind="http", url=url, paths=paths, **{"timeout": 0.5, **spec}), SystemClock())
    try:
        return await health.fetch()
    finally:
        await health.close()


async def check(wanted: Page, **spec: Any) -> HealthCheck:
    """The check of one page, with a healthy neighbour that must not suffer."""
    async with serving({"/it": wanted, "/fine": page("ok")}) as url:
        values = await fetch(url, "/it", "/fine", **spec)
    it, fine = values.checks
    assert fine.ok
    return it


async def test_a_healthy_service_is_ok_with_its_version() -> None:
    async with serving({"/a": page(json.dumps({"version": "4.2.0\x1b[m"})), "/b": page("fine\n")}) as url:
        values = await fetch(url.replace("//", "//me:secret@"), "/a", "/b")
    assert [(c.ok, c.status, c.version) for c in values.checks] == [(True, 200, "4.2.0\\x1b[m"), (True, 200, "")]
    assert values.checks[1].body == "fine\\n"
    assert values.base_url == url
    assert values.failing == 0


@pytest.mark.parametrize(
    ("status", "kind"), [("401 x", "denied"), ("403 x", "denied"), ("404 x", "missing"), ("429 x", "limit")]
)
async def test_an_answer_about_our_asking_is_a_fault_with_a_remedy(status: str, kind: str) -> None:
    it = await check(page("no", status))
    assert not it.ok
    assert it.fault and it.fault.kind == kind and it.fault.remedy


async def test_a_500_fails_with_its_body_as_the_evidence() -> None:
    it = await check(page('{"error": "db down"}', "500 Oops"))
    assert (it.ok, it.status, it.body, it.fault) == (False, 500, '{"error": "db down"}', None)


@pytest.mark.parametrize("target", ["/it", "https://elsewhere.example/login\u202e"])
async def test_a_redirect_is_not_followed_and_its_target_is_named(target: str) -> None:
    it = await check(page("", "302 Found", location=target))
    assert (it.ok, it.status) == (False, 302)
    assert it.fault and target.rstrip("\u202e") in it.fault.message and it.fault.message.isprintable()


async def hang(to: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def trickle(to: asyncio.StreamWriter) -> None:
    to.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(100):
        to.write(b".")
        await to.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("slow", [hang, trickle])
async def test_a_service_that_hangs_or_trickles_is_given_up_at_the_deadline(slow: Page) -> None:
    started = time.monotonic()
    it = await check(slow)
    assert time.monotonic() - started < 1.5
    assert it.status is None and it.fault and it.fault.kind == "timeout"


async def test_of_a_gigabyte_only_the_first_bytes_are_read() -> None:
    sent = 0

    async def flood(to: asyncio.StreamWriter) -> None:
        nonlocal sent
        to.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        while sent < 1_000_000_000:
            to.write(b"x" * 65_536)
            sent += 65_536
            await to.drain()

    it = await check(flood, timeout=3.0)
    assert not it.ok and it.fault and it.fault.kind == "limit"
    assert len(it.body) <= 200
    assert sent < 50_000_000


async def test_a_gzip_bomb_is_unpacked_only_up_to_the_cap() -> None:
    import tracemalloc

    bomb = gzip.compress(bytes(100_000_000))
    tracemalloc.start()
    it = await check(page(bomb, content_encoding="gzip"), timeout=3.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert it.fault and it.fault.kind == "limit"
    assert peak < 20_000_000


async def test_a_compressed_answer_that_nobody_asked_for_is_still_read() -> None:
    it = await check(page(gzip.compress(b'{"version": "1"}'), content_encoding="gzip"))
    assert it.ok and it.version == "1"


@pytest.mark.parametrize(
    "body",
    [
        '{"version":',
        "{" * 100_000,
        '{"a":' * 10_000,
        '{"version": {"a": 1}}',
        '{"version": NaN',
        "[1]",
        b"\xff\xfe\x00",
    ],
)
async def test_a_body_that_is_no_sensible_json_is_shown_and_has_no_version(body: str | bytes) -> None:
    it = await check(page(body, content_type="application/json"))
    assert it.ok and it.version == ""
    assert it.body.isprintable()


async def test_a_connection_that_is_reset_is_that_checks_fault() -> None:
    async def reset(to: asyncio.StreamWriter) -> None:
        sock = to.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        to.transport.abort()

    it = await check(reset)
    assert it.status is None and it.fault and it.fault.kind in ("unreachable", "protocol")


async def test_what_is_no_http_is_a_protocol_fault() -> None:
    async def mumble(to: asyncio.StreamWriter) -> None:
        to.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await to.drain()

    it = await check(mumble)
    assert it.fault and it.fault.kind == "protocol"


async def test_the_source_fails_only_when_no_path_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(SourceError, match="connection refused") as raised:
            await fetch(url, "/a", "/b")
    assert raised.value.kind == "unreachable" and raised.value.remedy


async def test_a_name_that_does_not_exist_is_named() -> None:
    with pytest.raises(SourceError, match=r"name nowhere\.invalid is not known"):
        await fetch("http://nowhere.invalid", "/a", timeout=5.0)


async def test_an_address_without_a_scheme_is_the_profiles_fault() -> None:
    with pytest.raises(SourceError) as raised:
        await fetch("127.0.0.1:3000", "/a")
    assert raised.value.kind == "config"


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with serving({"/a": page("ok")}) as url:
        assert (await fetch(url, "/a")).failing == 0


async def test_requests_at_the_same_time_share_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = HttpClient._made
    monkeypatch.setattr(HttpClient, "_made", lambda self: made.append(self) or make(self))
    async with serving({"/a": page("ok")}) as url:
        assert len((await fetch(url, *("/a",) * 5)).checks) == 5
    assert len(made) == 1


GUARD = {
    "oversized-body": {"path": "/ingest", "bytes": 300_000, "says": "PAYLOAD_TOO_LARGE"},
    "oversized-list": {"path": "/ingest", "items": 3, "within": "items", "status": (413, 422)},
}


@asynccontextmanager
async def limited(limit: int, most_items: int, code: str = "PAYLOAD_TOO_LARGE") -> AsyncIterator[str]:
    """A service that answers as soon as it knows how much is coming, and reads no further."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r")[0])
        status = "413 Too Large"
        if length <= limit:
            sent = (await reader.readexactly(length)).strip()
            status = "200 OK" if not sent or len(json.loads(sent)["items"]) <= most_items else status
        await page(json.dumps({"code": code}), status)(writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def guarded(limit: int, most_items: int, code: str = "PAYLOAD_TOO_LARGE") -> HealthValues:
    async with limited(limit, most_items, code) as url:
        return await fetch(url, refuses=GUARD)


async def test_a_service_that_refuses_what_is_too_large_is_healthy() -> None:
    values = await guarded(100_000, 2)
    assert values.failing == 0 and [check.path for check in values.checks] == list(GUARD)
    assert {check.status for check in values.checks} == {413}


async def test_each_limit_that_is_not_in_force_is_told() -> None:
    body, items = (await guarded(1_000_000, 2)).checks
    assert items.ok and body.fault and "300,000 bytes was answered 200, not 413" in body.fault.message
    body, items = (await guarded(100_000, 50)).checks
    assert body.ok and items.fault and "a list of 3 items was answered 200, not 413 or 422" in items.fault.message
    body, items = (await guarded(100_000, 2, "nginx")).checks
    assert items.ok and body.fault and "without the words PAYLOAD_TOO_LARGE" in body.fault.message


async def test_while_a_service_fails_nobody_knows_what_it_would_refuse() -> None:
    async with serving({"/ingest": page("{}", "500 Internal Server Error"), "/ready": page("ok")}) as url:
        with pytest.raises(SourceError, match="300,000 bytes was answered 500"):
            await fetch(url, refuses=GUARD)
        assert (await fetch(url, "/ready", refuses=GUARD)).failing == 2


def test_a_source_that_asks_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="it asks for nothing"):
        HttpSource(kind="http", url="http://h")
    with pytest.raises(ValueError, match="either `bytes`, or `items`"):
        HttpSource(kind="http", url="http://h", refuses={"x": {"path": "/x", "bytes": 1, "items": 1}})
