"""The backups of the last weeks in their bucket, the canary of the other cluster, and new ones while the demo runs."""

from __future__ import annotations

import contextlib
import time

from services.demo.objects import Objects, StorageError
from services.demo.site import Site

DR_BUCKET = "treazr-assets-dr"
HOUR_S, DAY_S = 3_600.0, 86_400.0
FRESH_S = 1_200.0  # how old the newest of each kind is when the demo starts
DUMPS, BASES, SEGMENTS, CANARIES = 30, 4, 24, 7


def seed(site: Site) -> None:
    with contextlib.closing(Objects(site.s3, site.bucket)) as backups:
        ages = {}
        for key, size, age in _past():
            backups.put(key, b"\0" * size)
            ages[key] = age
        site.age(ages)
    with contextlib.closing(Objects(site.s3, DR_BUCKET)) as copies:
        copies.put("", b"")  # creates it
        canaries = {f"replication-canary/{_day(day)}": FRESH_S + day * DAY_S for day in range(CANARIES)}
        for key in canaries:
            copies.put(key, b"canary")
        site.age(canaries, DR_BUCKET)


def _past() -> list[tuple[str, int, float]]:
    """Key, size, age."""
    dumps = [(f"dumps/treazr-{_day(day)}.dump", 20_000 - 100 * day, FRESH_S + day * DAY_S) for day in range(DUMPS)]
    bases = [(f"base/{_day(7 * week)}.tar", 60_000, FRESH_S + 7 * week * DAY_S) for week in range(BASES)]
    segments = [(_segment(-hour), 1_600, FRESH_S + hour * HOUR_S) for hour in range(SEGMENTS)]
    return [*dumps, *bases, *segments]


def _day(ago: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - FRESH_S - ago * DAY_S))


def _segment(number: int) -> str:
    return f"wal/0000000100000002{0x80 + number:08X}"


class Archive:
    """WAL, a segment now and then, for as long as the demo runs."""

    def __init__(self, site: Site) -> None:
        self._objects = Objects(site.s3, site.bucket)
        self._number = 0

    def next(self) -> None:
        self._number += 1
        with contextlib.suppress(StorageError):  # one that does not arrive is what an alert is for
            self._objects.put(_segment(self._number), b"\0" * 1_600)
