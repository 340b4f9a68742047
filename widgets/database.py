"""The database server: how full it is, who waits, and who we are there."""

from __future__ import annotations

from services.readings import Figure, PostgresValues, number
from widgets.figures import duration, figure, share, size, why
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.sparkline import bar
from widgets.verdict import Grade, above, verdict, worst

_SKEW_S = 2.0  # more than this is said: every age on the screen is by the database's clock


def server(values: PostgresValues, now: float) -> Lines:
    """Everything about the server, one fact a line."""
    roles = ", ".join(values.roles) or "none of watchdeck's roles"
    standby = "standby: actions are refused here" if values.in_recovery else "primary"
    up = duration(max(0.0, now - values.started_at))
    rows: list[Line] = [
        verdict(*_grade(values)),
        _fact("server", (f"{values.host}, PostgreSQL {values.version}, up {up}", "")),
        _fact("this is a", (standby, "warn" if values.in_recovery else "")),
        _fact("connected as", (f"{values.user}, {roles}", "")),
        _connections(values),
        _fact("active", _told(values.active)),
        _fact("idle in trans", _told(values.idle_in_transaction)),
        _fact("lock waits", _told(values.lock_waiting)),
        _fact("size", _sized(values.size_bytes)),
        _fact("ledger", ("installed", "") if values.ledger else ("not installed: actions are refused", "warn")),
        _fact("clock", _skew(values)),
    ]
    return Lines(tuple(rows))


def _fact(name: str, value: Segment) -> Line:
    return ((f"{name:<14}", "dim"), value)


def _told(value: Figure) -> Segment:
    text, style = figure(value)
    return why(value, text), style


def _sized(value: Figure) -> Segment:
    text, style = size(value)
    return why(value, text), style


def _connections(values: PostgresValues) -> Line:
    part = number(values.saturation)
    grade = above(values.saturation, 0.6, 0.8)
    ink = "" if grade == "good" else grade
    told = f" {figure(values.used)[0]} of {values.usable:,}, {share(values.saturation)[0]}"
    return (("connections   ", "dim"), (bar(part, 20), ink), (told, ink))


def _skew(values: PostgresValues) -> Segment:
    skew = values.clock_skew_s
    if abs(skew) <= _SKEW_S:
        return f"within {_SKEW_S:.0f} s of ours", ""
    return f"▲ {duration(abs(skew))} {'ahead of' if skew > 0 else 'behind'} ours", "warn"


def _grade(values: PostgresValues) -> tuple[Grade, str]:
    full = above(values.saturation, 0.6, 0.8)
    waits = above(values.lock_waiting, 0, 20)
    grade = worst(full, "unknown" if waits == "unknown" else "warn" if waits != "good" else "good")
    if grade == "good":
        return "good", "database has room"
    if grade == "unknown":
        return "unknown", "not everything about the server is known"
    return grade, "connections run out" if full == grade else "sessions wait for locks"


def summary(values: PostgresValues) -> Lines:
    """The overview's tile."""
    rows: list[Line] = [
        verdict(*_grade(values)),
        _connections(values)[1:],
        (
            figure(values.active, "active"),
            (" · ", "dim"),
            figure(values.idle_in_transaction, "idle in transaction"),
        ),
        (figure(values.lock_waiting, "waiting for locks"), (" · ", "dim"), size(values.size_bytes)),
    ]
    if abs(values.clock_skew_s) > _SKEW_S:
        rows.append((("clock ", "dim"), _skew(values)))
    return Lines(tuple(rows))
