"""Views with pages: a picture of each page, and the ways that lead to it."""

from __future__ import annotations

import time
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.command import Hit
from textual.pilot import Pilot

from services.alerts import Alert
from services.profile import parse
from services.rules.past import Span
from tests import samples_pages
from tests.tui.deck import Stand
from tests.tui.test_console import front, text, until
from tui.app import Watchdeck
from tui.lookout import Lookout
from tui.palette import Everything
from tui.places import place_of
from tui.screens import PAGES, SCREENS

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(autouse=True)
def extended(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the shipped profile with a few more sources, after four hours of watching."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    shipped = (resources.files("services") / "profiles" / "mre.toml").read_text()
    profile = parse(shipped + samples_pages.PROFILE, "mre.toml")

    async def remember(self: Lookout) -> str:
        self.watch.past.restore(Span(*each) for each in samples_pages.before())
        return ""

    monkeypatch.setattr("tests.tui.deck.profile", lambda role: profile)
    monkeypatch.setattr(Lookout, "remember", remember)


async def opened(pilot: Pilot[Any], app: Watchdeck, view: str, page: str = "") -> None:
    await until(pilot, lambda: app.ready and all(map(app.deck.snapshot.get, samples_pages.HEALTHY)), "the sources")
    await until(
        pilot,
        lambda: all(state.good for state in app.deck.snapshot if state.source in samples_pages.HEALTHY),
        "a reading of every source",
    )
    app.lookout.watch.past.endpoints = {"api-metrics": samples_pages.endpoints()}
    app.view(view, page)
    await until(pilot, lambda: front(app).view == view and front(app).is_mounted, view)
    await still(pilot, app)


async def still(pilot: Pilot[Any], app: Watchdeck) -> None:
    await pilot.pause()
    app._tick()
    await pilot.pause()
    await pilot.pause()


@pytest.mark.parametrize("view", ["database", "storage"])
@SIZES
async def test_pages(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = Stand(values=samples_pages.TROUBLED).app()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, view)
        for page in PAGES[view]:
            assert front(app).page == page  # type: ignore[attr-defined]
            assert app == picture(name=f"{view}-{size[0]}x{size[1]}-{page}")
            await pilot.press("v")
            await still(pilot, app)


@pytest.mark.parametrize("view", ["database", "storage"])
async def test_pages_of_a_healthy_system(view: str, picture: SnapshotAssertion) -> None:
    app = Stand(values=samples_pages.HEALTHY).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, view)
        for page in PAGES[view]:
            assert app == picture(name=f"{view}-{page}")
            await pilot.press("v")
            await still(pilot, app)


@SIZES
@pytest.mark.parametrize("view", ["api", "queues"])
async def test_view_with_plots(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = Stand(values=samples_pages.TROUBLED).app()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, view)
        assert app == picture


FOUND = {
    "arrivals": ("storage", "arrivals"),
    "WAL": ("storage", "arrivals"),
    "minio": ("storage", "minio"),
    "pools": ("database", "replication"),
    "statements": ("database", "statements"),
    "blocking": ("database", "blocking"),
    "replication": ("database", "replication"),
    "silences": ("alerts", "silences"),
}


async def test_the_palette_finds_a_page_by_what_is_on_it() -> None:
    app = Stand(values=samples_pages.HEALTHY).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "overview")
        for typed, (view, page) in FOUND.items():
            hits = [hit async for hit in Everything(app.screen).search(typed) if isinstance(hit, Hit)]
            app.call_next(max(hits, key=lambda hit: hit.score).command)
            await until(pilot, lambda: where(app) == (view, page), f"{typed} leads to {view}, {page}")  # noqa: B023


def where(app: Watchdeck) -> tuple[str, str]:
    return front(app).view, getattr(front(app), "page", "")


def test_the_pages_that_can_be_found_are_those_that_there_are() -> None:
    for view, pages in PAGES.items():
        module, name = SCREENS[view].split(":")
        assert getattr(import_module(module), name).pages == tuple(pages)


PLACES = {
    ("storage", "storage-read-p95"): ("storage", "bucket"),
    ("bucket", "backup-overdue"): ("storage", "arrivals"),
    ("bucket", "bucket-unencrypted"): ("storage", "settings"),
    ("minio", "minio-full"): ("storage", "minio"),
    ("minio", "silent-minio"): ("storage", "minio"),
    ("statements", "db-slow-queries"): ("database", "statements"),
    ("tables", "db-disk"): ("database", "tables"),
    ("pools", "silent-pools"): ("database", "replication"),
    ("db", "db-pool-saturation"): ("database", "sessions"),
    ("logins", "repeated-login-failures"): ("services", ""),
    ("api-metrics", "api-5xx-ratio"): ("api", ""),
    ("jobs", "stale-locks"): ("locks", ""),
    ("jobs", "job-failure-rate"): ("failures", ""),
    ("gone", "silent-gone"): ("alerts", ""),
}


async def test_an_alert_leads_to_the_page_that_shows_why() -> None:
    app = Stand(values=samples_pages.TROUBLED).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready, "the profile")
        alerts = {of: Alert(of[1], of[1], "firing", 1, "> 0", 0.0, source=of[0]) for of in PLACES}
        assert {of: tuple(place_of(app.deck, alert)) for of, alert in alerts.items()} == PLACES


async def test_a_page_that_is_gone_to_has_the_focus_and_its_own_table_is_exported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    app = Stand(values=samples_pages.TROUBLED).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "storage", "settings")
        assert app.focused is not None and app.focused.id == "settings"
        app.view("storage", "bucket")  # already in front: it turns
        await until(pilot, lambda: app.focused is not None and app.focused.id == "bucket", "the first page")
        await pilot.press("e")
        await until(pilot, lambda: "no table to export" in text(app), "that a page of facts has none")
