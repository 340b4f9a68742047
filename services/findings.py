"""What `doctor` says about one reading: that it came, and what in it an operator should know before relying on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from services.figures import NAMES
from services.readings import (
    AuditValues,
    BucketValues,
    ElevationsValues,
    Fault,
    HealthValues,
    LogsValues,
    MinioValues,
    NamedValues,
    PoolsValues,
    PostgresValues,
    QueueValues,
    Reading,
    RedisValues,
    StatementsValues,
    StorageValues,
    TablesValues,
    TlsValues,
    UnitsValues,
    Unknown,
    Values,
    number,
)

Word = Literal["ok", "warning", "failed"]
SKEW_S = 2.0
NAMED = 8  # figures of one reason; there may be hundreds


@dataclass(frozen=True, slots=True)
class Finding:
    what: str  # "source jobs", "action release-stale-locks"
    word: Word
    message: str
    remedy: str = ""


def of_reading(reading: Reading) -> Iterator[Finding]:
    what = f"source {reading.source}"
    if reading.fault is not None:
        yield Finding(what, "failed", reading.fault.message, reading.fault.remedy)
    elif reading.values is not None:
        word: Word = "failed" if isinstance(reading.values, HealthValues) and reading.values.failing else "ok"
        yield Finding(what, word, f"{_summary(reading.values)} ({1000 * reading.took_s:.0f} ms)")
        for word, message, remedy in _remarks(reading.values):
            yield Finding(what, word, message, remedy)


def _summary(values: Values) -> str:
    match values:
        case HealthValues():
            return f"{len(values.checks) - values.failing} of {len(values.checks)} endpoints healthy"
        case PostgresValues():
            return f"PostgreSQL {values.version} as {values.user} on {values.host}"
        case StatementsValues():
            return f"statements of the last {values.window_s / 60:.0f} minutes"
        case TablesValues():
            return f"{number(values.table_count) or 0:.0f} tables in {values.database}"
        case PoolsValues():
            return f"PgBouncer {values.version} at {values.host}, {len(values.pools)} pools"
        case QueueValues():
            return f"{len(values.types)} job types"
        case StorageValues():
            return f"bucket {values.bucket}"
        case BucketValues():
            return f"bucket {values.bucket}, {len(values.settings)} settings"
        case MinioValues():
            return f"MinIO at {values.url}"
        case TlsValues():
            return f"{len(values.certificates)} certificates"
        case RedisValues():
            return f"Redis at {values.address}"
        case UnitsValues():
            return f"{len(values.units)} units and {len(values.timers)} timers, by {values.about}"
        case LogsValues():
            return f"{len(values.lines)} lines of {values.about}"
        case NamedValues():
            return f"{len(values.figures)} figures from {values.about}"
        case AuditValues():
            return f"{len(values.entries)} actions recorded"
        case ElevationsValues():
            return f"{len(values.in_force)} elevations in force"
    return "answers"


def _remarks(values: Values) -> Iterator[tuple[Word, str, str]]:
    match values:
        case HealthValues():
            yield from _health(values)
        case PostgresValues():
            yield from _postgres(values)
        case QueueValues():
            for advice in values.advice:
                message, _, remedy = advice.partition(". Suggested: ")
                yield "warning", message, remedy
            yield from _unknowns(values.total)
        case AuditValues():
            if not values.chain_ok:
                yield "failed", "records of the local audit were edited or removed", "`watchdeck audit verify`"
            if values.unsettled:
                yield "warning", f"{values.unsettled} actions are not settled", "`watchdeck audit tail`"
        case _:
            yield from _wrong(values)
            yield from _unknowns(values)


def _health(values: HealthValues) -> Iterator[tuple[Word, str, str]]:
    for check in values.checks:
        if check.fault is not None:
            yield "failed", check.fault.message, check.fault.remedy
        elif not check.ok:
            yield "failed", f"{check.path}: answered {check.status}: {check.body}", "see the service's own log"


def _wrong(values: Values) -> Iterator[tuple[Word, str, str]]:
    """What a source found not to be as it should, whether or not a rule watches it."""
    match values:
        case NamedValues(ok=False):
            yield "failed", f"{values.about}: {values.said or 'says that it is not well'}", ""
        case UnitsValues():
            yield from _units(values)
        case LogsValues() if values.note:
            yield "warning", values.note, ""
        case StatementsValues(top=Unknown(why="not configured", detail=remedy)):
            yield "warning", "what statements cost is not recorded", remedy
        case PoolsValues() if values.paused:
            yield "warning", f"{values.paused} of its databases are paused or disabled", "RESUME or ENABLE them"
        case MinioValues(healthy=0):
            yield "failed", f"{values.url}: {values.said}", "`mc admin info` tells which drive or node"
        case TlsValues():
            for one in values.certificates:
                if one.trusted == 0:
                    yield "failed", f"{one.address}: its certificate is refused: {one.said}", "renew or replace it"
        case BucketValues():
            for arrival in values.arrivals:
                if arrival.overdue == 1:
                    yield "failed", f"{arrival.name}: nothing new below {arrival.prefix} in time", "see what writes it"
                if arrival.shrunken == 1:
                    yield "failed", f"{arrival.name}: {arrival.newest} is smaller than usual", "see what wrote it"


def _units(values: UnitsValues) -> Iterator[tuple[Word, str, str]]:
    for unit in values.units:
        if not unit.active:
            said = unit.load if unit.load != "loaded" else f"{unit.state}, {unit.sub}"
            yield "failed", f"{unit.unit}: {said}", f"systemctl status {unit.unit}"
    for timer in values.timers:
        if not timer.armed:
            yield "failed", f"{timer.unit}: {timer.state}, {timer.sub}: it will not run", "see its triggers"
    for pattern in values.unmatched:
        yield "warning", f"no loaded unit is named {pattern}", "see `units` in the source's table"


def _postgres(values: PostgresValues) -> Iterator[tuple[Word, str, str]]:
    if values.in_recovery:
        yield "warning", "it is a standby: actions need the primary", "target_session_attrs=read-write in the dsn"
    if not values.system_identifier:
        yield "warning", "its system_identifier may not be read", "GRANT EXECUTE ON FUNCTION pg_control_system() TO you"
    if not values.ledger:
        yield "warning", "there is no ledger: no action can be carried out", "`watchdeck roles --sql` prints it"
    if values.archiver.failing is True:
        yield "failed", f"archiving of WAL fails at {values.archiver.last_failed_wal}", "see archive_command"
    if missing := number(values.replication.missing):
        yield "failed", f"{missing:.0f} of its standbys do not stream from it", "see the standbys' own logs"
    if abs(values.clock_skew_s) > SKEW_S:
        yield "warning", f"its clock is {values.clock_skew_s:+.1f} s off this machine's", "set both by NTP"
    yield from _unknowns(values)


def _unknowns(values: object) -> Iterator[tuple[Word, str, str]]:
    """Figures that somebody did not permit or that failed; those that nobody records or configured are as intended."""
    told: dict[str, list[str]] = {}
    for fault, value, name in _parts(values):
        if fault is not None:
            yield "failed", fault.message, fault.remedy
        elif isinstance(value, Unknown) and value.why in ("not permitted", "failed"):
            told.setdefault(str(value), []).append(name)
    for reason, names in told.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield "warning", f"unknown: {', '.join(names[:NAMED])}{more}: {reason}", ""


def _parts(values: object, of: str = "") -> Iterator[tuple[Fault | None, object, str]]:
    """What the values hold, and what each of the several things in them does: its fault, or a figure and its name."""
    fault = getattr(values, "fault", None)
    if fault is not None:  # its figures are unknown for that reason, which is said once
        yield fault, None, of
        return
    for field in fields(values):  # type: ignore[arg-type]
        value = getattr(values, field.name)
        yield None, value, f"{of}{field.name}"
        for item in value if isinstance(value, tuple) else ():
            if name := getattr(item, NAMES.get(type(item), ""), ""):
                yield from _parts(item, f"{name} ")
