"""The dumps that there are: how old, how large against the usual, whether anybody knows what they hold, and tested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from services.readings import BackupReport, BackupsValues, Dump, Unknown, number
from widgets.columns import Cell, Column, Row
from widgets.facts import Facts
from widgets.figures import ago, figure, moment, share, size, span
from widgets.lines import Line, Segment
from widgets.table import Table

_COLUMNS = (
    Column("name", "Dump", "1fr", least=20),
    Column("age", "Age", 7, "right"),
    Column("bytes", "Size", 8, "right"),
    Column("share", "Of usual", 8, "right", drop=2),
    Column("known", "Manifest", 10, drop=1),
    Column("tested", "Tested", 18),
)
_REPORTS = (
    Column("state", "State", 10),
    Column("age", "When", 7, "right"),
    Column("of", "What", 14),
    Column("title", "Dump", "1fr", "left", "dim", drop=1, least=16),
    Column("by", "By", 10, drop=2),
    Column("said", "Found", "1fr", least=20),
)
Drawing: TypeAlias = Callable[[BackupsValues, float], Table]

SMALL = 0.5  # of the usual: hardly the same database


def dumps(values: BackupsValues, now: float) -> Table:
    rows = tuple(_row(one, now) for one in values.dumps)
    return Table(_COLUMNS, rows, "there is no dump here: back up now (X)", _foot(values))


def _row(one: Dump, now: float) -> Row:
    name = one.key.rpartition("/")[2]
    of_usual = share(one.share)
    if (told := number(one.share)) is not None and told < SMALL:
        of_usual = (f"✖ {of_usual[0]}", "bad")
    known: Segment = ("● known", "good") if one.described else ("? unknown", "unknown")
    age = max(0.0, now - one.at)
    cells: tuple[Cell, ...] = (name, span(age), size(one.bytes), of_usual, known, _tested(one, now))
    sort = (name, age, one.bytes, number(one.share), one.described, one.tested_at or 0.0)
    return Row(one.key, cells, sort, {"name": name, "tested": one.tested or "no"}, one)


def _tested(one: Dump, now: float) -> Segment:
    if one.tested_at is None:
        return "- not tested", "dim"
    when = ago(one.tested_at, now)
    return (f"● passed {when}", "good") if one.tested == "passed" else (f"✖ failed {when}", "bad")


def _foot(values: BackupsValues) -> tuple[Line, ...]:
    lines: list[Line] = []
    if left := number(values.leftovers):
        what = "upload was" if left == 1 else "uploads were"
        lines.append(((f"{left:,.0f} {what} begun and never ended: the next backup aborts its own", "warn"),))
    if values.wal or not isinstance(values.wal_arrived, Unknown):
        lines.append(_wal(values))
    elif values.wal_arrived.why != "not configured":
        lines.append((("archived WAL: ", "dim"), figure(values.wal_arrived), (f" {values.wal_arrived}", "dim")))
    return tuple(lines)


def _wal(values: BackupsValues) -> Line:
    state: Segment = ("? unknown", "unknown")
    if values.wal_arrived == 1:
        state = ("● is in the bucket", "good")
    elif values.wal_arrived == 0:
        state = ("✖ is not in the bucket", "bad")
    return (("WAL archived last: ", "dim"), (values.wal, ""), (" ", ""), state)


def reports(values: BackupsValues, now: float) -> Table:
    """Newest first."""
    rows = tuple(_report(at, one, now) for at, one in enumerate(values.reports))
    return Table(_REPORTS, rows, "nothing was backed up or tested from this machine")


def _report(at: int, one: BackupReport, now: float) -> Row:
    state: Segment = ("● passed", "good") if one.passed else ("✖ failed", "bad")
    dump = one.title.rpartition("/")[2]
    cells: tuple[Cell, ...] = (state, span(max(0.0, now - one.at)), one.of, dump, one.by, one.said)
    fields = {"state": state[0][2:], "what": one.of, "by": one.by}
    return Row(f"{one.at:.6f} {at}", cells, (one.passed, now - one.at, one.of, dump, one.by, one.said), fields, one)


def detail(values: BackupsValues, one: Dump, now: float) -> Facts:
    held = "its manifest says what it holds, and its checksum" if one.described else "nobody knows what it holds"
    return Facts(
        (),
        (
            ("dump", (one.key, "")),
            ("written", (f"{moment(one.at)}, {ago(one.at, now)}", "")),
            ("size", (f"{size(one.bytes)[0]}, {share(one.share)[0]} of the usual", "")),
            ("content", (held, "" if one.described else "unknown")),
            ("restore test", _tested(one, now)),
            ("in", (values.where, "")),
        ),
    )
