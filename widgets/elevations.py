"""Elevations: who sees what is restricted, why, for how long yet, by whose approval, and what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.readings import Elevation, ElevationsValues, RestrictedRead
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, count, duration, moment
from widgets.lines import Line, Segment, wrap
from widgets.table import Table

STATES: dict[str, Segment] = {
    "waiting": ("◷ waiting", "warn"),
    "in force": ("▸ in force", "alarm"),
    "expired": ("○ expired", ""),
    "ended": ("○ ended", ""),
    "lapsed": ("- lapsed", "dim"),
}
_COLUMNS = (
    Column("state", "State", 11),
    Column("who", "Who", 12),
    Column("what", "What", 16),
    Column("left", "Left", 7, "right"),
    Column("minutes", "Min", 4, "right", drop=4),
    Column("reads", "Reads", 5, "right", drop=1),
    Column("approved", "Approved by", 12, drop=2),
    Column("asked", "Asked", 9, "right", drop=5),
    Column("reason", "Why", "1fr", "left", "dim", drop=3, least=12),
)
_READS = (
    Column("at", "When", 9, "right"),
    Column("who", "Who", 12),
    Column("read", "What", 18),
    Column("params", "Of", "1fr", least=10),
    Column("rows", "Rows", 8, "right"),
)


def elevations(values: ElevationsValues, left: Mapping[str, float], now: float) -> Table:
    """Newest first. `left`: the seconds that those in force have, by id."""
    rows = tuple(_row(one, left.get(one.id, 0.0), now) for one in values.elevations)
    return Table(_COLUMNS, rows, "nobody has asked for an elevation")


def _row(one: Elevation, left: float, now: float) -> Row:
    over = one.state == "in force" and not left
    state = "expired" if over else one.state
    cells = (
        STATES.get(state, (state, "unknown")),
        one.who,
        one.what,
        duration(left) if left else "",
        f"{one.minutes:g}",
        count(one.reads),
        one.approved_by,
        ago(one.asked_at, now),
        one.reason,
    )
    order = (state, one.who, one.what, left, one.minutes, one.reads, one.approved_by, -one.asked_at, one.reason)
    fields = {"who": one.who, "what": one.what, "state": state, "approved": one.approved_by, "reason": one.reason}
    return Row(one.id, cells, order, {**fields, "id": one.id}, one)


def detail(one: Elevation) -> Facts:
    facts = (
        ("who", f"{one.who}, as {one.db_user}"),
        ("what", one.what),
        ("why", one.reason),
        ("asked", moment(one.asked_at)),
        ("approved", one.approved_by or "not yet"),
        ("until", "" if one.until is None else moment(one.until)),
        ("ended by", one.ended_by),
        ("id", one.id),
    )
    return Facts(((STATES.get(one.state, (one.state, "unknown")),),), facts)


def reads(found: Sequence[RestrictedRead], now: float) -> Table:
    """Each read, newest first: of what, never what was read."""
    return Table(_READS, tuple(_read(one, now) for one in found), "nothing has been read under it")


def _read(one: RestrictedRead, now: float) -> Row:
    rows = "none yet" if one.rows is None else count(one.rows)
    order = (-one.at, one.who, one.read, one.params, one.rows)
    fields = {"who": one.who, "what": one.read, "of": one.params}
    return Row(str(one.id), (ago(one.at, now), one.who, one.read, one.params, rows), order, fields, one)


class Opened:
    """Content: what was read, from one of its lines on."""

    def __init__(self, title: str, rows: Sequence[Mapping[str, tuple[str, ...]]], first: int = 0) -> None:
        self._title = title
        self._rows = rows
        self._first = first

    def lines(self, width: int, height: int) -> Sequence[Line]:
        found: list[Line] = [((self._title, "title"), (f"  {count(len(self._rows))} rows", "dim"))]
        for row in self._rows:
            for name, value in row.items():
                found.append(((name, "dim"),))
                found += [line for each in value for line in wrap(each, width, "")]
        return [found[0], *found[1 + min(self._first, max(0, len(found) - height)) :]][:height]
