"""A picture of every view that is made of readings alone, at the two sizes that matter and in words."""

from __future__ import annotations

import time
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from tests.samples import TROUBLED, job_detail, job_page, plan
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.screens import SCREENS

OTHERS = (
    "api",
    "checklist",
    "checklists",
    "database",
    "escalation",
    "incidents",
    "jobs",
    "logs",
    "queues",
    "records",
    "runbook",
    "services",
    "storage",
    "wall",
)  # have tests of their own
VIEWS = tuple(view for view in SCREENS if view not in OTHERS)
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize("view", VIEWS)
@SIZES
async def test_view(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await _pictured(view, size, picture)


async def test_overview(picture: SnapshotAssertion) -> None:
    """The one in the README."""
    await _pictured("overview", (120, 40), picture)


async def test_overview_in_words(picture: SnapshotAssertion) -> None:
    await _pictured("overview", (40, 12), picture)


@SIZES
async def test_overview_of_a_healthy_system(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await _pictured("overview", size, picture, Stand())


@SIZES
async def test_jobs(size: tuple[int, int], picture: SnapshotAssertion, browsed: None) -> None:
    await _pictured("jobs", size, picture, keys=("j", "space", "j"))


@SIZES
async def test_job(size: tuple[int, int], picture: SnapshotAssertion, browsed: None) -> None:
    await _pictured("jobs", size, picture, keys=("enter",))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)], ids=["80x24", "120x40", "40x12"])
async def test_wall(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await _pictured("wall", size, picture)


@SIZES
async def test_wall_of_a_healthy_system(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await _pictured("wall", size, picture, Stand())


@SIZES
async def test_help(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await _pictured("overview", size, picture, keys=("?",))


@SIZES
async def test_confirm(size: tuple[int, int], picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    from tui.remedies import Remedies

    async def preview(self: Remedies, wanted: Any) -> Any:
        return plan(12, "name")

    monkeypatch.setattr(Remedies, "_preview", preview)
    await _pictured("locks", size, picture, keys=("R",))


@SIZES
async def test_start(size: tuple[int, int], picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: f"~/.config/{name}")
    app = Watchdeck(None)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert app == picture


@pytest.fixture
def browsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of jobs without a database."""

    async def page(*where: Any, **how: Any) -> Any:
        return job_page()

    async def detail(*where: Any) -> Any:
        return job_detail()

    monkeypatch.setattr("services.queues.browse.job_page", page)
    monkeypatch.setattr("services.queues.browse.job_detail", detail)
    monkeypatch.setattr(Watchdeck, "queue_database", lambda self: (None, None))


async def _settled(app: Watchdeck, pilot: Pilot[Any]) -> None:
    deadline = time.monotonic() + 5
    while any(state.good is None for state in app.deck.snapshot) or app.front is None:
        assert time.monotonic() < deadline, "never: a reading of every source"
        await pilot.pause(0.01)


async def _pictured(
    view: str, size: tuple[int, int], picture: SnapshotAssertion, stand: Stand | None = None, keys: tuple[str, ...] = ()
) -> None:
    app = (stand or Stand(values=dict(TROUBLED))).app()
    async with app.run_test(size=size) as pilot:
        await _settled(app, pilot)
        app.view(view)
        while app.front is None or app.front.view != view:
            await pilot.pause(0.01)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        app._tick()
        await pilot.pause()
        await pilot.pause()
        assert app == picture
