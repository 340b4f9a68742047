"""The queue by job type: what waits, for how long, how it ends, and what is paused by whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.readings import Figure, FlagsValues, QueueValues, TypeFigures, Unknown, number
from widgets.columns import Column, Row
from widgets.figures import ago, count, duration, figure, share, span
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.sparkline import spark
from widgets.table import Table
from widgets.verdict import Grade, above, verdict, worst

Depths = Mapping[str, Sequence[float | None]]  # per type ("all" too): how many waited, oldest first
_SPARK = 6
_NAMED_S = 10.0  # a type that waits longer is named on the overview

_COLUMNS = (
    Column("type", "Type", "1fr", least=17),
    Column("waiting", "Wait", 6, "right"),
    Column("oldest", "Oldest", 6, "right"),
    Column("scheduled", "Schd", 4, "right", drop=5),
    Column("running", "Run", 4, "right", drop=2),
    Column("retry_wait", "Retry", 5, "right", drop=3),
    Column("failed", "Failed", 6, "right"),
    Column("wait_p50", "W p50", 6, "right", drop=9),
    Column("wait_p95", "W p95", 6, "right", drop=2),
    Column("duration_p50", "D p50", 6, "right", drop=10),
    Column("duration_p95", "D p95", 6, "right", drop=6),
    Column("failure_rate", "Fail %", 6, "right", drop=1),
    Column("retry_rate", "Retr %", 6, "right", drop=7),
    Column("per_minute", "/min", 5, "right", drop=4),
    Column("depth", "Depth", _SPARK, "right", "accent", drop=8),
    Column("gate", "Gate", "1fr", drop=1, least=12),
)


def types(
    values: QueueValues, flags: FlagsValues | None = None, depths: Depths | None = None, now: float = 0.0
) -> Table:
    """One row per job type, and one for all; a type that is paused or limited says by whom, why and since when."""
    rows = [_row(kind, flags, depths or {}) for kind in values.types]
    total = _row(values.total, None, depths or {})
    foot = (*_gates(values, flags, now), *_foot(values))
    return Table(_COLUMNS, (*rows, total), "no job of any type is known yet", foot, gap=1)


def _row(kind: TypeFigures, flags: FlagsValues | None, depths: Depths) -> Row:
    gate = _gate(flags, kind.type)
    cells = (
        (kind.type, "bold" if kind.type == "all" else ""),
        figure(kind.waiting),
        span(kind.oldest_wait_s),
        figure(kind.scheduled),
        figure(kind.running),
        figure(kind.retry_wait),
        figure(kind.failed),
        span(kind.wait_p50_s),
        span(kind.wait_p95_s),
        span(kind.duration_p50_s),
        span(kind.duration_p95_s),
        _graded(kind.failure_rate),
        share(kind.retry_rate),
        figure(kind.per_minute),
        spark(depths.get(kind.type, ()), _SPARK),
        gate,
    )
    fields = {"type": kind.type, "gate": gate[0]}
    return Row(kind.type, cells, (kind.type, *map(number, _figures(kind)), None, gate[0]), fields, kind)


def _figures(kind: TypeFigures) -> tuple[Figure, ...]:
    """In the order of the columns, for sorting."""
    return (
        kind.waiting,
        kind.oldest_wait_s,
        kind.scheduled,
        kind.running,
        kind.retry_wait,
        kind.failed,
        kind.wait_p50_s,
        kind.wait_p95_s,
        kind.duration_p50_s,
        kind.duration_p95_s,
        kind.failure_rate,
        kind.retry_rate,
        kind.per_minute,
    )


def _graded(rate: Figure) -> Segment:
    text, style = share(rate)
    return text, style or above(rate, 0.02, 0.05).replace("good", "")


def _gate(flags: FlagsValues | None, job_type: str) -> Segment:
    """Whether workers may claim this type: "paused ines", "max 8"."""
    if flags is None:
        return "", ""
    if paused := flags.paused(job_type):
        return f"‖paused {paused.changed_by}".rstrip(), "warn"
    if limit := flags.limit(job_type):
        return f"max {limit.value or '?'} {limit.changed_by}".rstrip(), "accent"
    return "open", "dim"


def _gates(values: QueueValues, flags: FlagsValues | None, now: float) -> Iterator[Line]:
    if flags is None:
        return
    found = ((kind.type, flags.paused(kind.type) or flags.limit(kind.type)) for kind in values.types)
    for job_type, flag in found:
        if flag is None:
            continue
        what = f"limited to {flag.value or '?'}" if flag.limits else "paused"
        since = "" if flag.changed_at is None else f" {ago(flag.changed_at, now)}"
        until = "" if flag.expires_at is None else f", ends {ago(flag.expires_at, now)}"
        who = f" by {flag.changed_by}" if flag.changed_by else ""
        why = f": {flag.reason}" if flag.reason else ""
        yield ((f"‖ {job_type} {what}{who}{since}{until}{why}", "accent" if flag.limits else "warn"),)


def _foot(values: QueueValues) -> tuple[Line, ...]:
    rows: list[Line] = []
    window = duration(values.window_s)
    if isinstance(values.ended, Unknown):
        rows.append(((f"rates and percentiles: {values.ended}", "unknown"),))
    elif values.filled_s < values.window_s - 1:
        filled = f"rates and percentiles so far cover {duration(values.filled_s)} of {window}"
        rows.append(((filled, "unknown"),))
    else:
        rows.append(((f"rates and percentiles over {window}, {figure(values.ended)[0]} jobs ended", "dim"),))
    return (*rows, *(((f"▲ {text}", "warn"),) for text in values.advice))


def summary(values: QueueValues, flags: FlagsValues | None = None, depth: Sequence[float | None] = ()) -> Lines:
    """The overview's tile: depth, oldest wait, failure rate, throughput, and what is paused."""
    total = values.total
    grade, words = _verdict(values)
    rows: list[Line] = [
        verdict(grade, words),
        (
            figure(total.waiting, "waiting"),
            (" · ", "dim"),
            figure(total.running, "running"),
            (" · ", "dim"),
            figure(total.retry_wait, "retrying"),
        ),
        (
            ("oldest wait ", "dim"),
            span(total.oldest_wait_s),
            (f" {longest(values)}".rstrip(), ""),
            (" · p95 ", "dim"),
            span(total.wait_p95_s),
        ),
        (("failing ", "dim"), _graded(total.failure_rate), (" · ", "dim"), figure(total.per_minute, "per minute")),
    ]
    if depth:
        rows.append(((spark(depth, 30), "accent"), (" depth", "dim")))
    closed = [kind.type for kind in values.types if flags and flags.paused(kind.type)]
    if closed:
        rows.insert(1, ((f"‖ paused: {', '.join(closed)}", "warn"),))
    return Lines(tuple(rows))


def longest(values: QueueValues) -> str:
    """The type whose oldest job waits longest, once that is worth a name; "" before."""
    waits = {kind.type: number(kind.oldest_wait_s) or 0.0 for kind in values.types}
    name = max(waits, key=waits.__getitem__, default="")
    return name if name and waits[name] > _NAMED_S else ""


def _verdict(values: QueueValues) -> tuple[Grade, str]:
    failing = above(values.total.failure_rate, 0.02, 0.05)
    waiting = above(values.total.oldest_wait_s, 300, 1800)
    if isinstance(values.total.waiting, Unknown):
        return "unknown", str(values.total.waiting)
    grade = worst(failing, waiting)
    if grade == "unknown":
        return "unknown", "not everything about the queue is known"
    if grade == "good":
        return "good", "queue is moving"
    if failing == grade:
        return grade, "jobs are failing" if grade == "bad" else "some jobs fail"
    return grade, "jobs wait too long" if grade == "bad" else "jobs wait long"


def workers(values: QueueValues) -> Table:
    """One row per worker: alive by its heartbeat, and what it runs."""
    columns = (
        Column("state", "", 6),
        Column("id", "Worker", "1fr"),
        Column("pool", "Pool", 10, drop=2),
        Column("seen", "Seen", 10, "right"),
        Column("running", "Run", 4, "right"),
        Column("version", "Version", 10, drop=3),
    )
    if isinstance(values.workers, Unknown):
        return Table(columns, (), f"workers: {values.workers}")
    rows = tuple(
        Row(
            worker.id,
            (
                ("● live", "good") if worker.alive else ("✖ dead", "bad"),
                worker.id,
                worker.pool,
                ago(-worker.heartbeat_age_s, 0.0),
                count(worker.running),
                worker.version,
            ),
            (worker.alive, worker.id, worker.pool, worker.heartbeat_age_s, worker.running, worker.version),
            {"id": worker.id, "worker": worker.id, "state": "live" if worker.alive else "dead"},
            worker,
        )
        for worker in values.workers
    )
    return Table(columns, rows, "no worker has ever shown life")
