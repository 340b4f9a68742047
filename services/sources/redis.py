"""A Redis server over a connection of its own each time: that is what a new client of it meets."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, NamedTuple

from services.address import address
from services.clock import Clock
from services.errors import SourceError
from services.profile.sources.reach import REDIS, RedisSource
from services.readings import Fault, RedisValues
from services.sources import redis_info
from services.sources.dial_faults import of_error
from services.sources.resp import Garbled, Refused, answer, request
from services.sources.secret import password
from services.sources.tls import trusted_by
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

_CREDENTIALS = "see `user`, and `password_env` or `password_command` of the source"
_REFUSALS = {
    "NOAUTH": ("denied", _CREDENTIALS),
    "WRONGPASS": ("denied", _CREDENTIALS),
    "NOPERM": ("denied", "the user needs +ping and +info: ACL SETUSER"),
    "DENIED": ("denied", "protected mode: only its own machine may ask, or set a password"),
    "LOADING": ("error", "it reads its data from disk; it answers when it is through"),
    "MASTERDOWN": ("error", "this replica has lost its primary"),
}


def make(name: str, spec: RedisSource, parts: Parts) -> Redis:
    return Redis(name, spec, parts.clock)


class _Link(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    took_s: float  # to connect, TLS included


class Redis:
    def __init__(self, name: str, spec: RedisSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._at = address(spec.address, REDIS)
        self._clock = clock
        self._trusting: ssl.SSLContext | None = None  # reading the authorities takes 20 ms of CPU: not at every poll

    async def fetch(self) -> RedisValues:
        """A server that answers PING and keeps INFO to itself has a latency, and figures that are unknown."""
        try:
            async with asyncio.timeout(self.timeout_s):
                secret = await password(self._spec.password_env, self._spec.password_command, self.timeout_s)
                link = await self._connect()
                try:
                    return await self._asked(link, secret)
                finally:
                    link.writer.transport.abort()
                    with contextlib.suppress(OSError):
                        await link.writer.wait_closed()
        except Garbled as error:
            what = "does this port speak Redis, and is `tls` as the server has it?"
            raise SourceError("protocol", safe(f"{self._at}: {error}"), what) from error
        except (OSError, EOFError, UnicodeError) as error:
            self._trusting = None  # the authority may have been replaced as well
            fault = of_error(error, str(self._at), self.timeout_s)
            raise SourceError(fault.kind, fault.message, fault.remedy) from error

    async def close(self) -> None:
        """Every connection ends with its poll."""

    async def _connect(self) -> _Link:
        if self._spec.tls and self._trusting is None:
            self._trusting = await asyncio.to_thread(trusted_by, self._spec.ca_file)
        started = self._clock.mono()
        reader, writer = await asyncio.open_connection(self._at.host, self._at.port, ssl=self._trusting)
        return _Link(reader, writer, self._clock.mono() - started)

    async def _asked(self, link: _Link, secret: str) -> RedisValues:
        if secret:
            await self._ask(link, "AUTH", *([self._spec.user] if self._spec.user else []), secret)
        started = self._clock.mono()
        await self._ask(link, "PING")
        took = self._clock.mono() - started
        try:
            told: str | Fault = await self._ask(link, "INFO")
        except SourceError as error:
            told = error.fault
        return redis_info.values(str(self._at), told, link.took_s, took, self._spec.replicas)

    async def _ask(self, link: _Link, *words: str) -> str:
        """SourceError when the server refuses, in its words, which never hold ours."""
        link.writer.write(request(*words))
        await link.writer.drain()
        found = await answer(link.reader)
        if not isinstance(found, Refused):
            return found
        kind, remedy = _REFUSALS.get(found.code, ("error", "see the server's own log"))
        if "max number of clients" in found.text:
            kind, remedy = "limit", "raise `maxclients`, or find who holds the connections: CLIENT LIST"
        said = safe(f"{self._at}: {words[0]}: {found.text}", 300)
        raise SourceError(kind, said, remedy)  # type: ignore[arg-type]
