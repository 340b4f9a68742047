"""The orchestrator of analytics-etl: takes one job after the other; at its start it takes up what it had left lying."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any

import psycopg

from services.demo.analytics.journal import WARNING, Journal
from services.demo.lifeline import ready, settings
from services.demo.link import Link

IDLE_S, WORK_S = 0.3, 0.15
_TAKEN_UP = """
UPDATE jobs SET status = 'pending' WHERE status = 'processing' AND created_at > now() - interval '2 hours' RETURNING id
"""
_CLAIMED = """
UPDATE jobs SET status = 'processing' WHERE id = (
    SELECT id FROM jobs WHERE status = 'pending' ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, engine
"""
_ENDED = "UPDATE jobs SET status = %(status)s WHERE id = %(id)s RETURNING id"
FAILING = 97  # one in so many


def main(told: dict[str, Any]) -> None:
    link, journal = Link(told["dsn"], "app-orchestrator"), Journal(told["journal"], "app-orchestrator")
    ready(pid=os.getpid())
    with contextlib.suppress(psycopg.Error):
        left = link.rows(_TAKEN_UP)
        journal.say(f"orchestrator: started, {len(left)} jobs of before taken up again")
    while True:
        try:
            turn(link, journal)
        except psycopg.Error as error:
            journal.say(f"orchestrator: database: {type(error).__name__}", WARNING)
            time.sleep(1.0)


def turn(link: Link, journal: Journal) -> None:
    claimed = link.rows(_CLAIMED)
    if not claimed:
        time.sleep(IDLE_S)
        return
    (job,) = claimed
    time.sleep(WORK_S)
    failed = job["id"] % FAILING == 0
    link.rows(_ENDED, id=job["id"], status="failed" if failed else "completed")
    if failed:
        journal.say(f"orchestrator: job {job['id']} ({job['engine']}) failed: no rows in its input", WARNING)


if __name__ == "__main__":
    main(settings())
