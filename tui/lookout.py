"""What there is to be seen: readings and time go in and are judged; a screen that is held sees what there was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from services.clock import Clock
from services.readings import Reading
from services.watching.trend import Trends
from tui.deck import Deck

if TYPE_CHECKING:
    from services.procedures.timer import Due
    from services.profile import Profile
    from services.silence import Silence
    from services.watching.transitions import Transition
    from services.watching.watch import Watch


class Lookout:
    """Holds the one thing that changes, the deck. It has none before the profile has been read."""

    def __init__(self, clock: Clock, apart: bool = False) -> None:
        """`apart`: what it keeps is not what a console keeps that reads the system itself."""
        self.trends = Trends()
        self._clock = clock
        self._apart = apart
        self._watch: Watch | None = None
        self._latest: Deck | None = None
        self._held: Deck | None = None  # what the screen shows while it is frozen
        self._trouble = ""

    def begin(self, profile: Profile) -> None:
        from services.watching.watch import Watch  # rules and the state file: the first paint does without

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

    async def remember(self) -> None:
        """Go on from what the console before left."""
        watch = self._watch = await asyncio.to_thread(
            type(self.watch).restored, self.watch.profile, self._clock, self._apart
        )
        self._latest = replace(self.latest, history=watch.past.history, endpoints=watch.past.endpoints)

    def trouble(self) -> str:
        """Who keeps the alerts over a restart, or why nobody does: when that has changed, "" else."""
        state = self.watch.state
        before, self._trouble = self._trouble, state.problem or state.elsewhere
        if self._trouble == before:
            return ""
        return self._trouble or "this console keeps the alerts and notifies from now on"

    async def forget(self) -> None:
        """At the end: what is not written yet."""
        if self._watch:
            await asyncio.to_thread(self._watch.state.close)

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
        self.trends.note(self.watch.alerts, reading.source)
        self._renew()

    def tick(self) -> None:
        """Some time later, with nothing new."""
        self.watch.tick()
        self._renew()

    def _renew(self) -> None:
        watch, past = self.watch, self.watch.past
        self._latest = replace(
            self.latest,
            snapshot=past.snapshot,
            alerts=watch.alerts,
            endpoints=past.endpoints,
            mono=self._clock.mono(),
            wall=self._coarse(),
        )

    def _coarse(self) -> float:
        """The next full ten seconds: ages told against it change seldom, and nothing lies in the future."""
        return -(-self._clock.wall() // 10) * 10

    # -- what is said about alerts -----------------------------------------------------------------------------------

    def acknowledge(self, key: str, by: str, reason: str = "") -> bool:
        """Whether there is anything to have in hand: an alert that fires or recovers."""
        done = self.watch.acknowledge(key, by, reason)
        self._renew()
        return done

    def silence(self, match: Mapping[str, str], until: float | None, by: str, comment: str = "") -> Silence:
        """ValueError where it would silence everything; re.error where a condition is no pattern."""
        silence = self.watch.silence(match, until, by, comment)
        self._renew()
        return silence

    def unsilence(self, id_: str) -> bool:
        """Whether there was such a silence."""
        done = self.watch.unsilence(id_)
        self._renew()
        return done

    def silences(self) -> tuple[Silence, ...]:
        """Those in force."""
        return tuple(self.watch.quiet.silences.values())

    def transitions(self, key: str = "", limit: int = 50) -> tuple[Transition, ...]:
        """The newest first; of one alert, or of all."""
        return self.watch.transitions(key, limit)

    def note_overdue(self, overdue: tuple[Due, ...]) -> None:
        """What comes round and was not done in time."""
        self._latest = replace(self.latest, overdue=overdue)

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
