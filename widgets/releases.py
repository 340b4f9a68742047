"""How far each release has come: components with their versions against the pin, instances, deploys, gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.procedures.verdict import Judged
from services.records.moment import Moment
from services.rollout import Instance, Rollout
from services.text import safe
from widgets.columns import Cell, Column, Row
from widgets.facts import Facts
from widgets.figures import ago, count
from widgets.lines import Line, Segment
from widgets.table import Table

STATES: dict[str, Segment] = {
    "complete": ("● complete", "good"),
    "mixed": ("◐ mixed", "warn"),
    "other": ("✖ not the pin", "bad"),
    "unknown": ("? unknown", "unknown"),
}
_GATES: dict[str, Segment] = {
    "holds": ("● green", "good"),
    "fails": ("✖ red", "bad"),
    "unknown": ("? unknown", "unknown"),
    "manual": ("- by hand", "dim"),
}
_ORDER = tuple(STATES)
_COLUMNS = (
    Column("state", "State", 13),
    Column("title", "Component", "1fr", least=12),
    Column("versions", "Versions", "1fr", least=16),
    Column("pin", "Pin", 10),
    Column("since", "Changed", 9, "right", drop=1),
    Column("said", "", "2fr", "left", "dim", drop=2, least=24),
)
_DEPLOYS = (
    Column("at", "When", 9, "right"),
    Column("text", "Version seen to change", "1fr", least=24),
)


def releases(found: Sequence[Rollout], now: float) -> Table:
    rows = tuple(_row(one, now) for one in found)
    return Table(_COLUMNS, rows, "the profile has no [releases]")


def _row(one: Rollout, now: float) -> Row:
    versions = ", ".join(f"{count(many)} x {safe(version, 40)}" for version, many in one.versions)
    shown: Segment = (versions, "") if versions else ("none known", "unknown")
    since = ago(one.since, now) if one.since else ""
    cells: tuple[Cell, ...] = (STATES[one.state], one.title, shown, safe(one.pin, 40) or "-", since, one.said)
    sort = (_ORDER.index(one.state), one.title, versions, one.pin, one.since or 0.0, one.said)
    return Row(one.id, cells, sort, {"state": one.state, "component": one.title, "version": versions}, one)


def detail(one: Rollout) -> Facts:
    """Every instance with its version; those of which nothing is known say why."""
    above: Line = (STATES[one.state], ("  ", ""), (one.title, "title"), (f"  {one.said}", "dim"))
    return Facts((above,), tuple((each.name, _version(each, one.pin)) for each in one.instances))


def _version(each: Instance, pin: str) -> Segment:
    if not each.version:
        return f"unknown: {each.said}", "unknown"
    many = f"{count(each.count)} x " if each.count > 1 else ""
    wrong = bool(pin) and each.version != pin
    return (
        f"{many}{safe(each.version, 60)}{f', and should be {safe(pin, 60)}' if wrong else ''}",
        "bad" if wrong else "",
    )


@dataclass(frozen=True, slots=True)
class Gates:
    """Content: how the checklists stand that a deploy waits for, and what speaks against: all of it, or the first."""

    found: Sequence[Judged]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        if not self.found:
            return ((("the profile has no gates", "dim"),),)
        heads: list[Line] = [(_GATES[one.state], ("  ", ""), (one.title, "")) for one in self.found]
        whole: list[Line] = []
        for head, one in zip(heads, self.found, strict=True):
            whole += [head, *(((f"    {said}", "dim"),) for said in one.against)]
        if len(whole) <= height:
            return whole
        firsts = (f"  {one.against[0]}" if one.against else "" for one in self.found)
        return [(*head, (first, "dim")) for head, first in zip(heads, firsts, strict=True)]


def deploys(found: Sequence[Moment], now: float) -> Table:
    """Newest first."""
    rows = tuple(
        Row(str(at), (ago(one.at, now), one.what), (-one.at, one.what), {"text": one.what}, one)
        for at, one in enumerate(found)
    )
    return Table(_DEPLOYS, rows, "no version was seen to change since somebody began to look")
