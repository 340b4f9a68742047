"""The worker pools: a process each, and who puts another in the place of one that died."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.demo.child import Child
from services.demo.mre.pipeline import pool_types
from services.demo.site import Site

POOLS = {"ingest": 4, "process": 6, "publish": 3}  # pool -> slots


@dataclass
class Pools:
    site: Site
    _present: dict[str, Child] = field(default_factory=dict)  # the process of each pool
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
            if not self._present[pool].alive and not self.site.stopped.is_set():
                self._present[pool].stop()  # it is dead: this closes its pipes
                self._fill(pool)

    def _fill(self, pool: str) -> None:
        self._present[pool] = self._worker(pool, pool_types(pool), POOLS[pool])[1]

    def _worker(self, pool: str, types: tuple[str, ...], slots: int, hold: bool = False) -> tuple[str, Child]:
        """A new process for the pool, and its worker id, which is never used twice."""
        worker = f"{pool}-{next(self._numbers)}"
        told = {"worker": worker, "pool": pool, "types": types, "slots": slots, "hold": hold}
        return worker, self.site.child(worker, "services.demo.mre.worker", **told, **self.site.common)
