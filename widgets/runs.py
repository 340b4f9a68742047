"""Processing runs: how they stand, how many end partial or failed, and how long until their data can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TypeVar

from services.readings import Ending, Figure, Run, RunsValues, UsableTime, number
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
T = TypeVar("T")
_BAR = 20
_BESIDE = 76  # cells; from here on there is room for two columns


def _shape(status: str, endings: Mapping[str, Ending]) -> Segment:
    ending = endings.get(status, "")
    return SHAPES.get(status) or SHAPES.get("running" if ending == "live" else ending, ("?", "unknown"))


@dataclass(frozen=True, slots=True)
class Distribution:
    """Content: how runs stand, as bars with numbers; below, the shares and the time to usable by size class."""

    values: RunsValues

    def lines(self, width: int, height: int) -> Sequence[Line]:
        values = self.values
        whole = sum(number(amount) or 0 for _, amount in values.by_status)
        endings = dict(values.endings)
        named = max((10, *(len(status) + 1 for status, _ in values.by_status)))
        room = max(0, min(_BAR, width - named - 11))
        bars: list[Line] = [
            ((f"{mark} {status:<{named}}", ink), *_amount(amount, whole, room, ink))
            for status, amount in values.by_status
            for mark, ink in [_shape(status, endings)]
        ]
        told: list[Line] = [_shares(values), (("published successfully ", "dim"), _told(values.publish_success))]
        told.append(((f"time to usable, last {duration(values.window_s)}", "dim"),))
        told += [_usable(item) for item in values.usable]
        if width < _BESIDE:
            return [*bars, (), *told][:height]
        left = named + room + 13
        pairs = zip_longest(bars, told, fillvalue=())
        return [(*fit(each, left), *fact) for each, fact in pairs][:height]


def _amount(amount: Figure, whole: float, room: int, ink: str) -> Line:
    plain = number(amount)
    part = None if plain is None else plain / whole if whole else 0.0
    return ((bar(part, room) if room else "", ink), (f" {figure(amount)[0]:>7}", ""))


def _usable(item: UsableTime) -> Line:
    spans = (("p50 ", "dim"), span(item.p50_s), ("  p95 ", "dim"), span(item.p95_s))
    return ((f"size {item.size_class}  ", "bold"), *spans, (f"  of {count(item.count)}", "dim"))


def _told(value: Figure) -> Segment:
    text, style = share(value)
    return why(value, text), style


def _shares(values: RunsValues) -> Line:
    partial = (("partial ", "dim"), _graded(values.partial_share, 0.02, 0.05))
    failed = (("failed ", "dim"), _graded(values.failed_share, 0.02, 0.05))
    known = {ending for _, ending in values.endings}
    return beside([partial, failed] if "partial" in known or not known else [failed], "   ")


def _graded(value: Figure, warn: float, bad: float) -> Segment:
    text, style = share(value)
    return text, style or above(value, warn, bad).replace("good", "")


def recent(values: RunsValues, now: float) -> Table:
    """The newest runs, one row each, without the columns that this system's runs have nothing for."""
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
    endings = dict(values.endings)
    rows = [_row(run, _shape(run.status, endings), now) for run in values.recent]
    empty = {at for at in (3, 4, 7) if rows and not any(row.cells[at] for row in rows)}
    if any(len(run.session) > columns[2].minimum for run in values.recent):  # a name, and no number
        columns = (*columns[:2], replace(columns[2], width="2fr", align="left"), *columns[3:])
    kept = [at for at in range(len(columns)) if at not in empty]
    return Table(
        tuple(columns[at] for at in kept),
        tuple(replace(row, cells=_some(row.cells, kept), sort=_some(row.sort, kept)) for row in rows),
        "no run yet",
    )


def _some(values: Sequence[T], kept: Sequence[int]) -> tuple[T, ...]:
    return tuple(values[at] for at in kept)


def _row(run: Run, shape: Segment, now: float) -> Row:
    mark, ink = shape
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
    endings = dict(values.endings)
    live = [
        (f"{figure(amount)[0]} {status}", "")
        for status, amount in values.by_status
        if endings.get(status, status) not in _ENDED
    ]
    rows.append((live[0], *(part for item in live[1:] for part in ((" · ", "dim"), item))) if live else (UNKNOWN,))
    return Lines(tuple(rows))


_ENDED = ("succeeded", "partial", "failed", "cancelled")
