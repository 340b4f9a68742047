"""Whether something takes connections, and how long that takes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from services.address import Address, address
from services.clock import Clock
from services.errors import SourceError
from services.profile import TcpSource
from services.readings import HealthCheck, HealthValues
from services.sources.dial_faults import of_error

if TYPE_CHECKING:
    from services.sources import Parts


def make(name: str, spec: TcpSource, parts: Parts) -> Ports:
    return Ports(name, spec, parts.clock)


class Ports:
    """A connection that is taken proves a listener, not a service: a full backlog and a proxy take them as well."""

    def __init__(self, name: str, spec: TcpSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._addresses = tuple(map(address, spec.addresses))
        self._clock = clock

    async def fetch(self) -> HealthValues:
        """SourceError only when no address takes a connection; otherwise each carries its own fault."""
        checks = await asyncio.gather(*map(self._check, self._addresses))
        if all(not check.ok for check in checks):
            first = checks[0].fault
            assert first is not None
            more = f" (and {len(checks) - 1} more, the same way or another)" if len(checks) > 1 else ""
            raise SourceError(first.kind, f"{first.message}{more}", first.remedy)
        return HealthValues("tcp", tuple(checks))

    async def close(self) -> None:
        """Every connection ends with its check."""

    async def _check(self, at: Address) -> HealthCheck:
        started = self._clock.mono()
        try:
            async with asyncio.timeout(self.timeout_s):
                _, writer = await asyncio.open_connection(at.host, at.port)
        except (OSError, UnicodeError) as error:  # TimeoutError is one; UnicodeError: a label that no name can have
            return HealthCheck(str(at), False, None, None, fault=of_error(error, str(at), self.timeout_s))
        took = self._clock.mono() - started
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return HealthCheck(str(at), True, None, took)
