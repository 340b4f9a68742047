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


def in_force(deck: Deck, actor: str) -> tuple[Elevation, ...]:
    """Those of this person under the login that is connected, the longest first."""
    values = deck.values("elevation", ElevationsValues)
    if not values or not values.in_force:
        return ()
    from services.actions.identity import person  # the models of the profile: the first paint does without

    ours = [one for one in values.in_force if one.mine and person(one.who) == person(actor)]
    mine = [one for one in ours if left(deck, one)]
    return tuple(sorted(mine, key=lambda one: -left(deck, one)))


def told(deck: Deck, actor: str) -> str:
    """For the banner: "12 m"; in steps that get smaller towards the end, "" without an elevation."""
    if not (mine := in_force(deck, actor)):
        return ""
    seconds = left(deck, mine[0])
    step = 60 if seconds > 120 else 10 if seconds > 20 else 1
    return duration(float(max(1.0, seconds // step * step)))


def _matching(pattern: str) -> Callable[[str], str]:
    return lambda text: "" if re.fullmatch(pattern, text.strip()) else f"something matching {pattern}"


def _among(known: Sequence[str]) -> Callable[[str], str]:
    return lambda text: "" if text.strip() in known else f"one of {', '.join(known)}"


class Disclosed:
    """Keeps what was read last, for as long as its elevation is in force, frozen screen or not."""

    def __init__(self, app: Watchdeck) -> None:
        self._app = app
        self.answer: Answer | None = None

    def tick(self) -> None:
        """By the latest reading and the time since, whatever the screen holds."""
        answer = self.answer
        if answer and answer.elevation not in {one.id for one in self._in_force()}:
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
        open_ = {name: mine for name in offered for mine in self._in_force() if fits(mine, name)}
        if not open_:
            needs = "restricted: it needs an elevation, which E asks for and somebody else approves"
            app.hint(needs if offered else "the profile offers no read of what is restricted here")
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

    def _in_force(self) -> tuple[Elevation, ...]:
        return in_force(self._app.lookout.latest, self._app.remedies.actor)

    async def _asked(self, offered: Mapping[str, Read], job: str) -> tuple[str, dict[str, str]] | None:
        """Which read, about what, and whether really; None when the person left."""
        name: str | None = next(iter(offered))
        if len(offered) > 1:
            name = await self._ask(f"which? {', '.join(offered)}", _among(tuple(offered)), tuple(offered))
        if name is None:
            return None
        params = {}
        for param, pattern in offered[name].params.items():
            value: str | None = job if job and param == offered[name].job else None
            value = value or await self._ask(f"{offered[name].title}: {param}?", _matching(pattern))
            if value is None:
                return None
            params[param] = value
        of = " ".join(f"{param} {value}" for param, value in params.items())
        sure = await self._ask(f"{offered[name].title} {of}: noted under your name; y to read", _among(("y",)))
        return (name, params) if sure else None

    async def _ask(self, question: str, check: Callable[[str], str], known: Sequence[str] = ()) -> str | None:
        from widgets.prompt import Prompt

        prompt = Prompt(question, check=check, known=known)
        answer: str | None = await self._app.push_screen_wait(prompt)
        return None if answer is None else answer.strip()
