"""What the statements of a database cost: where its time goes."""

from __future__ import annotations

from services.readings import StatementFigures, StatementsValues, Unknown
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import count, duration, figure, share, why
from widgets.lines import Line
from widgets.table import Table

_COLUMNS = (
    Column("share", "Time", 6, "right"),
    Column("calls", "Calls", 7, "right"),
    Column("mean", "Mean", 7, "right"),
    Column("total", "Total", 7, "right", drop=2),
    Column("rows", "Rows", 7, "right", drop=3),
    Column("query", "Statement", "1fr", least=30),
)


def statements(values: StatementsValues) -> Table:
    """By the time spent in them; `s` sorts by mean or calls."""
    if isinstance(values.top, Unknown):
        return Table(_COLUMNS, (), f"? {values.top}")
    return Table(_COLUMNS, tuple(_row(each, values.slow_s) for each in values.top), "no statement ran", _foot(values))


def _row(each: StatementFigures, slow_s: float) -> Row:
    slow = each.mean_s > slow_s
    cells = (
        share(each.share),
        count(each.calls),
        (f"▲{duration(each.mean_s)}" if slow else duration(each.mean_s), "warn" if slow else ""),
        duration(each.time_s),
        count(each.rows),
        _text(each),
    )
    order = (each.share, each.calls, each.mean_s, each.time_s, each.rows, each.query)
    return Row(each.id, cells, order, {"id": each.id, "query": each.query}, each)


def _text(each: StatementFigures) -> str:
    return each.query or f"statement {each.id}, its text is not known yet"


def detail(each: StatementFigures) -> Facts:
    """The statement under the cursor, as much of it as is known."""
    spent = f"{share(each.share)[0]} of the time, {duration(each.mean_s)} a call, {count(each.calls)} calls"
    return Facts((((_text(each), ""),),), (("spent", spent), ("id", each.id)))


def _foot(values: StatementsValues) -> tuple[Line, ...]:
    slow, ink = figure(values.slow_count)
    words = why(values.slow_count, f"{slow} calls")
    seen = "" if values.covered_s >= values.window_s else f", {duration(values.covered_s)} of it seen so far"
    return (
        ((f"▲ slower than {duration(values.slow_s)} on average: {words}", ink or "dim"),),
        ((f"figures of the last {duration(values.window_s)}{seen}", "dim"),),
    )
