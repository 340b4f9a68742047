"""What the rules say: firing first, then what is about to, what cannot be judged, and what is well."""

from __future__ import annotations

from services.alerts import Alert, Alerts
from services.readings import number
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, figure
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import verdict

_STATES: dict[str, Segment] = {
    "firing": ("✖ firing", "bad"),
    "recovering": ("▽ ending", "warn"),
    "pending": ("▲ pending", "warn"),
    "unknown": ("? unknown", "unknown"),
    "ok": ("● ok", "good"),
}
_ORDER = tuple(_STATES)
_COLUMNS = (
    Column("state", "State", 9),
    Column("severity", "Sev", 5, drop=2),
    Column("title", "Alert", "1fr", least=24),
    Column("value", "Value", 9, "right"),
    Column("threshold", "Fires at", 16, drop=3),
    Column("since", "Since", 9, "right", drop=1),
    Column("remedy", "Remedy", 24, drop=5),
    Column("reason", "Why unknown", "1fr", "left", "unknown", drop=4, least=16),
)


def alerts(values: Alerts, now: float) -> Table:
    """One row per rule, the worst first."""
    ordered = sorted(values, key=lambda alert: (_ORDER.index(alert.state), alert.severity, alert.since))
    return Table(_COLUMNS, tuple(_row(alert, now) for alert in ordered), "this profile has no rules")


def _state(alert: Alert) -> Segment:
    """A firing rule whose source fell silent goes on firing, and says that nothing confirms it."""
    text, ink = _STATES[alert.state]
    return (text, ink) if alert.confirmed else (f"{text}?", ink)


def _row(alert: Alert, now: float) -> Row:
    cells = (
        _state(alert),
        alert.severity,
        alert.title,
        figure(alert.value),
        alert.threshold,
        ago(alert.since, now),
        alert.remedy,
        alert.reason,
    )
    state = _ORDER.index(alert.state)
    order = (state, alert.severity, alert.title, number(alert.value), alert.threshold, -alert.since, alert.remedy)
    fields = {"rule": alert.rule, "state": alert.state, "severity": alert.severity, "title": alert.title}
    return Row(alert.key, cells, (*order, alert.reason), {**fields, "source": alert.source}, alert)


def detail(alert: Alert, now: float, remedy: str = "", below: tuple[Line, ...] = ()) -> Facts:
    """One rule in full; `remedy` is the title of its action."""
    facts = (
        ("why", alert.reason),
        ("state", f"{alert.state}, began {ago(alert.since, now)}"),
        ("severity", alert.severity),
        ("value", f"{figure(alert.value)[0]}, fires at {alert.threshold}"),
        ("source", alert.source),
        ("remedy", remedy or alert.remedy),
        ("runbook", alert.runbook),
    )
    return Facts(((_state(alert), (f"  {alert.title}", "title")),), facts, below)


def _verdict(values: Alerts) -> Line:
    """Nothing is well while something cannot be judged."""
    if values.firing:
        return verdict("bad", f"{len(values.firing)} firing")
    if values.unknown:
        return verdict("unknown", f"nothing fires, {len(values.unknown)} unknown")
    if values.pending:
        return verdict("warn", f"nothing fires, {len(values.pending)} pending")
    return verdict("good", "nothing fires") if values.by_key else verdict("unknown", "no rule was judged yet")


def summary(values: Alerts, now: float) -> Lines:
    """The overview's tile: what fires, then how many are pending or unknown."""
    firing = values.firing
    rows: list[Line] = [_verdict(values)]
    rows += [
        (
            (f"{a.severity} {a.title}".strip(), "bad"),
            (f"  {figure(a.value)[0]}, {ago(a.since, now).removesuffix(' ago')}", ""),
        )
        for a in firing
    ]
    rows += [(("▲ pending ", "warn"), (alert.title, "")) for alert in values.pending]
    rows += [(("? unknown ", "unknown"), (f"{alert.title}: {alert.reason}", "")) for alert in values.unknown]
    return Lines(tuple(rows))
