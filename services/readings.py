"""The only shapes that cross from services to the screen: frozen readings, and the snapshot of the latest of each.

Units: seconds for durations, unix seconds (float) for points in time, shares between 0 and 1. Every string in here
has already been through `services.text`; nothing downstream needs to distrust it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

# ---------------------------------------------------------------------------------------------------------------------
# Figures: a number, or why there is none. Unknown is never zero.

Why = Literal["no data yet", "not recorded", "not permitted", "not configured", "failed"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No figure, and why; `detail` is one sentence for the operator."""

    why: Why
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.why}: {self.detail}" if self.detail else self.why


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from statistics, not from counting; shown with a leading `~`."""

    value: float


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A count that stopped at its cap; shown as `10k+`."""

    value: int


Figure: TypeAlias = int | float | Estimate | AtLeast | Unknown

NO_DATA_YET = Unknown("no data yet")
NOT_RECORDED = Unknown("not recorded", "this queue does not record it")
NOT_CONFIGURED = Unknown("not configured")


def number(figure: Figure) -> float | None:
    """The plain value for sorting and plotting; None when unknown."""
    if isinstance(figure, Unknown):
        return None
    return float(figure.value if isinstance(figure, Estimate | AtLeast) else figure)


# ---------------------------------------------------------------------------------------------------------------------
# Faults

FaultKind = Literal["timeout", "unreachable", "denied", "missing", "protocol", "limit", "config", "error"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a fetch failed: what happened and where (one line), and what to do about it."""

    kind: FaultKind
    message: str
    remedy: str = ""


# ---------------------------------------------------------------------------------------------------------------------
# What the sources report. One class per kind of source.


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One endpoint asked once. `status` is the HTTP status; `fault` is set when there was no usable answer at all."""

    path: str
    ok: bool
    status: int | None
    latency_s: float | None
    version: str = ""
    body: str = ""  # first 200 safe characters, for the detail pane
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class HealthValues:
    base_url: str
    checks: tuple[HealthCheck, ...]

    @property
    def failing(self) -> int:
        return sum(not check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class PostgresValues:
    """The server itself: who we are there, and how full it is."""

    host: str  # host:port/dbname
    user: str
    version: str
    system_identifier: str
    in_recovery: bool
    started_at: float
    clock_skew_s: float  # database clock minus ours
    used: Figure  # client connections
    active: Figure
    idle_in_transaction: Figure
    lock_waiting: Figure
    max_connections: int
    size_bytes: Figure  # of the connected database
    roles: tuple[str, ...] = ()  # which of watchdeck_viewer, _operator, _admin we are a member of
    ledger: bool = False  # the ledger's schema is installed

    @property
    def saturation(self) -> Figure:
        """Client connections as a share of what the server allows."""
        used = number(self.used)
        return self.used if isinstance(self.used, Unknown) or used is None else used / self.max_connections


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


@dataclass(frozen=True, slots=True)
class RunsValues:
    """Processing runs: status now, and shares over the window (`window_s`, a day by default)."""

    by_status: tuple[tuple[str, Figure], ...]  # live states exactly, finished ones in the window
    window_s: float
    partial_share: Figure
    failed_share: Figure
    publish_success: Figure
    usable: tuple[UsableTime, ...]
    recent: tuple[Run, ...]  # the newest 200


@dataclass(frozen=True, slots=True)
class UsableTime:
    size_class: str
    count: int
    p50_s: Figure
    p95_s: Figure


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    session: str
    owner: str
    status: str
    size_class: str
    created_at: float
    usable_s: float | None
    finished_at: float | None
    reprocess_of: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    enabled: bool
    value: str  # "" when it has none
    changed_by: str
    changed_at: float | None
    reason: str
    expires_at: float | None
    expired: bool  # by the database's clock: the flag has no effect any more
    job_type: str = ""  # the job type it pauses or limits
    limits: bool = False  # it carries a concurrency limit


@dataclass(frozen=True, slots=True)
class FlagsValues:
    flags: tuple[Flag, ...]

    def paused(self, job_type: str) -> Flag | None:
        """The flag that pauses this job type now, if any."""
        return next(
            (f for f in self.flags if f.job_type == job_type and not f.limits and not f.enabled and not f.expired), None
        )

    def limit(self, job_type: str) -> Flag | None:
        """The flag that limits this job type's concurrency now, if any."""
        return next(
            (f for f in self.flags if f.job_type == job_type and f.limits and f.enabled and not f.expired), None
        )


@dataclass(frozen=True, slots=True)
class ReaperRun:
    kind: str
    started_at: float
    finished_at: float | None
    released: int | None
    error: str
    actor: str


@dataclass(frozen=True, slots=True)
class ReaperValues:
    runs: tuple[ReaperRun, ...]  # the newest 50


@dataclass(frozen=True, slots=True)
class StorageValues:
    endpoint: str
    bucket: str
    reachable: bool
    canary_read_s: Figure
    canary_write_s: Figure
    newest_key: str
    newest_at: Figure  # unix seconds
    objects: Figure  # by the last complete walk
    bytes: Figure
    walk_age_s: Figure  # age of that walk's end
    walk_progress: str  # "walking: 12,000 keys so far"
    read_errors: Figure  # share of probes that failed, over the last hour
    write_errors: Figure
    prefixes: tuple[tuple[str, int, int], ...] = ()  # prefix, objects, bytes


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the local audit, joined with its outcome."""

    id: str
    at: float
    actor: str
    action: str
    outcome: str  # done, not applied, partial, unknown, denied
    rows: int | None
    reason: str
    summary: str
    way: str  # key, palette, mouse, cli


@dataclass(frozen=True, slots=True)
class AuditValues:
    entries: tuple[AuditEntry, ...]  # newest first, at most 500
    unsettled: int
    chain_ok: bool


Values: TypeAlias = (
    HealthValues | PostgresValues | QueueValues | RunsValues | FlagsValues | ReaperValues | StorageValues | AuditValues
)


# ---------------------------------------------------------------------------------------------------------------------
# Looking into the queue on demand: not polled, so not part of the snapshot.


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


# ---------------------------------------------------------------------------------------------------------------------
# Readings and the snapshot


@dataclass(frozen=True, slots=True)
class Reading:
    """What one poll of one source brought: values or a fault, never both, never neither.

    `at` is wall-clock unix seconds and `mono` the monotonic clock, both at the end of the fetch.
    """

    source: str
    at: float
    mono: float
    took_s: float
    interval_s: float  # the interval in force after this poll (backed off, throttled or as configured)
    values: Values | None = None
    fault: Fault | None = None
    note: str = ""  # "polled every 8 s: a fetch takes 0.4 s"


Status = Literal["loading", "fresh", "stale", "failed", "not configured"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as the screen sees it: the last good reading, and the fault that came after it, if one did."""

    source: str
    interval_s: float
    good: Reading | None = None
    failed: Reading | None = None  # set while the newest reading is a failure
    failures: int = 0  # in a row

    def with_reading(self, reading: Reading) -> SourceState:
        if reading.fault is not None:
            return replace(self, failed=reading, failures=self.failures + 1, interval_s=reading.interval_s)
        return SourceState(self.source, reading.interval_s, reading)

    def age_s(self, mono: float) -> float | None:
        """Seconds since the last good values; None when there never were any."""
        return None if self.good is None else max(0.0, mono - self.good.mono)

    def status(self, mono: float) -> Status:
        """Stale past twice the interval, or as soon as a poll has failed after a good one."""
        if self.good is None:
            return "loading" if self.failed is None else "failed"
        # 3 s of grace: a 1 s interval must not flicker to stale whenever one poll takes a little longer
        return "stale" if self.failed or mono - self.good.mono > max(2 * self.good.interval_s, 3.0) else "fresh"

    def retry_s(self, mono: float) -> float | None:
        """Seconds until the next try of a failing source."""
        return None if self.failed is None else max(0.0, self.failed.mono + self.failed.interval_s - mono)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The latest of everything. The App holds one, and replaces it."""

    states: Mapping[str, SourceState] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def awaiting(cls, intervals: Mapping[str, float]) -> Snapshot:
        """Before the first poll: every configured source is loading."""
        return cls(MappingProxyType({name: SourceState(name, every) for name, every in intervals.items()}))

    def with_reading(self, reading: Reading) -> Snapshot:
        before = self.states.get(reading.source) or SourceState(reading.source, reading.interval_s)
        return Snapshot(MappingProxyType({**self.states, reading.source: before.with_reading(reading)}))

    def __iter__(self) -> Iterator[SourceState]:
        return iter(self.states.values())

    def get(self, source: str) -> SourceState | None:
        return self.states.get(source)
