"""Object storage: whether it can be read and written, how fast, the newest object, and what the last walk counted."""

from __future__ import annotations

from services.readings import NO_DATA_YET, Figure, StorageValues, Unknown, number
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import age, ago, count, duration, figure, share, size, span, why
from widgets.lines import Segment
from widgets.pane import Lines
from widgets.sparkline import bar
from widgets.table import Table
from widgets.verdict import SHAPES, Grade, above, verdict, worst

_BAR = 20  # cells
_DAY_S = 86_400.0


def bucket(values: StorageValues, now: float) -> Facts:
    """Everything about the bucket: what the console's own probes say, then what is in it."""
    facts = (
        ("bucket", f"{values.bucket} at {values.endpoint}"),
        ("canary read", _probe(values.canary_read_s, values.read_p50_s, values.read_p95_s, values.window_s)),
        ("canary write", _probe(values.canary_write_s, values.write_p50_s, values.write_p95_s, values.window_s)),
        ("read errors", _errors(values.recent_read_errors, values.recent_reads, values.read_errors, values.window_s)),
        (
            "write errors",
            _errors(values.recent_write_errors, values.recent_writes, values.write_errors, values.window_s),
        ),
        ("reads at", _per(values.canary_bytes_per_s, "s")),
        ("newest", _newest(values, now)),
        ("objects", _told(values.objects, figure(values.objects))),
        ("size", _size(values)),
        ("grows by", _growth(values)),
        ("counted", _walk(values)),
    )
    return Facts((verdict(*_grade(values)),), facts)


def _probe(last: Figure, p50: Figure, p95: Figure, window_s: float) -> Segment:
    """The last one, and those of the window."""
    text, ink = _told(last, span(last))
    told = f"{text} · P50 {span(p50)[0]}, P95 {span(p95)[0]} in {duration(window_s)}"
    return _hint(told, "bad" if _failed(last) else above(p95, 0.25, 0.5), ink)


def _errors(recent: Figure, probes: Figure, hour: Figure, window_s: float) -> Segment:
    """Shares of probes that failed: of the window, then of the last hour."""
    text, ink = _told(recent, share(recent))
    of = f" of {figure(probes)[0]} probes in {duration(window_s)}" if number(probes) is not None else ""
    return _hint(f"{text}{of} · {share(hour)[0]} in 1 h", above(recent, 0.0, 0.01), ink)


def _hint(text: str, grade: Grade, ink: str = "") -> Segment:
    """What is well or not known needs no shape and no colour of its own."""
    return (f"{SHAPES[grade]} {text}", grade) if grade in ("warn", "bad") else (text, ink)


def _per(value: Figure, unit: str) -> Segment:
    text, ink = _told(value, size(value))
    return (f"{text}/{unit}" if number(value) is not None else text), ink


def _size(values: StorageValues) -> Segment:
    text, ink = _told(values.bytes, size(values.bytes))
    part = number(values.used_share)
    if part is not None:
        told = f"{text} of {size(values.capacity_bytes)[0]}, {share(values.used_share)[0]}"
        return _hint(f"{bar(part, _BAR)} {told}", above(values.used_share, 0.7, 0.85))
    declared = number(values.capacity_bytes)
    return (f"{text}; capacity {size(values.capacity_bytes)[0]}" if declared else f"{text}; no capacity declared"), ink


def _growth(values: StorageValues) -> Segment:
    """By the last two walks; how long the room lasts at that rate is a division, not a promise."""
    grows = number(values.growth_bytes_per_day)
    if grows is None:
        return str(values.growth_bytes_per_day), "unknown"
    if grows < 0:
        return f"it shrinks by {size(-grows)[0]} a day", ""
    capacity, held = number(values.capacity_bytes), number(values.bytes)
    lasts = ""
    if grows and held is not None and capacity and capacity > held:
        lasts = f", full in {duration((capacity - held) / grows * _DAY_S)} at that rate"
    return f"{size(grows)[0]} a day{lasts}", ""


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
        Column("share", "Of all", 7, "right", drop=1),
    )
    whole = number(values.bytes)
    rows = tuple(_prefix(name, objects, held, whole) for name, objects, held in values.prefixes)
    none = "nothing counted yet" if isinstance(values.objects, Unknown) else "no prefixes configured"
    return Table(columns, rows, none, ((("counted ", "dim"), _walk(values)),) if rows else ())


def _prefix(name: str, objects: int, held: int, whole: float | None) -> Row:
    part: Figure = held / whole if whole else NO_DATA_YET
    cells = (name, count(objects), size(held), share(part))
    return Row(name, cells, (name, objects, held, number(part)), {"prefix": name}, (name, objects, held))


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
