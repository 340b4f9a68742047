"""A drill at the console: it breaks, it is timed, its run ends the console, and its sheet outlives the demo."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.demo.systems import SYSTEMS, system
from services.procedures.kept import read
from services.procedures.running import Running
from services.profile import find, load
from services.readings import NamedFigure, NamedValues
from services.records.store import Records
from tests.procedures import WALL
from tests.tui.test_checklist import Bench, Hands
from tui.app import Watchdeck
from tui.cli.drill import closed
from tui.drill import Played

PLAYED = Played("outage", "broken", frozenset({"deep"}))
OTHER = """
[rules.other]
title = "Something else"
kind = "threshold"
source = "app"
figure = "figures.failing_rate"
value = 0.5
severity = "SEV3"
"""


def ailing(deep: float) -> NamedValues:
    """Beside what the drill is about, something fires that has nothing to do with it, and goes on doing so."""
    return NamedValues("it", (NamedFigure("depth", deep), NamedFigure("failing_rate", 1.0)))


def firing(app: Watchdeck) -> set[str]:
    return {alert.rule for alert in app.deck.alerts.firing}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """At once, and without a stack: its scenario is that the queue is deep."""
    made = Bench(tmp_path)
    made.path.write_text(made.path.read_text() + OTHER)
    monkeypatch.setattr("tui.drill.SETTLED_S", 0.1)
    monkeypatch.setattr("tui.drill.LOOK_S", 0.1)
    monkeypatch.setattr("tui.drill.END_S", 0.1)

    def start(control: str, scenario: str) -> None:
        assert (control, scenario) == ("http://127.0.0.1:1/x", "broken")
        made.source.values = ailing(60)

    monkeypatch.setattr("services.demo.control.start", start)
    return made


async def test_a_drill_is_timed_from_what_breaks_to_what_is_well_again(bench: Bench) -> None:
    app = bench.app(drill=PLAYED)
    async with app.run_test(size=(120, 40)) as pilot:
        hands = Hands(pilot, app)
        await hands.sees("drill: something breaks now")
        (begun,) = bench.runs
        assert (begun.drill, begun.of) == (True, "outage")
        for value in (60, 3):
            bench.source.values = ailing(value)
            bench.clock.at += 10
            app.poll_now()
            await hands.until(
                lambda value=value: firing(app) == ({"deep", "other"} if value > 50 else {"other"}), "the rules"
            )
            if value > 50:
                await hands.until(lambda: "alert" in bench.runs[0].marks, "the alert noted")
                bench.clock.at += 5
                app.lookout.acknowledge("deep", "ana")
                await hands.until(lambda: "acknowledged" in bench.runs[0].marks, "that somebody has it in hand")
        await hands.until(lambda: "recovered" in bench.runs[0].marks, "the recovery")
        app.view("checklists")
        await hands.sees("0 of 2")  # what is played here can be gone on with here
        hand = app.paperwork.hand
        for step in ("answers", "well"):
            await asyncio.to_thread(hand.skip, begun.id, step, "played")
        await asyncio.to_thread(hand.complete, begun.id)
        await hands.until(lambda: not app.is_running, "the end")
    sheet = list(closed(str(bench.path)))
    assert sheet[:2] == [
        f"Drill: App is gone, run {begun.id} by {begun.by}: completed",
        "  to the alert               10 s",
    ]
    assert "  to having it in hand       15 s" in sheet and "  to recovery                25 s" in sheet
    record = Path(sheet[-1].split()[-1])
    assert "## Score" in record.read_text() and record.with_suffix(".json").exists()
    assert "outage" not in read(bench.profile).passed  # it was played, and counts for nothing that is due


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_drill_has_its_procedure_and_its_scenario(name: str) -> None:
    played, there = system(name), load(find(name))
    assert played.drills and set(played.drills) <= set(there.procedures)
    for scenario in played.drills.values():
        told = played.scenarios[scenario].tells  # or it would never be seen to begin
        assert told and told <= set(there.rules)


def test_each_playbook_of_mre_that_mends_something_can_be_trained() -> None:
    mends = {id_ for id_, one in load(find("mre")).playbooks.items() if one.severity}
    assert set(system("mre").drills) == mends


def test_a_drill_that_was_left_is_abandoned_and_one_that_never_began_says_so(bench: Bench) -> None:
    assert list(closed(str(bench.path))) == ["the drill did not begin: there is nothing to score"]

    profile = bench.profile
    Running(profile, Records.of(profile), "ana", lambda: WALL).start("outage", drill=True)
    assert next(closed(str(bench.path))).endswith(": abandoned")
    assert bench.runs[0].ended_note == "the console was left"
