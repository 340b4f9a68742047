"""An API by its own counters: traffic, errors and latency of each endpoint over a window."""

from __future__ import annotations

from services.readings import NOT_CONFIGURED, AtLeast, EndpointFigures, EndpointsFigures, Figure, Unknown, number
from widgets.columns import Cell, Column, Row
from widgets.figures import count, duration, share, span
from widgets.lines import Line, Segment
from widgets.table import Table
from widgets.verdict import above

_COLUMNS = (
    Column("endpoint", "Endpoint", "1fr", least=20),
    Column("rate", "Req/s", 6, "right"),
    Column("4xx", "4xx", 7, "right", drop=2),
    Column("5xx", "5xx", 7, "right"),
    Column("p50", "P50", 7, "right", drop=3),
    Column("p95", "P95", 7, "right"),
    Column("p99", "P99", 7, "right", drop=1),
)
_DATABASE = Column("db", "DB P95", 7, "right", drop=4)
_BAD_5XX, _POOR_5XX = 0.01, 0.001


def endpoints(values: EndpointsFigures) -> Table:
    """The busiest first; sorted by P95 (`s`) the slowest are found."""
    seen = f"of the last {duration(values.window_s)}"
    if values.coverage < 1:
        seen += f", {values.coverage:.0%} of it seen so far"
    total = _row(values.total, "all of them")
    rows = tuple(_row(each, each.endpoint) for each in values.endpoints)
    empty = f"no endpoint was asked: {values.total.requests}" if isinstance(values.total.requests, Unknown) else ""
    foot: tuple[Line, ...] = (((f"figures {seen}", "dim"),),)
    columns = _COLUMNS if values.total.db_p95_s == NOT_CONFIGURED else (*_COLUMNS, _DATABASE)
    return Table(columns, (total, *rows) if rows else (), empty or "no endpoint was asked", foot)


def _row(each: EndpointFigures, name: str) -> Row:
    cells: tuple[Cell, ...] = (
        (name, "bold" if name != each.endpoint else ""),
        _rate(each.per_second),
        share(each.share_4xx),
        _errors(each.share_5xx),
        _span(each.p50_s),
        _span(each.p95_s),
        _span(each.p99_s),
        *(() if each.db_p95_s == NOT_CONFIGURED else (_span(each.db_p95_s),)),
    )
    figures = (each.per_second, each.share_4xx, each.share_5xx, each.p50_s, each.p95_s, each.p99_s, each.db_p95_s)
    return Row(each.endpoint or "*", cells, (name, *map(number, figures)), {"endpoint": name}, each)


def _rate(value: Figure) -> Segment:
    plain = number(value)
    return ("?", "unknown") if plain is None else (count(plain), "")


def _span(value: Figure) -> Segment:
    """A quantile in the top bucket is at least so much."""
    text, ink = span(value)
    return (f"≥{text.removesuffix('+')}", ink) if isinstance(value, AtLeast) else (text, ink)


def _errors(value: Figure) -> Segment:
    text, ink = share(value)
    grade = above(value, _POOR_5XX, _BAD_5XX)
    return text, ink if grade in ("good", "unknown") else grade


def summary(values: EndpointsFigures) -> Line:
    """For the overview's tile: all requests together."""
    total = values.total
    if isinstance(total.per_second, Unknown):
        return ((f"requests: {total.per_second}", "unknown"),)
    p95, errors = _span(total.p95_s), _errors(total.share_5xx)
    return ((f"{_rate(total.per_second)[0]}/s · 5xx ", ""), errors, (" · P95 ", ""), p95)
