"""The loops that keep the running system alive: uploads, reapers, dumps."""

from __future__ import annotations

import contextlib
import random
import threading
import time

from services.demo.every import every
from services.demo.link import Link
from services.demo.mre.backups import DAY_S, Nightly
from services.demo.mre.ingest import PACE_S, upload
from services.demo.mre.queue import faults
from services.demo.mre.reaper import (
    BROKEN,
    RETENTION_BROKEN,
    RETENTION_EVERY_S,
    STALE_EVERY_S,
    fail_retention,
    reap_expired,
    reap_locks,
)
from services.demo.mre.work import PARSER_BAD, parser_version
from services.demo.objects import Objects, StorageError


def uploads(dsn: str, s3: str, bucket: str, stopped: threading.Event) -> None:
    link, objects = Link(dsn, "mre-ingest"), Objects(s3, bucket)

    def one() -> None:
        now = faults(link)
        upload(link, objects, "gpx" if PARSER_BAD in now and random.random() < 0.6 else None, parser_version(now))  # noqa: S311

    every(lambda: PACE_S * random.uniform(0.5, 1.5), one, stopped)  # noqa: S311


def reapers(dsn: str, s3: str, bucket: str, stopped: threading.Event) -> None:
    link, objects = Link(dsn, "mre-scheduler"), Objects(s3, bucket)
    deleted_at = time.monotonic()

    def round_of_both() -> None:
        nonlocal deleted_at
        now = faults(link)
        reap_locks(link, BROKEN in now)
        if time.monotonic() - deleted_at >= RETENTION_EVERY_S:
            deleted_at = time.monotonic()
            if RETENTION_BROKEN in now:
                fail_retention(link)
            else:
                reap_expired(link, objects)

    round_of_both()  # so that both kinds have a first run to show
    reap_expired(link, objects)
    every(lambda: STALE_EVERY_S, round_of_both, stopped)


def dumps(nightly: Nightly, stopped: threading.Event) -> None:
    def one() -> None:
        with contextlib.suppress(StorageError):  # a backup that fails is what an alert is for
            nightly.run()

    every(lambda: DAY_S, one, stopped)
