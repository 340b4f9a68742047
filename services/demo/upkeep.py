"""The loops that keep a running stack alive: uploads, reapers, dumps, and the watch over scenarios and workers."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable

import psycopg

from services.demo import backups
from services.demo.ingest import PACE_S, upload
from services.demo.link import Link
from services.demo.objects import Objects, StorageError
from services.demo.queue import faults
from services.demo.reaper import (
    BROKEN,
    RETENTION_BROKEN,
    RETENTION_EVERY_S,
    STALE_EVERY_S,
    fail_retention,
    reap_expired,
    reap_locks,
)
from services.demo.work import PARSER_BAD, parser_version


def every(seconds: Callable[[], float], work: Callable[[], None], stopped: threading.Event) -> threading.Thread:
    """Does `work` again and again in a thread of its own; a database that is away or out of order is waited for."""

    def turn() -> None:
        while not stopped.wait(seconds()):
            with contextlib.suppress(psycopg.Error):  # the server's log has it; the link opens itself again
                work()

    thread = threading.Thread(target=turn, daemon=True)
    thread.start()
    return thread


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


def dumps(s3: str, bucket: str, stopped: threading.Event) -> None:
    objects = Objects(s3, bucket)

    def one() -> None:
        with contextlib.suppress(StorageError):  # a backup that fails is what an alert is for
            backups.dump(objects)

    every(lambda: backups.DAY_S, one, stopped)
