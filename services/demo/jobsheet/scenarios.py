"""What can go wrong with Job Sheet QA: its provider, its worker, its database, its clocks."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from services.demo.jobsheet.api import CLOCK
from services.demo.jobsheet.clients import Clients
from services.demo.jobsheet.pipeline import upload
from services.demo.jobsheet.provider import MOOD
from services.demo.link import Link
from services.demo.scenario import Scenario, by_nobody_here
from services.errors import WatchdeckError

BURST = 70  # documents, twice: the runbook's line is 100
LEAKED = 42
STUCK_S = 1_500  # longer than a document may be in Processing
BEHIND_S = 120
HOLDS_S = 10.0  # for the worker to have a job in hand

_HELD = """SELECT "documentId" AS document FROM "ProcessingJob" WHERE status = 'processing'"""
# The worker really hangs; its hour is set back, to spare you the wait.
_BACK_DATED = """
WITH free AS ( -- it may stand still in the middle of a transaction
    SELECT id FROM "Document" WHERE id = ANY (%(documents)s) FOR UPDATE SKIP LOCKED
)
UPDATE "Document" AS d SET "processingSince" = d."processingSince" - %(by)s * interval '1 second'
  FROM free WHERE d.id = free.id RETURNING d.id
"""
_STUCK = """SELECT 1 AS is FROM "Document"
 WHERE status = 'Processing' AND "processingSince" < now() - interval '15 minutes'"""
_LEFT = "SELECT count(*) AS held FROM pg_stat_activity WHERE application_name = ANY (%(names)s)"


@dataclass(frozen=True)
class Means:
    home: Path
    link: Link
    clients: Clients
    worker: Callable[[], int]  # its process id

    def say(self, file: str, words: str) -> None:
        path = self.home / f".{file}"
        path.write_text(words)
        path.replace(self.home / file)

    def says(self, file: str) -> str:
        return (self.home / file).read_text()

    def held(self, *names: str) -> int:
        [row] = self.link.rows(_LEFT, names=list(names))
        return int(row["held"])


def _stop_worker(means: Means) -> None:
    """It gets more than it can do, and hangs with some of it in hand."""
    upload(means.link, "burst.pdf", BURST)
    deadline = time.monotonic() + HOLDS_S
    while time.monotonic() < deadline:
        os.kill(means.worker(), signal.SIGSTOP)
        documents = [row["document"] for row in means.link.rows(_HELD)]
        if means.link.rows(_BACK_DATED, by=STUCK_S, documents=documents):
            upload(means.link, "burst.pdf", BURST)
            return
        os.kill(means.worker(), signal.SIGCONT)
        time.sleep(0.01)
    raise WatchdeckError("the worker got nothing to do", "is there a worker? see the demo's folder")


def _moves_again(means: Means) -> bool:
    return not means.link.rows(_STUCK)


def _kill_worker(means: Means) -> None:
    os.kill(means.worker(), signal.SIGKILL)


SCENARIOS: Mapping[str, Scenario[Means]] = MappingProxyType(
    {
        "ocr-down": Scenario(
            title="The OCR provider is down",
            help="The provider answers 503: jobs fail, are tried again and end as dead letters. It is not ours:"
            " somebody else repairs it (`repair` in the palette). Then retry the dead letters (Q).",
            start=lambda means: means.say(MOOD, "down"),
            repaired=by_nobody_here,
            repair=lambda means: means.say(MOOD, "fine"),
        ),
        "worker-stuck": Scenario(
            title="The worker hangs",
            tells=frozenset(("stuck-documents", "queue-depth")),
            help=f"The worker's process stands still with documents in hand, {2 * BURST} more were uploaded, and what"
            f" it holds is set back {STUCK_S // 60} minutes, to spare you the wait. Restart the worker: it takes up"
            " what it had.",
            start=_stop_worker,
            repaired=_moves_again,
            repair=_kill_worker,
        ),
        "idle-connections": Scenario(
            title="A report service keeps connections open",
            help=f"jobsheet-report has {LEAKED} connections that do nothing. End idle connections.",
            start=lambda means: means.clients.leak(LEAKED),
            repaired=lambda means: means.held("jobsheet-report") < LEAKED // 2,
            end=lambda means: means.clients.close_leaked(),
        ),
        "slow-api": Scenario(
            title="A migration was left open",
            help="A session has locked a table that the dashboard reads, and is idle in its transaction: the page takes"
            " seconds. End sessions idle in a transaction.",
            start=lambda means: means.clients.migrate(),
            repaired=lambda means: means.held("jobsheet-migration") == 0,
            end=lambda means: means.clients.close_migrations(),
        ),
        "clock-skew": Scenario(
            title="The application server's clock is off",
            tells=frozenset(("clock-sync", "auth-failures")),
            help=f"Its clock is {BEHIND_S} seconds behind: fresh tokens are not yet valid, nobody gets in. Set the"
            " clock.",
            start=lambda means: means.say(CLOCK, str(-BEHIND_S)),
            repaired=lambda means: float(means.says(CLOCK)) == 0,
            repair=lambda means: means.say(CLOCK, "0"),
        ),
    }
)
