"""From an alert in a real Alertmanager to its being silenced there: page elsewhere, the key m, dialog, read back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.profile import load
from tests.alertmanager import Manager, alertmanager
from tests.tui.acting import Hands, text
from tui.app import Options, Watchdeck
from tui.screens.alerts import Alerts

PROFILE = """
schema = 1
name = "shop"
title = "Shop"
[environment]
name = "staging"
[roles]
default = "operator"
[sources.am]
kind = "alertmanager"
url = "{url}"
interval = "1s"
"""
ACTION = """
[actions.hush]
title = "Silence there"
effect = "silence"
source = "am"
key = "H"
"""


@pytest.fixture(scope="module")
def manager() -> Iterator[Manager]:
    with alertmanager() as found:
        found.tell({"alertname": "Full", "disk": "a"}, {"alertname": "Slow"}, runbook_url="https://r.example/f")
        yield found


@asynccontextmanager
async def at_the_page(folder: Path, told: str) -> AsyncIterator[Hands]:
    path = folder / "watchdeck.toml"
    path.write_text(told)
    path.chmod(0o600)
    app = Watchdeck(load(path), Options(profile_path=str(path)))
    async with app.run_test(size=(140, 40)) as pilot:
        hands = Hands(pilot, app)
        await hands.until(lambda: app.ready, "the profile")
        app.view("alerts", "elsewhere")
        await hands.sees("✖ firing")
        yield hands


async def test_an_alert_there_is_silenced_by_its_key_and_shown_as_suppressed(tmp_path: Path, manager: Manager) -> None:
    async with at_the_page(tmp_path, PROFILE.format(url=manager.url) + ACTION) as hands:
        screen = hands.app.front
        assert isinstance(screen, Alerts) and screen.remote.go_to(f"am {manager.fingerprint('Full')}")
        await hands.pilot.press("m")
        await hands.answer("Silence there: for how long? 1d at most", "")  # two hours, as the profile says
        await hands.dialog()
        await hands.sees('silences alertname="Full" disk="a" for 2h')
        await hands.confirm("1", "a new disk comes")
        await hands.sees("done: Silence there: done, 1 alert silenced until")
        await hands.sees("◇ suppressed")
        await hands.sees("a new disk comes (watchdeck")
        (silence,) = manager.silences()
        assert time.strptime(silence["endsAt"][:19], "%Y-%m-%dT%H:%M:%S") and "a new disk" in silence["comment"]
        assert manager.alerts()["Full"]["status"]["silencedBy"] == [silence["id"]]
        assert manager.alerts()["Slow"]["status"]["state"] == "active"


async def test_without_an_action_for_it_nothing_is_silenced_and_that_is_said(tmp_path: Path, manager: Manager) -> None:
    before = len(manager.silences())
    async with at_the_page(tmp_path, PROFILE.format(url=manager.url)) as hands:
        await hands.pilot.press("o")
        await hands.sees("its runbook: https://r.example/f")
        await hands.pilot.press("a")
        await hands.sees("it is on the page rules that one has an alert in hand")
        await hands.pilot.press("m")
        await hands.sees('the profile has no action with effect = "silence" and source = "am"')
    assert len(manager.silences()) == before


async def test_its_capital_letter_needs_an_alert_of_its_source(tmp_path: Path, manager: Manager) -> None:
    async with at_the_page(tmp_path, PROFILE.format(url=manager.url) + ACTION) as hands:
        hands.app.view("overview")
        await hands.until(lambda: hands.app.front and hands.app.front.view == "overview", "the overview")
        hands.app.remedies.key("H", hands.app.front.selection())  # type: ignore[union-attr]
        await hands.sees("select an alert of am (view 0 Alerts, page elsewhere) first")
        assert hands.app.front and hands.app.front.view == "alerts"  # it is chosen where they stand
        assert "for how long" not in text(hands.app)
