"""Alerts that others judge, a Prometheus or an Alertmanager, and what is silenced there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.readings import (
    AlertmanagerValues,
    HeldAlert,
    HeldSilence,
    PrometheusAlert,
    PromqlValues,
    SourceState,
    Unknown,
)
from widgets.columns import Column, Row
from widgets.figures import ago, duration
from widgets.lines import Line, Segment
from widgets.silent import silent_row
from widgets.table import Table

Told = PrometheusAlert | HeldAlert

_STATES: dict[str, Segment] = {
    "firing": ("✖ firing", "bad"),
    "pending": ("▲ pending", "warn"),
    "suppressed": ("◇ suppressed", "dim"),
}
_ORDER = tuple(_STATES)
_ALERTS = (
    Column("state", "State", 12),
    Column("source", "Told by", 12, drop=3),
    Column("name", "Alert", "1fr", least=20),
    Column("severity", "Sev", 8, drop=2),
    Column("since", "Since", 9, "right", drop=1),
    Column("labels", "Labels", "1fr", "left", "dim", drop=5, least=16),
    Column("remark", "Remark", "1fr", "left", "dim", drop=4, least=18),
)
_SILENCES = (
    Column("state", "State", 12),
    Column("source", "In", 12, drop=3),
    Column("matchers", "Of", "1fr", least=22),
    Column("ends", "Ends", 9, "right"),
    Column("by", "By", 12, drop=1),
    Column("comment", "Comment", "1fr", "left", "dim", drop=2, least=12),
)
_MUTE: Line = (("m silences one that an Alertmanager tells of", "dim"),)


def alerts(states: Sequence[SourceState], mono: float, now: float) -> Table:
    """What fires first, then what is pending, then what nobody is told of; before all, who does not answer."""
    silent = filter(None, (silent_row(state, mono, len(_ALERTS)) or _refused(state) for state in states))
    told = [row for state in states for row in _told(state, now)]
    told.sort(key=_worst_first)
    foot = [_left_out(state) for state in states]
    mutes = (_MUTE,) if any(isinstance(row.data, HeldAlert) for row in told) else ()
    return Table(_ALERTS, (*silent, *told), "nothing fires there", (*filter(None, foot), *mutes))


def silences(states: Sequence[SourceState], mono: float, now: float) -> Table:
    """Those in force, then those that begin later."""
    silent = filter(None, (silent_row(state, mono, len(_SILENCES)) for state in states))
    told = [_silence(state.source, one, now) for state in states for one in _silences_of(state)]
    return Table(_SILENCES, (*silent, *sorted(told, key=_worst_first)), "nothing is silenced there")


def _worst_first(row: Row) -> tuple[int, ...]:
    return row.sort[:3]  # by state, source and name; what follows may be unknown


def _refused(state: SourceState) -> Row | None:
    """It answers, but not what fires there."""
    values = state.good.values if state.good else None
    if not isinstance(values, PromqlValues) or not isinstance(values.alerts, Unknown):
        return None
    why = values.alerts.detail
    cells = (("? unknown", "unknown"), state.source, (why, "bad"), "", "", "", "")
    return Row(f"{state.source}/", cells, (1, state.source, why), {"state": "unknown", "source": state.source})


def _alerts_of(state: SourceState) -> Sequence[Told]:
    values = state.good.values if state.good else None
    if isinstance(values, AlertmanagerValues):
        return values.alerts
    return values.alerts if isinstance(values, PromqlValues) and isinstance(values.alerts, tuple) else ()


def _silences_of(state: SourceState) -> tuple[HeldSilence, ...]:
    values = state.good.values if state.good else None
    return values.silences if isinstance(values, AlertmanagerValues) else ()


def _left_out(state: SourceState) -> Line:
    values = state.good.values if state.good else None
    if not isinstance(values, AlertmanagerValues):
        return ()
    more = values.firing + values.suppressed - len(values.alerts)
    return ((f"{state.source} has {more:,} more", "warn"),) if more else ()


def _told(state: SourceState, now: float) -> Iterator[Row]:
    standing = {one.id: one for one in _silences_of(state)}
    for at, alert in enumerate(_alerts_of(state)):
        if isinstance(alert, HeldAlert):
            yield _row(f"{state.source} {alert.fingerprint}", state.source, alert, _remark(alert, standing, now), now)
        else:
            yield _row(f"{state.source} {at}", state.source, alert, alert.summary, now)


def _row(key: str, source: str, alert: Told, remark: str, now: float) -> Row:
    labels = " ".join(f"{name}={value}" for name, value in alert.labels)
    state = _STATES.get(alert.state, (alert.state, ""))
    since = ago(alert.since, now) if alert.since else ""
    cells = (state, source, alert.name, alert.severity, since, labels, remark)
    place = _ORDER.index(alert.state) if alert.state in _ORDER else len(_ORDER)
    order = (place, source, alert.name, alert.severity, -(alert.since or 0.0), labels, remark)
    fields = {"name": alert.name, "state": alert.state, "severity": alert.severity, "source": source, "remark": remark}
    return Row(key, cells, order, {**dict(alert.labels), **fields}, alert)


def _remark(alert: HeldAlert, standing: Mapping[str, HeldSilence], now: float) -> str:
    """Why nobody is told of it: the silence that lasts longest, or else another alert. Of the others what they are."""
    found = [standing[id] for id in alert.silenced_by if id in standing]
    if found:
        longest = max(found, key=lambda one: one.ends_at or 0.0)
        until = f" for {duration(longest.ends_at - now)} more" if longest.ends_at else ""
        return f"silenced by {longest.by}{until}: {longest.comment}"
    if alert.silenced_by:
        return "silenced"
    return "because of another alert" if alert.inhibited else alert.summary


def _silence(source: str, one: HeldSilence, now: float) -> Row:
    state: Segment = ("● in force", "") if one.state == "active" else ("○ pending", "dim")
    ends = f"in {duration(one.ends_at - now)}" if one.ends_at else "?"
    cells = (state, source, one.matchers, ends, one.by, one.comment)
    order = (int(one.state != "active"), source, one.matchers, one.ends_at, one.by, one.comment)
    fields = {"state": one.state, "source": source, "of": one.matchers, "by": one.by, "comment": one.comment}
    return Row(f"{source} {one.id}", cells, order, fields, one)
