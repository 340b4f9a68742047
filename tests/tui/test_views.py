"""A picture of every view that is made of readings alone, at the two sizes that matter and in words."""

from __future__ import annotations

import time

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.samples import TROUBLED
from tests.tui.deck import Stand
from tui.screens import SCREENS

VIEWS = tuple(view for view in SCREENS if view not in ("jobs", "wall"))


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_view(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await _pictured(view, size, picture)


async def test_overview_in_words(picture: SnapshotAssertion) -> None:
    await _pictured("overview", (40, 12), picture)


async def _pictured(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=size) as pilot:
        deadline = time.monotonic() + 5
        while any(state.good is None for state in app.deck.snapshot) or app.front is None:
            assert time.monotonic() < deadline, "never: a reading of every source"
            await pilot.pause(0.01)
        app.view(view)
        while app.front.view != view:
            await pilot.pause(0.01)
        app._tick()
        await pilot.pause()
        await pilot.pause()
        assert app == picture
