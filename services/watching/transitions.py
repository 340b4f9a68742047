"""The turns of an alert's life: every change of its state or level, and every word that was said about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.alerts import Alert, Alerts, LevelName, State
from services.readings import Figure


@dataclass(frozen=True, slots=True)
class Transition:
    at: float  # unix seconds
    key: str
    episode: str
    state: State
    level: LevelName
    value: Figure
    said: str  # "", or what else happened: "acknowledged by ana: on it", "silenced by maintenance patch-day"


def transitions(before: Alerts, after: Alerts, wall: float) -> Iterator[Transition]:
    """What has changed from one judgement to the next; alerts that did not are the same objects."""
    for alert in after:
        earlier = before.get(alert.key)
        if earlier is alert:
            continue
        said = "; ".join(_said(earlier, alert))
        if earlier is None or said or (earlier.state, earlier.level) != (alert.state, alert.level):
            yield _transition(alert, alert.state, wall, said or alert.reason)
    for alert in before:
        stood_in = not alert.labels and not alert.active and after.of(alert.rule)  # for the instances that came since
        if after.get(alert.key) is None and not stood_in:
            yield _transition(alert, "ok", wall, "it is not there any more")


def _transition(alert: Alert, state: State, wall: float, said: str) -> Transition:
    return Transition(wall, alert.key, alert.episode, state, alert.level, alert.value, said)


def _said(before: Alert | None, after: Alert) -> Iterator[str]:
    ack = after.acknowledged
    if ack and (before is None or before.acknowledged != ack):
        yield f"acknowledged by {ack.by}: {ack.reason}" if ack.reason else f"acknowledged by {ack.by}"
    spell = after.silenced.spell if after.silenced else ""
    if before and spell != (before.silenced.spell if before.silenced else ""):
        yield f"silenced by {after.silenced.by}" if after.silenced else "no longer silenced"
    if before and before.inhibited_by != after.inhibited_by:
        yield f"taken for a consequence of {after.inhibited_by}" if after.inhibited_by else "told for itself again"
    if before and before.flapping != after.flapping:
        yield "flapping" if after.flapping else "no longer flapping"
    if before and before.active and before.confirmed != after.confirmed and after.active:
        yield "confirmed" if after.confirmed else after.reason
