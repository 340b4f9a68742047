"""Taking an alert in hand, silencing it and lifting the silence, by keys; what changed stands in the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from tests.samples import TROUBLED
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.screens.alerts import Alerts
from widgets.lines import text_of


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("not within 5 s")


async def at_alerts(app: Watchdeck, pilot: Pilot[Any]) -> Alerts:
    await until(pilot, lambda: app.ready and app.deck.alerts.firing)
    await pilot.press("0")
    await until(pilot, lambda: isinstance(app.front, Alerts) and app.front.rules.selected)
    assert isinstance(app.front, Alerts)
    return app.front


def told(app: Watchdeck) -> str:
    """What the status line says."""
    assert app.front
    return text_of(app.front.status._line)


def banner(app: Watchdeck) -> str:
    facts = app.banner_facts()
    assert facts
    return f"{facts.firing} firing, {facts.quiet} silenced"


async def test_an_alert_is_taken_in_hand_and_silenced_and_the_silence_lifted() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await at_alerts(app, pilot)
        assert screen.rules.selected
        key = screen.rules.selected.key
        firing = len(app.deck.alerts.firing)

        await pilot.press("a", *"on it", "enter")
        await until(pilot, lambda: app.deck.alerts.by_key[key].acknowledged)
        ack = app.deck.alerts.by_key[key].acknowledged
        assert ack and ack.reason == "on it"
        assert "acknowledged by you" in told(app)

        await pilot.press("m", "enter", "enter")  # an hour, and no word about why: not taken
        await pilot.press(*"patching", "enter")
        await until(pilot, lambda: app.deck.alerts.by_key[key].silenced)
        assert banner(app) == f"{firing - 1} firing, 1 silenced"

        await pilot.press("v", "v")
        assert screen.page == "silences"
        await until(pilot, lambda: screen.silences.selected)
        await pilot.press("m")
        await until(pilot, lambda: not app.deck.alerts.by_key[key].silenced)
        assert banner(app) == f"{firing} firing, 0 silenced"
        said = [turn.said for turn in app.lookout.transitions(key)]
        assert any("acknowledged" in one for one in said)
        assert "no longer silenced" in said


async def test_what_does_not_fire_cannot_be_taken_in_hand() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_alerts(app, pilot)
        assert screen.rules.go_to("stale-locks")
        await pilot.press("a")
        await until(pilot, lambda: "nothing to acknowledge" in told(app))


async def test_the_alerts_remedy_is_what_the_actions_begin_with() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await at_alerts(app, pilot)
        assert screen.rules.go_to("job-failure-rate")
        await until(pilot, lambda: screen.remedy == "requeue-jobs")
        from tui.palette import actions

        assert next(actions(app, screen)).title == app.deck.profile.actions["requeue-jobs"].title
