"""Object storage: whether it can be read and written, how fast, the newest object, and what the last walk counted."""

from __future__ import annotations

from services.readings import Figure, StorageValues, Unknown, number
from widgets.columns import Column, Row
from widgets.figures import age, ago, count, figure, share, size, span, why
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import Grade, above, verdict, worst


def bucket(values: StorageValues, now: float) -> Lines:
    """Everything about the bucket, one fact a line."""
    rows: list[Line] = [verdict(*_grade(values)), _fact("bucket", (f"{values.bucket} at {values.endpoint}", ""))]
    for name, value in (("canary read", values.canary_read_s), ("canary write", values.canary_write_s)):
        rows.append(_fact(name, _told(value, span(value))))
    for name, value in (("read errors", values.read_errors), ("write errors", values.write_errors)):
        text, ink = _told(value, share(value))
        rows.append(_fact(name, (f"{text} of probes, last hour", ink or above(value, 0.0, 0.01).replace("good", ""))))
    rows.append(_fact("newest", _newest(values, now)))
    rows.append(_fact("objects", _told(values.objects, figure(values.objects))))
    rows.append(_fact("size", _told(values.bytes, size(values.bytes))))
    rows.append(_fact("counted", _walk(values)))
    return Lines(tuple(rows))


def _fact(name: str, value: Segment) -> Line:
    return ((f"{name:<13}", "dim"), value)


def _told(value: Figure, shown: Segment) -> Segment:
    return why(value, shown[0]), shown[1]


def _newest(values: StorageValues, now: float) -> Segment:
    at = number(values.newest_at)
    if at is None:
        return str(values.newest_at), "unknown"
    return f"{values.newest_key}, {ago(at, now)}", ""


def _walk(values: StorageValues) -> Segment:
    """How old the counts are: a walk is budgeted, so they are never of this moment."""
    seconds = number(values.walk_age_s)
    done = "no walk has ended yet" if seconds is None else f"{age(seconds)} ago" if seconds >= 5 else "just now"
    return (f"{done}; {values.walk_progress}" if values.walk_progress else done), "dim"


def _grade(values: StorageValues) -> tuple[Grade, str]:
    if not values.reachable:
        return "bad", "storage cannot be reached"
    writes = "bad" if _failed(values.canary_write_s) else above(values.write_errors, 0.0, 0.01)
    reads = "bad" if _failed(values.canary_read_s) else above(values.canary_read_s, 0.25, 0.5)
    grade = worst(writes, reads)
    if grade in ("good", "unknown"):
        return grade, "storage reads and writes" if grade == "good" else "not everything about storage is known"
    return grade, "writes fail" if writes == grade else "reads are slow or fail"


def _failed(value: Figure) -> bool:
    return isinstance(value, Unknown) and value.why == "failed"


def prefixes(values: StorageValues) -> Table:
    """Objects and bytes by prefix, as of the last complete walk."""
    columns = (
        Column("prefix", "Prefix", "1fr"),
        Column("objects", "Objects", 9, "right"),
        Column("bytes", "Size", 9, "right"),
    )
    rows = tuple(
        Row(name, (name, count(objects), size(held)), (name, objects, held), {"prefix": name}, (name, objects, held))
        for name, objects, held in values.prefixes
    )
    return Table(
        columns, rows, "nothing counted yet" if isinstance(values.objects, Unknown) else "no prefixes configured"
    )


def summary(values: StorageValues, now: float) -> Lines:
    """The overview's tile."""
    read, write = (_told(value, span(value)) for value in (values.canary_read_s, values.canary_write_s))
    errors = share(values.write_errors)
    return Lines(
        (
            verdict(*_grade(values)),
            (("read ", "dim"), read, (" · write ", "dim"), write),
            (("write errors ", "dim"), errors, (" · newest ", "dim"), (_newest_age(values, now), "")),
            (figure(values.objects, "objects"), (" · ", "dim"), size(values.bytes), (f" · {_walk(values)[0]}", "dim")),
        )
    )


def _newest_age(values: StorageValues, now: float) -> str:
    at = number(values.newest_at)
    return "?" if at is None else ago(min(at, now), now)
