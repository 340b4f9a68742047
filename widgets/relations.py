"""The tables of a database: how big they are, and which of them need maintenance."""

from __future__ import annotations

from services.readings import Figure, TableFigures, TablesValues, number
from widgets.columns import Cell, Column, Row
from widgets.figures import ago, figure, share, size
from widgets.lines import Line, Segment
from widgets.sparkline import bar
from widgets.table import Table

_COLUMNS = (
    Column("need", "Needs", 10),
    Column("name", "Table", "1fr", least=22),
    Column("size", "Size", 8, "right"),
    Column("indexes", "Indexes", 8, "right", drop=4),
    Column("rows", "Rows", 7, "right", drop=1),
    Column("dead", "Dead", 6, "right"),
    Column("bloat", "Bloat", 8, "right", drop=5),
    Column("vacuumed", "Vacuumed", 9, "right", drop=2),
    Column("analyzed", "Analyzed", 9, "right", drop=3),
)


def tables(values: TablesValues, now: float) -> Table:
    """The largest, and those with the most to clean; what needs something stands first."""
    rows = sorted((_row(each, now) for each in values.tables), key=lambda row: row.sort[0] == "")
    return Table(_COLUMNS, tuple(rows), "this database has no tables", _foot(values))


def needs(each: TableFigures) -> str:
    words = (("vacuum", each.vacuum_due), ("analyze", each.analyze_due))
    return " ".join(word for word, due in words if due is not None and due > 1)


def _row(each: TableFigures, now: float) -> Row:
    need = needs(each)
    cells: tuple[Cell, ...] = (
        (f"▲ {need}", "warn") if need else ("", ""),
        each.name,
        size(each.total_bytes),
        size(each.index_bytes),
        figure(each.rows),
        share(each.dead_share),
        size(each.bloat_bytes),
        ago(each.last_vacuum_at, now) if each.last_vacuum_at else "never",
        ago(each.last_analyze_at, now) if each.last_analyze_at else "never",
    )
    figures = map(number, (each.total_bytes, each.index_bytes, each.rows, each.dead_share, each.bloat_bytes))
    order = (need, each.name, *figures, each.last_vacuum_at, each.last_analyze_at)
    return Row(each.name, cells, order, {"name": each.name, "need": need}, each)


def _foot(values: TablesValues) -> tuple[Line, ...]:
    part = number(values.used_share)
    used: Line = (
        *((("disk ", "dim"), (bar(part, 20), ""), (" ", "")) if part is not None else ()),
        _sized(values.total_bytes, "in all databases"),
        _of(values.capacity_bytes),
    )
    names = ", ".join(f"{each.name} {size(each.size_bytes)[0]}" for each in values.databases[:6])
    return used, ((names, "dim"),)


def _sized(value: Figure, what: str) -> Segment:
    return f"{size(value)[0]} {what}", ""


def _of(capacity: Figure) -> Segment:
    """SQL cannot know the disk: the profile says, or nobody."""
    if number(capacity) is None:
        return ", of an unknown capacity: `capacity` in the profile tells it", "unknown"
    return f" of {size(capacity)[0]}", ""
