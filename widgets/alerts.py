"""What the rules say: firing first, then what is about to, what cannot be judged, and what is well."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from services.alerts import Alert, Alerts
from services.readings import Figure, Unknown, number
from services.silence import Silence
from services.watching.transitions import Transition
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.figures import ago, duration, figure, milliseconds, moment, percent, share, size, span
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.sparkline import spark
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
Trend = Callable[[Alert], Sequence[float | None]]
_COLUMNS = (
    Column("state", "State", 9),
    Column("severity", "Sev", 5, drop=2),
    Column("title", "Alert", "1fr", least=36),
    Column("value", "Value", 9, "right"),
    Column("threshold", "Fires at", 16, drop=3),
    Column("trend", "Trend", 12, drop=5),
    Column("since", "Since", 9, "right", drop=1),
    Column("remark", "Remark", "1fr", "left", drop=4, least=18),
)


def alerts(values: Alerts, now: float, trend: Trend, early: Collection[str] = ()) -> Table:
    """One row per instance of a rule, the worst first, and what is silenced behind what is not."""
    ordered = sorted(values, key=lambda alert: (_ORDER.index(alert.state), not alert.loud, alert.severity, alert.since))
    rows = tuple(_row(alert, now, trend, alert.key in early) for alert in ordered)
    return Table(_COLUMNS, rows, "this profile has no rules")


def _state(alert: Alert, early: bool = False) -> Segment:
    """A firing rule whose source fell silent goes on firing, and says that nothing confirms it."""
    if early:
        return "○ early", "dim"
    text, ink = _STATES[alert.state]
    if alert.active and not alert.loud:  # silenced, or a consequence: nobody is told
        text, ink = f"▽ {alert.state}", "dim"
    return (text, ink) if alert.confirmed or not alert.active else (f"{text}?", ink)


def remark(alert: Alert, now: float) -> Segment:
    """What else there is to know: who has it in hand, why nobody is told, why it cannot be judged."""
    if alert.silenced:
        until = f" for {duration(alert.silenced.until - now)} more" if alert.silenced.until else ""
        return f"{alert.silenced.by}{until}", "dim"
    if alert.inhibited_by:
        return f"because of {alert.inhibited_by}", "dim"
    if alert.acknowledged:
        return f"{alert.acknowledged.by} has it: {alert.acknowledged.reason}".rstrip(": "), "good"
    if alert.flapping:
        return "flapping", "warn"
    return alert.reason, "unknown"


_BY_UNIT: dict[str, Callable[[Figure], Segment]] = {
    "share": share,
    "percent": percent,
    "s": span,
    "ms": milliseconds,
    "days": partial(figure, unit="days"),
    "bytes": size,
    "per_s": lambda value: _with("/s", value),
    "times": lambda value: _with("x", value),  # as fast as the error budget allows
}


def _with(unit: str, value: Figure) -> Segment:
    text, ink = figure(value)
    return (text if ink == "unknown" else f"{text}{unit}"), ink


_PATH = 24  # cells


def valued(alert: Alert) -> Segment:
    """Its value in what it is counted in."""
    return _BY_UNIT.get(alert.unit, figure)(alert.value)


def titled(alert: Alert) -> str:
    """With the labels that tell this instance from the others."""
    labels = ", ".join(value for _, value in alert.labels)
    return f"{alert.title}: {labels}" if labels else alert.title


def _in_a_row(alert: Alert) -> str:
    """Of a long path, the end tells it from the others."""
    path = alert.labels[0][1] if len(alert.labels) == 1 else ""
    return f"{alert.title}: …{path[1 - _PATH :]}" if path.startswith("/") and len(path) > _PATH else titled(alert)


def _row(alert: Alert, now: float, trend: Trend, early: bool) -> Row:
    said = remark(alert, now)
    cells = (
        _state(alert, early),
        alert.severity,
        _in_a_row(alert),
        valued(alert),
        alert.threshold,
        (spark(trend(alert), 12), ""),
        ago(alert.since, now),
        said,
    )
    state = _ORDER.index(alert.state)
    order = (state, alert.severity, titled(alert), number(alert.value), alert.threshold, None, -alert.since, said[0])
    fields = {"rule": alert.rule, "state": alert.state, "severity": alert.severity, "title": titled(alert)}
    labels = dict(alert.labels)
    return Row(alert.key, cells, order, {**labels, **fields, "source": alert.source, "remark": said[0]}, alert)


def detail(alert: Alert, now: float, remedy: str = "", below: tuple[Line, ...] = ()) -> Facts:
    """One rule in full; `remedy` is the title of its action."""
    facts = (
        ("remark", remark(alert, now)),
        ("state", f"{alert.state}{', a warning' if alert.level == 'warn' else ''}, began {ago(alert.since, now)}"),
        ("value", f"{valued(alert)[0]}, fires at {alert.threshold}"),
        ("source", alert.source),
        ("runbook", alert.runbook),
        ("remedy", remedy or alert.remedy),
        ("in hand", _in_hand(alert, now)),
        ("assumed", alert.assumption),
    )
    return Facts(((_state(alert), (f"  {alert.severity} {titled(alert)}", "title")),), facts, below)


def _in_hand(alert: Alert, now: float) -> str:
    ack = alert.acknowledged
    return f"{ack.by}, {ago(ack.at, now)}: {ack.reason}".rstrip(": ") if ack else ""


def _so_far(alert: Alert, now: float) -> str:
    """Its value, where it has one, and since when."""
    since = ago(alert.since, now).removesuffix(" ago")
    return since if isinstance(alert.value, Unknown) else f"{valued(alert)[0]}, {since}"


def _verdict(values: Alerts, early: Collection[str]) -> Line:
    """Nothing is well while something cannot be judged; what cannot be judged yet is neither."""
    unknown = [alert for alert in values.unknown if alert.key not in early]
    quiet = len(values.firing) - len(values.loud)
    more = f", {quiet} quiet" if quiet else ""
    if values.loud:
        return verdict("bad", f"{len(values.loud)} firing{more}")
    if unknown:
        return verdict("unknown", f"nothing fires, {len(unknown)} unknown{more}")
    if values.pending or quiet:
        return verdict("warn", f"nothing fires, {len(values.pending)} pending{more}")
    if not values.by_key:
        return verdict("unknown", "no rule was judged yet")
    return (("○ ", ""), (f"nothing fires, {len(early)} early", "bold")) if early else verdict("good", "nothing fires")


def summary(values: Alerts, now: float, early: Collection[str] = ()) -> Lines:
    """The overview's tile: what fires, then what is pending or unknown."""
    rows: list[Line] = [_verdict(values, early)]
    rows += [
        (
            (f"{a.severity} {titled(a)}".strip(), "bad"),
            (f"  {_so_far(a, now)}", ""),
            *(((f" · {a.acknowledged.by}", "good"),) if a.acknowledged else ()),
        )
        for a in values.loud
    ]
    rows += [(("▲ pending ", "warn"), (titled(alert), "")) for alert in values.pending]
    hard = (alert for alert in values.unknown if alert.key not in early)
    rows += [(("? unknown ", "unknown"), (f"{titled(alert)}: {alert.reason}", "")) for alert in hard]
    return Lines(tuple(rows))


# ---- what was, and what is silenced

_TURNS = (
    Column("at", "When", 19),
    Column("state", "State", 10),
    Column("key", "Alert", "1fr", least=22),
    Column("value", "Value", 9, "right", drop=1),
    Column("said", "What", "1fr", "left", "dim", drop=2, least=16),
)
_SILENCES = (
    Column("id", "Silence", 8),
    Column("of", "Of", "1fr", least=22),
    Column("ends", "Ends", 12, "right"),
    Column("since", "Since", 9, "right", drop=1),
    Column("by", "By", 12, drop=2),
    Column("comment", "Comment", "1fr", "left", "dim", drop=3, least=12),
)


def turns(found: Sequence[Transition]) -> Table:
    """The newest first."""
    return Table(_TURNS, tuple(_turn(at, turn) for at, turn in enumerate(found)), "nothing has changed yet")


def _turn(at: int, turn: Transition) -> Row:
    level = f" {turn.level}" if turn.level == "warn" else ""
    state, ink = _STATES[turn.state]
    cells = (moment(turn.at), (f"{state}{level}", ink), turn.key, figure(turn.value), turn.said)
    fields = {"key": turn.key, "state": turn.state, "said": turn.said}
    order = (turn.at, turn.state, turn.key, number(turn.value), turn.said)
    return Row(f"{turn.at} {turn.key} {at}", cells, order, fields, turn)


def silences(found: Sequence[Silence], now: float) -> Table:
    rows = tuple(_silence(one, now) for one in found)
    return Table(_SILENCES, rows, "nothing is silenced: m on an alert does it", (_LIFT,) if rows else ())


_LIFT: Line = (("m lifts a silence", "dim"),)


def _silence(one: Silence, now: float) -> Row:
    of = " ".join(f"{name}={condition}" for name, condition in one.match)
    ends = f"in {duration(one.until - now)}" if one.until is not None else ("when lifted", "warn")
    cells = (one.id, of, ends, ago(one.at, now), one.by, one.comment)
    fields = {"id": one.id, "of": of, "by": one.by}
    return Row(one.id, cells, (one.id, of, one.until, -one.at, one.by, one.comment), fields, one)
