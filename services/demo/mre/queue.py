"""What MRE's workers do to the queue: claim within the flags, keep alive, and close a job one way or the other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from services.demo.link import Link
from services.demo.mre.pipeline import BY_TYPE, following

# Two pools must not both see one free place under a limit: claims go one after the other.
_ONE_CLAIM = "SELECT pg_advisory_xact_lock(8261)"

_CLAIM = """
WITH room AS MATERIALIZED (
    SELECT t.type, least(%(free)s, coalesce(
               (SELECT f.value FROM feature_flags f
                 WHERE f.name = 'jobs.' || t.type || '.concurrency' AND f.enabled
                   AND (f.expires_at IS NULL OR f.expires_at > now()))
               - (SELECT count(*) FROM jobs r WHERE r.type = t.type AND r.state = 'running'), %(free)s)) AS places
      FROM unnest(%(types)s::text[]) AS t (type)
     WHERE NOT EXISTS (SELECT FROM feature_flags f WHERE f.name = 'jobs.' || t.type AND NOT f.enabled
                          AND (f.expires_at IS NULL OR f.expires_at > now()))
), due AS MATERIALIZED (
    SELECT candidate.id FROM room CROSS JOIN LATERAL (
        SELECT j.id, j.priority, j.run_at FROM jobs j
         WHERE j.type = room.type AND j.state IN ('queued', 'retry_wait') AND j.run_at <= now()
           -- new uploads of a format family that is switched off wait; what is under way goes on
           AND (j.type <> 'artifact_validate' OR NOT EXISTS (
                SELECT FROM processing_runs r JOIN sessions s ON s.id = r.session_id
                  JOIN feature_flags f ON f.name = 'formats.' || s.format_family
                 WHERE r.id = j.run_id AND NOT f.enabled AND (f.expires_at IS NULL OR f.expires_at > now())))
         ORDER BY j.priority, j.run_at LIMIT greatest(room.places, 0) FOR UPDATE OF j SKIP LOCKED) candidate
     ORDER BY candidate.priority, candidate.run_at LIMIT %(free)s
), claimed AS (
    UPDATE jobs j SET state = 'running', attempt = j.attempt + 1, locked_at = now(), locked_by = %(worker)s,
           started_at = now(), finished_at = NULL
      FROM due WHERE j.id = due.id
    RETURNING j.id, j.run_id, j.type, j.attempt, j.max_attempts
), opened AS (
    INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, parser_version)
    SELECT c.id, c.attempt, c.type, %(worker)s, now(), %(parser)s FROM claimed c
), going AS (
    UPDATE processing_runs r SET status = 'running', finished_at = NULL
      FROM claimed c WHERE r.id = c.run_id AND r.status <> 'running'
)
SELECT c.*, r.owner_user_id, s.size_class, s.format_family
  FROM claimed c JOIN processing_runs r ON r.id = c.run_id JOIN sessions s ON s.id = r.session_id
"""

# A job that was released or marked failed meanwhile is no longer this worker's: nothing is touched then.
_MINE = "j.id = %(job)s AND j.state = 'running' AND j.locked_by = %(worker)s AND j.attempt = %(attempt)s"

_FINISH = f"""
WITH done AS (
    UPDATE jobs j SET state = %(state)s, locked_at = NULL, locked_by = NULL,
           run_at = CASE WHEN %(state)s = 'retry_wait' THEN now() + make_interval(secs => %(backoff)s)
                         ELSE j.run_at END,
           finished_at = CASE WHEN %(state)s = 'retry_wait' THEN NULL ELSE now() END,
           last_error_code = coalesce(%(code)s, j.last_error_code),
           last_error_message = coalesce(%(message)s, j.last_error_message)
     WHERE {_MINE} RETURNING j.id, j.run_id, j.owner_user_id
), closed AS (
    UPDATE job_attempts a SET finished_at = now(), outcome = %(outcome)s, error_code = %(code)s,
           error_message = %(message)s
      FROM done WHERE a.job_id = done.id AND a.attempt = %(attempt)s AND a.finished_at IS NULL
)
INSERT INTO jobs (run_id, owner_user_id, type)
SELECT done.run_id, done.owner_user_id, %(next)s FROM done
 WHERE %(next)s::text IS NOT NULL AND NOT EXISTS (SELECT FROM jobs n WHERE n.run_id = done.run_id AND n.type = %(next)s)
"""

_GIVE_BACK = """
WITH given AS (
    UPDATE jobs j SET state = 'queued', run_at = now(), locked_at = NULL, locked_by = NULL, started_at = NULL
     WHERE j.state = 'running' AND j.locked_by = %(worker)s RETURNING j.id
)
UPDATE job_attempts a SET outcome = 'released', finished_at = now()
  FROM given WHERE a.job_id = given.id AND a.finished_at IS NULL
"""

# A run's state follows from its jobs. The stages that may fail leave it partial, the others leave nothing to publish.
SETTLE = """
UPDATE processing_runs r
   SET status = CASE WHEN j.live THEN 'running' WHEN NOT j.published THEN 'failed'
                     WHEN j.lacking THEN 'partial' ELSE 'succeeded' END,
       usable_at = CASE WHEN j.usable THEN coalesce(r.usable_at, now()) ELSE r.usable_at END,
       published_at = CASE WHEN j.published THEN coalesce(r.published_at, now()) END,
       finished_at = CASE WHEN j.live THEN NULL ELSE now() END
  FROM (SELECT run_id, bool_or(state IN ('queued', 'running', 'retry_wait')) AS live,
               bool_or(state IN ('failed', 'cancelled')) AS lacking,
               bool_or(type = 'downsample_L1' AND state = 'succeeded') AS usable,
               bool_or(type = 'publish_session' AND state = 'succeeded') AS published
          FROM jobs WHERE run_id = ANY (%(runs)s) GROUP BY run_id) j
 WHERE r.id = j.run_id AND r.status <> 'cancelled'
"""


@dataclass(frozen=True)
class Job:
    """A claimed job, and what of its run matters for the work."""

    id: int
    run_id: int
    type: str
    attempt: int
    max_attempts: int
    owner_user_id: int
    size_class: str
    format_family: str


@dataclass(frozen=True)
class Failure:
    code: str
    message: str
    transient: bool  # another attempt may help


def claim(link: Link, worker: str, types: tuple[str, ...], free: int, parser: str) -> list[Job]:
    """At most `free` jobs, locked for `worker`, their attempts opened under this version of the parser."""
    rows = link.rows(_ONE_CLAIM, _CLAIM, worker=worker, types=list(types), free=free, parser=parser)
    return [Job(**row) for row in rows]


def finish(link: Link, worker: str, job: Job, failure: Failure | None = None) -> None:
    """Closes the attempt, puts the job where it belongs, adds the next stage, and settles the run."""
    state, outcome = "succeeded", "succeeded"
    if failure is not None:
        again = failure.transient and job.attempt < job.max_attempts
        state, outcome = ("retry_wait", "retry") if again else ("failed", "failed")
    goes_on = state == "succeeded" or (state == "failed" and not BY_TYPE[job.type].required)
    link.rows(
        _FINISH,
        SETTLE,
        job=job.id,
        worker=worker,
        attempt=job.attempt,
        state=state,
        outcome=outcome,
        backoff=2.0**job.attempt,
        code=failure and failure.code,
        message=failure and failure.message,
        next=following(job.type) if goes_on else None,
        runs=[job.run_id],
    )


def heartbeat(link: Link, worker: str, pool: str, pid: int, version: str, release: str = "") -> set[str]:
    """Says that this worker lives; the names of the faults that the demo is under."""
    link.rows(
        """INSERT INTO workers (id, pool, pid, version, release)
           VALUES (%(worker)s, %(pool)s, %(pid)s, %(version)s, %(release)s)
           ON CONFLICT (id) DO UPDATE SET heartbeat_at = now(), version = excluded.version""",
        worker=worker,
        pool=pool,
        pid=pid,
        version=version,
        release=release,
    )
    return faults(link)


def give_back(link: Link, worker: str) -> None:
    """What a worker does that is told to go: its jobs are for others, and nobody waits for its heartbeat."""
    link.rows(_GIVE_BACK, worker=worker)
    link.rows("DELETE FROM workers WHERE id = %(worker)s", worker=worker)


def faults(link: Link) -> set[str]:
    return {row["name"] for row in link.rows("SELECT name FROM demo.faults")}


def record_datasets(link: Link, job: Job, objects: dict[str, bytes]) -> None:
    """The rows that point to the objects of a published run, object key -> what is in it."""
    link.rows(
        """INSERT INTO datasets (run_id, owner_user_id, object_key, bytes, sha256)
           SELECT %(run)s, %(owner)s, k.key, k.bytes, k.sha256
             FROM unnest(%(keys)s::text[], %(sizes)s::bigint[], %(hashes)s::text[]) AS k (key, bytes, sha256)
            WHERE NOT EXISTS (SELECT FROM datasets d WHERE d.run_id = %(run)s AND d.object_key = k.key)""",
        run=job.run_id,
        owner=job.owner_user_id,
        keys=list(objects),
        sizes=[len(content) for content in objects.values()],
        hashes=[hashlib.sha256(content).hexdigest() for content in objects.values()],
    )
