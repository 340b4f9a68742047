"""R9: ten thousand random keys, from every view, with the dialog and the palette open too, carry out nothing."""

from __future__ import annotations

import asyncio
import random
import string
from dataclasses import dataclass
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.events import Key

from services.actions.plan import Plan
from tests import samples
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.remedies import Remedies
from tui.screens import SCREENS
from tui.screens.view import ViewScreen
from widgets.answer import DEAF_S, Answer
from widgets.confirm import ConfirmScreen

CHUNK = 50
NAMED = ("enter", "escape", "tab", "shift+tab", "space", "up", "down", "left", "right", "ctrl+p", "ctrl+r")
# without q: it quits, as it should
ALPHABET = (*string.ascii_letters.replace("q", ""), *string.digits, *string.punctuation, *NAMED)
PLANS = (samples.plan(12, "name"), samples.plan(987), samples.plan(12, "name"))


@dataclass
class Hammer:
    """Keys with times of their own, further apart than the dialog is deaf: none is dropped for being early."""

    app: Watchdeck
    dice: random.Random
    now: float = 100.0

    def mono(self) -> float:
        return self.now

    def press(self, key: str) -> None:
        self.now += DEAF_S + 0.05
        event = Key(key, key if len(key) == 1 else {"space": " "}.get(key))
        event.time = self.now
        self.app.post_message(event)

    async def chunk(self, pilot: Any) -> None:
        for key in self.dice.choices(ALPHABET, k=CHUNK):
            self.press(key)
        await pilot.pause()


@dataclass
class Counted:
    """What happened under the keys."""

    children: int = 0
    dialogs: int = 0
    heard: int = 0
    palettes: int = 0
    left: int = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """The way of an action is the real one from the key to the child; only the server and the child are not there."""
    count = Counted()

    async def preview(self: Remedies, wanted: Any) -> Plan:
        count.dialogs += 1
        return PLANS[count.dialogs % len(PLANS)]

    async def child(*given: Any, **named: Any) -> None:
        count.children += 1

    def leave(self: ViewScreen) -> None:  # "quit" can be found in the palette
        count.left += 1

    press = Answer.press

    def heard(self: Answer, key: str, character: str | None, time: float, now: float) -> Any:
        count.heard += time >= self.deaf_until
        return press(self, key, character, time, now)

    monkeypatch.setattr(Remedies, "_preview", preview)
    monkeypatch.setattr("services.actions.child.run_child", child)
    monkeypatch.setattr(ViewScreen, "action_leave", leave)
    monkeypatch.setattr(Answer, "press", heard)
    return count


async def live(pilot: Any, app: Watchdeck) -> None:
    async with asyncio.timeout(10):
        while app.polling.poller is None or not app.deck.state("queue").good:  # type: ignore[union-attr]
            await pilot.pause(0.01)


def painted(screen: Any) -> bool:
    return bool(screen.answer.deaf_until != float("inf"))


async def opened(pilot: Any, hammer: Hammer, kind: type, key: str) -> None:
    """From the view that is shown, with this open over it; what was open before is left by Esc."""
    for _ in range(500):
        screen = hammer.app.screen
        if isinstance(screen, kind) and (kind is not ConfirmScreen or painted(screen)):
            return
        if not isinstance(screen, kind):
            hammer.press(key if isinstance(screen, ViewScreen) else "escape")
        await pilot.pause(0.005)
    raise AssertionError(f"{kind.__name__} did not open")


@pytest.mark.parametrize(("size", "keys"), [((80, 24), 6_000), ((120, 40), 4_000)])
async def test_ten_thousand_random_keys_run_no_action(
    size: tuple[int, int], keys: int, monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    stand = Stand(values=dict(samples.TROUBLED))
    app = stand.app()
    hammer = Hammer(app, random.Random(9))
    monkeypatch.setattr("widgets.confirm.monotonic", hammer.mono)
    async with app.run_test(size=size) as pilot:
        await live(pilot, app)
        starts = [
            (view, over)
            for view in SCREENS
            for over in ((ViewScreen, "escape"), (ConfirmScreen, "R"), (CommandPalette, "colon"))
        ]
        for at in range(keys // CHUNK):
            view, over = starts[at % len(starts)]
            await opened(pilot, hammer, ViewScreen, "escape")
            app.view(view)
            await opened(pilot, hammer, *over)
            counted.palettes += over[0] is CommandPalette
            await hammer.chunk(pilot)
        assert app.is_running
    assert counted.children == 0
    assert counted.dialogs > 25 and counted.heard > keys / 10 and counted.palettes > 25, counted


async def test_the_same_hands_do_carry_it_out_when_they_mean_to(
    monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    """The counter counts: otherwise the test above would prove nothing."""
    app = Stand(values=dict(samples.TROUBLED)).app()
    hammer = Hammer(app, random.Random(9))
    monkeypatch.setattr("widgets.confirm.monotonic", hammer.mono)
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        await opened(pilot, hammer, ConfirmScreen, "R")
        for key in ("9", "8", "7", "enter"):
            hammer.press(key)
        await pilot.pause()
        while not counted.children:
            await pilot.pause(0.01)
