"""Services and Logs: what they show, what Enter leads to, and what an action would be about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from services.profile import parse
from services.readings import LogsValues
from tests import samples_machine
from tests.tui.test_console import until
from tests.tui.deck import Stand
from tui.app import Options, Watchdeck
from tui.screens.logs import Logs
from tui.screens.services import Services

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def console(values: dict[str, Any] = samples_machine.TROUBLED) -> Watchdeck:
    profile = parse(samples_machine.PROFILE + samples_machine.RULES, "etl.toml")
    stand = Stand(values=values)
    return Watchdeck(profile, Options(), clock=stand.clock, build=stand.build)


async def opened(pilot: Pilot[Any], app: Watchdeck, view: str) -> Any:
    await until(pilot, lambda: app.ready and all(s.good or s.failed for s in app.deck.snapshot), "every source read")
    app.view(view)
    await until(pilot, lambda: app.front is not None and app.front.view == view, view)
    await pilot.pause()
    return app.front


@SIZES
@pytest.mark.parametrize("view", ["services", "logs"])
async def test_view(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = console()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, view)
        app._tick()
        await pilot.pause()
        await pilot.pause()
        assert app == picture


async def test_view_of_a_healthy_machine(picture: SnapshotAssertion) -> None:
    app = console(samples_machine.HEALTHY)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "services")
        app._tick()
        await pilot.pause()
        assert app == picture
