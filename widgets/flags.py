"""Feature flags: what is switched, by whom, why, since when and until when."""

from __future__ import annotations

from collections.abc import Sequence

from services.readings import Flag, FlagsValues
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, moment
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import verdict

_COLUMNS = (
    Column("state", "State", 9),
    Column("name", "Flag", "1fr", least=22),
    Column("value", "Value", 6, "right", drop=4),
    Column("by", "By", 10),
    Column("since", "Since", 9, "right"),
    Column("until", "Until", 13, "right", drop=3),
    Column("reason", "Why", "1fr", drop=1, least=14),
)


def flags(values: FlagsValues, now: float) -> Table:
    """One row per flag."""
    return Table(_COLUMNS, tuple(_row(flag, now) for flag in values.flags), "no flag has ever been set")


def _state(flag: Flag) -> Segment:
    if flag.expired:
        return "⊘ expired", "dim"
    if flag.limits and flag.enabled:
        return f"≤ max {flag.value or '?'}", "accent"
    if flag.exceptional:
        return ("▲ on", "warn") if flag.enabled else ("○ off", "dim")
    return ("● on", "good") if flag.enabled else ("‖ off", "warn")


def _until(flag: Flag, now: float) -> str:
    """An expiry that has passed is told in the past."""
    return "" if flag.expires_at is None else ago(flag.expires_at, now)


def _row(flag: Flag, now: float) -> Row:
    state = _state(flag)
    since: Segment = ("?", "unknown") if flag.changed_at is None else (ago(flag.changed_at, now), "")
    by: Segment = (flag.changed_by, "") if flag.changed_by else ("?", "unknown")
    cells = (state, flag.name, flag.value, by, since, _until(flag, now), flag.reason)
    changed = None if flag.changed_at is None else -flag.changed_at
    order = (state[0], flag.name, flag.value or None, flag.changed_by or None, changed, flag.expires_at, flag.reason)
    fields = {"name": flag.name, "state": state[0][2:], "type": flag.job_type, "by": flag.changed_by}
    return Row(flag.name, cells, order, {**fields, "reason": flag.reason, "value": flag.value}, flag)


def detail(flag: Flag, now: float) -> Facts:
    """One flag in full: who, why, since when, until when."""
    since = "not recorded" if flag.changed_at is None else f"{ago(flag.changed_at, now)}, {moment(flag.changed_at)}"
    until = "" if flag.expires_at is None else f"{ago(flag.expires_at, now)}, {moment(flag.expires_at)}"
    facts = (
        ("value", flag.value),
        ("by", flag.changed_by or ("not recorded", "unknown")),
        ("since", since),
        ("until", until or "it is switched again"),
        ("why", flag.reason or "no reason was given"),
        ("job type", flag.job_type),
    )
    return Facts(((_state(flag), (f"  {flag.name}", "title")),), facts)


def summary(values: FlagsValues, now: float) -> Lines:
    """The overview's tile: what is not as usual, and who made it so."""
    unusual = [flag for flag in values.flags if flag.unusual]
    held = [flag for flag in unusual if flag.job_type or flag.exceptional]
    # a switch that is off may be as it should be; a type that is held back never is
    rows: list[Line] = [verdict("warn", _held(held)) if held else verdict("good", "nothing is paused or limited")]
    for flag in (*held, *(flag for flag in unusual if flag not in held)):
        who = f" by {flag.changed_by}" if flag.changed_by else ""
        since = f" {ago(flag.changed_at, now)}" if flag.changed_at is not None else ""
        value = f" {flag.value}" if flag.value else ""
        rows.append((_state(flag), (f" {flag.name}{value}", "bold"), (f"{who}{since} {flag.reason}".rstrip(), "dim")))
    return Lines(tuple(rows))


def _held(flags: Sequence[Flag]) -> str:
    on = [flag.name for flag in flags if flag.exceptional]
    paused = len(flags) - len(on)
    return " · ".join(
        filter(None, (f"{', '.join(on)} is on" if on else "", f"{paused} paused or limited" if paused else ""))
    )
