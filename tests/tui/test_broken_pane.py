"""A pane that cannot be made, or cannot be drawn, says so; the others and the keys go on, and it comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.deck import Stand
from tui.app import Watchdeck
from widgets import failures, queues
from widgets.lines import text_of


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("not within 5 s")


def drawn(app: Watchdeck, title: str) -> str:
    assert app.front
    pane = next(slot.pane for slot in app.front.slots if slot.pane.pane_title == title)
    return " ".join(" ".join(text_of(row) for row, _ in pane._drawn).split())


def breaks(*args: object) -> Any:
    raise LookupError("odd")


async def test_one_that_cannot_be_made_takes_no_other_down(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Stand().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.ready and "failure rate" in drawn(app, "Failures"))
        with monkeypatch.context() as broken:
            broken.setattr(failures, "summary", breaks)
            app.poll_now()
            await until(pilot, lambda: "LookupError, an error in watchdeck itself" in drawn(app, "Failures"))
            assert "waiting" in drawn(app, "Jobs")
            assert app.front
            await until(pilot, lambda: "the pane Failures: LookupError" in text_of(app.front.status._line))  # type: ignore[union-attr]
        app.poll_now()
        await until(pilot, lambda: "failure rate" in drawn(app, "Failures"))


async def test_one_that_cannot_be_drawn_takes_no_other_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "types", lambda *args: Undrawable())
    app = Stand().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.ready and "LookupError" in drawn(app, "Queue"))
        assert "waiting" in drawn(app, "Jobs")
        await pilot.press("8")
        await until(pilot, lambda: app.front and app.front.view == "database")


class Undrawable:
    def lines(self, width: int, height: int) -> Any:
        raise LookupError("odd")
