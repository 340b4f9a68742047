"""Asking over HTTP, the same for every source that does: what is sent, how much is read, and what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.errors import SourceError
from services.readings import Fault
from services.sources.http_faults import of_error, of_status, too_long
from services.text import safe

if TYPE_CHECKING:
    import httpx

SHOWN = 200  # characters of an answer that a message repeats


@dataclass(frozen=True, slots=True)
class Body:
    """What came back. `raw` is as it was sent, and at most one byte longer than the cap."""

    status: int
    raw: bytes
    encoding: str
    content_type: str
    location: str
    cap: int
    date: str = ""  # the server's clock, as its header has it

    def plain(self) -> bytes:
        """Unpacked, and at most one byte longer than the cap; takes a while when it is megabytes."""
        if self.encoding not in ("gzip", "x-gzip", "deflate"):
            return self.raw
        try:
            return zlib.decompressobj(wbits=47).decompress(self.raw, self.cap + 1)  # 47: gzip or zlib, by its header
        except zlib.error:
            return self.raw

    @property
    def start(self) -> str:
        """Its first characters, safe to show."""
        return safe(self.plain()[: 4 * SHOWN].decode("utf-8", "replace"), SHOWN)


class HttpClient:
    """One base address.

    Every question opens a connection of its own: that is what a new client of the service meets, and a kept one that
    the server closes at the same moment would be a false alarm.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], timeout_s: float, max_bytes: int, packed: bool = False
    ) -> None:
        """`packed` lets the other side compress what it answers."""
        self.url = url
        self.shown_url = without_password(url)
        self._headers = {
            "user-agent": "watchdeck",
            "accept-encoding": "gzip" if packed else "identity",
            **{name.lower(): value for name, value in headers.items()},
        }
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def get(self, path: str = "", params: Mapping[str, str] | None = None) -> Body:
        """One answer, whatever its status. Raises what the driver raises, and TimeoutError at the deadline."""
        return await self._ask("GET", path, params=params)

    async def send(self, method: str, path: str, content: bytes) -> Body:
        """The same with a body that is sent. What is read of an answer that comes before all of it was sent counts."""
        return await self._ask(method, path, content=content, headers={"content-type": "application/json"})

    async def _ask(self, method: str, path: str, **more: Any) -> Body:
        async with self._opening:
            client = self._client or await self._open()
        async with asyncio.timeout(self._timeout_s):  # httpx's own timeout is per read: a trickle never ends
            async with client.stream(method, self._address(path), **more) as response:
                return await _read(response, self._max_bytes)

    async def get_ok(self, path: str = "", params: Mapping[str, str] | None = None, also: tuple[int, ...] = ()) -> Body:
        """An answer with a status of success, or one of `also`. SourceError for everything else."""
        where = self.where(path)
        try:
            body = await self.get(path, params)
        except Exception as error:  # a driver's error of any kind says that there is no answer
            raise _error(of_error(error, where, self._timeout_s)) from error
        if body.status not in also and not 200 <= body.status < 300:
            fault = of_status(body.status, where, body.location)
            raise _error(fault) if fault else self.failed(body, path)
        return body

    def failed(self, body: Body, path: str = "") -> SourceError:
        """The service says that it fails: its words are the best there are."""
        words = f"{self.where(path)}: answered {body.status}: {body.start}"
        return SourceError("error", words, "see the service's own log")

    def whole(self, body: Body, path: str = "") -> bytes:
        """All of the answer, unpacked. SourceError when it is longer than the cap, on its way or unpacked."""
        plain = body.plain()
        if max(len(body.raw), len(plain)) > body.cap:
            remedy = "raise `max_bytes` of the source in the profile"
            raise _error(too_long(self.where(path), self._max_bytes, remedy))
        return plain

    def where(self, path: str) -> str:
        """The address of a path, as messages tell it."""
        return safe(_joined(self.shown_url, path), SHOWN)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _open(self) -> httpx.AsyncClient:
        # what is imported takes 0.2 s: in a thread, so that keys are answered meanwhile
        self._client = await asyncio.to_thread(self._made)
        return self._client

    def _made(self) -> httpx.AsyncClient:
        import httpx

        with contextlib.suppress(ImportError):  # else its first connection would import it, on the loop
            importlib.import_module("anyio._backends._asyncio")
        return httpx.AsyncClient(
            headers=self._headers,
            verify=self.url.startswith("https"),  # plain HTTP needs no certificates loaded
            timeout=self._timeout_s,
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,  # no proxy and no .netrc of whoever started the console
            follow_redirects=False,
        )

    def _address(self, path: str) -> str:
        return _joined(self.url, path)


async def _read(response: httpx.Response, cap: int) -> Body:
    raw = bytearray()
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) > cap:
            break
    return Body(
        response.status_code,
        bytes(memoryview(raw)[: cap + 1]),
        response.headers.get("content-encoding", "").strip().lower(),
        response.headers.get("content-type", ""),
        safe(response.headers.get("location", ""), SHOWN),
        cap,
        response.headers.get("date", ""),
    )


def _error(fault: Fault) -> SourceError:
    return SourceError(fault.kind, fault.message, fault.remedy)


def _joined(url: str, path: str) -> str:
    return f"{url.rstrip('/')}/{path.lstrip('/')}" if path else url


def without_password(url: str) -> str:
    """The address as it may be shown: without user, password and query."""
    parts = urlsplit(url)
    return safe(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl())
