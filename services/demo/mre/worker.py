"""A worker pool: one process that claims jobs for its free slots, works on them, says it lives, and closes them."""

from __future__ import annotations

import heapq
import os
import sys
import time
from dataclasses import dataclass, field

import psycopg

from services.demo import lifeline
from services.demo.link import Link
from services.demo.mre.pipeline import PARSER
from services.demo.mre.queue import Job, claim, finish, heartbeat
from services.demo.mre.release import BAD, pins
from services.demo.mre.work import LAPS_LOST, duration, outcome, parser_version, publish
from services.demo.objects import Objects

POLL_S = 0.4
HEARTBEAT_S = 2.0
RETRY_S = 1.0


@dataclass(order=True)
class Due:
    """A job under way, by when its work is done (monotonic)."""

    at: float
    number: int
    job: Job = field(compare=False)


@dataclass
class Pool:
    worker: str
    pool: str
    types: tuple[str, ...]
    slots: int
    release: str
    hold: bool  # never finishes anything: it is there to be killed
    link: Link
    objects: Objects
    faults: set[str] = field(default_factory=set)
    parser: str = PARSER
    under_way: list[Due] = field(default_factory=list)
    claimed: int = 0
    beaten_at: float = 0.0

    def turn(self, now: float) -> float:
        """One round of everything that is due; how long there is nothing to do after it."""
        if now - self.beaten_at >= HEARTBEAT_S:
            self.beat(now)
        while self.under_way and self.under_way[0].at <= now:
            self.close(self.under_way[0].job)
            heapq.heappop(self.under_way)
        if free := self.slots - len(self.under_way):
            self.take(free, now)
        next_due = self.under_way[0].at - time.monotonic() if self.under_way else POLL_S
        return max(0.01, min(POLL_S, next_due))

    def beat(self, now: float) -> None:
        faults = heartbeat(self.link, self.worker, self.pool, os.getpid(), self.parser, self.release)
        self.faults = faults | ({LAPS_LOST} if self.release == BAD else set())
        self.parser = parser_version(faults, pins(self.link).get("parsers", PARSER))
        self.beaten_at = now

    def take(self, free: int, now: float) -> None:
        for job in claim(self.link, self.worker, self.types, free, self.parser):
            self.claimed += 1
            seconds = float("inf") if self.hold else duration(job, self.faults)
            heapq.heappush(self.under_way, Due(now + seconds, self.claimed, job))

    def close(self, job: Job) -> None:
        failure = outcome(job, self.faults)
        if failure is None and job.type == "publish_session":
            failure = publish(self.link, self.objects, job)
        finish(self.link, self.worker, job, failure)


def main() -> None:
    told = lifeline.settings()
    pool = Pool(
        worker=told["worker"],
        pool=told["pool"],
        types=tuple(told["types"]),
        slots=told["slots"],
        release=told["release"],
        hold=told["hold"],
        link=Link(told["dsn"], f"mre-worker {told['worker']}"),
        objects=Objects(told["s3"], told["bucket"]),
    )
    pool.beat(time.monotonic())
    lifeline.ready(worker=pool.worker)
    while True:
        try:
            time.sleep(pool.turn(time.monotonic()))
        except psycopg.Error as error:
            # away, or somebody tries out a broken schema on the demo: its log says which, and it may come back
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            time.sleep(RETRY_S)


if __name__ == "__main__":
    main()
