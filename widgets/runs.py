"""Processing runs: how they stand, how many end partial or failed, and how long until their data can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.readings import Figure, Run, RunsValues, UsableTime, number
from widgets.columns import Column, Row
from widgets.figures import UNKNOWN, ago, count, duration, figure, share, span, why
from widgets.lines import Line, Segment, beside, fit
from widgets.pane import Lines
from widgets.sparkline import bar
from widgets.table import Table
from widgets.verdict import Grade, above, verdict, worst

# a shape per status, so that the list reads without colour
SHAPES: dict[str, Segment] = {
    "queued": ("○", "dim"),
    "running": ("▸", "accent"),
    "succeeded": ("●", "good"),
    "partial": ("◐", "warn"),
    "failed": ("✖", "bad"),
    "cancelled": ("-", "dim"),
}
_BAR = 20
_BESIDE = 76  # cells; from here on there is room for two columns


def _shape(status: str) -> Segment:
    return SHAPES.get(status, ("?", "unknown"))


@dataclass(frozen=True, slots=True)
class Distribution:
    """Content: how runs stand, as bars with numbers; below, the shares and the time to usable by size class."""

    values: RunsValues

    def lines(self, width: int, height: int) -> Sequence[Line]:
        values = self.values
        whole = sum(number(amount) or 0 for _, amount in values.by_status)
        room = max(0, min(_BAR, width - 21))
        bars: list[Line] = [_status(status, amount, whole, room) for status, amount in values.by_status]
        told: list[Line] = [_shares(values), (("published successfully ", "dim"), _told(values.publish_success))]
        told.append(((f"time to usable, last {duration(values.window_s)}", "dim"),))
        told += [_usable(item) for item in values.usable]
        if width < _BESIDE:
            return [*bars, (), *told][:height]
        left = room + 23
        pairs = zip_longest(bars, told, fillvalue=())
        return [(*fit(each, left), *fact) for each, fact in pairs][:height]


def _status(status: str, amount: Figure, whole: float, room: int) -> Line:
    mark, ink = _shape(status)
    plain = number(amount)
    part = None if plain is None else plain / whole if whole else 0.0
    return ((f"{mark} {status:<10}", ink), (bar(part, room) if room else "", ink), (f" {figure(amount)[0]:>7}", ""))


def _usable(item: UsableTime) -> Line:
    spans = (("p50 ", "dim"), span(item.p50_s), ("  p95 ", "dim"), span(item.p95_s))
    return ((f"size {item.size_class}  ", "bold"), *spans, (f"  of {count(item.count)}", "dim"))


def _told(value: Figure) -> Segment:
    text, style = share(value)
    return why(value, text), style


def _shares(values: RunsValues) -> Line:
    parts = [
        (("partial ", "dim"), _graded(values.partial_share, 0.02, 0.05)),
        (("failed ", "dim"), _graded(values.failed_share, 0.02, 0.05)),
    ]
    return beside(parts, "   ")


def _graded(value: Figure, warn: float, bad: float) -> Segment:
    text, style = share(value)
    return text, style or above(value, warn, bad).replace("good", "")


def recent(values: RunsValues, now: float) -> Table:
    """The newest runs, one row each."""
    columns = (
        Column("status", "Status", 11),
        Column("id", "Run", 8, "right"),
        Column("session", "Session", 8, "right", drop=1),
        Column("owner", "Owner", "1fr", drop=4, least=6),
        Column("size", "Size", 4, drop=3),
        Column("created", "Created", 9, "right"),
        Column("usable", "Usable in", 9, "right", drop=2),
        Column("of", "Again of", 9, "right", drop=5),
    )
    return Table(columns, tuple(_row(run, now) for run in values.recent), "no run yet")


def _row(run: Run, now: float) -> Row:
    mark, ink = _shape(run.status)
    usable = duration(run.usable_s) if run.usable_s is not None else "never" if run.finished_at else "not yet"
    cells = (
        (f"{mark} {run.status}", ink),
        run.id,
        run.session,
        run.owner,
        run.size_class,
        ago(run.created_at, now),
        (usable, "" if run.usable_s is not None else "dim"),
        run.reprocess_of,
    )
    order = (run.status, _numeric(run.id), _numeric(run.session), run.owner, run.size_class, -run.created_at)
    fields = {"id": run.id, "run": run.id, "session": run.session, "owner": run.owner, "state": run.status}
    more = {"status": run.status, "size": run.size_class}
    return Row(run.id, cells, (*order, run.usable_s, run.reprocess_of or None), {**fields, **more}, run)


def _numeric(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def summary(values: RunsValues) -> Lines:
    """The overview's tile: partial and failed share, publish success, time to usable of the first size class."""
    failed, partial = above(values.failed_share, 0.02, 0.05), above(values.partial_share, 0.02, 0.05)
    grade = worst(failed, partial)
    how = "fail" if failed == grade else "end partial"
    told: dict[Grade, str] = {"good": "runs succeed", "warn": f"some runs {how}", "bad": f"runs {how}"}
    words = told.get(grade, "shares not known")
    rows: list[Line] = [verdict(grade, words), _shares(values), (("published ", "dim"), _told(values.publish_success))]
    if values.usable:
        first = values.usable[0]
        rows.append(((f"usable, size {first.size_class}: p95 ", "dim"), span(first.p95_s)))
    live = [(f"{figure(amount)[0]} {status}", "") for status, amount in values.by_status if status not in _ENDED]
    rows.append((live[0], *(part for item in live[1:] for part in ((" · ", "dim"), item))) if live else (UNKNOWN,))
    return Lines(tuple(rows))


_ENDED = ("succeeded", "partial", "failed", "cancelled")
