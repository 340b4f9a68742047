"""A source that does not answer: one alert of its own, while the rules over it can only be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.readings import SourceState, Unknown

if TYPE_CHECKING:
    from services.profile import Source
    from services.rules.past import Past

FAILURES = 2  # one lost packet is no alert
PREFIX = "silent-"


def silent(sources: Mapping[str, Source], past: Past, previous: Alerts) -> dict[str, Alert]:
    """The alerts of the sources that fail now, by `silent-SOURCE`; a source that answers has none."""
    found = {}
    for name, source in sources.items():
        before, state = previous.get(PREFIX + name), past.state(name)
        alert = _failing(name, source, state, before) if state and state.failed else None
        if alert is None and before and before.active and (state is None or state.good is None):
            alert = _unseen(before, name)
        if alert:
            found[alert.rule] = before if before == alert else alert
    return found


def _failing(name: str, source: Source, state: SourceState, before: Alert | None) -> Alert:
    assert state.failed is not None and state.failed.fault is not None
    message, at = state.failed.fault.message, state.failed.at
    went_on = before is not None and before.active and state.good is None  # it failed before this start already
    firing = went_on or state.failures >= FAILURES
    begun = before is not None and before.state == ("firing" if firing else "pending")
    since = before.since if before is not None and begun else at
    return Alert(
        rule=PREFIX + name,
        title=f"{source.title or name} does not answer",
        state="firing" if firing else "pending",
        value=Unknown("failed", message),
        threshold=f"{FAILURES} failures in a row",
        since=since,
        severity=source.severity,
        runbook=source.runbook,
        reason=message,
        source=name,
        level="page" if firing else "",
        episode=(before.episode if before and before.episode else f"{PREFIX}{name}@{since:.3f}") if firing else "",
        fired_at=since if firing else None,
        acknowledged=before.acknowledged if before and firing else None,
        silenced=before.silenced if before else None,
        inhibited_by=before.inhibited_by if before else "",
    )


def _unseen(before: Alert, name: str) -> Alert:
    """It was silent when the console ended, and has not been heard of since."""
    return replace(before, confirmed=False, reason=f"unconfirmed: {name} has not been asked since the start")
