"""What there is to be seen: readings and time go in and are judged; a screen that is held sees what there was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from services.clock import Clock
from services.readings import Reading
from services.watch import Watch
from tui.deck import Deck

if TYPE_CHECKING:
    from services.profile import Profile


class Lookout:
    """Holds the one thing that changes, the deck. It has none before the profile has been read."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watch: Watch | None = None
        self._latest: Deck | None = None
        self._held: Deck | None = None  # what the screen shows while it is frozen

    def begin(self, profile: Profile) -> None:
        watch = self._watch = Watch(profile, self._clock)
        past = watch.past
        self._latest = Deck(
            profile,
            past.snapshot,
            watch.alerts,
            past.history,
            self._clock.mono(),
            self._coarse(),
            endpoints=past.endpoints,
        )

    @property
    def ready(self) -> bool:
        return self._latest is not None

    @property
    def judged(self) -> bool:
        """Whether the rules have been applied to anything yet."""
        return self.ready and bool(self.deck.alerts.by_key)

    @property
    def watch(self) -> Watch:
        assert self._watch is not None
        return self._watch

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
        self.watch.take(reading)
        self._renew()

    def tick(self) -> None:
        """Some time later, with nothing new."""
        self.watch.tick()
        self._renew()

    def _renew(self) -> None:
        watch, mono, wall = self.watch, self._clock.mono(), self._coarse()
        self._latest = replace(self.latest, snapshot=watch.past.snapshot, alerts=watch.alerts, mono=mono, wall=wall)

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
