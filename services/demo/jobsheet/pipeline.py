"""What becomes of a document: the steps of its processing, as rows that workers claim and close."""

from __future__ import annotations

from dataclasses import dataclass

from services.demo.link import Link

STEPS = ("ocr", "extract", "audit", "report")
RETRY_S = 0.5  # times the attempt

_UPLOAD = """
WITH document AS (
    INSERT INTO "Document" ("customerId", "fileName")
    SELECT 1 + (random() * 19)::int, %(name)s FROM generate_series(1, %(count)s) RETURNING id
)
INSERT INTO "ProcessingJob" ("documentId", type) SELECT id, 'ocr' FROM document
"""
_CLAIM = """
WITH next AS (
    SELECT id FROM "ProcessingJob" WHERE status IN ('queued', 'retry') AND "runAt" <= now()
     ORDER BY "documentId" LIMIT %(count)s FOR UPDATE SKIP LOCKED
)
UPDATE "ProcessingJob" AS j
   SET status = 'processing', attempts = j.attempts + 1, "startedAt" = now(), "lockedAt" = now(),
       "lockedBy" = %(worker)s
  FROM next WHERE j.id = next.id
RETURNING j.id, j."documentId" AS document, j.type, j.attempts, j."maxAttempts" AS most
"""
_CLOSE = """
UPDATE "ProcessingJob" SET status = %(ended)s, "runAt" = now() + %(wait)s * interval '1 second', "lockedAt" = NULL,
       "lockedBy" = NULL, "finishedAt" = CASE WHEN %(ended)s = 'retry' THEN NULL ELSE now() END,
       "errorCode" = %(code)s, "errorMessage" = %(message)s
 WHERE id = %(id)s AND "lockedBy" = %(worker)s
"""
_NEXT = """INSERT INTO "ProcessingJob" ("documentId", type) VALUES (%(document)s, %(type)s)"""
_END = """
UPDATE "Document" SET status = %(status)s, "finishedAt" = now(),
       "auditedAt" = CASE WHEN %(status)s = 'Audited' THEN now() END WHERE id = %(document)s
"""
_TAKE_UP = """
UPDATE "ProcessingJob" SET status = 'queued', "runAt" = now(), "lockedAt" = NULL, "lockedBy" = NULL
 WHERE status = 'processing' AND "lockedBy" = %(worker)s
"""
_BEAT = """
INSERT INTO "Worker" (id, version, "heartbeatAt") VALUES (%(worker)s, '3.2.0', now())
ON CONFLICT (id) DO UPDATE SET "heartbeatAt" = now()
"""


@dataclass(frozen=True)
class Job:
    id: int
    document: int
    type: str
    attempts: int
    most: int


@dataclass(frozen=True)
class Failure:
    code: str
    message: str


def upload(link: Link, name: str, count: int = 1) -> None:
    link.rows(_UPLOAD, name=name, count=count)


def claim(link: Link, worker: str, count: int) -> list[Job]:
    return [Job(**row) for row in link.rows(_CLAIM, worker=worker, count=count)]


def close(link: Link, worker: str, job: Job, failure: Failure | None) -> None:
    """Ends the job, and makes what follows: its document's next step, another try, or a dead letter."""
    again = failure is not None and job.attempts < job.most
    status = "done" if failure is None else "retry" if again else "dead"
    last = job.type == STEPS[-1]
    link.rows(
        *([_NEXT] if failure is None and not last else []),
        *([_END] if (failure is None and last) or status == "dead" else []),
        _CLOSE,
        id=job.id,
        worker=worker,
        document=job.document,
        type=STEPS[min(STEPS.index(job.type) + 1, len(STEPS) - 1)],
        ended=status,
        status="Failed" if status == "dead" else "Audited",
        wait=RETRY_S * job.attempts if again else 0,
        code=failure.code if failure else None,
        message=failure.message if failure else None,
    )


def take_up(link: Link, worker: str) -> None:
    """A worker that comes back does again what it had in hand."""
    link.rows(_TAKE_UP, worker=worker)
    beat(link, worker)


def beat(link: Link, worker: str) -> None:
    link.rows(_BEAT, worker=worker)
