"""Object storage: reachability, canary latencies, the newest object, sizes by a walk, the share of failed probes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.clock import Clock
from services.errors import SourceError
from services.profile import S3Source
from services.readings import NO_DATA_YET, NOT_CONFIGURED, AtLeast, Fault, Figure, StorageValues, Unknown
from services.sources.s3_asking import Asking
from services.sources.s3_bucket import Bucket
from services.sources.s3_faults import unknown
from services.sources.s3_probes import Probes
from services.sources.s3_walk import Newest, Walk
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

THREADS = 6  # head, read, write and list at the same time, and two that hang
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
        self._bucket = Bucket(spec, clock)
        self._asking = Asking(name, self._bucket, spec.timeout, THREADS)
        self._walk = Walk(spec.prefixes, spec.walk_every)
        self._newest = Newest(spec.prefixes[0] if spec.prefixes else "")
        # reads of the canary have counts of their own: the others return nothing of a known size
        self._reads, self._writes, self._canary = (Probes(clock, spec.timeout, spec.window) for _ in range(3))
        self._walk_fault: Fault | None = None  # why the walk did not get on at its last call
        self._polled = False

    async def fetch(self) -> StorageValues:
        await self._asking.begin()
        head, read, write, listed = await asyncio.gather(
            self._asking.probe(self._bucket.head), self._read(), self._write(), self._list()
        )
        if isinstance(read, Fault) and read.kind == "missing" and isinstance(write, float):
            read = await self._asking.probe(self._bucket.read_canary)  # it was written just now, for the first time
        for result in (head, read, listed):
            self._reads.add(result)
        self._canary.add(read)
        self._writes.add(write)
        if isinstance(head, Fault) and not any(isinstance(r, float) for r in (read, write, listed)):
            raise SourceError(head.kind, head.message, head.remedy)
        return self._values(head, read, write, listed)

    async def close(self) -> None:
        self._bucket.close()

    # -- the probes ---------------------------------------------------------------------------------------------------

    async def _read(self) -> float | Fault | Unknown:
        return await self._asking.probe(self._bucket.read_canary) if self._spec.canary else NOT_CONFIGURED

    async def _write(self) -> float | Fault | Unknown:
        if not (self._spec.canary and self._spec.canary_write):
            return NOT_CONFIGURED
        if self._bucket.versioned:
            return Unknown("not configured", "the bucket keeps versions: every write of the canary would stay")
        return await self._asking.probe(self._bucket.write_canary)

    async def _list(self) -> float | Fault:
        """What is new under the first prefix, then some more of the walk. Seconds it took."""
        started = self._clock.mono()
        newest = self._newest
        page = await self._asking.probe(
            lambda: self._bucket.page(prefix=newest.prefix, after=newest.after, keys=NEWEST_KEYS)
        )
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
            page = await self._asking.probe(lambda token=token: self._bucket.page(token=token))  # type: ignore[misc]
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
            read_errors=self._reads.failed(),
            write_errors=self._writes.failed(),
            prefixes=tuple((safe(p, 200), count, size) for p, count, size in totals.prefixes) if totals else (),
            recent_reads=self._reads.count(self._spec.window),
            recent_writes=self._writes.count(self._spec.window),
            recent_read_errors=self._reads.failed(self._spec.window),
            recent_write_errors=self._writes.failed(self._spec.window),
            read_p50_s=self._canary.took(0.5),
            read_p95_s=self._canary.took(0.95),
            write_p50_s=self._writes.took(0.5),
            write_p95_s=self._writes.took(0.95),
            canary_bytes_per_s=self._canary.per_second(self._bucket.canary_bytes),
            growth_bytes_per_day=self._walk.growth,
            window_s=self._spec.window,
            capacity_bytes=self._spec.capacity or NOT_CONFIGURED,
        )

    def _uncounted(self, listed: object) -> Unknown:
        if not self._spec.walk_calls:
            return Unknown("not configured", "walk_calls is 0")
        if fault := listed if isinstance(listed, Fault) else self._walk_fault:
            return unknown(fault)
        return Unknown("no data yet", self._walk.progress)


def _at_least(counted: int) -> AtLeast | None:
    """What a first walk has met by now; nothing would be no figure at all."""
    return AtLeast(counted) if counted else None


def _figure(result: object) -> Figure:
    if isinstance(result, Fault):
        return unknown(result)
    return result if isinstance(result, float | Unknown) else NO_DATA_YET
