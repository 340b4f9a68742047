"""The demo's worker: claims processing jobs, has documents read by the OCR provider, and says that it lives."""

from __future__ import annotations

import http.client
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from services.demo import lifeline
from services.demo.jobsheet.pipeline import Failure, Job, beat, claim, close, take_up
from services.demo.jobsheet.provider import KEY
from services.demo.link import Link
from services.demo.logbook import Logbook

WORKER = "worker-1"
AT_ONCE = 8
PAUSE_S = 0.2
BEAT_S = 2.0
AWAY_S = 0.5
OCR_TIMEOUT_S = 1.0
_CODES = {401: "OCR_KEY_REFUSED", 429: "OCR_RATE_LIMITED"}


@dataclass
class Reading:
    """The provider's side of a job."""

    port: int

    def failure(self, document: int) -> Failure | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=OCR_TIMEOUT_S)
        try:
            connection.request("POST", "/v1/ocr", f'{{"document": {document}}}', {"Authorization": f"Bearer {KEY}"})
            status = connection.getresponse().status
        except TimeoutError:
            return Failure("OCR_TIMEOUT", f"no answer within {OCR_TIMEOUT_S:g} s")
        except (OSError, http.client.HTTPException) as error:
            return Failure("OCR_UNAVAILABLE", type(error).__name__)
        finally:
            connection.close()
        return (
            None if status == 200 else Failure(_CODES.get(status, "OCR_UNAVAILABLE"), f"the provider answered {status}")
        )


@dataclass
class Worker:
    link: Link
    reading: Reading
    log: Logbook
    beaten_at: float = 0.0

    def turn(self) -> bool:
        """Whether there was anything to do."""
        if time.monotonic() - self.beaten_at >= BEAT_S:
            beat(self.link, WORKER)
            self.beaten_at = time.monotonic()
        jobs = claim(self.link, WORKER, AT_ONCE)
        for job in jobs:
            self.work(job)
        return bool(jobs)

    def work(self, job: Job) -> None:
        failure = self.reading.failure(job.document) if job.type == "ocr" else None
        close(self.link, WORKER, job, failure)
        if failure:
            said = f"{job.type} of document {job.document}: {failure.code}: {failure.message}"
            self.log.line("error", said, attempt=job.attempts)


def main() -> None:
    told = lifeline.settings()
    home = Path(told["home"])
    worker = Worker(
        Link(told["dsn"], "jobsheet-worker"), Reading(told["provider"]), Logbook(home / "log" / "worker.log")
    )
    take_up(worker.link, WORKER)
    (home / "worker.pid").write_text(str(os.getpid()))
    lifeline.ready()
    while True:
        try:
            busy = worker.turn()
        except psycopg.Error as error:
            worker.log.line("error", f"{type(error).__name__}: the database does not take it")
            time.sleep(AWAY_S)
            take_up_if_possible(worker)
        else:
            time.sleep(0.01 if busy else PAUSE_S)


def take_up_if_possible(worker: Worker) -> None:
    try:
        take_up(worker.link, WORKER)
    except psycopg.Error:
        worker.log.line("error", "the database is still away")


if __name__ == "__main__":
    main()
