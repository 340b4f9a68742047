"""Figures under names that the profile or the other side chose: what machines, disks, files and commands report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from services.readings import Figure, NamedFigure, NamedValues, SourceState, Unknown, number
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, figure, milliseconds, moment, percent, share, size, span
from widgets.lines import Segment
from widgets.silent import silent_row
from widgets.sparkline import spark
from widgets.table import Table

Trend = Callable[[str, str], Sequence[float | None]]  # of a source and a figure's path
Firing = Callable[[str, NamedFigure], str]  # the title of the alert over a source's figure; "" for none

_COLUMNS = (
    Column("source", "Source", 12),
    Column("figure", "Figure", "1fr", least=22),
    Column("value", "Value", 10, "right"),
    Column("trend", "Trend", 16, drop=1),
    Column("note", "Note", "1fr", "left", "dim", drop=2, least=14),
)
_TREND = 16
_SHOWN: Mapping[str, Callable[[Figure], Segment]] = {
    "s": span,
    "ms": milliseconds,
    "bytes": size,
    "share": share,
    "percent": percent,
}


def figures(states: Sequence[SourceState], mono: float, wall: float, trend: Trend, firing: Firing) -> Table:
    """One row per figure, by source, and one per source that does not answer; before them what an alert is about."""
    rows = [row for state in states for row in _rows(state, mono, wall, trend, firing)]
    rows.sort(key=lambda row: row.fields.get("state", "") != "alert")
    return Table(_COLUMNS, tuple(rows), "no figures yet")


def _rows(state: SourceState, mono: float, wall: float, trend: Trend, firing: Firing) -> Iterator[Row]:
    if row := silent_row(state, mono, len(_COLUMNS)):
        # here the name of the source stands first
        yield Row(row.key, (row.cells[1], row.cells[2], row.cells[0], "", ""), (state.source,), row.fields, row.data)
    values = state.good.values if state.good else None
    for each in values.figures if isinstance(values, NamedValues) else ():
        value = _value(each, wall)
        yield _row(each, value, state.source, trend(state.source, f"figures.{each.key}"), firing(state.source, each))


def _value(each: NamedFigure, wall: float) -> Segment:
    """In a column; of a point in time, how long ago it was: a date does not fit, and is of no more use."""
    at = number(each.value)
    if each.unit == "unix" and at is not None:
        return (ago(at, wall) if at > 0 else "never"), ""
    return told(each)


def _row(each: NamedFigure, value: Segment, source: str, trend: Sequence[float | None], alert: str) -> Row:
    note = alert or (str(each.value) if isinstance(each.value, Unknown) else each.note)
    value = (f"✖ {value[0]}", "bad") if alert else value
    name = " ".join((each.name, *(label for _, label in each.labels)))  # a rule says it as the pane below does
    cells = (source, name, value, (spark(trend, _TREND), "accent"), (note, "bad" if alert else ""))
    order = (source, each.key, number(each.value), None, note)
    fields = {"source": source, "figure": each.key, "note": note, "state": "alert" if alert else ""}
    return Row(f"{source}/{each.key}", cells, order, fields, each)


def told(each: NamedFigure) -> Segment:
    """A figure by its unit."""
    plain = number(each.value)
    if each.unit == "unix" and plain is not None:
        return moment(plain), ""
    text, ink = _SHOWN.get(each.unit, figure)(each.value)
    per = "/s" if each.name.endswith("_per_s") and plain is not None else ""
    return f"{text}{per}", ink


def detail(each: NamedFigure, source: str) -> Facts:
    """The figure under the cursor: its name as a rule says it, and why it is not known, if it is not."""
    value = str(each.value) if isinstance(each.value, Unknown) else told(each)
    return Facts((((f"figures.{each.key}", "bold"),),), (("is", value), ("note", each.note), ("of", source)))
