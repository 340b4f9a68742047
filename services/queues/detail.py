"""One job on demand: its row, its tries, and the size of its payload, never the payload."""

from __future__ import annotations

from services.database import Database
from services.errors import SourceError
from services.queues import expressions as sql
from services.queues.jobrow import ERROR_CHARS, TIMEOUT_S, Row, columns, first_line, job, readable, whole
from services.queues.mapping import Attempts, Mapping
from services.queues.shown import HIDDEN
from services.readings import NOT_RECORDED, RESTRICTED, Attempt, Figure, JobDetail, Unknown
from services.text import safe

ATTEMPTS = 50


async def job_detail(db: Database, mapping: Mapping, id_: str) -> JobDetail:
    """One job and its tries. SourceError of kind "missing" when it is not there any more."""
    of_job = mapping.columns

    def query(of: Mapping) -> tuple[str, Row]:
        beside = {
            "queue": sql.text(of_job.queue),
            "priority": sql.number(of_job.priority),
            "unique_key": sql.text(of_job.unique_key),
            "heartbeat_at": sql.epoch(of_job.heartbeat_at, mapping.source.naive_tz),
        }
        return f"{sql.select(**columns(of), **beside)} {_of_one(of)}", {"id": id_}

    rows, note = await readable(db, mapping, query)
    if not rows:
        raise SourceError("missing", f"job {safe(id_, 80)} is not there any more", "it was deleted or archived")
    row = rows[0]
    return JobDetail(
        job=job(row),
        queue=safe(row["queue"]),
        priority=whole(row["priority"]),
        heartbeat_at=row["heartbeat_at"],
        unique_key=safe(row["unique_key"]),
        payload_bytes=await _payload_bytes(db, mapping, id_),
        attempts=await _attempts(db, mapping, id_),
        at=row["now"],
        note=note,
    )


def _of_one(mapping: Mapping) -> str:
    return f"FROM {sql.source(mapping)} WHERE {sql.plain(mapping.columns.id)} = %(id)s LIMIT 1"


async def _payload_bytes(db: Database, mapping: Mapping, id_: str) -> Figure:
    if mapping.columns.payload is None:
        return NOT_RECORDED
    if mapping.columns.payload == HIDDEN:
        return RESTRICTED
    query = f"SELECT octet_length({sql.text(mapping.columns.payload)})::bigint AS bytes {_of_one(mapping)}"
    try:
        rows = await db.rows(query, {"id": id_}, timeout=TIMEOUT_S, lane="browse")
    except SourceError as error:
        if error.kind == "denied":
            return Unknown("not permitted", error.message)
        raise
    return rows[0]["bytes"] or 0 if rows else NOT_RECORDED


async def _attempts(db: Database, mapping: Mapping, id_: str) -> tuple[Attempt, ...] | Unknown:
    if mapping.attempts is None:
        return NOT_RECORDED

    def query(of: Mapping) -> tuple[str, Row]:
        assert of.attempts is not None
        return _attempts_query(of.attempts, mapping.source.naive_tz), {"id": id_}

    try:
        rows, _ = await readable(db, mapping, query)
    except SourceError as error:
        if error.kind == "denied":
            return Unknown("not permitted", error.message)
        raise
    return tuple(map(_attempt, rows))


def _attempts_query(of: Attempts, zone: str) -> str:
    outputs = sql.select(
        attempt=sql.number(of.attempt),
        worker=sql.text(of.worker),
        started_at=sql.epoch(of.started_at, zone),
        finished_at=sql.epoch(of.finished_at, zone),
        outcome=sql.text(of.outcome),
        error_code=sql.text(of.error_code),
        error_text=sql.text(of.error_text, ERROR_CHARS),
    )
    return (
        f"{outputs} FROM {sql.plain(of.table)} AS {of.alias} WHERE {sql.plain(of.job_id)} = %(id)s"
        f" ORDER BY {sql.plain(of.attempt)} DESC, {sql.plain(of.started_at)} DESC LIMIT {ATTEMPTS}"
    )


def _attempt(row: Row) -> Attempt:
    return Attempt(
        attempt=whole(row["attempt"]) or 0,
        worker=safe(row["worker"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        outcome=safe(row["outcome"]),
        error_code=safe(row["error_code"]),
        error_text=first_line(row["error_text"]),
    )
