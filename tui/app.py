"""The App: holds the one thing that changes, the deck, and routes every reading to the view that is shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from services.alerts import Alerts
from services.clock import Clock, SystemClock
from services.errors import ConfigError
from services.history import History
from services.readings import Reading, Snapshot
from services.rules import judge
from tui import memory
from tui.clipboard import osc52
from tui.contained import Contained
from tui.deck import Deck
from tui.facts import facts
from tui.opening import Unread
from tui.screens import make
from tui.screens.view import ViewScreen
from widgets.statusline import StatusLine, Tone

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from services.actions.plan import Outcome
    from services.database import Database
    from services.poller import Poller
    from services.profile import Profile
    from services.queues.mapping import Mapping as QueueMapping
    from services.sources import Built
    from tui.remedies import Remedies

TICK_S = 1.0
CLOSE_S = 1.0  # sources are given this long at the end

Build: TypeAlias = "Callable[[Profile, Clock], Built]"


@dataclass(frozen=True)
class Options:
    read_only: bool = False
    wall_cycle_s: float | None = None  # None: not on the wall
    profile_path: str = ""


def _build(profile: Profile, clock: Clock) -> Built:
    from services.sources import build  # drivers come with it: not before the first paint

    return build(profile, clock)


def _everything() -> type[Provider]:
    from tui.palette import Everything  # it takes 60 ms, and nobody opens it first

    return Everything


class Watchdeck(Contained):
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {_everything}

    def __init__(
        self,
        profile: Profile | Unread | None,
        options: Options = Options(),
        keymap: Mapping[str, str] | None = None,
        *,
        clock: Clock | None = None,
        build: Build = _build,
    ) -> None:
        super().__init__()
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.options = options
        self.keymap = dict(keymap or {})
        self.clock = clock or SystemClock()
        self.unread = profile if isinstance(profile, Unread) else None
        self.profile = None if isinstance(profile, Unread) else profile
        self.refused: ConfigError | None = None  # why the profile cannot be used, when that was found out late
        self.built: Built | None = None
        self.poller: Poller | None = None
        self.history = History()
        self.frozen: Deck | None = None  # what the screen shows while it is held
        self._build_sources = build
        self._latest: Deck | None = None
        self._views: dict[str, ViewScreen] = {}
        self._first = "wall" if options.wall_cycle_s else "overview"
        self._last = "overview"
        self._said: Callable[[StatusLine], None] = lambda line: None
        self.resumed = asyncio.Event()  # set whenever a view comes to the front
        self.set_keymap(self.keymap)

    # -- from start to end -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if self.profile is None and self.unread is None:
            from tui.screens.start import Start

            self.push_screen(Start())
            return
        if self.profile:
            self._start_with(self.profile)
        self.push_screen(self._screen(self._first))
        self.call_after_refresh(lambda: self.background(self._poll(), "poll", "polling"))

    @property
    def ready(self) -> bool:
        """Whether the profile has been read: before, there is a frame and nothing in it."""
        return self._latest is not None

    @property
    def judged(self) -> bool:
        """Whether the rules have been applied to anything yet."""
        return self.ready and bool(self.deck.alerts.by_rule)

    @property
    def connects(self) -> bool:
        """Whether there is a database to be connected to; assumed until the profile has been read."""
        return not self.ready or bool(self.deck.source("postgres"))

    @property
    def action_keys(self) -> frozenset[str]:
        """The keys that the profile's actions have."""
        if self.profile is None:
            return self.unread.action_keys if self.unread else frozenset()
        return frozenset(action.key for action in self.profile.actions.values())

    @cached_property
    def remedies(self) -> Remedies:
        from tui.remedies import Remedies  # 30 ms, and nothing can be done before the profile has been read

        return Remedies(self)

    def _start_with(self, profile: Profile) -> None:
        self.profile = profile
        every = {name: source.interval for name, source in profile.sources.items()}
        snapshot = Snapshot.awaiting({**every, "audit": 5.0})
        self._latest = Deck(profile, snapshot, Alerts(), self.history, self.clock.mono(), self._coarse())

    async def _poll(self) -> None:
        """In threads: reading the profile and importing the drivers take longer than a key may wait."""
        memory.one_heap()
        if self.unread:
            try:
                self._start_with(await asyncio.to_thread(self.unread.load))
            except ConfigError as problem:
                self.refused = problem
                self.exit(return_code=problem.exit_code)
                return
            self._reopen()
        assert self.profile is not None
        self.set_interval(TICK_S, self._tick)
        self.built = await asyncio.to_thread(self._build_sources, self.profile, self.clock)
        from services.poller import Poller

        self.poller = Poller(self.built.sources, self.clock, self.built.later)
        self.set_timer(memory.SETTLED_S, lambda: self.background(self._settle(), "settle", "settling"))
        self.remedies.settle()
        await self.poller.run(self._read)

    async def _settle(self) -> None:
        """Plots are in several views: the first to be opened would be 0.1 to 0.2 s late with this import."""
        await asyncio.to_thread(import_module, "plotext")
        memory.settle()

    def _reopen(self) -> None:
        """Fill the frame, or go on to the view that was asked for meanwhile."""
        if self.front and self.front.view != self._first:
            self.view(self._first)
        elif self.front:
            self.shown(self.front)

    async def on_unmount(self) -> None:
        if self.built:
            try:
                await asyncio.wait_for(self.built.close(), CLOSE_S)
            except TimeoutError:
                return  # the process ends now; the server sees its connections go

    @property
    def undisturbed(self) -> bool:
        """Whether a view is in front, and nothing is open over it."""
        return isinstance(self.screen, ViewScreen)

    # -- readings ----------------------------------------------------------------------------------------------------

    @property
    def deck(self) -> Deck:
        """What the screen shows: the latest, or what it was when it was frozen."""
        deck = self.frozen or self._latest
        assert deck is not None
        return deck

    def _coarse(self) -> float:
        """The next full ten seconds: ages told against it change seldom, and nothing lies in the future."""
        return -(-self.clock.wall() // 10) * 10

    def _read(self, reading: Reading) -> None:
        """One reading that cannot be judged or drawn stops neither the others nor the next."""
        try:
            self._take(reading)
        except Exception as error:
            self.mishap(f"the reading of {reading.source}", error)

    def _take(self, reading: Reading) -> None:
        assert self._latest is not None and self.profile is not None
        snapshot = self._latest.snapshot.with_reading(reading)
        self.history.append(reading)
        self._latest = replace(
            self._latest, snapshot=snapshot, alerts=self._judged(snapshot), mono=self.clock.mono(), wall=self._coarse()
        )
        if self.frozen is None and (screen := self.front):
            screen.show(self._latest, frozenset((reading.source,)))
            self._tell_banner(screen)

    def _judged(self, snapshot: Snapshot) -> Alerts:
        assert self._latest is not None and self.profile is not None
        return judge(
            self.profile.rules,
            self.profile.sources,
            snapshot,
            self._latest.alerts,
            self.clock.mono(),
            self.clock.wall(),
        )

    def _tick(self) -> None:
        assert self._latest is not None
        alerts = self._judged(self._latest.snapshot)
        self._latest = replace(self._latest, alerts=alerts, mono=self.clock.mono(), wall=self._coarse())
        if screen := self.front:
            screen.tick(self.deck)
            self._tell_banner(screen)

    # -- screens -----------------------------------------------------------------------------------------------------

    @property
    def front(self) -> ViewScreen | None:
        """The view that is shown, also below a dialog."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, ViewScreen)), None)

    def shown(self, screen: ViewScreen) -> None:
        self.resumed.set()
        if self._latest is not None:
            screen.show(self.deck)
            self._said(screen.status)
            self._tell_banner(screen)
        elif self.unread:
            screen.banner(self.unread.banner(self.clock.wall() // 60 * 60))

    def _screen(self, view: str) -> ViewScreen:
        if view not in self._views:
            self._views[view] = make(view)
            # installed, a screen survives being switched away from; otherwise Textual removes it for good
            self.install_screen(self._views[view], view)
        return self._views[view]

    def view(self, name: str) -> None:
        """Show a view, whatever was drilled into before."""
        if not self.ready:
            self._first = name
            return
        front = self.front
        if not self.undisturbed or (front and front.view == name):
            return  # popped from under it, a dialog would wait for its answer for ever
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if front:
            self._last = front.view if front.view in self._views else self._last
        screen = self._screen(name)
        if self.screen is not screen:
            self.switch_screen(screen)

    def last_view(self) -> None:
        self.view(self._last)

    def jobs(self, filter: str) -> None:
        """The Jobs view under a filter."""
        from tui.screens.jobs import Jobs

        screen = self._screen("jobs")
        assert isinstance(screen, Jobs)
        screen.filter, screen.loaded_at, screen.place = filter, None, ("after", None)
        self.view("jobs")

    def job(self, id: str) -> None:
        from tui.screens.job import Job

        self._open(Job(id))

    def help(self) -> None:
        from tui.help import groups
        from widgets.help import HelpScreen

        self._open(HelpScreen(self.front.named if self.front else "Help", groups(self.keymap)))

    def action_command_palette(self) -> None:
        from tui.palette import Palette

        if self.ready:
            self._open(Palette(placeholder="a view, an action, anything"))

    def action_menu(self) -> None:
        """Only the actions."""
        from tui.palette import ActionsOnly, Palette

        self._open(Palette(providers=[ActionsOnly], placeholder="which action?"))

    def _open(self, screen: Screen[Any]) -> None:
        """Over the view, and over nothing else: never over a dialog that waits to be confirmed."""
        if self.undisturbed:
            self.push_screen(screen)

    # -- what is told ------------------------------------------------------------------------------------------------

    def say(self, text: str, tone: Tone = "") -> None:
        """On the status line, until something newer is said, whichever view is shown."""
        self._say(lambda line: line.say(text, tone))

    def told(self, outcome: Outcome) -> None:
        """How an action ended."""
        self._say(lambda line: line.told(outcome))

    def _say(self, said: Callable[[StatusLine], None]) -> None:
        """A view that is still being composed has no status line: it is told once it is shown."""
        self._said = said
        if screen := self.front:
            for line in screen.query(StatusLine):
                said(line)

    def _tell_banner(self, screen: ViewScreen) -> None:
        minute = self.clock.wall() // 60 * 60
        screen.banner(facts(self.deck, self.remedies.role, self.options.read_only, minute))

    # -- keys --------------------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Hold the screen still, or let it go; polling goes on."""
        assert self._latest is not None
        self.frozen = None if self.frozen else replace(self._latest, frozen=True)
        if screen := self.front:
            self.shown(screen)

    def poll_now(self) -> None:
        self.refresh_sources()
        self.say("polling everything now")

    def refresh_sources(self) -> None:
        if self.poller:
            self.poller.poll_now()

    def look_at(self, kind: str, source: str) -> None:
        assert self._latest is not None
        self._latest = self._latest.looking_at(kind, source)
        if self.frozen:
            self.frozen = self.frozen.looking_at(kind, source)

    def choose(self, kinds: Iterable[str]) -> None:
        """Let the views show the next source of each of these kinds, where the profile has several."""
        assert self._latest is not None
        before, kinds = self.deck, tuple(kinds)
        self._latest = self._latest.choosing(kinds)
        if self.frozen:
            self.frozen = replace(self.frozen, chosen=self._latest.chosen)
        shown = [deck for kind in kinds if (deck := self.deck.source(kind)) != before.source(kind)]
        self.say(f"showing {', '.join(sorted(shown))}" if shown else "there is one source of each kind here")
        if screen := self.front:
            self.shown(screen)

    def pace(self, slower: bool) -> None:
        if self.poller:
            factor = self.poller.slower() if slower else self.poller.faster()
            self.say(f"polling at {factor:g} x the profile's intervals")

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(osc52(text, os.environ))

    # -- what needs the stack ----------------------------------------------------------------------------------------

    def queue_database(self) -> tuple[Database, QueueMapping] | None:
        """Where the jobs are; None before the sources are built, and without a queue."""
        from services.profile import mapping_of

        name = self.deck.source("queue")
        if self.built is None or self.profile is None or not name:
            return None
        queue = self.profile.of_kind("queue")[name]
        database = self.built.databases.get(queue.database)
        return (database, mapping_of(queue, name)) if database else None

    def scenario(self, name: str, repair: bool = False) -> None:
        """Start one of the demo's scenarios, or have it put right as if by somebody else."""
        from tui.scenario import scenario

        self.background(scenario(self, name, repair), "scenario", name, exclusive=True)
