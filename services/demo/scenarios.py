"""What can go wrong in the demo, by name: what starts it, how one sees that it was repaired, and what ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from services.demo.api import SIGNER_FLAG
from services.demo.child import Child
from services.demo.ingest import upload
from services.demo.link import Link
from services.demo.objects import Objects
from services.demo.pipeline import BAD_PARSER
from services.demo.reaper import BROKEN, reap_locks
from services.demo.s3 import Fault
from services.demo.traffic import Traffic
from services.demo.work import FUSION_SLOW, PARSER_BAD
from services.errors import WatchdeckError

STALE = "stale-locks"
HELD = 24  # the runbook's threshold is 20
DEAD_FOR_S = 720.0  # longer than parse_raw may take
FLOOD = 120
BURST = 60


@dataclass(frozen=True)
class Means:
    """What a scenario may use of the running stack."""

    link: Link
    objects: Objects
    store_fault: Callable[[Fault], None]
    doomed_worker: Callable[[str, tuple[str, ...], int], tuple[str, Child]]  # pool, types, slots -> worker id, process
    traffic: Traffic


@dataclass(frozen=True)
class Scenario:
    title: str
    help: str
    start: Callable[[Means], None]
    repaired: Callable[[Means], bool]  # by what the operator did
    repair: Callable[[Means], None]  # as if by somebody else
    end: Callable[[Means], None] = lambda means: None  # what follows once it is repaired


def mark(means: Means, name: str, worker: str = "") -> None:
    """Notes a fault where the demo's processes look for it."""
    means.link.rows(
        """INSERT INTO demo.faults (name, detail) VALUES (%(name)s, jsonb_build_object('worker', %(worker)s::text))
           ON CONFLICT (name) DO UPDATE SET detail = excluded.detail, since = now()""",
        name=name,
        worker=worker,
    )


def clear(means: Means, *names: str) -> None:
    means.link.rows("DELETE FROM demo.faults WHERE name = ANY (%(names)s)", names=list(names))


# ---- stale-locks: a worker pool dies by kill -9 while it holds jobs, and the reaper is down -------------------------

# The deaths are real, their hour is not: nobody wants to wait 12 minutes for a demo. Everything the dead worker left
# is moved back together, so that the rows tell one story.
_BACK_DATED = """
WITH held AS (
    UPDATE jobs SET created_at = created_at - %(by)s, run_at = run_at - %(by)s, started_at = started_at - %(by)s,
           locked_at = locked_at - %(by)s WHERE locked_by = %(worker)s AND state = 'running' RETURNING id
), tried AS (
    UPDATE job_attempts a SET started_at = started_at - %(by)s FROM held
     WHERE a.job_id = held.id AND a.finished_at IS NULL
)
UPDATE workers SET started_at = started_at - %(by)s, heartbeat_at = heartbeat_at - %(by)s WHERE id = %(worker)s
"""
_HELD_BY = "SELECT id FROM jobs WHERE state = 'running' AND locked_by = %(worker)s"


def _kill_a_pool(means: Means) -> None:
    mark(means, BROKEN)
    worker, process = means.doomed_worker("surge", ("parse_raw",), HELD)
    deadline = time.monotonic() + 15
    while (lacking := HELD - len(means.link.rows(_HELD_BY, worker=worker))) > 0:
        if time.monotonic() > deadline:
            process.stop()
            clear(means, BROKEN)
            raise WatchdeckError("the new worker pool got too few jobs", "resume parse_raw if it is paused or limited")
        for _ in range(lacking):
            upload(means.link, means.objects, first="parse_raw")
        time.sleep(0.5)  # the pool that was there takes some of them too
    process.kill()
    means.link.rows(_BACK_DATED, worker=worker, by=timedelta(seconds=DEAD_FOR_S))
    reap_locks(means.link, broken=True)  # so that the reaper's list says at once why nobody frees them
    mark(means, STALE, worker)


def _locks_gone(means: Means) -> bool:
    return not means.link.rows(
        """SELECT 1 FROM jobs j JOIN demo.faults f ON f.name = %(name)s AND j.locked_by = f.detail ->> 'worker'
            WHERE j.state = 'running'""",
        name=STALE,
    )


def _repair_reaper(means: Means) -> None:
    clear(means, BROKEN)
    reap_locks(means.link, broken=False)


# ---- parser-regression: a release cannot read GPX any more ----------------------------------------------------------


def _release_bad_parser(means: Means) -> None:
    mark(means, PARSER_BAD)
    for _ in range(BURST):
        upload(means.link, means.objects, "gpx", BAD_PARSER)


def _flag_off(means: Means, name: str) -> bool:
    return not means.link.rows(
        "SELECT 1 FROM feature_flags WHERE name = %(name)s AND enabled AND (expires_at IS NULL OR expires_at > now())",
        name=name,
    )


def _switched_off(means: Means, name: str) -> bool:
    """An expired switch-off has no effect any more."""
    return bool(
        means.link.rows(
            """SELECT 1 FROM feature_flags WHERE name = %(name)s AND NOT enabled
                AND (expires_at IS NULL OR expires_at > now())""",
            name=name,
        )
    )


# ---- fusion-backlog: fuse takes ten times as long, and everybody wants it ---------------------------------------

_FUSE_HELD_BACK = """
SELECT 1 FROM feature_flags f WHERE (f.expires_at IS NULL OR f.expires_at > now())
   AND ((f.name = 'jobs.fuse' AND NOT f.enabled) OR (f.name = 'jobs.fuse.concurrency' AND f.enabled AND f.value <= 3))
"""
_OTHERS_WAIT = """
SELECT 1 FROM jobs WHERE type IN ('normalise', 'downsample_L1', 'detect_laps') AND state = 'queued'
   AND run_at < now() - interval '10 seconds' LIMIT 1
"""


def _flood_fusion(means: Means) -> None:
    mark(means, FUSION_SLOW)
    for _ in range(FLOOD):
        upload(means.link, means.objects, first="fuse", size="S")


def _others_recovered(means: Means) -> bool:
    return bool(means.link.rows(_FUSE_HELD_BACK)) and not means.link.rows(_OTHERS_WAIT)


# ---- the switch of the API's signer ---------------------------------------------------------------------------------


def _signer(means: Means, enabled: bool, who: str, reason: str) -> None:
    means.link.rows(
        """UPDATE feature_flags SET enabled = %(enabled)s, changed_by = %(who)s, reason = %(reason)s,
                  changed_at = now(), expires_at = NULL WHERE name = %(name)s""",
        name=SIGNER_FLAG,
        enabled=enabled,
        who=who,
        reason=reason,
    )


OUTAGE = Fault("503", writes_only=True, spared=("raw/",))

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        STALE: Scenario(
            title="Workers died holding locks",
            help=f"A worker pool is killed with {HELD} parse_raw jobs in hand, and the reaper does not run. Its locks"
            f" and last heartbeat are set back {DEAD_FOR_S / 60:.0f} minutes, to spare you the wait."
            " Release the stale locks (R).",
            start=_kill_a_pool,
            repaired=_locks_gone,
            repair=_repair_reaper,
            end=lambda means: clear(means, STALE, BROKEN),
        ),
        PARSER_BAD: Scenario(
            title="A parser release fails GPX",
            help=f"Parser {BAD_PARSER} refuses GPX files: parse_raw fails with two error codes. Switch formats.gpx"
            " off: new uploads wait, and the release is rolled back meanwhile. Requeue what failed, then switch"
            " formats.gpx on again.",
            start=_release_bad_parser,
            repaired=lambda means: _switched_off(means, "formats.gpx"),
            repair=lambda means: None,
            end=lambda means: clear(means, PARSER_BAD),
        ),
        FUSION_SLOW: Scenario(
            title="Fusion floods its worker pool",
            help=f"{FLOOD} slow fuse jobs take every slot of the pool that they share. Limit fuse to 2 at once, or"
            " pause it: the other types recover, and fusion is quick again once they have.",
            start=_flood_fusion,
            repaired=_others_recovered,
            repair=lambda means: None,
            end=lambda means: clear(means, FUSION_SLOW),
        ),
        "storage-outage": Scenario(
            title="Object storage refuses writes",
            help="Writes of datasets answer 503. Pause publish_session, so that runs wait instead of failing. The"
            " storage team repairs it (`repair` in the palette); then requeue what failed and resume publish_session.",
            start=lambda means: means.store_fault(OUTAGE),
            repaired=lambda means: False,  # by nothing that the operator of the queue can do
            repair=lambda means: means.store_fault(Fault()),
        ),
        "api-errors": Scenario(
            title="The API answers late and with errors",
            help=f"A new URL signer went live ({SIGNER_FLAG}): /api/ready is slow and fails, dataset URLs answer 502."
            f" Switch {SIGNER_FLAG} off.",
            start=lambda means: _signer(means, True, "deploy", "roll-out of signer v2"),
            repaired=lambda means: _flag_off(means, SIGNER_FLAG),
            repair=lambda means: _signer(means, False, "somebody else", "signer v2 times out"),
        ),
    }
)
