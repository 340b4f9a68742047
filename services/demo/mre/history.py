"""A past for the demo: N finished jobs with their attempts, runs and sessions over 30 days, by COPY."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg

from services.demo.mre.pipeline import FAMILIES, MESSAGES, PARSER, STAGES

DAYS = 30
PERMANENT = 0.004  # of jobs; a required stage that fails ends its run
TRANSIENT = 0.02
CANCELLED = 0.002  # of runs
RUNS_AT_ONCE = 2_000

COPIES: dict[str, LiteralString] = {
    "sessions": "COPY sessions (id, owner_user_id, size_class, format_family, status, created_at) FROM STDIN",
    "processing_runs": "COPY processing_runs (id, session_id, owner_user_id, size_class, status, parser_version,"
    " created_at, usable_at, published_at, finished_at) FROM STDIN",
    "jobs": "COPY jobs (id, run_id, owner_user_id, type, state, attempt, created_at, run_at, started_at, finished_at,"
    " last_error_code, last_error_message, payload) FROM STDIN",
    "job_attempts": "COPY job_attempts (id, job_id, attempt, type, worker_id, started_at, finished_at, outcome,"
    " error_code, error_message, parser_version) FROM STDIN",
}
NULL = r"\N"


class Stamps:
    """Timestamps as COPY wants them, from milliseconds: formatting each anew would take most of the time."""

    def __init__(self, begin: float, minutes: int) -> None:
        self.begin_ms = int(begin // 60) * 60_000
        self._minutes = [
            time.strftime("%Y-%m-%d %H:%M:", time.gmtime(self.begin_ms / 1000 + 60 * minute))
            for minute in range(minutes)
        ]
        self._rest = [f"{ms // 1000:02}.{ms % 1000:03}+00" for ms in range(60_000)]

    def __call__(self, ms: int) -> str:
        """`ms` counts from the begin."""
        return self._minutes[ms // 60_000] + self._rest[ms % 60_000]


@dataclass
class Rows:
    """One batch, table -> lines of COPY text."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {table: [] for table in COPIES})

    def add(self, table: str, *values: object) -> None:
        self.lines[table].append("\t".join(map(str, values)))


@dataclass
class Past:
    """Writes one run after the other, oldest first, until there are `jobs` jobs."""

    jobs: int
    stamp: Stamps
    span_ms: int
    dice: random.Random = field(default_factory=lambda: random.Random(8261))  # noqa: S311 - the same past every time
    job: int = 0
    attempt: int = 0
    run: int = 0

    def batches(self) -> Iterator[Rows]:
        while self.job < self.jobs:
            rows = Rows()
            for _ in range(RUNS_AT_ONCE):
                if self.job < self.jobs:
                    self._run(rows)
            yield rows

    def _run(self, rows: Rows) -> None:
        """One session and its run. The last run of all may be cut short: it was cancelled."""
        dice = self.dice
        self.run += 1
        created = now = int(self.span_ms * self.job / self.jobs)
        owner, family = dice.randint(1, 400), dice.choice(FAMILIES)
        size, factor = dice.choice((("S", 1.0), ("S", 1.0), ("M", 1.5), ("L", 2.5)))
        status, usable, published = "succeeded", NULL, NULL
        cancelled_after = dice.randint(1, 5) if dice.random() < CANCELLED else len(STAGES)
        for at, stage in enumerate(STAGES):
            if self.job == self.jobs or at == cancelled_after:
                status = "cancelled"
                break
            code, now = self._job(rows, stage.type, stage.seconds * factor, stage.errors, owner, now, family)
            if code and stage.required:
                status = "failed"
                break
            if code:
                status = "partial"
            if stage.type == "downsample_L1":
                usable = self.stamp(now)
            if stage.type == "publish_session":
                published = self.stamp(now)
        began, ended = self.stamp(created), self.stamp(now)
        rows.add("sessions", self.run, owner, size, family, "archived", began)
        rows.add("processing_runs", self.run, self.run, owner, size, status, PARSER, began, usable, published, ended)

    def _job(
        self, rows: Rows, kind: str, seconds: float, errors: tuple[str, ...], owner: int, now: int, family: str
    ) -> tuple[str, int]:
        """One job with its attempts: the error code it ended in, if any, and when it ended."""
        dice, stamp = self.dice, self.stamp
        self.job += 1
        due = stamp(now)
        chance = dice.random()
        code = dice.choice(errors) if chance < PERMANENT + TRANSIENT else ""
        tries = 1
        if chance >= PERMANENT and code:
            tries, now = 2, self._attempt(rows, kind, 1, seconds, now, code, "retry") + 2000
        failed = chance < PERMANENT
        started = stamp(now + 120)
        now = self._attempt(
            rows, kind, tries, seconds, now, code if failed else "", "failed" if failed else "succeeded"
        )
        payload = f'{{"artifact": "raw/{self.run}.{family}"}}' if kind == STAGES[0].type else "{}"
        state, error, message = ("failed" if failed else "succeeded"), code or NULL, MESSAGES.get(code, NULL)
        rows.add(
            "jobs",
            self.job,
            self.run,
            owner,
            kind,
            state,
            tries,
            due,
            due,
            started,
            stamp(now),
            error,
            message,
            payload,
        )
        return (code if failed else ""), now + 10

    def _attempt(self, rows: Rows, kind: str, number: int, seconds: float, now: int, code: str, outcome: str) -> int:
        self.attempt += 1
        began = now + 120
        ended = began + int(seconds * self.dice.uniform(600, 1600))
        worker = f"{kind[:3]}-{self.attempt % 4}"
        rows.add(
            "job_attempts", self.attempt, self.job, number, kind, worker, self.stamp(began), self.stamp(ended), outcome,
            code or NULL, MESSAGES.get(code, NULL), PARSER,
        )  # fmt: skip
        return ended


def fill(connection: psycopg.Connection[tuple[object, ...]], jobs: int, say: Callable[[str], None]) -> None:
    """Fills empty tables with `jobs` jobs, and lets new ids continue after them. Build the indexes afterwards."""
    end = time.time() - 120  # the oldest minutes of the console's window are left to the living stack
    stamp = Stamps(end - DAYS * 86_400, DAYS * 1440 + 10)
    past = Past(jobs, stamp, DAYS * 86_400_000)
    said = time.monotonic()
    for rows in past.batches():
        for table, lines in rows.lines.items():
            with connection.cursor().copy(COPIES[table]) as copy:
                copy.write("\n".join(lines) + "\n")
        if time.monotonic() - said > 1:
            said = time.monotonic()
            say(f"history: {past.job:,} of {jobs:,} jobs")
    for table in COPIES:
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
