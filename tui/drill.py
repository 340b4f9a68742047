"""A drill: the demo breaks something, and what the person at the console makes of it is timed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.demo import control
from services.errors import WatchdeckError

if TYPE_CHECKING:
    from services.alerts import Alert
    from tui.app import Watchdeck

SETTLED_S = 6.0  # after the first judgement: somebody looks around before it happens
LOOK_S = 1.0
END_S = 2.0  # the last word can be read
_TURNS = {"recovered", "relapsed"}  # one takes the other back


@dataclass(frozen=True)
class Played:
    """Which playbook is trained, on which of the demo's scenarios, and the rules that tell of it."""

    playbook: str
    scenario: str
    rules: frozenset[str]


async def play(app: Watchdeck, played: Played) -> None:
    """From the start of the scenario to the end of the run, which ends the console."""
    demo = app.deck.profile.demo
    if demo is None:
        app.say("a drill needs the demo: there is nothing that may be broken here", "bad")
        return
    while not app.lookout.judged or not app.lookout.watch.settled:
        await app.clock.sleep(LOOK_S)
    await app.clock.sleep(SETTLED_S)
    before = {alert.key for alert in app.lookout.latest.alerts if alert.active}
    try:
        record = await asyncio.to_thread(app.paperwork.hand.start, played.playbook, True)
        app.paperwork.drill = record
        await asyncio.to_thread(control.start, demo.control, played.scenario)
        await app.paperwork.read()
    except WatchdeckError as error:
        app.say(f"the drill did not begin: {error.message}", "bad")
        return
    title = app.deck.profile.procedures[played.playbook].title
    app.say(f"drill: something breaks now; “{title}” is begun in `:checklists`", "warn")
    await _timed(app, record, played.rules, before)


async def _timed(app: Watchdeck, record: str, rules: frozenset[str], before: set[str]) -> None:
    noted: set[str] = set()
    while True:
        await app.clock.sleep(LOOK_S)
        run = app.paperwork.kept.find(record)
        if run and run.ended:
            app.say(f"the drill was {run.ended}: the score sheet follows")
            await app.clock.sleep(END_S)
            app.exit(0)
            return
        about = [one for one in app.lookout.latest.alerts if one.rule in rules and one.key not in before]
        for mark in _reached(noted, about):
            noted = noted - _TURNS | {mark} if mark in _TURNS else noted | {mark}
            await asyncio.to_thread(app.paperwork.hand.mark, record, mark)


def _reached(noted: set[str], alerts: list[Alert]) -> list[str]:
    """What has come true since it was looked last. It has recovered when nothing of what fired does so any more; what
    fires again takes that back."""
    firing = [alert for alert in alerts if alert.active]
    true = {
        "alert": bool(firing),
        "acknowledged": any(alert.acknowledged for alert in firing),
        "recovered": "alert" in noted and not firing,
        "relapsed": "recovered" in noted and bool(firing),
    }
    return [mark for mark, holds in true.items() if holds and mark not in noted]
