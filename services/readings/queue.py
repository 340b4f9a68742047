"""What a queue says: depths, waits, failures, locks and workers, by job type."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure, Unknown


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """One job type. Depths count now; percentiles, rates and throughput cover the queue's window."""

    type: str
    waiting: Figure
    scheduled: Figure
    running: Figure
    retry_wait: Figure
    failed: Figure
    succeeded: Figure
    oldest_wait_s: Figure
    wait_p50_s: Figure
    wait_p95_s: Figure
    duration_p50_s: Figure
    duration_p95_s: Figure
    failure_rate: Figure  # jobs that ended failed / jobs that ended, in the window
    retry_rate: Figure  # attempts that ended in a retry / attempts that ended, in the window
    per_minute: Figure  # jobs that ended, per minute, in the window
    extra: tuple[tuple[str, Figure], ...] = ()


@dataclass(frozen=True, slots=True)
class StaleLock:
    """A running job whose lock is older than its type allows. Releasable only when `dead`: both signs are there."""

    id: str
    type: str
    attempt: int | None
    locked_by: str
    locked_at: float
    age_s: float
    allowed_s: float  # the first sign: age_s > allowed_s
    heartbeat_age_s: float | None  # of the lock's owner; None: no live record of it at all
    dead: bool  # the second sign: no live heartbeat, worker row or backend
    evidence: str  # in words: "worker w-3 last seen 4 m ago"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    error_code: str
    type: str
    count: int  # attempts that ended in this error in the window
    last_at: float
    last_message: str
    per_minute: tuple[int, ...] = ()  # oldest first, the last entry is the minute under way


@dataclass(frozen=True, slots=True)
class Worker:
    id: str
    pool: str
    heartbeat_age_s: float
    alive: bool
    running: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class QueueValues:
    types: tuple[TypeFigures, ...]
    total: TypeFigures  # over all types; type is "all"
    window_s: float
    ended: Figure  # jobs that ended in the window: what the rates are shares of
    filled_s: float  # how much of the window has been observed; < window_s right after start with history "log"
    stale: tuple[StaleLock, ...]  # the oldest 200
    stale_count: Figure  # both signs of death
    stuck_count: Figure  # too old, but the owner is alive
    failures: tuple[FailureGroup, ...]  # most frequent first
    workers: tuple[Worker, ...] | Unknown
    finished_per_minute: tuple[int, ...]  # the window's minutes, oldest first, complete minutes only
    advice: tuple[str, ...] = ()  # "no index on finished_at: ..." and the like
