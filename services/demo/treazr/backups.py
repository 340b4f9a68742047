"""What is in the buckets: the backups of the last weeks, the canary of the other cluster, and some assets."""

from __future__ import annotations

import contextlib
import time

from services.demo.dumping import dsn, dumped
from services.demo.objects import Objects, StorageError
from services.demo.s3 import CANARY
from services.demo.site import Site

ASSETS, DR_BUCKET = "treazr-assets", "treazr-assets-dr"
HOUR_S, DAY_S = 3_600.0, 86_400.0
FRESH_S = 1_200.0  # how old the newest of each kind is when the demo starts
DUMPS, BASES, SEGMENTS, CANARIES, UPLOADS = 30, 4, 24, 7, 12


def seed(site: Site) -> None:
    with contextlib.closing(Objects(site.s3, site.bucket)) as backups:
        ages = {}
        for key, body, age in _past(dumped(dsn(site))):
            backups.put(key, body)
            ages[key] = age
        site.age(ages)
    with contextlib.closing(Objects(site.s3, ASSETS)) as assets:
        assets.put("", b"")  # creates it
        for key in (CANARY, *(f"uploads/{number}.jpg" for number in range(UPLOADS))):
            assets.put(key, b"\0" * 2_000)
    with contextlib.closing(Objects(site.s3, DR_BUCKET)) as copies:
        copies.put("", b"")  # creates it
        canaries = {f"replication-canary/{_day(day)}": FRESH_S + day * DAY_S for day in range(CANARIES)}
        for key in canaries:
            copies.put(key, b"canary")
        site.age(canaries, DR_BUCKET)


def _past(dump: bytes) -> list[tuple[str, bytes, float]]:
    """Key, content, age. Dumps are real; base backups and WAL are as large as they would be, and empty."""
    dumps = [(f"dumps/treazr-{_day(day)}.dump", dump, FRESH_S + day * DAY_S) for day in range(DUMPS)]
    bases = [(f"base/{_day(7 * week)}.tar", b"\0" * 60_000, FRESH_S + 7 * week * DAY_S) for week in range(BASES)]
    segments = [(_segment(-hour), b"\0" * 1_600, FRESH_S + hour * HOUR_S) for hour in range(SEGMENTS)]
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
