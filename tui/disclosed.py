"""What an elevation opens on this screen: how long it lasts, what was read under it, and that it goes when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from services.readings import Elevation, ElevationsValues
from tui.deck import Deck
from widgets.figures import duration

if TYPE_CHECKING:
    from services.actions.restricted import Answer
    from services.profile import Read
    from tui.app import Watchdeck


def left(deck: Deck, elevation: Elevation) -> float:
    """Seconds that it has by the database's clock, counted on by one that nobody can set; 0 when it is over.

    Too short by what the reading took rather than too long.
    """
    state = deck.snapshot.get(deck.source("elevation"))
    if state is None or state.good is None or elevation.left_s is None or elevation.state != "in force":
        return 0.0
    return max(0.0, elevation.left_s - (deck.mono - state.good.mono) - state.good.took_s)


def in_force(deck: Deck) -> tuple[Elevation, ...]:
    """Those of whoever is connected, the longest first."""
    values = deck.values("elevation", ElevationsValues)
    mine = [one for one in values.in_force if one.mine and left(deck, one)] if values else []
    return tuple(sorted(mine, key=lambda one: -left(deck, one)))


def told(deck: Deck) -> str:
    """For the banner: "12 m"; in steps that get smaller towards the end, "" without an elevation."""
    if not (mine := in_force(deck)):
        return ""
    seconds = left(deck, mine[0])
    step = 60 if seconds > 120 else 10 if seconds > 20 else 1
    return duration(float(-(-seconds // step) * step))


def matching(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


class Disclosed:
    """Keeps what was read last, for as long as its elevation is in force, frozen screen or not."""

    def __init__(self, app: Watchdeck) -> None:
        self._app = app
        self.answer: Answer | None = None

    def tick(self) -> None:
        """By the latest reading and the time since, whatever the screen holds."""
        answer = self.answer
        if answer and answer.elevation not in {one.id for one in in_force(self._app.lookout.latest)}:
            self.forget()
            self._app.say(f"{answer.title}: the elevation is over, and what was read is gone", "warn")

    def forget(self) -> None:
        from tui.screens.restricted import Restricted

        self.answer = None
        for screen in self._app.screen_stack:
            if isinstance(screen, Restricted):
                screen.show(self._app.deck)

    async def read(self, job: str = "") -> None:
        """One read, about this job or about whatever the person says; it is told beforehand that it is noted."""
        from services.actions.restricted import fits, read
        from services.errors import WatchdeckError

        app = self._app
        offered = {name: one for name, one in app.deck.profile.restricted.reads.items() if one.job or not job}
        open_ = {name: mine for name in offered for mine in in_force(app.lookout.latest) if fits(mine, name)}
        if not open_:
            lacking = "; ".join(one.title for one in offered.values()) or "nothing is offered here"
            app.hint(f"this needs an elevation, approved by somebody else: {lacking}")
            return
        if (asked := await self._asked({name: offered[name] for name in open_}, job)) is None:
            return
        name, params = asked
        app.say(f"{offered[name].title}: reading …")
        try:
            self.answer = await read(app.deck.profile, name, params, open_[name].id, app.remedies.actor)
        except WatchdeckError as error:
            app.say(str(error).replace("\n  ->", ":"), "bad")
            return
        app.say(f"{self.answer.title}: noted as read {self.answer.note}")
        app.refresh_sources()
        app.restricted()

    async def _asked(self, offered: Mapping[str, Read], job: str) -> tuple[str, dict[str, str]] | None:
        """Which read, about what, and whether really; None when the person left."""
        name: str | None = next(iter(offered))
        if len(offered) > 1:
            name = await self._ask(f"which? {', '.join(offered)}", lambda text: text in offered, tuple(offered))
        if name is None:
            return None
        params = {}
        for param, pattern in offered[name].params.items():
            value: str | None = job if job and param == offered[name].job else None
            value = value or await self._ask(f"{offered[name].title}: {param}?", matching(pattern))
            if value is None:
                return None
            params[param] = value
        of = " ".join(f"{param} {value}" for param, value in params.items())
        sure = await self._ask(
            f"{offered[name].title} {of}: noted under your name; y to read", lambda text: text == "y"
        )
        return (name, params) if sure else None

    async def _ask(self, question: str, right: Callable[[str], bool], known: Sequence[str] = ()) -> str | None:
        from widgets.prompt import Prompt

        prompt = Prompt(question, check=lambda text: "" if right(text.strip()) else "that is not it", known=known)
        answer: str | None = await self._app.push_screen_wait(prompt)
        return None if answer is None else answer.strip()
