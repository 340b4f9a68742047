"""The clocks of servers against each other, by the Date that HTTP answers carry.

A Date has whole seconds, and an answer takes a while: what is told is by how much clocks are off for certain, and 0
where they may agree.
"""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from services.clock import Clock
from services.errors import SourceError
from services.profile.sources.clocks import ClocksSource
from services.readings import Fault, Figure, NamedFigure, NamedValues, Unknown
from services.sources.http_client import HttpClient
from services.sources.http_faults import of_error
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

_MAX_BYTES = 4096  # of the answer only its head is of interest
_STEP_S = 1.0  # of a Date


class Offset(NamedTuple):
    """How far a server's clock is ahead of ours: at least, and at most."""

    least: float
    most: float

    @property
    def certain(self) -> float:
        return self.least if self.least > 0 else min(self.most, 0.0)


def make(name: str, spec: ClocksSource, parts: Parts) -> Clocks:
    return Clocks(name, spec, parts.clock)


class Clocks:
    def __init__(self, name: str, spec: ClocksSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._clock = clock
        self._clients = {
            server: HttpClient(of.url, {}, spec.timeout, _MAX_BYTES) for server, of in spec.servers.items()
        }

    async def fetch(self) -> NamedValues:
        """SourceError when no server tells the time; one that does not is unknown, and so is then the spread."""
        names = list(self._clients)
        found = dict(zip(names, await asyncio.gather(*map(self._ask, names)), strict=True))
        faults = [each for each in found.values() if isinstance(each, Fault)]
        if len(faults) == len(found):
            raise SourceError(faults[0].kind, faults[0].message, faults[0].remedy)
        figures = [NamedFigure("spread_s", _spread(found), "s", note="between the clocks that differ most")]
        for name, each in found.items():
            value: Figure = Unknown("failed", each.message) if isinstance(each, Fault) else each.certain
            figures.append(NamedFigure("offset_s", value, "s", (("server", safe(name)),), "against this machine"))
        return NamedValues(safe(", ".join(names), 300), tuple(figures))

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self._clients.values()))

    async def _ask(self, name: str) -> Offset | Fault:
        client = self._clients[name]
        began = self._clock.wall()
        try:
            body = await client.get()
        except Exception as error:  # a driver's error of any kind says that there is no answer
            return of_error(error, client.where(""), self.timeout_s)
        ended = self._clock.wall()
        try:
            told = parsedate_to_datetime(body.date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return Fault("protocol", f"{client.where('')}: its answer has no Date", "ask another address of the server")
        return Offset(told - ended, told + _STEP_S - began)


def _spread(found: dict[str, Offset | Fault]) -> Figure:
    offsets = []
    for name, each in found.items():
        if isinstance(each, Fault):
            return Unknown("failed", f"{safe(name)}: {each.message}")
        offsets.append(each)
    return max(0.0, max(each.least for each in offsets) - min(each.most for each in offsets))
