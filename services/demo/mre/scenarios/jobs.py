"""What goes wrong with jobs and their workers."""

from __future__ import annotations

import time
from datetime import timedelta

from services.demo.mre.ingest import upload
from services.demo.mre.pipeline import BAD_PARSER
from services.demo.mre.reaper import BROKEN, reap_locks
from services.demo.mre.scenarios.means import Means, clear, is_off, mark
from services.demo.mre.work import FUSION_SLOW, PARSER_BAD
from services.demo.scenario import Scenario
from services.errors import WatchdeckError

STALE = "stale-locks"
HELD = 24  # the runbook's threshold is 20
DEAD_FOR_S = 720.0  # longer than parse_raw may take
FLOOD = 120
BURST = 60

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


JOBS: dict[str, Scenario[Means]] = {
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
        tells=frozenset(("job-failure-rate",)),
        help=f"Parser {BAD_PARSER} refuses GPX files: parse_raw fails with two error codes. Switch formats.gpx"
        " off: new uploads wait, and the release is rolled back meanwhile. Requeue what failed, then switch"
        " formats.gpx on again.",
        start=_release_bad_parser,
        repaired=lambda means: is_off(means, "formats.gpx"),
        end=lambda means: clear(means, PARSER_BAD),
    ),
    FUSION_SLOW: Scenario(
        title="Fusion floods its worker pool",
        tells=frozenset(("queue-growth",)),  # time to usable is of an hour: no drill waits for that
        help=f"{FLOOD} slow fuse jobs take every slot of the pool that they share. Limit fuse to 2 at once, or"
        " pause it: the other types recover, and fusion is quick again once they have.",
        start=_flood_fusion,
        repaired=_others_recovered,
        end=lambda means: clear(means, FUSION_SLOW),
    ),
}
