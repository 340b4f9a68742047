"""Health endpoints over HTTP: each path asked at the same time, with a total deadline and a cap on what is read."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.clock import Clock
from services.errors import SourceError
from services.profile import HttpSource
from services.readings import HealthCheck, HealthValues
from services.sources.http_answer import Answer, read
from services.sources.http_faults import of_error, of_status, too_long
from services.text import safe

if TYPE_CHECKING:
    import httpx

    from services.sources import Parts


def make(name: str, spec: HttpSource, parts: Parts) -> Health:
    return Health(name, spec, parts.clock)


class Health:
    """One base address with its paths.

    Every check opens a connection of its own: that is what a new client of the service meets, and a kept one that the
    server closes at the same moment would be a false alarm.
    """

    def __init__(self, name: str, spec: HttpSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._shown_url = _without_password(spec.url)

    async def fetch(self) -> HealthValues:
        """SourceError only when no path gave any answer; otherwise each check carries its own fault."""
        client = self._client or await self._open()
        checks = await asyncio.gather(*(self._check(client, path) for path in self._spec.paths))
        if checks and all(check.status is None for check in checks):
            raise self._nothing(checks)
        return HealthValues(self._shown_url, tuple(checks))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _open(self) -> httpx.AsyncClient:
        # importing takes 0.2 s: in a thread, so that keys are answered meanwhile
        module = await asyncio.to_thread(importlib.import_module, "httpx")
        client: httpx.AsyncClient = module.AsyncClient(
            headers={"user-agent": "watchdeck", "accept-encoding": "identity", **self._spec.headers},
            verify=self._spec.url.startswith("https"),  # plain HTTP needs no certificates loaded
            timeout=self._spec.timeout,
            limits=module.Limits(max_keepalive_connections=0),
            trust_env=False,  # no proxy and no .netrc of whoever started the console
            follow_redirects=False,
        )
        self._client = client
        return client

    async def _check(self, client: httpx.AsyncClient, path: str) -> HealthCheck:
        started = self._clock.mono()
        try:
            async with asyncio.timeout(self.timeout_s):  # httpx's own timeout is per read: a trickle never ends
                answer = await self._ask(client, path)
        except Exception as error:  # a driver's error of any kind is this path's fault, and no other path's
            return HealthCheck(safe(path), False, None, None, fault=of_error(error, self._where(path), self.timeout_s))
        return self._judged(path, answer, self._clock.mono() - started)

    async def _ask(self, client: httpx.AsyncClient, path: str) -> Answer:
        url = f"{self._spec.url.rstrip('/')}/{path.lstrip('/')}"
        async with client.stream("GET", url) as response:
            return await read(response, self._spec.max_bytes, self._spec.version_field)

    def _judged(self, path: str, answer: Answer, latency_s: float) -> HealthCheck:
        fault = of_status(answer.status, self._where(path), answer.location)
        if answer.cut and fault is None:
            fault = too_long(self._where(path), self._spec.max_bytes)
        ok = 200 <= answer.status < 300 and fault is None
        return HealthCheck(safe(path), ok, answer.status, latency_s, answer.version, answer.body, fault)

    def _nothing(self, checks: list[HealthCheck]) -> SourceError:
        first: Any = checks[0].fault
        more = f" (and {len(checks) - 1} more, the same way or another)" if len(checks) > 1 else ""
        return SourceError(first.kind, f"{first.message}{more}", first.remedy)

    def _where(self, path: str) -> str:
        return safe(f"{self._shown_url.rstrip('/')}/{path.lstrip('/')}", 200)


def _without_password(url: str) -> str:
    """The address as it may be shown: without user, password and query."""
    parts = urlsplit(url)
    return safe(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl())
