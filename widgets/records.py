"""Records beside incidents: which there can be, when each is due, which there are, and the course of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.records.incident import Said
from services.records.listed import Listed
from widgets.columns import Column, Row
from widgets.figures import ago, moment
from widgets.lines import Segment
from widgets.table import Table


@dataclass(frozen=True, slots=True)
class KindOf:
    """One record that the profile knows, and what Enter does with it."""

    id: str
    kind: str
    title: str
    does: str  # "begin one", "go on with drill-9a"
    last: float | None  # unix seconds: when one was begun last
    about: Segment = ("", "")


_KINDS = (
    Column("title", "Record", "1fr", least=20),
    Column("kind", "Kind", 9, drop=3),
    Column("last", "Last", 9, "right"),
    Column("about", "", "1fr", least=20, drop=2),
    Column("does", "Enter", 22, "left", "accent", drop=1),
)
_LISTED = (
    Column("state", "State", 12),
    Column("title", "Record", "1fr", least=24),
    Column("about", "About", "1fr", least=18, drop=1),
    Column("at", "Begun", 9, "right"),
    Column("by", "By", 12, drop=2),
    Column("id", "Id", 14, "left", "dim", drop=3),
)
_COURSE = (Column("at", "When", 19), Column("what", "What", "1fr", least=30), Column("by", "By", 12, drop=1))
_GOOD = ("passed", "closed")


def kinds(found: Sequence[KindOf], now: float) -> Table:
    rows = tuple(
        Row(
            one.id,
            (one.title, one.kind, "never" if one.last is None else ago(one.last, now), one.about, one.does),
            (one.title, one.kind, one.last, one.about[0], one.does),
            {"title": one.title, "kind": one.kind, "id": one.id},
            one,
        )
        for one in found
    )
    return Table(_KINDS, rows, "this profile has no [records]")


def listed(found: Sequence[Listed], now: float) -> Table:
    none = "none yet: Enter on a row of the page `kinds` begins one"
    return Table(_LISTED, tuple(_row(one, now) for one in found), none)


def _row(one: Listed, now: float) -> Row:
    about: Segment = (one.loud, "bad") if one.loud else (one.about, "")
    cells = (state(one), one.title, about, ago(one.at, now), one.by, one.id)
    fields = {"state": one.state, "title": one.title, "of": one.of, "by": one.by, "id": one.id, "about": about[0]}
    return Row(one.id, cells, (one.state, one.title, about[0], -one.at, one.by, one.id), fields, one)


def state(one: Listed) -> Segment:
    """What is over and well, over and not, and what is not over."""
    if one.loud:
        return f"✖ {one.state}", "bad"
    if not one.over:
        return f"▲ {one.state}", "warn"
    return (f"● {one.state}", "good") if one.state in _GOOD else (f"✖ {one.state}", "bad")


def course(found: Sequence[Said]) -> Table:
    """Event by event, the newest first."""
    rows = tuple(
        Row(f"{at}", (moment(one.at), one.text, one.by), (one.at, one.text, one.by), {"what": one.text, "by": one.by})
        for at, one in reversed(list(enumerate(found)))
    )
    return Table(_COURSE, rows, "nothing has happened yet")
