"""The App: from the start to the end of the console, and every reading on its way to the view that is shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from services.clock import Clock, SystemClock
from services.errors import ConfigError
from services.readings import Reading
from tui import memory
from tui.clipboard import osc52
from tui.disclosed import Disclosed, told
from tui.facts import facts
from tui.lookout import Lookout
from tui.opening import Unread
from tui.polling import Build, Polling, build_sources
from tui.views import Views
from widgets.banner import BannerFacts, Recorded

if TYPE_CHECKING:
    from textual.command import Provider

    from services.database import Database
    from services.outgoing import Outgoing
    from services.profile import Profile
    from services.queues.mapping import Mapping as QueueMapping
    from services.records.deploys import Deploys
    from tui.drill import Played
    from tui.paperwork import Paperwork
    from tui.recording.book import Book
    from tui.relay import NoRemedies
    from tui.remedies import Remedies

TICK_S = 1.0


@dataclass(frozen=True)
class Options:
    read_only: bool = False
    wall_cycle_s: float | None = None  # None: not on the wall
    profile_path: str = ""
    drill: Played | None = None  # what is trained, in the demo
    via: str = ""  # the Prometheus that everything is read from, as it is shown


def _everything() -> type[Provider]:
    from tui.palette import Everything  # it takes 60 ms, and nobody opens it first

    return Everything


class Watchdeck(Views):
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {_everything}

    def __init__(
        self,
        profile: Profile | Unread | None,
        options: Options = Options(),
        keymap: Mapping[str, str] | None = None,
        *,
        clock: Clock | None = None,
        build: Build = build_sources,
    ) -> None:
        clock = clock or SystemClock()
        super().__init__(
            Lookout(clock, apart=bool(options.via)), keymap or {}, "wall" if options.wall_cycle_s else "overview"
        )
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.options = options
        self.clock = clock
        self.unread = profile if isinstance(profile, Unread) else None
        self.profile = None if isinstance(profile, Unread) else profile
        self.refused: ConfigError | None = None  # why the profile cannot be used, when that was found out late
        self.polling = Polling(clock, build)
        self.outgoing: Outgoing | None = None  # made when there is somebody to be told
        self.recorded: Recorded | None = None  # an incident that is under way, a window that nobody closed
        self.deploys: Deploys | None = None  # made when polling begins, unless somebody else polls

    # -- from start to end -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if self.profile is None and self.unread is None:
            from tui.screens.start import Start

            self.push_screen(Start())
            return
        if self.profile:
            self.lookout.begin(self.profile)
        self.open_first()
        self.call_after_refresh(lambda: self.background(self._poll(), "poll", "polling"))

    async def _poll(self) -> None:
        memory.one_heap()
        if self.unread and not await self._read_profile(self.unread):
            return
        assert self.profile is not None
        await asyncio.gather(self.lookout.remember(), self.polling.open(self.profile))
        self.set_interval(TICK_S, self._tick)
        self.background(self.lookout.watch.run(), "network", "asking whether the network is there")
        if self.profile.notify:
            self.background(self._notify(self.profile), "notify", "notifying")
        self.set_timer(memory.SETTLED_S, lambda: self.background(self._settle(), "settle", "settling"))
        if self.options.drill:
            from tui.drill import play

            self.background(play(self, self.options.drill), "drill", "the drill")
        self.remedies.settle()
        self.background(self._records(), "records", "looking at the records")
        await self.polling.run(self._read)

    async def _read_profile(self, unread: Unread) -> bool:
        """In a thread: it takes longer than a key may wait. Whether there is one: without, the console ends."""
        try:
            self.profile = await asyncio.to_thread(unread.load)
            await asyncio.to_thread(import_module, "services.watching.watch")
        except ConfigError as problem:
            self.refused = problem
            self.exit(return_code=problem.exit_code)
            return False
        self.lookout.begin(self.profile)
        self.reopen()
        return True

    async def _settle(self) -> None:
        """Plots are in several views: the first to be opened would be 0.1 to 0.2 s late with this import."""
        await asyncio.to_thread(import_module, "plotext")
        memory.settle()

    async def _notify(self, profile: Profile) -> None:
        """Its drivers are imported in a thread, and before anything is due: sources fill first."""
        outgoing, bell = await asyncio.to_thread(
            lambda: (import_module("services.outgoing"), import_module("tui.bell"))
        )
        ring = bell.Bell(profile, self._write, os.environ).ring
        self.outgoing = outgoing.Outgoing(
            profile, self.clock, self.lookout.watch, self._warn, ring, not self.options.via
        )
        await self.outgoing.run()

    async def _records(self) -> None:
        """What is read elsewhere is noted where it is read."""
        await asyncio.to_thread(import_module, "tui.recording.book")
        if self.options.via:
            await self.book.run()
            return
        module = await asyncio.to_thread(import_module, "services.records.deploys")
        self.deploys = module.Deploys(self.deck.profile, lambda: self.lookout.watch.state.keeps, self._warn)
        await asyncio.gather(self.book.run(), self.deploys.run())

    def _warn(self, text: str) -> None:
        self.say(text, "warn")

    def _write(self, sequence: str) -> None:
        """To the terminal, beside what is painted."""
        if self._driver is not None:
            self._driver.write(sequence)

    async def on_unmount(self) -> None:
        await self.polling.close()
        if self.outgoing:
            await self.outgoing.drain()
        await self.lookout.forget()

    # -- what it has to do with --------------------------------------------------------------------------------------

    @property
    def connects(self) -> bool:
        """Whether there is a database to be connected to; assumed until the profile has been read."""
        return not self.options.via and (not self.ready or bool(self.deck.source("postgres")))

    @property
    def action_keys(self) -> frozenset[str]:
        """The keys that the profile's actions have."""
        if self.options.via:
            return frozenset()
        if self.profile is None:
            return self.unread.action_keys if self.unread else frozenset()
        return frozenset(action.key for action in self.profile.actions.values())

    @cached_property
    def book(self) -> Book:
        from tui.recording.book import Book  # nothing can be recorded before the profile has been read

        return Book(self)

    @cached_property
    def remedies(self) -> Remedies | NoRemedies:
        if self.options.via:
            from tui.relay import NoRemedies

            return NoRemedies(self)
        from tui.remedies import Remedies  # 30 ms, and nothing can be done before the profile has been read

        return Remedies(self)

    @cached_property
    def paperwork(self) -> Paperwork:
        from tui.paperwork import Paperwork  # the models come with it: not before the profile has been read

        return Paperwork(self)

    @cached_property
    def disclosed(self) -> Disclosed:
        return Disclosed(self)

    def read_restricted(self, job: str = "") -> None:
        """What an elevation opens; without one, what would open it is told."""
        self.background(self.disclosed.read(job), "restricted", "reading", exclusive=True)

    def banner_facts(self) -> BannerFacts | None:
        minute = self.clock.wall() // 60 * 60
        if self.ready:
            elevated = told(self.lookout.latest, self.remedies.actor)
            made = facts(self.deck, self.remedies.role, self.options.read_only, minute, self.options.via, elevated)
            return replace(made, recorded=self.recorded)
        return self.unread.banner(minute) if self.unread else None

    def queue_database(self) -> tuple[Database, QueueMapping] | None:
        """Where the jobs are of the queue that is shown."""
        return self.polling.queue_database(self.deck.profile, self.deck.source("queue"), self.remedies.role)

    # -- readings and time -------------------------------------------------------------------------------------------

    def _read(self, reading: Reading) -> None:
        """One reading that cannot be judged or drawn stops neither the others nor the next."""
        try:
            self._take(reading)
        except Exception as error:
            self.mishap(f"the reading of {reading.source}", error)

    def _take(self, reading: Reading) -> None:
        self.lookout.take(reading)
        if self.deploys:
            self.deploys.take(reading)
        if not self.deck.frozen and (screen := self.front):
            screen.show(self.deck, frozenset((reading.source,)))
            self.tell_banner(screen)

    def _tick(self) -> None:
        self.disclosed.tick()  # first: whatever else goes wrong, what is over goes
        self.lookout.tick()
        self.book.tick(self.clock.wall())
        if said := self.lookout.trouble():
            self.say(said, "warn")
        screen = self.front
        self.paperwork.tick(bool(screen and screen.reads_records))
        if screen:
            screen.tick(self.deck)
            self.tell_banner(screen)

    # -- keys --------------------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Hold the screen still, or let it go; polling goes on."""
        self.lookout.freeze()
        if screen := self.front:
            self.shown(screen)

    def poll_now(self) -> None:
        self.refresh_sources()
        self.say("polling everything now")

    def refresh_sources(self) -> None:
        self.polling.now()

    def choose(self, kinds: Iterable[str]) -> None:
        """Let the views show the next source of each of these kinds, where the profile has several."""
        seen = self.lookout.choose(kinds)
        self.say(f"showing {', '.join(seen)}" if seen else "there is one source of each kind here")
        if screen := self.front:
            self.shown(screen)

    def pace(self, slower: bool) -> None:
        if factor := self.polling.pace(slower):
            self.say(f"polling at {factor:g} x the profile's intervals")

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        self._write(osc52(text, os.environ))

    def scenario(self, name: str, repair: bool = False) -> None:
        """Start one of the demo's scenarios, or have it put right as if by somebody else."""
        from tui.scenario import scenario

        self.background(scenario(self, name, repair), "scenario", name, exclusive=True)
