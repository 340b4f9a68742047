"""Which alert is about a figure that a view shows."""

from __future__ import annotations

from services.alerts import Alert
from tui.deck import Deck


def firing(deck: Deck, source: str, path: str) -> str:
    """The title of the alert that fires over this figure of this source; "" for none."""
    for alert in deck.alerts.firing:
        rule = deck.profile.rules.get(alert.rule)
        if rule and alert.source == source and _filled(rule.about, alert) == path:
            return alert.title
    return ""


def _filled(path: str, alert: Alert) -> str:
    """A path with the alert's own labels in the place of its `*`: `types.*.waiting`, `figures.days_left{*}`."""
    labels = ",".join(f"{name}={value}" for name, value in alert.labels)
    name = alert.labels[0][1] if alert.labels else ""
    return path.replace("{*}", f"{{{labels}}}") if "{*}" in path else path.replace("*", name, 1)
