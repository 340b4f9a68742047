"""The system "jobsheet-qa" as the demo brings it up: application, worker, provider, OAuth server, backups, users."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, ClassVar

import psycopg

from services.demo.child import Child
from services.demo.every import every
from services.demo.jobsheet.api import CLOCK
from services.demo.jobsheet.clients import Clients
from services.demo.jobsheet.machine import CHRONYC, SYSTEMCTL
from services.demo.jobsheet.provider import KEY, MOOD
from services.demo.jobsheet.scenarios import SCENARIOS, Means
from services.demo.jobsheet.users import work
from services.demo.link import Link
from services.demo.logbook import line
from services.demo.objects import Objects
from services.demo.system import System

LOOK_S = 0.2
DAY_S = 86_400.0
DUMPS = 14
FRESH_S = 3_600.0  # how old the newest dump is
OLD_LOGS_S = 40 * DAY_S


class Jobsheet(System):
    name = "jobsheet-qa"
    database = "jobsheet"
    bucket = "jobsheet"
    scenarios = SCENARIOS
    drills: ClassVar[Mapping[str, str]] = {"p1-incident": "worker-stuck", "troubleshooting": "clock-skew"}

    def fill(self, owner: psycopg.Connection[Any]) -> None:
        owner.execute((resources.files("services.demo.jobsheet") / "schema.sql").read_text())

    def start(self) -> None:
        self.home = self.site.folder / "home"
        (self.home / "log").mkdir(parents=True)
        (self.home / MOOD).write_text("fine")
        (self.home / CLOCK).write_text("0")
        self._provider = self.site.child("provider", "services.demo.jobsheet.provider", home=str(self.home))
        self._oauth = self.site.child("oauth", "services.demo.jobsheet.oauth")
        self._api = self.site.child("app", "services.demo.jobsheet.api", home=str(self.home), **self.site.common)
        for name, text in (("systemctl", SYSTEMCTL), ("chronyc", CHRONYC)):
            self.site.program(name, text.replace("@HOME@", str(self.home)))
        self._leave_old_logs()
        self._back_up()

    def begin(self) -> Means:
        self._ocr, self._login, self.api = map(_address, (self._provider, self._oauth, self._api))
        self._start_worker()
        every(lambda: LOOK_S, self._supervise, self.site.stopped)
        threading.Thread(target=work, args=(self.api, self._login, self.site.stopped), daemon=True).start()
        return Means(self.home, Link(self.site.dsn, "demo"), Clients(self.site.dsn), lambda: self._worker.pid)

    def addresses(self) -> Mapping[str, str]:
        return {
            "JOBSHEET_ENVIRONMENT": "demo",
            "JOBSHEET_SYSTEM_IDENTIFIER": self.site.identifier,
            "JOBSHEET_DSN": self.site.console_dsn,
            "JOBSHEET_API": self.api,
            "JOBSHEET_CDN": self.api,
            "JOBSHEET_OCR": self._ocr,
            "JOBSHEET_OCR_KEY": KEY,
            "JOBSHEET_OAUTH": self._login,
            "JOBSHEET_S3": self.site.s3,
            "JOBSHEET_BUCKET": self.bucket,
            "JOBSHEET_S3_CREDENTIALS": self.site.credentials,
            "JOBSHEET_LOGS": str(self.home / "log"),
        }

    def _start_worker(self) -> None:
        port = int(self._ocr.rpartition(":")[2])
        told = {"dsn": self.site.dsn, "home": str(self.home), "provider": port}
        self._worker = self.site.child("worker", "services.demo.jobsheet.worker", **told)

    def _supervise(self) -> None:
        """As its supervisor does: a worker that has ended is started again, under the same name."""
        if not self._worker.alive and not self.site.stopped.is_set():
            self._worker.stop()  # it is dead: this closes its pipes
            self._start_worker()

    def _leave_old_logs(self) -> None:
        """Rotated, and forgotten."""
        for number in range(3):
            path = self.home / "log" / f"app-{number}.log"
            then = datetime.now(UTC) - timedelta(seconds=OLD_LOGS_S + number * DAY_S)
            path.write_text(line(then, "info", "GET / 200") * 1000)
            os.utime(path, (then.timestamp(), then.timestamp()))

    def _back_up(self) -> None:
        """Two weeks of daily dumps."""
        ages = {}
        with contextlib.closing(Objects(self.site.s3, self.bucket)) as bucket:
            for day in range(DUMPS):
                age = FRESH_S + day * DAY_S
                key = time.strftime("backups/jobsheet-%Y-%m-%d.dump", time.gmtime(time.time() - age))
                bucket.put(key, b"\0" * (30_000 - 200 * day))
                ages[key] = age
        self.site.age(ages)


def _address(child: Child) -> str:
    return f"http://127.0.0.1:{child.wait_ready()['port']}"
