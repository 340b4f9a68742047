"""What there is to be seen: readings and time go in and are judged; a screen that is held sees what there was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from services.alerts import Alerts
from services.clock import Clock
from services.history import History
from services.readings import Reading, Snapshot
from services.rules import judge
from tui.deck import Deck

if TYPE_CHECKING:
    from services.profile import Profile


class Lookout:
    """Holds the one thing that changes, the deck. It has none before the profile has been read."""

    def __init__(self, clock: Clock) -> None:
        self.history = History()
        self._clock = clock
        self._latest: Deck | None = None
        self._held: Deck | None = None  # what the screen shows while it is frozen

    def begin(self, profile: Profile) -> None:
        every = {name: source.interval for name, source in profile.sources.items()}
        snapshot = Snapshot.awaiting({**every, "audit": 5.0})
        self._latest = Deck(profile, snapshot, Alerts(), self.history, self._clock.mono(), self._coarse())

    @property
    def ready(self) -> bool:
        return self._latest is not None

    @property
    def judged(self) -> bool:
        """Whether the rules have been applied to anything yet."""
        return self.ready and bool(self.deck.alerts.by_rule)

    @property
    def latest(self) -> Deck:
        assert self._latest is not None
        return self._latest

    @property
    def deck(self) -> Deck:
        """What the screen shows: the latest, or what it was when it was frozen."""
        return self._held or self.latest

    # -- what comes in -----------------------------------------------------------------------------------------------

    def take(self, reading: Reading) -> None:
        snapshot = self.latest.snapshot.with_reading(reading)
        self.history.append(reading)
        self._judge(snapshot)

    def tick(self) -> None:
        """Some time later, with nothing new."""
        self._judge(self.latest.snapshot)

    def _judge(self, snapshot: Snapshot) -> None:
        before, mono = self.latest, self._clock.mono()
        profile = before.profile
        alerts = judge(profile.rules, profile.sources, snapshot, before.alerts, mono, self._clock.wall())
        self._latest = replace(before, snapshot=snapshot, alerts=alerts, mono=mono, wall=self._coarse())

    def _coarse(self) -> float:
        """The next full ten seconds: ages told against it change seldom, and nothing lies in the future."""
        return -(-self._clock.wall() // 10) * 10

    # -- what is looked at -------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Hold what is seen, or let it go; readings are taken all the same."""
        self._held = None if self._held else replace(self.latest, frozen=True)

    def look_at(self, kind: str, source: str) -> None:
        self._latest = self.latest.looking_at(kind, source)
        if self._held:
            self._held = self._held.looking_at(kind, source)

    def choose(self, kinds: Iterable[str]) -> list[str]:
        """The next source of each of these kinds that has several; which ones are seen now and were not before."""
        before, kinds = self.deck, tuple(kinds)
        self._latest = self.latest.choosing(kinds)
        if self._held:
            self._held = replace(self._held, chosen=self._latest.chosen)
        return sorted(seen for kind in kinds if (seen := self.deck.source(kind)) != before.source(kind))
