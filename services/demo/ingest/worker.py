"""The demo's worker: takes in what was ingested, and says in its log which request it came with."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg

from services.demo import lifeline
from services.demo.link import Link
from services.demo.logbook import Logbook

PAUSE_S = 0.4
BATCH = 10_000  # a backfill brings that many in a second

_PROCESS = """
WITH taken AS (SELECT id FROM events WHERE processed_at IS NULL ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
UPDATE events AS e SET processed_at = now() FROM taken WHERE e.id = taken.id RETURNING e.request_id AS request
"""


def main() -> None:
    told = lifeline.settings()
    link = Link(told["dsn"], "ingest-worker")
    log = Logbook(Path(told["home"], "log", "worker.log"))
    lifeline.ready()
    while True:
        time.sleep(PAUSE_S)
        try:
            done = [row["request"] for row in link.rows(_PROCESS, batch=BATCH)]
        except psycopg.Error as error:
            log.line("error", f"{type(error).__name__}: the database is away")
            continue
        for request in dict.fromkeys(done):
            log.line("info", f"processed {done.count(request)} events", request_id=request)


if __name__ == "__main__":
    main()
