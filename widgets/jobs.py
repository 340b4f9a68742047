"""Jobs one by one: a page of them, and one in full with every attempt and its error."""

from __future__ import annotations

from services.readings import Attempt, JobDetail, JobPage, JobRow, Unknown
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, duration, moment, size
from widgets.lines import Line, Segment
from widgets.table import Table

SHAPES: dict[str, Segment] = {
    "waiting": ("○", ""),
    "scheduled": ("◷", "dim"),
    "running": ("▸", "accent"),
    "retry_wait": ("↻", "warn"),
    "failed": ("✖", "bad"),
    "succeeded": ("●", "good"),
    "cancelled": ("-", "dim"),
}
_COLUMNS = (
    Column("state", "State", 12),
    Column("id", "Job", 9, "right"),
    Column("type", "Type", 17),
    Column("attempt", "Try", 5, "right", drop=2),
    Column("since", "Since", 9, "right"),
    Column("worker", "Worker", 10, drop=5),
    Column("owner", "Owner", 8, drop=6),
    Column("run", "Run", 8, "right", drop=4),
    Column("error", "Error", "1fr", "left", "warn", drop=1, least=16),
    Column("message", "Message", "2fr", "left", "dim", drop=3, least=16),
)


def page(values: JobPage) -> Table:
    """One row per job, in the order the database gave them."""
    foot: tuple[Line, ...] = (((values.note, "unknown"),),) if values.note else ()
    return Table(_COLUMNS, tuple(_row(job, values.at) for job in values.rows), "no job matches", foot)


def _state(state: str) -> Segment:
    mark, ink = SHAPES.get(state, ("?", "unknown"))
    return f"{mark} {state}", ink


def _attempt(job: JobRow) -> str:
    if job.attempt is None:
        return "?"
    return str(job.attempt) if job.max_attempts is None else f"{job.attempt}/{job.max_attempts}"


def since(job: JobRow) -> float | None:
    """When the job came into the state it is in, as far as the queue records that."""
    if job.state == "running":
        return job.locked_at if job.locked_at is not None else job.started_at
    if job.finished_at is not None:
        return job.finished_at
    return job.run_at if job.run_at is not None else job.created_at


def _row(job: JobRow, now: float) -> Row:
    at = since(job)
    cells = (
        _state(job.state),
        job.id,
        job.type,
        _attempt(job),
        ago(at, now),
        job.locked_by,
        job.owner,
        job.group,
        job.error_code,
        job.error_text,
    )
    order = (
        job.state,
        int(job.id) if job.id.isdecimal() else job.id,
        job.type,
        job.attempt,
        None if at is None else -at,
    )
    texts = (
        job.locked_by or None,
        job.owner or None,
        job.group or None,
        job.error_code or None,
        job.error_text or None,
    )
    fields = {
        "id": job.id,
        "type": job.type,
        "state": job.state,
        "error": job.error_code,
        "worker": job.locked_by,
        "owner": job.owner,
        "run": job.group,
        "attempt": "" if job.attempt is None else str(job.attempt),
    }
    return Row(job.id, cells, (*order, *texts), {**fields, "message": job.error_text}, job)


def detail(values: JobDetail) -> Facts:
    """Everything about one job but its payload, which belongs to the tenant."""
    job, now = values.job, values.at
    head: Line = ((f"job {job.id} ", "title"), (job.type, "bold"), ("  ", ""), _state(job.state))
    facts = (
        ("error", (job.error_code, "bad")),
        ("message", job.error_text),
        ("queue", values.queue),
        ("attempt", _attempt(job)),
        ("priority", "" if values.priority is None else str(values.priority)),
        ("owner", job.owner),
        ("run", job.group),
        ("created", _when(job.created_at, now)),
        ("due", _when(job.run_at, now)),
        ("started", _when(job.started_at, now)),
        ("finished", _when(job.finished_at, now)),
        ("locked by", f"{job.locked_by}, {ago(job.locked_at, now)}" if job.locked_by else ""),
        ("last life", "" if values.heartbeat_at is None else ago(values.heartbeat_at, now)),
        ("unique key", values.unique_key),
        ("payload", _payload(values)),
    )
    return Facts((head,), facts, (((values.note, "unknown"),),) if values.note else ())


def _when(at: float | None, now: float) -> str:
    return "" if at is None else f"{moment(at)}, {ago(at, now)}"


def _payload(values: JobDetail) -> str:
    if isinstance(values.payload_bytes, Unknown):
        return str(values.payload_bytes)
    return f"{size(values.payload_bytes)[0]}, not shown"


def attempts(values: JobDetail) -> Table:
    """Every attempt, newest first, with the error it ended in."""
    columns = (
        Column("attempt", "Try", 3, "right"),
        Column("outcome", "Outcome", 11),
        Column("worker", "Worker", 10, drop=2),
        Column("started", "Started", 9, "right"),
        Column("took", "Took", 7, "right", drop=3),
        Column("error", "Error", "1fr", "left", "warn", least=24),
        Column("message", "Message", "2fr", drop=1, least=16),
    )
    if isinstance(values.attempts, Unknown):
        return Table(columns, (), f"attempts: {values.attempts}")
    rows = tuple(_attempt_row(attempt, values.at) for attempt in values.attempts)
    return Table(columns, rows, "not tried yet")


def _attempt_row(attempt: Attempt, now: float) -> Row:
    took = (attempt.finished_at if attempt.finished_at is not None else now) - attempt.started_at
    outcome: Segment = _state(attempt.outcome) if attempt.outcome in SHAPES else (attempt.outcome or "▸ running", "")
    cells = (
        str(attempt.attempt),
        outcome,
        attempt.worker,
        ago(attempt.started_at, now),
        duration(took),
        attempt.error_code,
        attempt.error_text,
    )
    order = (attempt.attempt, attempt.outcome, attempt.worker, -attempt.started_at, took)
    fields = {"attempt": str(attempt.attempt), "outcome": attempt.outcome, "error": attempt.error_code}
    key = f"{attempt.attempt} {attempt.started_at}"
    return Row(key, cells, (*order, attempt.error_code or None, attempt.error_text), fields, attempt)
