"""The background jobs: put into the table, claimed and worked off by threads that stand for the pods of the workers."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from services.demo.link import Link

KINDS = ("import", "thumbnail", "notify", "reindex")
TAKES_S = 0.6
IDLE_S = 0.3
FAILS = 0.002  # of the jobs
EACH_TURN = 2

_CLAIM = """
UPDATE background_jobs SET state = 'working', attempts = attempts + 1, claimed_at = now(), claimed_by = %(worker)s,
       started_at = now()
 WHERE id = (SELECT id FROM background_jobs j
              WHERE state IN ('queued', 'retry') AND due_at <= now()
                AND NOT EXISTS (SELECT 1 FROM app_flags f WHERE f.name = 'jobs.' || j.kind AND NOT f.enabled
                                   AND (f.expires_at IS NULL OR f.expires_at > now()))
              ORDER BY priority DESC, due_at, id FOR UPDATE SKIP LOCKED LIMIT 1)
 RETURNING id
"""
_SEEN = """INSERT INTO job_workers (id) VALUES (%(worker)s)
           ON CONFLICT (id) DO UPDATE SET seen_at = now() RETURNING id"""
_DONE = """
UPDATE background_jobs SET state = %(state)s, ended_at = now(), claimed_at = NULL, claimed_by = NULL,
       error_code = %(code)s, error = %(error)s
 WHERE id = %(id)s AND claimed_by = %(worker)s
"""
_PUT = "INSERT INTO background_jobs (kind, payload) SELECT %(kind)s, '{}' FROM generate_series(1, %(count)s)"


def put(link: Link, kind: str, count: int = 1) -> None:
    link.rows(_PUT, kind=kind, count=count)


@dataclass
class Import:
    """A gallery that somebody brings along: while it goes on, more thumbnails than two workers make."""

    link: Link
    going: bool = False

    def go_on(self) -> None:
        if self.going:
            put(self.link, "thumbnail", EACH_TURN)


@dataclass
class Workers:
    """As many threads as there are pods; each ends after the job that it is at."""

    dsn: str
    stopped: threading.Event
    _ends: list[threading.Event] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _one: threading.Lock = field(default_factory=threading.Lock)

    def scale(self, count: int) -> None:
        with self._one:
            while len(self._ends) > count:
                self._ends.pop().set()
            while len(self._ends) < count:
                self._ends.append(ended := threading.Event())
                name = f"workers-{next(self._numbers)}"
                threading.Thread(target=self._work, args=(name, ended), daemon=True).start()

    def _work(self, name: str, ended: threading.Event) -> None:
        link = Link(self.dsn, f"treazr-{name}")
        with contextlib.closing(link):
            while not ended.is_set() and not self.stopped.is_set():
                found = False
                with contextlib.suppress(psycopg.Error):  # the database is away, or has no connection left
                    found = self._job(link, name)
                if not found:
                    self.stopped.wait(IDLE_S)

    def _job(self, link: Link, name: str) -> bool:
        """Whether there was one."""
        link.rows(_SEEN, worker=name)
        claimed = link.rows(_CLAIM, worker=name)
        for row in claimed:
            self.stopped.wait(TAKES_S * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            failed = random.random() < FAILS  # noqa: S311
            told = ("failed", "PAYLOAD_INVALID", "the payload names a file that is no image") if failed else None
            state, code, error = told or ("done", None, None)
            link.rows(_DONE, id=row["id"], worker=name, state=state, code=code, error=error)
        return bool(claimed)
