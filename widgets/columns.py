"""The columns and rows of a table, and how columns share a width."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from rich.cells import cell_len

from widgets.lines import Line, Segment, fit, text_of

Cell: TypeAlias = str | Segment | Line


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is cells, or "1fr": a part of what is left. Short of room, the highest `drop` goes first and 0 stays."""

    key: str
    title: str
    width: int | str = 8
    align: Literal["left", "right"] = "left"
    style: str = ""
    drop: int = 0
    least: int = 8  # of a flexible column

    @property
    def flex(self) -> int:
        return int(self.width.removesuffix("fr")) if isinstance(self.width, str) else 0

    @property
    def minimum(self) -> int:
        return self.least if isinstance(self.width, str) else self.width


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `sort` has one value per column (None is unknown and sorts last); `fields` is what a filter looks at."""

    key: str
    cells: tuple[Cell, ...]
    sort: tuple[Any, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    data: Any = None


def as_line(cell: Cell, style: str = "") -> Line:
    """A cell as a line; bare text takes the column's style."""
    if isinstance(cell, str):
        return ((cell, style),)
    if len(cell) == 2 and isinstance(cell[0], str) and isinstance(cell[1], str):
        return ((cell[0], cell[1] or style),)
    return tuple(part for part in cell if isinstance(part, tuple))


def cell_text(cell: Cell) -> str:
    return text_of(as_line(cell)).strip()


Placed: TypeAlias = tuple[tuple[int, int], ...]  # (index of the column, its width), in order


def place(columns: Sequence[Column], width: int, gap: int) -> Placed:
    """Which columns are shown in this width, and how wide each is."""
    shown = _shown(columns, width, gap)
    left = max(0, width - _least(columns, shown, gap))
    shares = sum(columns[at].flex for at in shown)
    placed = []
    for at in shown:
        column = columns[at]
        extra = left * column.flex // shares if shares else 0
        left, shares = left - extra, shares - column.flex
        placed.append((at, column.minimum + extra))
    return tuple(placed)


def _shown(columns: Sequence[Column], width: int, gap: int) -> list[int]:
    """Those that fit: the least important go first, and a narrow one comes back into the room of a wide one."""
    shown, gone = list(range(len(columns))), []
    while len(shown) > 1 and _least(columns, shown, gap) > width:
        worst = max(shown, key=lambda at: (columns[at].drop, at))
        if not columns[worst].drop:
            break
        shown.remove(worst)
        gone.append(worst)
    for at in reversed(gone):
        if _least(columns, [*shown, at], gap) <= width:
            shown.append(at)
    return sorted(shown)


def _least(columns: Sequence[Column], shown: Sequence[int], gap: int) -> int:
    return sum(columns[at].minimum for at in shown) + gap * (len(shown) - 1)


def heads(
    columns: Sequence[Column], placed: Placed, gap: int, sorted_by: int | None = None, reverse: bool = False
) -> Line:
    """The row of titles; the sorted column carries an arrow."""
    parts: list[Segment] = []
    for at, width in placed:
        column = columns[at]
        arrow = "" if at != sorted_by else "↓" if reverse else "↑"
        title = column.title if cell_len(column.title) + len(arrow) <= width else column.title[: width - len(arrow)]
        parts += [*fit(((title + arrow, "dim"),), width, column.align), (" " * gap, "")]
    return tuple(parts[:-1])


def cells(columns: Sequence[Column], placed: Placed, gap: int, row: Row) -> Line:
    """One row, each cell in its column's width."""
    parts: list[Segment] = []
    for at, width in placed:
        column = columns[at]
        content = as_line(row.cells[at], column.style) if at < len(row.cells) else ()
        parts += [*fit(content, width, column.align), (" " * gap, "")]
    return tuple(parts[:-1])


def ordered(rows: Sequence[Row], by: int | None, reverse: bool) -> list[Row]:
    """Sorted by one column, stable, with unknown values last whichever way it goes."""
    if by is None:
        return list(rows)
    known = [row for row in rows if _value(row, by) is not None]
    unknown = [row for row in rows if _value(row, by) is None]
    # numbers before words, so that a column that mixes them still has an order
    known.sort(key=lambda row: (isinstance(_value(row, by), str), _value(row, by)), reverse=reverse)
    return known + unknown


def _value(row: Row, by: int) -> Any:
    value = row.sort[by] if by < len(row.sort) else cell_text(row.cells[by]) if by < len(row.cells) else None
    return None if isinstance(value, float) and math.isnan(value) else value
