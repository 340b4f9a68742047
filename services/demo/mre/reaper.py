"""MRE's scheduled reapers: the one that frees the locks of dead workers, and the one that deletes what has expired."""

from __future__ import annotations

from services.demo.link import Link
from services.demo.mre.queue import SETTLE
from services.demo.objects import Objects, StorageError

STALE_EVERY_S = 15.0
RETENTION_EVERY_S = 60.0
KEPT_S = 1800.0  # how long the demo keeps datasets
BROKEN = "reaper"  # the fault under which the stale-lock reaper ends in an error
RETENTION_BROKEN = "retention"  # the same for the other one

_RELEASE = """
WITH dead AS (
    SELECT j.id FROM jobs j
     WHERE j.state = 'running' AND j.locked_at < now() - interval '30 seconds'
       AND NOT EXISTS (SELECT FROM workers w
                        WHERE w.id = j.locked_by AND w.heartbeat_at > now() - interval '30 seconds')
     ORDER BY j.id LIMIT 500 FOR UPDATE SKIP LOCKED
), freed AS (
    UPDATE jobs j SET state = 'queued', run_at = now(), locked_at = NULL, locked_by = NULL, started_at = NULL
      FROM dead WHERE j.id = dead.id RETURNING j.id
), closed AS (
    UPDATE job_attempts a SET outcome = 'released', finished_at = now(), error_code = 'STALE_LOCK_RELEASED',
           error_message = 'reaper' FROM freed WHERE a.job_id = freed.id AND a.finished_at IS NULL
)
INSERT INTO reaper_runs (kind, finished_at, released) SELECT 'stale-locks', now(), count(*) FROM freed
"""

NO_LEASE = "lease not acquired: held by scheduler-1, which does not answer"
_BROKE = "INSERT INTO reaper_runs (kind, finished_at, error) VALUES ('stale-locks', now(), %(error)s)"

_OLD = """
SELECT id, object_key FROM {table} WHERE expires_at < now() + make_interval(secs => %(early)s)
 ORDER BY expires_at, id LIMIT 1000
"""
_FORGET_DATASETS = """
WITH gone AS (DELETE FROM datasets WHERE id = ANY (%(ids)s) RETURNING id, owner_user_id, object_key)
INSERT INTO tombstones (kind, of_id, owner_user_id, object_key, why)
SELECT 'dataset', id, owner_user_id, object_key, 'expired' FROM gone
"""
_FORGET_ARTIFACTS = """
WITH gone AS (DELETE FROM artifacts WHERE id = ANY (%(ids)s) RETURNING id, session_id, owner_user_id, object_key),
     told AS (INSERT INTO tombstones (kind, of_id, session_id, owner_user_id, object_key, why)
              SELECT 'artifact', id, session_id, owner_user_id, object_key, 'expired' FROM gone)
UPDATE sessions s SET status = 'archived' FROM gone WHERE s.id = gone.session_id
"""

_ORPHANS = """
SELECT r.id FROM processing_runs r WHERE r.status = 'running'
   AND EXISTS (SELECT FROM jobs j WHERE j.run_id = r.id)
   AND NOT EXISTS (SELECT FROM jobs j WHERE j.run_id = r.id AND j.state IN ('queued', 'running', 'retry_wait'))
"""


def reap_locks(link: Link, broken: bool) -> None:
    """Frees what dead workers hold, forgets workers long gone, and settles runs whose last job was ended by hand."""
    if broken:
        link.rows(_BROKE, error=NO_LEASE)
        return
    link.rows(_RELEASE)
    link.rows("DELETE FROM workers WHERE heartbeat_at < now() - interval '10 minutes'")
    orphans = [row["id"] for row in link.rows(_ORPHANS)]
    if orphans:
        link.rows(SETTLE, runs=orphans)


def reap_expired(link: Link, objects: Objects, kept_s: float = KEPT_S) -> None:
    """Deletes expired datasets and raw artifacts, the object before its row: the row is how it is found again."""
    gone, error = 0, ""
    try:
        gone += _delete(link, objects, _OLD.format(table="datasets"), _FORGET_DATASETS, KEPT_S - kept_s)
        gone += _delete(link, objects, _OLD.format(table="artifacts"), _FORGET_ARTIFACTS, KEPT_S - kept_s)
    except StorageError as stopped:
        error = str(stopped)
    _file(link, gone, error)


def fail_retention(link: Link) -> None:
    _file(link, 0, NO_LEASE)


def _file(link: Link, gone: int, error: str) -> None:
    """The run's own row, and what the audit has of it: that an expiry was carried out must be provable."""
    link.rows(
        """WITH ran AS (INSERT INTO reaper_runs (kind, finished_at, released, error)
                        VALUES ('retention', now(), %(gone)s, %(error)s))
           INSERT INTO audit_events (actor, kind, detail)
           VALUES ('scheduler', %(kind)s, jsonb_build_object('deleted', %(gone)s::int, 'error', %(error)s::text))""",
        gone=gone,
        error=error,
        kind="retention.failed" if error else "retention.completed",
    )


def _delete(link: Link, objects: Objects, old: str, forget: str, early_s: float) -> int:
    """How many. StorageError when the store refuses one; those before it stay deleted, and the others come up again."""
    gone: list[int] = []
    try:
        for row in link.rows(old, early=early_s):
            objects.delete(row["object_key"])
            gone.append(row["id"])
    finally:
        link.rows(forget, ids=gone)
    return len(gone)
