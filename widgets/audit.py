"""The local audit: who did what, why, by which way in, and how it ended."""

from __future__ import annotations

from services.readings import AuditEntry, AuditValues
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, count, moment
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import verdict

OUTCOMES: dict[str, Segment] = {
    "done": ("● done", "good"),
    "not applied": ("○ not applied", ""),
    "partial": ("◐ partial", "warn"),
    "unknown": ("? unknown", "unknown"),
    "denied": ("✖ denied", "bad"),
}
_COLUMNS = (
    Column("at", "When", 9, "right"),
    Column("outcome", "Outcome", 13),
    Column("actor", "Actor", 10),
    Column("action", "Action", 20),
    Column("rows", "Rows", 4, "right", drop=2),
    Column("way", "By", 7, drop=4),
    Column("summary", "What", "2fr", drop=1, least=16),
    Column("reason", "Why", "1fr", drop=3, least=12),
)


def entries(values: AuditValues, now: float) -> Table:
    """One row per action, newest first."""
    return Table(
        _COLUMNS, tuple(_row(entry, now) for entry in values.entries), "nobody has done anything yet", _foot(values)
    )


def _foot(values: AuditValues) -> tuple[Line, ...]:
    rows: list[Line] = []
    if not values.chain_ok:
        rows.append(
            (("✖ the chain is broken: a record was changed or removed; `watchdeck audit verify` says where", "bad"),)
        )
    if values.unsettled:
        rows.append(((f"? {count(values.unsettled)} unsettled: whether it was applied is being found out", "unknown"),))
    return tuple(rows)


def _row(entry: AuditEntry, now: float) -> Row:
    cells = (
        ago(entry.at, now),
        OUTCOMES.get(entry.outcome, (entry.outcome, "unknown")),
        entry.actor,
        entry.action,
        "?" if entry.rows is None else count(entry.rows),
        entry.way,
        entry.summary,
        (entry.reason, "dim"),
    )
    order = (-entry.at, entry.outcome, entry.actor, entry.action, entry.rows, entry.way, entry.summary, entry.reason)
    fields = {"actor": entry.actor, "action": entry.action, "outcome": entry.outcome, "way": entry.way, "id": entry.id}
    return Row(entry.id, cells, order, {**fields, "reason": entry.reason, "what": entry.summary}, entry)


def detail(entry: AuditEntry) -> Facts:
    """One action in full."""
    mark, ink = OUTCOMES.get(entry.outcome, (entry.outcome, "unknown"))
    facts = (
        ("action", entry.action),
        ("at", moment(entry.at)),
        ("actor", f"{entry.actor}, by {entry.way}"),
        ("rows", "not known" if entry.rows is None else count(entry.rows)),
        ("what", entry.summary),
        ("why", entry.reason or "no reason was given"),
        ("action id", entry.id),
    )
    return Facts((((mark, ink),),), facts)


def summary(values: AuditValues, now: float) -> Lines:
    """The overview's tile: the last three actions."""
    head = verdict("bad", "the audit chain is broken") if not values.chain_ok else None
    unsettled = verdict("unknown", f"{count(values.unsettled)} unsettled") if values.unsettled else None
    rows: list[Line] = [line for line in (head, unsettled) if line]
    for entry in values.entries[:3]:
        what = (f"  {entry.actor} {entry.action}, {ago(entry.at, now)}", "dim")
        rows.append((OUTCOMES.get(entry.outcome, (entry.outcome, "unknown")), what))
    return Lines(tuple(rows) or ((("nobody has done anything yet", "dim"),),))
