"""A console that ends, and the next one: what fired goes on, what was said holds, and nothing is told twice."""

from __future__ import annotations

import pytest

from services.watching.notices import Notice
from tests.samples import HEALTHY, TROUBLED
from tests.tui.deck import Stand
from tests.tui.test_console import text, until
from tui.app import Watchdeck

RULE = "job-failure-rate"


def firing(app: Watchdeck) -> bool:
    alert = app.lookout.watch.alerts.get(RULE) if app.ready else None
    return bool(alert and alert.state == "firing" and alert.confirmed and app.lookout.watch.settled)


def hearing(app: Watchdeck) -> list[str]:
    """What a channel is told of the rule, from the first reading on."""
    told: list[str] = []
    remember = app.lookout.remember

    def hear(notices: tuple[Notice, ...]) -> None:
        state = app.lookout.watch.state
        for notice in notices:
            if notice.alert and notice.alert.rule == RULE and not state.known(notice.id, "test"):
                state.mark(notice.id, "test")
                told.append(notice.word)

    async def listening() -> None:
        await remember()
        app.lookout.watch.listen(hear)

    app.lookout.remember = listening  # type: ignore[method-assign]
    return told


async def test_the_next_console_goes_on_where_the_one_before_ended() -> None:
    stand = Stand(values=dict(TROUBLED))
    app = stand.app()
    told = hearing(app)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: firing(app), "it fires")
        assert told == ["fires"]
        assert app.lookout.acknowledge(RULE, "ana", "on it")
        first = app.deck.alerts.get(RULE)
    again = stand.app()
    told = hearing(again)
    async with again.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: firing(again), "it fires again")
        alert = again.deck.alerts.get(RULE)
        assert alert and first
        assert (alert.episode, alert.since, alert.acknowledged) == (first.episode, first.since, first.acknowledged)
        assert told == []
        stand.clock.at += 1.0
        stand.sources["jobs"].values = HEALTHY["jobs"]
        again.refresh_sources()
        await until(pilot, lambda: not firing(again), "it is over")
        assert told == ["resolves"]


async def test_a_second_console_on_the_machine_says_that_another_one_notifies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.state.writer.LOOK_S", 0.05)
    first, second = Stand().app(), Stand().app()
    async with first.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: first.ready and bool(first.lookout.watch.state.saved), "the first")
        await until(pilot, lambda: "endpoints" in text(first), "readings")
        async with second.run_test(size=(120, 40)) as other:
            await until(other, lambda: "another console on this machine keeps the alerts" in text(second), "said so")
            await first.lookout.forget()
            await until(other, lambda: "this console keeps the alerts" in text(second), "took over")
