"""A console on a real database, with an operator's hands: keys in, and what screen, table and records say after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from textual.pilot import Pilot

from services.actions.journal import Journal
from services.clock import Clock
from services.profile import Profile, load
from services.sources import Built, build
from tests.actions import Bench, bench
from tests.conftest import Database
from tui.app import Options, Watchdeck
from tui.screens.view import ViewScreen
from widgets.answer import DEAF_S
from widgets.confirm import ConfirmScreen
from widgets.table import TablePane

ON_THE_DATABASE = ("db", "jobs", "flags", "runs", "reaper", "audit")


def build_on_the_database(profile: Profile, clock: Clock) -> Built:
    """The profile's own sources, without those that would look for an API and a bucket."""
    built = build(profile, clock)
    kept = {name: source for name, source in built.sources.items() if name in ON_THE_DATABASE}
    return Built(MappingProxyType(kept), built.databases)


def prepared(mre: Database, folder: Any) -> Bench:
    """The database with roles and ledger, and the local audit that the console and its children share."""
    made = bench(mre, folder)
    return Bench(made.database, made.profile, Journal.of(made.profile), folder)


def console(mine: Bench, **options: Any) -> Watchdeck:
    path = mine.file()
    return Watchdeck(load(path), Options(profile_path=str(path), **options), build=build_on_the_database)


def text(app: Watchdeck) -> str:
    """Everything on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@dataclass
class Hands:
    """An operator at one console."""

    pilot: Pilot[Any]
    app: Watchdeck

    async def until(self, holds: Callable[[], object], what: str, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"never: {what}\n{text(self.app)}"
            await self.pilot.pause(0.01)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in text(self.app), words)

    async def live(self) -> None:
        """Readings from every source that the overview is made of."""
        await self.until(lambda: self.app.polling.poller is not None, "sources")
        await self.until(lambda: all(self.app.deck.state(kind).good for kind in ("queue", "flags", "postgres")), "data")  # type: ignore[union-attr]

    async def view(self, key: str, name: str) -> None:
        await self.pilot.press(key)
        await self.until(lambda: self.app.front and self.app.front.view == name and self.app.front.is_mounted, name)
        await self.until(lambda: isinstance(self.app.screen, ViewScreen), "nothing over it")

    async def rows(self, count: int) -> TablePane:
        """The table in focus, once it has as many rows."""
        await self.until(
            lambda: isinstance(self.app.focused, TablePane) and len(self.app.focused.rows) == count, "rows"
        )
        assert isinstance(self.app.focused, TablePane)
        return self.app.focused

    async def palette(self, words: str, key: str = "colon") -> None:
        """Whatever the palette offers under exactly these words."""
        await self.pilot.press(key)
        await self.until(lambda: not isinstance(self.app.screen, ViewScreen), "the palette")
        await self.pilot.press(*("space" if each == " " else each for each in words.replace("'", "")))
        await self.chosen(words)

    async def chosen(self, words: str) -> None:
        from textual.command import CommandList

        def first() -> str:
            lists = self.app.screen.query(CommandList)
            found = lists.first() if lists else None
            return str(found.get_option_at_index(0).prompt) if found and found.option_count else ""

        await self.until(lambda: words in first(), f"{words} as the first hit")
        await self.pilot.press("enter")
        await self.until(lambda: not self.app.screen.query(CommandList), "the palette closed")

    async def answer(self, question: str, words: str) -> None:
        """A prompt's question."""
        await self.sees(question)
        await self.pilot.press(*words, "enter")
        await self.until(lambda: question not in text(self.app), "the next thing")

    async def dialog(self) -> ConfirmScreen:
        """The dialog, once it hears keys."""
        await self.until(lambda: isinstance(self.app.screen, ConfirmScreen), "the dialog")
        screen = self.app.screen
        assert isinstance(screen, ConfirmScreen)
        await self.until(lambda: screen.answer.deaf_until != float("inf"), "the dialog painted")
        await asyncio.sleep(DEAF_S)
        return screen

    async def confirm(self, phrase: str, reason: str = "") -> None:
        """Type what the dialog asks for, and see the action through."""
        screen = await self.dialog()
        await self.pilot.press(*phrase)
        if screen.answer.plan.confirm.kind != "key":
            await self.pilot.press("enter")
        if reason:
            await self.pilot.press(*("space" if each == " " else each for each in reason), "enter")
        await self.until(lambda: screen not in self.app.screen_stack, "the dialog closed")

    async def recorded(self, mine: Bench, action: str, word: str = "done") -> None:
        """Local audit, ledger, status line and the Audit view agree."""
        await self.sees(f"{word}: ")
        records = list(mine.journal.records())
        assert (records[-2]["kind"], records[-2]["action"]) == ("intent", action)
        assert (records[-1]["kind"], records[-1]["word"]) == ("outcome", word)
        assert mine.ledger()[-1][0] == action and mine.ledger()[-1][2] == word
        self.app.view("audit")
        await self.sees("● done")
        await self.sees(action)


@asynccontextmanager
async def operator(mine: Bench, size: tuple[int, int] = (160, 40)) -> AsyncIterator[Hands]:
    """Somebody at a console of their own, once its figures are there."""
    app = console(mine)
    async with app.run_test(size=size) as pilot:
        hands = Hands(pilot, app)
        await hands.live()
        yield hands
