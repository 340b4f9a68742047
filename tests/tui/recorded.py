"""Somebody who records things: keys are pressed when what they are for is there."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from services.records.event import Event
from services.records.store import Records
from tests.tui.test_console import front, text, until
from tui.app import Watchdeck
from tui.screens.view import ViewScreen
from widgets.prompt import Prompt
from widgets.table import TablePane
from widgets.write import Area, Write


class Hand:
    """One person at the keyboard."""

    def __init__(self, pilot: Pilot[Any], app: Watchdeck) -> None:
        self.pilot = pilot
        self.app = app

    async def answer(self, said: str | None, asked: str = "") -> None:
        """Into the line that is asked for: None leaves it, "" takes what is proposed."""
        app = self.app
        await until(self.pilot, lambda: isinstance(app.screen, Prompt) and asked in text(app), f"asks {asked}")
        before = app.screen
        if said:
            app.screen.query_one(Input).value = said
        await self.pilot.press("escape" if said is None else "enter")
        await until(self.pilot, lambda: app.screen is not before, "the answer is taken")

    async def write(self, said: str) -> None:
        """Several lines."""
        await until(self.pilot, lambda: isinstance(self.app.screen, Write), "a box to write into")
        self.app.screen.query_one(Area).text = said
        await self.pilot.press("ctrl+s")
        await until(self.pilot, lambda: isinstance(self.app.screen, ViewScreen), "it is taken")

    async def row(self, key: str, pane: str = "fields") -> None:
        """Enter on the row of this key."""
        tables = lambda: front(self.app).query(f"#{pane}").results(TablePane)  # noqa: E731
        await until(self.pilot, lambda: any(table.go_to(key) for table in tables()), f"the row {key}")
        front(self.app).set_focus(next(iter(tables())))
        await self.pilot.press("enter")

    async def sees(self, *words: str) -> None:
        await until(self.pilot, lambda: all(word in text(self.app) for word in words), f"{words}\n{text(self.app)}")

    @property
    def records(self) -> Records:
        return Records.of(self.app.deck.profile)

    def events(self, kind: str) -> tuple[Event, ...]:
        """Of the newest record of this kind."""
        return next(iter(self.records.all(kind).values()))
