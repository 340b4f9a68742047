"""Looking into the queue on demand: not polled, so not part of the snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure, Unknown


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as a list shows it: what and when, never its payload. None and "" are not recorded, or not yet."""

    id: str
    type: str
    state: str
    attempt: int | None
    max_attempts: int | None
    created_at: float | None
    run_at: float | None
    started_at: float | None
    finished_at: float | None
    locked_at: float | None
    locked_by: str
    error_code: str
    error_text: str  # its first line
    owner: str
    group: str  # the run, or whatever the job is a part of


@dataclass(frozen=True, slots=True)
class JobCursor:
    """A place in an ordered list of jobs: what it is ordered by, as the database wrote it, and the id."""

    by: str
    id: str


@dataclass(frozen=True, slots=True)
class JobPage:
    rows: tuple[JobRow, ...]
    order: str
    at: float  # the database's clock
    first: JobCursor | None  # the page before this one ends here; None: an empty page
    last: JobCursor | None
    more: bool  # in the direction that was asked for
    note: str = ""  # what could not be shown, and why


@dataclass(frozen=True, slots=True)
class Attempt:
    attempt: int
    worker: str
    started_at: float
    finished_at: float | None
    outcome: str  # "" while it runs
    error_code: str
    error_text: str


@dataclass(frozen=True, slots=True)
class JobDetail:
    job: JobRow
    queue: str
    priority: int | None
    heartbeat_at: float | None
    unique_key: str
    payload_bytes: Figure  # only its size: what is in it belongs to the tenant
    attempts: tuple[Attempt, ...] | Unknown  # newest first, at most 50
    at: float  # the database's clock
    note: str = ""
