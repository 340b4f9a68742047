"""The health endpoints: whether they answer, what they say, and how fast."""

from __future__ import annotations

from services.readings import HealthCheck, HealthValues
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import duration
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import verdict

_COLUMNS = (
    Column("state", "", 6),
    Column("path", "Endpoint", 18),
    Column("status", "HTTP", 4, "right", drop=2),
    Column("latency", "Latency", 8, "right"),
    Column("version", "Version", 10, drop=3),
    Column("says", "Says", "1fr", drop=1, least=16),
)


def checks(values: HealthValues) -> Table:
    """One row per endpoint, with what it said or why there was no answer; those that fail first."""
    ordered = sorted(values.checks, key=lambda check: check.ok)
    return Table(_COLUMNS, tuple(map(_row, ordered)), "no endpoint is configured", (((values.base_url, "dim"),),))


def _row(check: HealthCheck) -> Row:
    says: Segment = (check.fault.message, "bad") if check.fault else (check.body, "dim")
    status = "-" if check.status is None else str(check.status)
    cells = (_state(check), check.path, status, duration(check.latency_s), check.version, says)
    order = (check.ok, check.path, check.status, check.latency_s, check.version, says[0])
    fields = {"path": check.path, "state": "up" if check.ok else "down", "status": status, "says": says[0]}
    return Row(check.path, cells, order, fields, check)


def _state(check: HealthCheck) -> Segment:
    return ("● up", "good") if check.ok else ("✖ down", "bad")


def detail(check: HealthCheck, base_url: str, flag: str = "") -> Facts:
    """Everything about one endpoint, with the remedy when there was no answer, and the switch that the answer names."""
    rows: list[Line] = [
        verdict("good" if check.ok else "bad", f"{base_url}{check.path}"),
        ((f"HTTP {check.status}, {duration(check.latency_s)}" if check.status is not None else "no answer", ""),),
    ]
    if check.fault:
        rows += [((check.fault.message, "bad"),), ((f"→ {check.fault.remedy}", ""),)]
    if check.body:
        rows += [((check.body, "dim"),)]
    return Facts(tuple(rows), (("flag", flag),))


def summary(values: HealthValues) -> Lines:
    """The overview's tile: one line per endpoint."""
    failing = values.failing
    words = f"{failing} of {len(values.checks)} endpoints fail" if failing else f"all {len(values.checks)} endpoints up"
    rows: list[Line] = [verdict("bad" if failing else "good", words)]
    for check in values.checks:
        mark, ink = _state(check)
        said = check.fault.message if check.fault else f"HTTP {check.status}" if not check.ok else check.version
        rows.append(
            ((f"{mark:<7}", ink), (f"{check.path} ", ""), (f"{duration(check.latency_s)} {said}".strip(), "dim"))
        )
    return Lines(tuple(rows))
