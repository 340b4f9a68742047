"""Tells an Alertmanager what fires, again and again, as it expects it: what is not told again ends there by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from services.alerts import Alert, Alerts
from services.clock import Clock
from services.errors import DeliveryError
from services.notify.webhook import post
from services.profile.notify import AlertmanagerChannel

if TYPE_CHECKING:
    from services.profile import Profile

OUTLIVES = 4  # times `every`: a console that dies takes its alerts with it after so long


class Standing:
    """One Alertmanager. `run` tells it until it is cancelled."""

    def __init__(
        self,
        name: str,
        spec: AlertmanagerChannel,
        profile: Profile,
        clock: Clock,
        alerts: Callable[[], Alerts],
        say: Callable[[str], None],
    ) -> None:
        self._name = name
        self._spec = spec
        self._profile = profile
        self._clock = clock
        self._alerts = alerts
        self._say = say
        self._told: dict[str, Alert] = {}  # what it was told last: what is gone from there is told as ended

    async def run(self) -> None:
        said = ""
        while True:
            try:
                await self.tell()
                said = ""
            except DeliveryError as error:
                if str(error) != said:
                    self._say(str(error).replace("\n  ->", ":"))
                said = str(error)
            await self._clock.sleep(self._spec.every)

    async def tell(self) -> None:
        """DeliveryError when it was not taken."""
        wanted = self._spec.severities
        active = {a.key: a for a in self._alerts() if a.active and (not wanted or a.severity in wanted)}
        ended = [alert for key, alert in self._told.items() if key not in active]
        now = self._clock.wall()
        body = [self._one(a, now + OUTLIVES * self._spec.every) for a in active.values()]
        body += [self._one(alert, now) for alert in ended]
        if body:
            url = f"{self._spec.url.rstrip('/')}/api/v2/alerts"
            await post(f"notify.{self._name}", url, body, self._spec.headers, self._spec.timeout)
        self._told = active

    def _one(self, alert: Alert, until: float) -> dict[str, Any]:
        labels = {
            **dict(alert.labels),
            "alertname": alert.rule,
            "profile": self._profile.name,
            "environment": self._profile.environment.name,
            "severity": alert.severity,
            "source": alert.source,
            **self._spec.labels,
        }
        told = {
            "summary": alert.title,
            "threshold": alert.threshold,
            "runbook": alert.runbook,
            "runbook_url": self._profile.runbook.link(self._profile.name, alert.runbook),
            "remedy": alert.remedy,
        }
        return {
            "labels": {name: value for name, value in labels.items() if value},
            "annotations": {name: value for name, value in told.items() if value},
            "startsAt": _time(alert.fired_at or alert.since),
            "endsAt": _time(until),
        }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
