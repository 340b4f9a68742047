"""A bucket's settings, what multipart uploads left behind in it, and whether backups and archived WAL keep arriving."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.clock import Clock
from services.errors import SourceError
from services.profile import BucketSource
from services.readings import Arrival, AtLeast, BucketValues, Fault, Figure, Setting
from services.sources.s3_arrivals import Arriving
from services.sources.s3_asking import Asking
from services.sources.s3_faults import unknown
from services.sources.s3_settings import QUESTIONS, Question, Settings
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

SPARE = 2  # threads for calls of the last poll that hang


def make(name: str, spec: BucketSource, parts: Parts) -> BucketState:
    return BucketState(name, spec, parts.clock)


class BucketState:
    """What cannot be told is unknown with its reason; the source fails only when the store told nothing at all."""

    def __init__(self, name: str, spec: BucketSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._clock = clock
        self._settings = Settings(spec, clock)
        self._arriving = tuple(Arriving(name, expected) for name, expected in spec.arrivals.items())
        threads = len(QUESTIONS) + 1 + len(self._arriving) + SPARE
        self._asking = Asking(name, self._settings, spec.timeout, threads)

    async def fetch(self) -> BucketValues:
        await self._asking.begin()
        leftovers, settings, arrivals = await asyncio.gather(
            self._asking.probe(self._settings.leftovers),
            asyncio.gather(*(self._setting(question) for question in QUESTIONS)),
            asyncio.gather(*(self._listed(arriving) for arriving in self._arriving)),
        )
        faults = [found for found in (*settings, leftovers, *arrivals) if isinstance(found, Fault)]
        if len(faults) == len(settings) + 1 + len(arrivals):
            raise SourceError(faults[0].kind, faults[0].message, faults[0].remedy)
        count, age = self._left(leftovers)
        return BucketValues(
            endpoint=safe(self._spec.endpoint or "AWS", 200),
            bucket=safe(self._spec.bucket, 100),
            settings=tuple(map(_setting, QUESTIONS, settings)),
            leftovers=count,
            leftovers_age_s=age,
            arrivals=tuple(map(self._arrival, self._arriving, arrivals)),
        )

    async def close(self) -> None:
        self._settings.close()

    async def _setting(self, question: Question) -> Setting | Fault:
        return await self._asking.probe(lambda: self._settings.setting(question))

    async def _listed(self, arriving: Arriving) -> Fault | None:
        """Feeds it with as many pages as a poll may ask for; what is not reached now is by the next poll."""
        arriving.begin()
        token, after = "", arriving.after
        for _ in range(self._spec.list_calls):
            page = await self._asking.probe(
                lambda token=token: self._settings.page(prefix=arriving.prefix, token=token, after=after)  # type: ignore[misc]
            )
            if isinstance(page, Fault):
                if not token or page.kind != "timeout":
                    return page
                break  # the time is up: it has come some way
            arriving.feed(page)
            token = page.token
            if not token:
                break
        arriving.end(reached=not token)
        return None

    def _left(self, found: tuple[int | AtLeast, float | None] | Fault) -> tuple[Figure, Figure]:
        if isinstance(found, Fault):
            return unknown(found), unknown(found)
        count, begun = found
        age = max(0.0, self._clock.wall() - begun) if begun is not None else 0.0
        return count, AtLeast(int(age)) if isinstance(count, AtLeast) else age  # others may be older

    def _arrival(self, arriving: Arriving, fault: Fault | None) -> Arrival:
        return arriving.values(self._clock.wall(), fault)


def _setting(question: Question, found: Setting | Fault) -> Setting:
    if isinstance(found, Setting):
        return found
    said = unknown(found)
    return Setting(question.name, "not permitted" if said.why == "not permitted" else "failed", said.detail)
