"""Fixed readings of every kind, of a healthy system and of a troubled one, for pictures and for tests of the screen.

Sources are named as in the shipped profile "mre". `NOW` and `MONO` are the moment at which everything was read.
"""

from __future__ import annotations

from dataclasses import replace

from services.actions.plan import Confirm, Plan, Request, Target
from services.alerts import Alert, Alerts
from services.readings import (
    NOT_RECORDED,
    AtLeast,
    Attempt,
    AuditEntry,
    AuditValues,
    BucketValues,
    Estimate,
    FailureGroup,
    Fault,
    Figure,
    Flag,
    FlagsValues,
    HealthCheck,
    HealthValues,
    JobCursor,
    JobDetail,
    JobPage,
    JobRow,
    QueueValues,
    Reading,
    ReaperRun,
    ReaperValues,
    Run,
    RunsValues,
    Snapshot,
    StaleLock,
    StorageValues,
    TypeFigures,
    Unknown,
    UsableTime,
    Values,
    Worker,
)
from tests.moment import MONO, NOW
from tests.samples_database import postgres, postgres_troubled, statements, tables, tables_troubled
from tests.samples_elevations import elevations
from tests.samples_metrics import asked, due, host, page, released
from tests.samples_reach import bucket_healthy, bucket_troubled, dumps

TYPES = ("artifact_validate", "parse_raw", "normalise", "downsample_L1", "fuse", "detect_laps", "publish_session")
INTERVALS = {"api": 5.0, "db": 5.0, "jobs": 2.0, "flags": 5.0, "runs": 10.0, "reaper": 10.0, "storage": 10.0}


def job_type(name: str, at: int = 1, **changes: Figure) -> TypeFigures:
    """A quiet type; `at` makes the figures of two types differ."""
    figures: dict[str, Figure] = {
        "waiting": 2 * at,
        "scheduled": at % 3,
        "running": 1 + at % 4,
        "retry_wait": 0,
        "failed": at,
        "succeeded": Estimate(41_000 + 1_300 * at),
        "oldest_wait_s": 1.5 * at,
        "wait_p50_s": 0.4 * at,
        "wait_p95_s": 1.9 * at,
        "duration_p50_s": 0.8 * at,
        "duration_p95_s": 3.1 * at,
        "failure_rate": 0.002 * at,
        "retry_rate": 0.005 * at,
        "per_minute": 31.0 - at,
    }
    return TypeFigures(name, **{**figures, **changes})


def worker(number: int, **changes: object) -> Worker:
    plain: dict[str, object] = {
        "id": f"w-{number}",
        "pool": "heavy" if number % 3 == 0 else "light",
        "heartbeat_age_s": 1.0 + number,
        "alive": True,
        "running": number % 3,
        "version": "4.2.0",
    }
    return Worker(**{**plain, **changes})  # type: ignore[arg-type]


def stale_lock(number: int, dead: bool = True) -> StaleLock:
    seen = 240.0 + 30 * number if dead else 4.0
    evidence = f"worker w-{number % 4} last seen {seen / 60:.0f} m ago" if dead else f"worker w-{number % 4} is alive"
    age = 3_200.0 - 60 * number  # the oldest comes first
    return StaleLock(
        id=str(81_200 + number),
        type=TYPES[number % 4 + 1],
        attempt=1 + number % 3,
        locked_by=f"w-{number % 4}",
        locked_at=NOW - age,
        age_s=age,
        allowed_s=1800.0 if TYPES[number % 4 + 1] == "fuse" else 600.0,
        heartbeat_age_s=seen,
        dead=dead,
        evidence=evidence,
        owner=str(7_000 + number),
    )


_HEALTHY_FAILURES = (
    FailureGroup(
        "NET_TIMEOUT",
        "normalise",
        3,
        NOW - 130,
        "read of raw/7001/a.bin took longer than 20 s",
        (0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0),
    ),
)
_TROUBLED_FAILURES = (
    FailureGroup(
        "PARSE_UNSUPPORTED_VERSION",
        "parse_raw",
        412,
        NOW - 2,
        "log version 7 is newer than this parser (4.2.0) understands",
        (0, 0, 0, 1, 4, 9, 20, 31, 38, 44, 49, 52, 55, 54, 55),
    ),
    FailureGroup(
        "STORAGE_WRITE_FAILED",
        "publish_session",
        57,
        NOW - 9,
        "PutObject datasets/31/tiles.bin: 503 Slow Down",
        (0, 0, 0, 0, 0, 0, 0, 0, 2, 5, 7, 9, 11, 12, 11),
    ),
    FailureGroup("NET_TIMEOUT", "normalise", 6, NOW - 61, "read of raw/7001/a.bin took longer than 20 s", (1, 0) * 7),
)


def queue_healthy() -> QueueValues:
    return QueueValues(
        types=tuple(job_type(name, at + 1) for at, name in enumerate(TYPES)),
        total=job_type("all", 4, waiting=56, running=17, failed=28, failure_rate=0.008, per_minute=189.0),
        window_s=900.0,
        ended=2_840,
        filled_s=900.0,
        stale=(),
        stale_count=0,
        stuck_count=0,
        failures=_HEALTHY_FAILURES,
        workers=tuple(worker(n) for n in range(1, 5)),
        finished_per_minute=(181, 188, 190, 187, 192, 189, 185, 193, 190, 188, 191, 189, 187, 190, 189),
    )


def queue_troubled() -> QueueValues:
    """A parser that rejects, a backlog of fusion, twelve stale locks and three stuck jobs."""
    changed: dict[str, dict[str, Figure]] = {
        "parse_raw": {"failed": 412, "failure_rate": 0.31, "retry_rate": 0.08, "waiting": 1_204},
        "fuse": {"waiting": AtLeast(10_000), "oldest_wait_s": 5_400.0, "wait_p95_s": 3_100.0, "running": 24},
        "detect_laps": {"duration_p50_s": NOT_RECORDED, "duration_p95_s": NOT_RECORDED},
        "publish_session": {"waiting": 340, "running": 0, "per_minute": 0.0, "failed": 57},
    }
    return QueueValues(
        types=tuple(job_type(name, at + 1, **changed.get(name, {})) for at, name in enumerate(TYPES)),
        total=job_type(
            "all", 4, waiting=AtLeast(11_570), running=41, failed=481, failure_rate=0.17, oldest_wait_s=5_400.0
        ),
        window_s=900.0,
        ended=2_790,
        filled_s=900.0,
        stale=(*(stale_lock(n) for n in range(12)), *(stale_lock(n, dead=False) for n in range(12, 15))),
        stale_count=12,
        stuck_count=3,
        failures=_TROUBLED_FAILURES,
        workers=tuple(worker(n, alive=n > 2, heartbeat_age_s=3.0 if n > 2 else 540.0) for n in range(1, 5)),
        finished_per_minute=(190, 188, 191, 180, 171, 160, 144, 131, 120, 112, 104, 99, 92, 90, 88),
        advice=("no index on finished_at: finished jobs are read by a sequential scan",),
    )


def health_healthy() -> HealthValues:
    return HealthValues(
        "http://127.0.0.1:3000",
        (
            HealthCheck("/api/health", True, 200, 0.004, "", '{"ok": true}'),
            HealthCheck("/api/ready", True, 200, 0.011, "", '{"ready": true}'),
            HealthCheck("/api/version", True, 200, 0.003, "4.2.0", '{"version": "4.2.0"}'),
        ),
    )


def health_troubled() -> HealthValues:
    slow = Fault("timeout", "no complete answer within 3 s", "is the API overloaded, or its database?")
    return HealthValues(
        "http://127.0.0.1:3000",
        (
            HealthCheck("/api/health", True, 200, 0.840, "", '{"ok": true}'),
            HealthCheck("/api/ready", False, None, None, "", "", slow),
            HealthCheck("/api/version", False, 500, 0.120, "", "Internal Server Error"),
        ),
    )


def _run(number: int, status: str, **changes: object) -> Run:
    plain: dict[str, object] = {
        "id": str(5_000 + number),
        "session": str(3_100 + number),
        "owner": str(7_000 + number % 5),
        "status": status,
        "size_class": "SML"[number % 3],
        "created_at": NOW - 90.0 * number - 12,
        "usable_s": None if status in ("queued", "running", "failed") else 18.0 + 7 * number,
        "finished_at": None if status in ("queued", "running") else NOW - 90.0 * number,
    }
    return Run(**{**plain, **changes})  # type: ignore[arg-type]


def runs_healthy() -> RunsValues:
    return RunsValues(
        by_status=(("queued", 3), ("running", 9), ("succeeded", 1_804), ("partial", 12), ("failed", 5)),
        window_s=86_400.0,
        partial_share=12 / 1_821,
        failed_share=5 / 1_821,
        publish_success=0.9972,
        usable=(
            UsableTime("S", 1_100, 21.0, 44.0),
            UsableTime("M", 580, 63.0, 140.0),
            UsableTime("L", 124, 210.0, 400.0),
        ),
        recent=tuple(_run(n, "running" if n < 2 else "succeeded") for n in range(8)),
    )


def runs_troubled() -> RunsValues:
    return RunsValues(
        by_status=(("queued", 220), ("running", 14), ("succeeded", 1_204), ("partial", 91), ("failed", 306)),
        window_s=86_400.0,
        partial_share=91 / 1_601,
        failed_share=306 / 1_601,
        publish_success=NOT_RECORDED,
        usable=(
            UsableTime("S", 700, 48.0, 190.0),
            UsableTime("M", 380, 240.0, 900.0),
            UsableTime("L", 0, NOT_RECORDED, NOT_RECORDED),
        ),
        recent=(
            _run(0, "running", reprocess_of="4711"),
            *(_run(n, "failed" if n % 2 else "partial") for n in range(1, 8)),
        ),
    )


def flags_healthy() -> FlagsValues:
    return FlagsValues(
        (
            Flag("formats.mp4", True, "", "mara", NOW - 864_000, "new family", None, False),
            Flag("jobs.fuse", True, "", "mara", NOW - 86_400, "resumed", None, False, "fuse"),
        )
    )


def flags_troubled() -> FlagsValues:
    return FlagsValues(
        (
            Flag(
                "jobs.publish_session",
                False,
                "",
                "ines",
                NOW - 780,
                "storage outage",
                NOW + 1_020,
                False,
                "publish_session",
            ),
            Flag(
                "jobs.fuse.concurrency", True, "8", "mara", NOW - 3_600, "admission", None, False, "fuse", limits=True
            ),
            Flag("formats.mp4", False, "", "", None, "", None, False),
            Flag("jobs.detect_laps", False, "", "ines", NOW - 90_000, "test", NOW - 4_000, True, "detect_laps"),
        )
    )


def reaper_healthy() -> ReaperValues:
    return ReaperValues(
        tuple(ReaperRun("stale_locks", NOW - 60 * n - 5, NOW - 60 * n - 4, 0, "", "reaper") for n in range(6))
    )


def reaper_troubled() -> ReaperValues:
    return ReaperValues(
        (
            ReaperRun("stale_locks", NOW - 3, None, None, "", "reaper"),
            ReaperRun(
                "stale_locks", NOW - 1_900, NOW - 1_898, None, "canceling statement due to lock timeout", "reaper"
            ),
            ReaperRun("stale_locks", NOW - 5_500, NOW - 5_499, 14, "", "mara"),
        )
    )


def storage_healthy() -> StorageValues:
    return StorageValues(
        endpoint="http://127.0.0.1:9000",
        bucket="mre",
        reachable=True,
        canary_read_s=0.006,
        canary_write_s=0.011,
        newest_key="datasets/5012/laps.bin",
        newest_at=NOW - 4,
        objects=184_220,
        bytes=2_310_000_000_000,
        walk_age_s=312.0,
        walk_progress="",
        read_errors=0.0,
        write_errors=0.0,
        prefixes=(("datasets/", 120_400, 310_000_000_000), ("raw/", 63_820, 2_000_000_000_000)),
        recent_reads=180,
        recent_writes=60,
        recent_read_errors=0.0,
        recent_write_errors=0.0,
        read_p50_s=0.005,
        read_p95_s=0.012,
        write_p50_s=0.010,
        write_p95_s=0.031,
        canary_bytes_per_s=11_600.0,
        growth_bytes_per_day=21_000_000_000.0,
        capacity_bytes=4_000_000_000_000,
    )


def storage_troubled() -> StorageValues:
    return StorageValues(
        endpoint="http://127.0.0.1:9000",
        bucket="mre",
        reachable=True,
        canary_read_s=0.740,
        canary_write_s=Unknown("failed", "PutObject watchdeck/canary: 503 Slow Down"),
        newest_key="datasets/5012/laps.bin",
        newest_at=NOW - 1_340,
        objects=Unknown("no data yet", "the first walk is under way"),
        bytes=Unknown("no data yet", "the first walk is under way"),
        walk_age_s=Unknown("no data yet"),
        walk_progress="walking: 12,000 keys so far",
        read_errors=0.004,
        write_errors=0.42,
        recent_reads=180,
        recent_writes=60,
        recent_read_errors=0.017,
        recent_write_errors=0.81,
        read_p50_s=0.310,
        read_p95_s=2.4,
        write_p50_s=0.140,
        write_p95_s=5.0,
        canary_bytes_per_s=94.0,
        growth_bytes_per_day=Unknown("no data yet", "it takes two complete walks"),
        capacity_bytes=4_000_000_000_000,
    )


def audit() -> AuditValues:
    return AuditValues(
        entries=(
            AuditEntry(
                "0198f0c2-01",
                NOW - 40,
                "ines",
                "release-stale-locks",
                "done",
                12,
                "w-1 lost power",
                "12 jobs released",
                "key",
            ),
            AuditEntry(
                "0198f0c1-77",
                NOW - 780,
                "ines",
                "pause-job-type",
                "done",
                1,
                "storage outage",
                "jobs.publish_session off",
                "palette",
            ),
            AuditEntry(
                "0198f0b0-03",
                NOW - 9_000,
                "mara",
                "requeue-jobs",
                "not applied",
                0,
                "",
                "matched 4 of 5: nothing changed",
                "cli",
            ),
            AuditEntry(
                "0198f0a0-02",
                NOW - 12_000,
                "mara",
                "mark-failed",
                "unknown",
                None,
                "bad upload",
                "the reply was lost",
                "key",
            ),
        ),
        unsettled=1,
        chain_ok=True,
    )


def _dumps(bucket: BucketValues) -> BucketValues:
    """With the name that MRE's profile has for them."""
    first, *others = bucket.arrivals
    return replace(bucket, arrivals=(replace(first, name="dumps"), *others))


HEALTHY: dict[str, Values] = {
    "api": health_healthy(),
    "db": postgres(),
    "jobs": queue_healthy(),
    "flags": flags_healthy(),
    "runs": runs_healthy(),
    "reaper": reaper_healthy(),
    "storage": storage_healthy(),
    "audit": audit(),
    "elevation": elevations(NOW),
    "api-metrics": page(),
    "statements": statements(),
    "tables": tables(),
    "bucket": _dumps(bucket_healthy()),
    "host": host(),
    "logins": asked("refused", 0.0, who="anybody else"),
    "elevations": asked("odd", 0.0),
    "retention": asked("completed_at", NOW - 3600.0, "unix"),
    "due": due(0),
    "tombstones": asked("deleted_last_day", 40.0, "count", kind="artifact", why="expired"),
    "deletions": asked("requests", 0.0, "count", state="waiting"),
    "releases": released("4.2.0"),
    "backups": dumps(),
}
TROUBLED: dict[str, Values] = {
    "api": health_troubled(),
    "db": postgres_troubled(),
    "jobs": queue_troubled(),
    "flags": flags_troubled(),
    "runs": runs_troubled(),
    "reaper": reaper_troubled(),
    "storage": storage_troubled(),
    "audit": audit(),
    "elevation": elevations(NOW),
    "api-metrics": page(),
    "statements": statements(),
    "tables": tables_troubled(),
    "bucket": _dumps(bucket_troubled()),
    "host": host(),
    "logins": asked("refused", 23.0, who="address 198.51.100.7"),
    "elevations": asked("odd", 1.0),
    "retention": asked("completed_at", NOW - 200_000.0, "unix"),
    "due": due(4_812),
    "tombstones": asked("deleted_last_day", 0.0, "count", kind="artifact", why="expired"),
    "deletions": asked("requests", 3.0, "count", state="waiting for more than a day"),
    "releases": released("4.2.0", "2.14.0", "2.15.0", "2.14.0"),
    "backups": dumps(),
}


def reading(source: str, values: Values | None = None, age_s: float = 1.0, fault: Fault | None = None) -> Reading:
    return Reading(source, NOW - age_s, MONO - age_s, 0.02, INTERVALS.get(source, 5.0), values, fault)


def snapshot(values: dict[str, Values], **faults: Fault) -> Snapshot:
    """Everything read one second ago; a source named in `faults` failed just now, after a good reading 42 s ago."""
    taken = Snapshot.awaiting({name: INTERVALS.get(name, 5.0) for name in values})
    for name, value in values.items():
        taken = taken.with_reading(reading(name, value, 42.0 if name in faults else 1.0))
        if name in faults:
            taken = taken.with_reading(reading(name, fault=faults[name], age_s=0.0))
    return taken


def job(number: int, state: str = "failed", **changes: object) -> JobRow:
    over = state in ("failed", "succeeded", "cancelled")
    plain: dict[str, object] = {
        "id": str(81_200 + number),
        "type": TYPES[number % len(TYPES)],
        "state": state,
        "attempt": 1 + number % 3,
        "max_attempts": 3,
        "created_at": NOW - 400 - number,
        "run_at": NOW - 390 - number,
        "started_at": None if state == "waiting" else NOW - 100 - number,
        "finished_at": NOW - 20 - number if over else None,
        "locked_at": NOW - 100 - number if state == "running" else None,
        "locked_by": "w-2" if state == "running" else "",
        "error_code": "PARSE_UNSUPPORTED_VERSION" if state == "failed" else "",
        "error_text": "log version 7 is newer than this parser (4.2.0) understands" if state == "failed" else "",
        "owner": str(7_000 + number % 5),
        "group": str(5_000 + number),
    }
    return JobRow(**{**plain, **changes})  # type: ignore[arg-type]


def job_page() -> JobPage:
    states = ("failed", "running", "waiting", "retry_wait", "succeeded", "scheduled", "cancelled")
    rows = tuple(job(number, states[number % len(states)]) for number in range(14))
    return JobPage(rows, "id", NOW, JobCursor("81200", "81200"), JobCursor("81213", "81213"), more=True)


def job_detail() -> JobDetail:
    error = ("PARSE_UNSUPPORTED_VERSION", "log version 7 is newer than this parser (4.2.0) understands")
    return JobDetail(
        job=job(0),
        queue="jobs",
        priority=100,
        heartbeat_at=NOW - 540,
        unique_key="session-3100",
        payload_bytes=2_140,
        attempts=(
            Attempt(2, "w-2", NOW - 50, NOW - 20, "failed", *error),
            Attempt(1, "w-1", NOW - 300, NOW - 240, "retry", "NET_TIMEOUT", "read took longer than 20 s"),
        ),
        at=NOW,
    )


def alerts() -> Alerts:
    """One alert in every state, and one that fires without being confirmed any more."""
    found = (
        Alert(
            "service-down", "A health endpoint fails", "firing", 2, "> 0", NOW - 95, "SEV1", "mre#health", source="api"
        ),
        Alert(
            "stale-locks",
            "Stale locks",
            "pending",
            24,
            "> 20 for 10 m",
            NOW - 200,
            "SEV3",
            remedy="release-stale-locks",
        ),
        Alert(
            "storage-write-errors",
            "Storage write errors",
            "unknown",
            NOT_RECORDED,
            "> 0.01",
            NOW - 30,
            "SEV2",
            reason="no data yet",
        ),
        Alert(
            "job-failure-rate",
            "Job failure rate",
            "firing",
            0.17,
            "> 0.05",
            NOW - 700,
            "SEV2",
            reason="stale",
            confirmed=False,
        ),
        Alert("db-pool-saturation", "Database connections", "ok", 0.22, "> 0.8 for 10 m", NOW - 9_000, "SEV2"),
    )
    return Alerts({alert.rule: alert for alert in found})


REFUSED = Fault(
    "unreachable", "connection refused by 127.0.0.1:5432", "is the server running? `pg_isready -h 127.0.0.1`"
)
DENIED = Fault("denied", "permission denied for table jobs", "GRANT SELECT ON jobs TO deck;")


def plan(count: int = 12, kind: str = "count", **changes: object) -> Plan:
    """The preview of a release of stale locks; kind "key" is a small one, "name" a dangerous one."""
    targets = tuple(
        Target(
            id=lock.id,
            label=f"{lock.type}, attempt {lock.attempt}",
            type=lock.type,
            state="running",
            note=f"locked {lock.age_s / 60:.0f} m ago by {lock.locked_by}, {lock.evidence}",
            seen={"attempt": str(lock.attempt)},
        )
        for lock in map(stale_lock, range(count))
    )
    expected = {"key": "y", "count": str(count), "name": "production"}[kind]
    per_type: dict[str, int] = {}
    for target in targets:
        per_type[target.type] = per_type.get(target.type, 0) + 1
    plain: dict[str, object] = {
        "request": Request(action="release-stale-locks", way="key"),
        "title": "Release stale locks",
        "profile": "mre",
        "environment": "production",
        "production": True,
        "server": "127.0.0.1:5432/mre",
        "system_identifier": "7575123456789012345",
        "database_user": "deck",
        "actor": "ines",
        "role": "operator",
        "risk": {"key": "low", "count": "medium", "name": "high"}[kind],
        "confirm": Confirm(kind=kind, expected=expected, reason_required=kind == "name"),  # type: ignore[arg-type]
        "targets": targets,
        "matching": count,
        "per_type": per_type,
        "table_share": 0.0004,
        "changes": ("state becomes retry_wait, the lock is cleared", "the attempt under way is closed as released"),
        "reversible": False,
        "warnings": ("3 more jobs are as old, but their workers are alive: they are left alone",),
        "taken_at": NOW,
    }
    return Plan(**{**plain, **changes})  # type: ignore[arg-type]
