"""Going on: from what the run before left, from what another console left, and after the machine's clock was set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from services.alerts import Alert, Alerts, Timer
from services.silence import Silence
from services.watching.notices import Told

SHORT_S = 300.0  # a gap that timers outlive


def resumed(saved: Iterable[tuple[float, Alert]], wall: float) -> Alerts:
    """Alerts as they stood, each with the time of its last evaluation. None of them is seen now.

    What fires goes on, unconfirmed. A timer goes on after a short gap, which does not count; after a long one what it
    waited for may have ended and begun again.
    """
    return Alerts(MappingProxyType({alert.key: _resumed(alert, abs(wall - at) <= SHORT_S) for at, alert in saved}))


def _resumed(alert: Alert, short: bool) -> Alert:
    timers = alert.course.timers if short else {level: _anew(timer) for level, timer in alert.course.timers.items()}
    course = replace(alert.course, timers=MappingProxyType(dict(timers)))
    reason = "unconfirmed: not evaluated since the start" if alert.active else "not evaluated since the start"
    state = alert.state if alert.active else "unknown"
    return replace(alert, state=state, course=course, confirmed=False, reason=reason)


def _anew(timer: Timer) -> Timer:
    return replace(timer, held_s=timer.held_s if timer.on else None, over_s=None)


def adopted(alerts: Alerts, told: Mapping[str, Told]) -> Alerts:
    """With the episodes that another console has told of: they go on, and are not told again."""
    found = dict(alerts.by_key)
    for key, known in told.items():
        alert = found.get(key)
        if alert and alert.active:
            found[key] = replace(alert, episode=known.alert.episode, fired_at=known.alert.fired_at)
    return Alerts(MappingProxyType(found))


def shifted(alerts: Alerts, by: float) -> Alerts:
    """After a step of the wall clock: what was so many seconds ago still is."""
    return Alerts(MappingProxyType({key: shifted_alert(alert, by) for key, alert in alerts.by_key.items()}))


def shifted_alert(alert: Alert, by: float) -> Alert:
    ack, silenced = alert.acknowledged, alert.silenced
    return replace(
        alert,
        since=alert.since + by,
        fired_at=None if alert.fired_at is None else alert.fired_at + by,
        acknowledged=replace(ack, at=ack.at + by) if ack else None,
        silenced=replace(silenced, since=silenced.since + by) if silenced else None,
    )


def shifted_silence(silence: Silence, by: float) -> Silence:
    return replace(silence, at=silence.at + by, until=None if silence.until is None else silence.until + by)
