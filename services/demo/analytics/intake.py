"""The intake of analytics-etl: something arrives, and becomes a job."""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg

from services.demo.analytics.journal import WARNING, Journal
from services.demo.lifeline import ready, settings
from services.demo.link import Link

EVERY_S = 0.8
_ARRIVED = (
    "INSERT INTO jobs (engine) SELECT name FROM engines WHERE enabled ORDER BY random() LIMIT 1 RETURNING id, engine"
)


def main(told: dict[str, Any]) -> None:
    link, journal = Link(told["dsn"], "app-intake"), Journal(told["journal"], "app-intake")
    ready(pid=os.getpid())
    journal.say("intake: watching for files")
    while True:
        time.sleep(EVERY_S)
        try:
            for job in link.rows(_ARRIVED):
                journal.say(f"intake: file for {job['engine']}, job {job['id']}")
        except psycopg.Error as error:
            journal.say(f"intake: database: {type(error).__name__}", WARNING)


if __name__ == "__main__":
    main(settings())
