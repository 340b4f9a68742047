"""The worker pools: a process each, and who puts another in the place of one that died."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.demo.child import Child
from services.demo.link import Link
from services.demo.mre.pipeline import pool_types
from services.demo.mre.queue import give_back
from services.demo.mre.release import GOOD
from services.demo.site import Site

POOLS = {"ingest": 4, "process": 6, "publish": 3}  # pool -> slots


@dataclass
class Pools:
    site: Site
    release: str = GOOD
    _present: dict[str, tuple[str, Child]] = field(default_factory=dict)  # the worker of each pool
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))  # of workers

    def start(self) -> None:
        for pool in POOLS:
            self._fill(pool)

    def doomed(self, pool: str, types: tuple[str, ...], slots: int) -> tuple[str, Child]:
        """A worker that never finishes what it has claimed."""
        worker, child = self._worker(pool, types, slots, hold=True)
        child.wait_ready()
        return worker, child

    def replace_dead(self) -> None:
        """As a scheduler does: what the dead one held stays locked until the reaper or an operator frees it."""
        for pool in POOLS:
            _, process = self._present[pool]
            if not process.alive and not self.site.stopped.is_set():
                process.stop()  # it is dead: this closes its pipes
                self._fill(pool)

    def roll(self, link: Link, release: str) -> None:
        """Pool by pool another release: the new worker is there before the old one goes, and gives its jobs back."""
        self.release = release
        for pool in POOLS:
            worker, process = self._present[pool]
            self._fill(pool)
            self._present[pool][1].wait_ready()
            process.stop()
            give_back(link, worker)

    def _fill(self, pool: str) -> None:
        self._present[pool] = self._worker(pool, pool_types(pool), POOLS[pool])

    def _worker(self, pool: str, types: tuple[str, ...], slots: int, hold: bool = False) -> tuple[str, Child]:
        """A new process for the pool, and its worker id, which is never used twice."""
        worker = f"{pool}-{next(self._numbers)}"
        told = {"worker": worker, "pool": pool, "types": types, "slots": slots, "hold": hold, "release": self.release}
        return worker, self.site.child(worker, "services.demo.mre.worker", **told, **self.site.common)
