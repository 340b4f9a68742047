"""What `doctor` says about one reading: that it came, and what in it an operator should know before relying on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from services.readings import (
    AuditValues,
    HealthValues,
    PostgresValues,
    QueueValues,
    Reading,
    StorageValues,
    Unknown,
    Values,
)

Word = Literal["ok", "warning", "failed"]
SKEW_S = 2.0


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
        case QueueValues():
            return f"{len(values.types)} job types"
        case StorageValues():
            return f"bucket {values.bucket}"
        case AuditValues():
            return f"{len(values.entries)} actions recorded"
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
            yield from _unknowns(values)


def _health(values: HealthValues) -> Iterator[tuple[Word, str, str]]:
    for check in values.checks:
        if check.fault is not None:
            yield "failed", check.fault.message, check.fault.remedy
        elif not check.ok:
            yield "failed", f"{check.path}: answered {check.status}: {check.body}", "see the service's own log"


def _postgres(values: PostgresValues) -> Iterator[tuple[Word, str, str]]:
    if values.in_recovery:
        yield "warning", "it is a standby: actions need the primary", "target_session_attrs=read-write in the dsn"
    if not values.system_identifier:
        yield "warning", "its system_identifier may not be read", "GRANT EXECUTE ON FUNCTION pg_control_system() TO you"
    if not values.ledger:
        yield "warning", "there is no ledger: no action can be carried out", "`watchdeck roles --sql` prints it"
    if abs(values.clock_skew_s) > SKEW_S:
        yield "warning", f"its clock is {values.clock_skew_s:+.1f} s off this machine's", "set both by NTP"
    yield from _unknowns(values)


def _unknowns(values: object) -> Iterator[tuple[Word, str, str]]:
    """Figures that somebody did not permit or that failed; those that nobody records or configured are as intended."""
    told: dict[str, list[str]] = {}
    for field in fields(values):  # type: ignore[arg-type]
        value = getattr(values, field.name)
        if isinstance(value, Unknown) and value.why in ("not permitted", "failed"):
            told.setdefault(str(value), []).append(field.name)
    for reason, names in told.items():
        yield "warning", f"unknown: {', '.join(names)}: {reason}", ""
