"""A source that does not answer: one alert of its own, while the rules over it can only be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.readings import Snapshot, SourceState, Unknown

if TYPE_CHECKING:
    from services.profile import Source

FAILURES = 2  # one lost packet is no alert


def silences(sources: Mapping[str, Source], snapshot: Snapshot, previous: Alerts, now_wall: float) -> dict[str, Alert]:
    """The alerts of the sources that fail now, by `silent-SOURCE`; a source that answers has none."""
    found = {}
    for name, source in sources.items():
        state = snapshot.get(name)
        if state is None or state.failed is None or state.failed.fault is None:
            continue
        rule = f"silent-{name}"
        firing = state.failures >= FAILURES
        before = previous.get(rule)
        goes_on = before is not None and before.state == ("firing" if firing else "pending")
        found[rule] = Alert(
            rule=rule,
            title=f"{source.title or name} does not answer",
            state="firing" if firing else "pending",
            value=Unknown("failed", state.failed.fault.message),
            threshold=f"{FAILURES} failures in a row",
            since=before.since if before is not None and goes_on else _since(state, now_wall),
            severity=source.severity,
            runbook=source.runbook,
            reason=state.failed.fault.message,
            source=name,
        )
    return found


def _since(state: SourceState, now_wall: float) -> float:
    return state.failed.at if state.failed else now_wall
