"""The views of the console: which is in front, what may open over it, and what is told on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from tui.contained import Contained
from tui.deck import Deck
from tui.lookout import Lookout
from tui.screens import make
from tui.screens.view import ViewScreen
from tui.selection import Selection
from widgets.banner import BannerFacts
from widgets.statusline import StatusLine, Tone

if TYPE_CHECKING:
    from textual.screen import Screen

    from services.actions.plan import Outcome
    from tui.app import Watchdeck


class Views(Contained):
    """Each view is made when it is first asked for, and lives from then on."""

    def __init__(self, lookout: Lookout, keymap: Mapping[str, str], first: str) -> None:
        super().__init__()
        self.lookout = lookout
        self.keymap = dict(keymap)
        self.resumed = asyncio.Event()  # set whenever a view comes to the front
        self._views: dict[str, ViewScreen] = {}
        self._first = first
        self._last = "overview"
        self._left = ""  # the record that was open over the last view
        self._said: Callable[[StatusLine], None] = lambda line: None
        self._passing = False  # whether that was a hint
        self.set_keymap(self.keymap)

    @property
    def ready(self) -> bool:
        """Whether the profile has been read: before, there is a frame and nothing in it."""
        return self.lookout.ready

    @property
    def deck(self) -> Deck:
        """What the screen shows; there is none before `ready`."""
        return self.lookout.deck

    def banner_facts(self) -> BannerFacts | None:
        """What the banner says now."""
        raise NotImplementedError

    # -- which is in front -------------------------------------------------------------------------------------------

    @property
    def front(self) -> ViewScreen | None:
        """The view that is shown, also below a dialog."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, ViewScreen)), None)

    @property
    def undisturbed(self) -> bool:
        """Whether a view is in front, and nothing is open over it."""
        return isinstance(self.screen, ViewScreen)

    def shown(self, screen: ViewScreen) -> None:
        """It has come to the front, or what it shows is another."""
        self.resumed.set()
        if self.ready:
            screen.show(self.deck)
            screen.seek()
            for line in screen.query(StatusLine):  # none while it is being composed: it is shown again after that
                self._said(line)
        self.tell_banner(screen)

    def open_first(self) -> None:
        """As a frame, when the profile has not been read."""
        self.push_screen(self._screen(self._first))

    def reopen(self) -> None:
        """Fill the frame, or go on to the view that was asked for meanwhile."""
        if self.front and self.front.view != self._first:
            self.view(self._first)
        elif self.front:
            self.shown(self.front)

    def _screen(self, view: str) -> ViewScreen:
        if view not in self._views:
            self._views[view] = make(view)
            # installed, a screen survives being switched away from; otherwise Textual removes it for good
            self.install_screen(self._views[view], view)
        return self._views[view]

    def view(self, name: str, page: str = "", of: Sequence[str] = ()) -> None:
        """Show a view, whatever was drilled into before; where it has pages, this one; of these sources, where it
        shows only one, and with the cursor on their rows."""
        if not self.ready:
            self._first = name
            return
        if not self.undisturbed:
            return  # popped from under it, a dialog would wait for its answer for ever
        if page:
            self._screen(name).turn_to(page)
        for source in reversed(tuple(of)):  # where several are of a kind, the first is the one that is shown
            if spec := self.deck.profile.sources.get(source):
                self.lookout.look_at(spec.kind, source)
        if of:
            self._screen(name).sought = frozenset(of)
        front = self.front
        if front and front.view == name:
            if of:
                self.shown(front)
            return
        self.forget_hint()
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if front:
            self._left = str(getattr(front, "record", "")) if front is not self.screen else ""
            self._last = self.front.view if self.front else self._last
        screen = self._screen(name)
        if self.screen is not screen:
            self.switch_screen(screen)

    def last_view(self) -> None:
        """And the record that was open over it."""
        left = self._left
        self.view(self._last)
        if left:
            self.record(left)

    def jobs(self, filter: str) -> None:
        """The Jobs view under a filter."""
        from tui.screens.jobs import Jobs

        screen = self._screen("jobs")
        assert isinstance(screen, Jobs)
        screen.filter, screen.loaded_at, screen.place = filter, None, ("after", None)
        self.view("jobs")

    def runbook(self, reference: str, about: Selection) -> None:
        """The runbook at a section (`NAME#ANCHOR`; "" is its beginning), with what was selected here."""
        from tui.screens.runbook import Runbook

        screen = self._screen("runbook")
        assert isinstance(screen, Runbook)
        if self.front is not screen and self.undisturbed:
            screen.read(reference, about)
            self.view("runbook")

    def house(self, rule: str, reference: str) -> None:
        """A rule of the house in full, and the runbook's section on it where it has one."""
        if reference:
            self.runbook(reference, Selection())
        self.hint(rule, "")

    def logs(self, filter: str) -> None:
        """The Logs view under a filter."""
        from tui.screens.logs import Logs

        screen = self._screen("logs")
        assert isinstance(screen, Logs)
        screen.find(filter)
        self.view("logs")

    # -- what opens over it ------------------------------------------------------------------------------------------

    def job(self, id: str) -> None:
        from tui.screens.job import Job

        self._open(Job(id))

    def restricted(self) -> None:
        """What was read under an elevation."""
        from tui.screens.restricted import Restricted

        self._open(Restricted())

    def incident(self) -> None:
        """The one under way, or a new one by hand."""
        from tui.recording import opening

        app = cast("Watchdeck", self)
        if it := next(iter(app.book.under_way), None):
            self.record(it.id)
        else:
            app.book.begin(opening.by_hand(app), "opening an incident")

    def note(self) -> None:
        """To the incident under way."""
        from tui.recording import incident

        app = cast("Watchdeck", self)
        if it := next(iter(app.book.under_way), None):
            app.book.begin(incident.note(app, it), "a note")
        else:
            self.hint("no incident is under way: i opens one")

    def record(self, id: str) -> None:
        """An incident, or another record, over the view."""
        from tui.screens.incident import Incident
        from tui.screens.record import Record

        if not self.undisturbed:
            return
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.push_screen((Incident if id.startswith("incident-") else Record)(id))

    def help(self) -> None:
        from tui.help import groups
        from widgets.help import HelpScreen

        actions = self.deck.profile.actions.values() if self.ready else ()
        titles = {action.key: action.title for action in actions if action.key}
        self._open(HelpScreen(self.front.named if self.front else "Help", groups(self.keymap, titles)))

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

    # -- what is told on it ------------------------------------------------------------------------------------------

    def say(self, text: str, tone: Tone = "") -> None:
        """On the status line, until something newer is said, whichever view is shown."""
        self._passing = False
        self._say(lambda line: line.say(text, tone))

    def hint(self, text: str, tone: Tone = "warn") -> None:
        """What a key would have needed, or what one would do: of no use any more once the view is another."""
        self.say(text, tone)
        self._passing = True

    def forget_hint(self) -> None:
        if self._passing:
            self.say("")

    def told(self, outcome: Outcome) -> None:
        """How an action ended."""
        self._passing = False
        self._say(lambda line: line.told(outcome))

    def _say(self, said: Callable[[StatusLine], None]) -> None:
        """A view that is still being composed has no status line: it is told once it is shown."""
        self._said = said
        if screen := self.front:
            for line in screen.query(StatusLine):
                said(line)

    def tell_banner(self, screen: ViewScreen) -> None:
        if facts := self.banner_facts():
            screen.banner(facts)
