"""The dialog on a screen: what reaches it, what it lets through, and that a paste does nothing."""

from __future__ import annotations

import asyncio
import random
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from services.actions.plan import Plan
from services.errors import ActionError
from tests import samples
from tests.widgets.stage import Stage, rows
from widgets.answer import DEAF_S
from widgets.confirm import Confirmed, ConfirmScreen
from widgets.pane import Pane

WAITING = object()


class Asking(Stage):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "Quit"), Binding("y", "never", "Never")]

    def __init__(self) -> None:
        super().__init__(Pane("Behind"))
        self.answered: object = WAITING
        self.reached: list[str] = []

    def action_never(self) -> None:
        self.reached.append("y")

    def ask(self, screen: ConfirmScreen) -> None:
        def answer(result: Confirmed | None) -> None:
            self.answered = result

        self.push_screen(screen, answer)


async def heard(pilot: Pilot[None]) -> None:
    """Until the dialog hears keys."""
    screen = pilot.app.screen
    assert isinstance(screen, ConfirmScreen)
    while screen.answer.deaf_until == float("inf"):
        await pilot.pause()
    await asyncio.sleep(DEAF_S)


async def test_twelve_locks_take_three_keys() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmScreen(samples.plan(12)))
        await pilot.pause()
        await heard(pilot)
        await pilot.press("1", "2", "enter")
        assert app.answered == Confirmed(samples.plan(12), "")


async def test_escape_cancels_and_no_key_reaches_what_lies_behind() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmScreen(samples.plan(12)))
        await pilot.pause()
        await heard(pilot)
        await pilot.press("q", "y")
        assert isinstance(app.screen, ConfirmScreen) and app.reached == []
        await pilot.press("escape")
        assert app.answered is None


async def test_keys_that_are_already_there_when_it_opens_do_nothing() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        early = [events.Key(key, key) for key in "yyyy"] + [events.Key("enter", "\r")]
        app.ask(ConfirmScreen(samples.plan(1, "key")))
        for event in early:
            app.post_message(event)
        await pilot.pause()
        await heard(pilot)
        for event in early:
            app.screen.post_message(event)
        await pilot.pause()
        assert app.answered is WAITING
        assert "dropped" in rows(app.screen.children[0])[-1]


async def test_a_paste_is_refused_and_says_so() -> None:
    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmScreen(samples.plan(12)))
        await pilot.pause()
        await heard(pilot)
        app.post_message(events.Paste("12"))
        await pilot.pause()
        assert "a paste is refused" in rows(app.screen.children[0])[-1]
        await pilot.press("tab", "enter")
        assert app.answered is WAITING


async def test_an_expired_preview_is_taken_again() -> None:
    now = [100.0]
    again: list[Plan | ActionError] = [ActionError("the database is down"), samples.plan(11)]

    async def retake() -> Plan:
        answer = again.pop(0)
        if isinstance(answer, ActionError):
            raise answer
        return answer

    app = Asking()
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmScreen(samples.plan(12), retake=retake, mono=lambda: now[0]))
        await pilot.pause()
        await heard(pilot)
        now[0] += 61
        await pilot.press("1", "tab", "enter")
        assert "older than 60 s" in rows(app.screen.children[0])[-1] and app.answered is WAITING
        await pilot.press("r")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "the database is down" in rows(app.screen.children[0])[-1]
        await pilot.press("r")
        await pilot.app.workers.wait_for_complete()
        await heard(pilot)
        await pilot.press("1", "1", "enter")
        assert app.answered == Confirmed(samples.plan(11), "")


async def test_random_keys_confirm_nothing() -> None:
    app = Asking()
    chance = random.Random(5)
    letters = [*"abcdefghijklmnopqstuvwxyz0123456789", "enter", "tab", "up", "down", "backspace", "space", "pagedown"]
    async with app.run_test(size=(80, 24)) as pilot:
        app.ask(ConfirmScreen(samples.plan(12, "name")))
        await pilot.pause()
        await heard(pilot)
        for _ in range(2000):
            key = chance.choice(letters)
            app.screen.post_message(events.Key(key, key if len(key) == 1 else None))
            if not isinstance(app.screen, ConfirmScreen):
                break
        await pilot.pause()
        assert not isinstance(app.answered, Confirmed)
