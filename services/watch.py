"""The watch: readings and time go in, alerts come out. It is the same with a screen and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.alerts import Alerts
from services.clock import Clock
from services.readings import Reading
from services.rules import judge
from services.rules.past import Past

if TYPE_CHECKING:
    from services.profile import EndpointMetrics, Profile

AUDIT = "audit"  # the console's own source
AUDIT_S = 5.0


class Watch:
    """Fed by one poller on one event loop."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        self.profile = profile
        self.alerts = Alerts()
        self._clock = clock
        every = {name: source.interval for name, source in profile.sources.items()}
        self.past = Past.awaiting({**every, AUDIT: AUDIT_S}, profile.rules, _counted(profile))

    def take(self, reading: Reading) -> None:
        self.past.take(reading)
        self._judge()

    def tick(self) -> None:
        """Some time later, with nothing new."""
        self._judge()

    def _judge(self) -> None:
        self.past.at(self._clock.mono(), self._clock.wall())
        self.alerts = judge(self.profile.rules, self.profile.sources, self.past, self.alerts)


def _counted(profile: Profile) -> dict[str, EndpointMetrics]:
    """The sources whose pages count an API's requests."""
    return {name: source.http for name, source in profile.of_kind("prometheus").items() if source.http}
