"""One dialog, one action: whatever else is pressed or open, and whoever else is at it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette

from services.actions.identity import whoami
from tests.actions import Bench
from tests.conftest import Database
from tests.tui.acting import Hands, operator, prepared, text
from tui.remedies import Remedies
from widgets.confirm import ConfirmScreen


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    made = prepared(mre, tmp_path)
    made.stale(3)
    return made


@pytest.fixture
def previews(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The previews taken, each held back until it has been looked for."""
    taken: list[str] = []
    real = Remedies._preview

    async def preview(self: Remedies, wanted: Any) -> Any:
        taken.append(wanted.action)
        return await real(self, wanted)

    monkeypatch.setattr(Remedies, "_preview", preview)
    return taken


async def test_a_key_pressed_twice_takes_one_preview_and_opens_one_dialog(mine: Bench, previews: list[str]) -> None:
    async with operator(mine) as hands:
        for _ in range(5):
            hands.app.screen.action_act("R")  # type: ignore[attr-defined]
        await hands.dialog()
        assert previews == ["release-stale-locks"]
        assert sum(isinstance(screen, ConfirmScreen) for screen in hands.app.screen_stack) == 1


async def test_nothing_opens_over_the_dialog_and_no_second_action_starts(mine: Bench, previews: list[str]) -> None:
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        dialog = await hands.dialog()
        for key in ("ctrl+p", "colon", "X", "R", "Q", "P", "slash", "question_mark", "4", "z", "ctrl+r", "q"):
            await hands.pilot.press(key)
            assert hands.app.screen is dialog, key
        assert previews == ["release-stale-locks"]
        await hands.pilot.press("escape")
        await hands.sees("cancelled: nothing was changed")
    assert mine.ledger() == []


async def test_the_dialog_waits_until_what_is_open_over_the_view_is_closed(
    mine: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what is being typed into a palette would go on in the dialog."""
    looked_up = asyncio.Event()
    real = Remedies._preview

    async def preview(self: Remedies, wanted: Any) -> Any:
        await looked_up.wait()
        return await real(self, wanted)

    monkeypatch.setattr(Remedies, "_preview", preview)
    async with operator(mine) as hands:
        await hands.pilot.press("R", "colon")
        await hands.until(lambda: isinstance(hands.app.screen, CommandPalette), "the palette")
        looked_up.set()
        await hands.until(lambda: "the preview is there" in below(hands), "word of the preview")
        assert isinstance(hands.app.screen, CommandPalette)
        await hands.pilot.press("escape")
        await hands.confirm("3")
        await hands.sees("done: ")


def below(hands: Hands) -> str:
    assert hands.app.front
    return str(hands.app.front.status._line)


async def test_of_two_consoles_the_second_is_told_who_did_it_and_when(mine: Bench) -> None:
    async with operator(mine) as alice, operator(mine) as bob:
        for hands in (alice, bob):
            await hands.pilot.press("R")
            await hands.dialog()
        await alice.confirm("3")
        await alice.sees("done: ")
        await bob.confirm("3")
        await bob.sees("not applied: ")
        await bob.sees(f"matched 0 of 3: {whoami()} did “Release stale locks” on them")
        assert "s ago" in text(bob.app) or "now" in text(bob.app)
    assert mine.states() == {"queued": 3}
    assert [row[1:3] for row in mine.ledger()] == [(str(whoami()), "done")]


async def test_of_two_consoles_at_the_same_moment_exactly_one_wins(mine: Bench) -> None:
    async with operator(mine) as alice, operator(mine) as bob:
        for hands in (alice, bob):
            await hands.pilot.press("R")
            await hands.dialog()
            await hands.pilot.press("3")
        await asyncio.gather(alice.pilot.press("enter"), bob.pilot.press("enter"))
        for hands in (alice, bob):
            await hands.until(lambda hands=hands: "done: " in text(hands.app) or "not applied: " in text(hands.app), "")
        words = sorted("done: " in text(hands.app) for hands in (alice, bob))
        assert words == [False, True]
    assert mine.states() == {"queued": 3} and len(mine.ledger()) == 1
