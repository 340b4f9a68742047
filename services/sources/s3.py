"""Object storage: reachability, canary latencies, the newest object, sizes by a walk, the share of failed probes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from services.clock import Clock
from services.errors import SourceError
from services.profile import S3Source
from services.readings import NO_DATA_YET, NOT_CONFIGURED, AtLeast, Fault, Figure, StorageValues, Unknown
from services.sources.s3_bucket import Bucket
from services.sources.s3_walk import Newest, Walk
from services.sources.threads import Threads
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

T = TypeVar("T")

THREADS = 6  # head, read, write and list at the same time, and two that hang
HOUR_S = 3600.0
NEWEST_KEYS = 100  # a page of 1,000 costs 0.15 s of CPU to parse
WALK_SHARE = 0.03  # of the interval may go into walking, so that the poller need not hold the source back


def make(name: str, spec: S3Source, parts: Parts) -> Storage:
    return Storage(name, spec, parts.clock)


class Storage:
    """One bucket. A probe that fails is unknown with its reason; the source fails only when all of them do."""

    def __init__(self, name: str, spec: S3Source, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._clock = clock
        self._threads = Threads(name, THREADS)
        self._bucket = Bucket(spec, clock)
        self._walk = Walk(spec.prefixes, spec.walk_every)
        self._newest = Newest(spec.prefixes[0] if spec.prefixes else "")
        self._reads, self._writes = Shares(clock), Shares(clock)
        self._walk_fault: Fault | None = None  # why the walk did not get on at its last call
        self._polled = False
        self._until = 0.0  # the loop's time at which the poll under way must be over

    async def fetch(self) -> StorageValues:
        self._until = asyncio.get_running_loop().time() + self.timeout_s
        await self._open()
        head, read, write, listed = await asyncio.gather(
            self._probe(self._bucket.head), self._read(), self._write(), self._list()
        )
        if isinstance(read, Fault) and read.kind == "missing" and isinstance(write, float):
            read = await self._probe(self._bucket.read_canary)  # it was written just now, for the first time
        for result in (head, read, listed):
            self._reads.add(result)
        self._writes.add(write)
        if isinstance(head, Fault) and not any(isinstance(r, float) for r in (read, write, listed)):
            raise SourceError(head.kind, head.message, head.remedy)
        return self._values(head, read, write, listed)

    async def close(self) -> None:
        self._bucket.close()

    async def _open(self) -> None:
        try:
            async with asyncio.timeout_at(self._until):
                await self._threads.run(self._bucket.open)
        except TimeoutError:  # the thread goes on, and the next poll finds the client made
            raise SourceError(
                "timeout",
                f"{self._bucket.where}: the driver and its first call were not ready within {self.timeout_s:.3g} s",
                "it is tried again; a slow machine or store needs a longer `timeout`",
            ) from None

    # -- the probes ---------------------------------------------------------------------------------------------------

    async def _probe(self, call: Callable[[], T]) -> T | Fault:
        """The call's result, or why there is none; never later than the poll's end."""
        try:
            async with asyncio.timeout_at(self._until):
                return await self._threads.run(call)
        except SourceError as error:
            return error.fault
        except TimeoutError:
            return Fault(
                "timeout",
                f"{self._bucket.where}: no complete answer within {self.timeout_s:.3g} s",
                "the store hangs or sends drop by drop; a slow one needs a longer `timeout`",
            )

    async def _read(self) -> float | Fault | Unknown:
        return await self._probe(self._bucket.read_canary) if self._spec.canary else NOT_CONFIGURED

    async def _write(self) -> float | Fault | Unknown:
        if not (self._spec.canary and self._spec.canary_write):
            return NOT_CONFIGURED
        if self._bucket.versioned:
            return Unknown("not configured", "the bucket keeps versions: every write of the canary would stay")
        return await self._probe(self._bucket.write_canary)

    async def _list(self) -> float | Fault:
        """What is new under the first prefix, then some more of the walk. Seconds it took."""
        started = self._clock.mono()
        newest = self._newest
        page = await self._probe(lambda: self._bucket.page(prefix=newest.prefix, after=newest.after, keys=NEWEST_KEYS))
        if isinstance(page, Fault):
            return page
        newest.listed(page)
        await self._walk_on(started)
        return self._clock.mono() - started

    async def _walk_on(self, started: float) -> None:
        """At most so many calls, and so much time. The first poll may take longer: `status` has no second one."""
        share = WALK_SHARE * self.interval_s if self._polled else self.timeout_s / 2
        self._polled = True
        for _ in range(self._spec.walk_calls):
            if not self._walk.due(self._clock.mono()):
                return
            token = self._walk.token
            page = await self._probe(lambda token=token: self._bucket.page(token=token))  # type: ignore[misc]
            self._walk_fault = page if isinstance(page, Fault) else None
            if isinstance(page, Fault):
                if page.kind not in ("timeout", "unreachable", "limit"):
                    self._walk.lost()
                return
            self._newest.seen(page.objects)
            self._walk.feed(page, self._clock.mono())
            if self._clock.mono() - started > share:
                return

    # -- what came of it ----------------------------------------------------------------------------------------------

    def _values(self, head: object, read: object, write: object, listed: object) -> StorageValues:
        totals, newest = self._walk.totals, self._newest.found
        uncounted = self._uncounted(listed)
        return StorageValues(
            endpoint=safe(self._spec.endpoint or "AWS", 200),
            bucket=safe(self._spec.bucket, 100),
            reachable=not isinstance(head, Fault),
            canary_read_s=_figure(read),
            canary_write_s=_figure(write),
            newest_key=safe(newest.key, 1024) if newest else "",
            newest_at=newest.at if newest else _figure(listed) if isinstance(listed, Fault) else NO_DATA_YET,
            objects=totals.objects if totals else _at_least(self._walk.objects) or uncounted,
            bytes=totals.bytes if totals else _at_least(self._walk.bytes) or uncounted,
            walk_age_s=self._clock.mono() - totals.ended if totals else uncounted,
            walk_progress=self._walk.progress,
            read_errors=self._reads.share(),
            write_errors=self._writes.share(),
            prefixes=tuple((safe(p, 200), count, size) for p, count, size in totals.prefixes) if totals else (),
        )

    def _uncounted(self, listed: object) -> Unknown:
        if not self._spec.walk_calls:
            return Unknown("not configured", "walk_calls is 0")
        if fault := listed if isinstance(listed, Fault) else self._walk_fault:
            return _unknown(fault)
        return Unknown("no data yet", self._walk.progress)


class Shares:
    """How many of the last hour's probes failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._probes: deque[tuple[float, bool]] = deque()

    def add(self, result: object) -> None:
        """A latency, a fault, or an Unknown where nothing was tried. A missing canary was an answer all the same."""
        if not isinstance(result, Unknown):
            failed = isinstance(result, Fault) and result.kind != "missing"
            self._probes.append((self._clock.mono(), failed))
        while self._probes and self._clock.mono() - self._probes[0][0] > HOUR_S:
            self._probes.popleft()

    def share(self) -> Figure:
        if not self._probes:
            return NOT_CONFIGURED
        return sum(failed for _, failed in self._probes) / len(self._probes)


def _at_least(counted: int) -> AtLeast | None:
    """What a first walk has met by now; nothing would be no figure at all."""
    return AtLeast(counted) if counted else None


def _figure(result: object) -> Figure:
    if isinstance(result, Fault):
        return _unknown(result)
    return result if isinstance(result, float | Unknown) else NO_DATA_YET


def _unknown(fault: Fault) -> Unknown:
    why = "not permitted" if fault.kind == "denied" else "failed"
    return Unknown(why, f"{fault.message}; {fault.remedy}" if fault.remedy else fault.message)  # type: ignore[arg-type]
