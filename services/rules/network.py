"""This machine's own network: while it is down, one alert says so, and everything else is held."""

from __future__ import annotations

from services.alerts import Alert, Alerts
from services.readings import Unknown

NETWORK = "no-network"


def network(previous: Alerts, cut_off: str, wall: float) -> dict[str, Alert]:
    """Its alert, or none while the network is there, or is not known not to be."""
    if not cut_off:
        return {}
    before = previous.get(NETWORK)
    since = before.since if before else wall
    alert = Alert(
        rule=NETWORK,
        title="This machine has no network",
        state="firing",
        value=Unknown("failed", cut_off),
        threshold="no reference answers",
        since=since,
        reason=cut_off,
        level="page",
        episode=before.episode if before else f"{NETWORK}@{wall:.3f}",
        fired_at=since,
        acknowledged=before.acknowledged if before else None,
    )
    return {NETWORK: before if before == alert else alert}
