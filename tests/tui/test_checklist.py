"""A checklist gone through by keys: what is asked before a step counts as done, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from platformdirs import user_state_dir
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from services.actions.identity import Identity
from services.actions.journal import Journal
from services.clock import Clock
from services.procedures.kept import read
from services.profile import Profile, load
from services.readings import Fault, NamedFigure, NamedValues, Values
from services.records.run import Run
from services.records.store import Records
from services.sources import Built
from tests.procedures import TEXT
from tests.tui.acting import Hands as Operator
from tests.tui.acting import text
from tests.tui.deck import FakeSource, StillClock
from tui import walk
from tui.app import Options, Watchdeck
from tui.screens.checklist import Checklist
from tui.screens.view import ViewScreen

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


def depth(value: float) -> NamedValues:
    return NamedValues("it", (NamedFigure("depth", value), NamedFigure("failing_rate", 0.0)))


@dataclass
class Bench:
    """A profile on the disk, one source that stands still, and a clock that a test moves."""

    folder: Path
    values: Values | Fault = field(default_factory=lambda: depth(3))
    clock: StillClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        self.path = self.folder / "small.toml"
        control = f'[demo]\ncontrol = "http://127.0.0.1:1/x"\nstate = "{self.folder / "state"}"\n'
        self.path.write_text(TEXT + control)
        self.path.chmod(0o600)
        self.source = FakeSource("app", self.values, 5.0)

    @property
    def profile(self) -> Profile:
        return load(self.path)

    def build(self, of: Profile, clock: Clock) -> Built:
        made: Any = MappingProxyType({"app": self.source})
        return Built(made, MappingProxyType({}))

    def app(self, **options: Any) -> Watchdeck:
        path = str(self.path)
        return Watchdeck(self.profile, Options(profile_path=path, **options), clock=self.clock, build=self.build)

    @property
    def runs(self) -> tuple[Run, ...]:
        return read(self.profile).runs


@dataclass
class Hands:
    pilot: Pilot[Any]
    app: Watchdeck

    async def until(self, holds: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, f"never: {what}\n{text(self.app)}"
            await self.pilot.pause(0.01)

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in text(self.app), words)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def answer(self, question: str, words: str) -> None:
        await self.sees(question)
        await self.press(*("space" if each == " " else each for each in words), "enter")
        await self.until(lambda: question not in text(self.app), "the next thing")

    async def free(self) -> None:
        await self.until(lambda: isinstance(self.app.screen, ViewScreen), "nothing over the view")

    async def at(self, step: str) -> None:
        await self.until(lambda: isinstance(self.app.front, Checklist), "the run")
        assert isinstance(self.app.front, Checklist)
        await self.until(lambda: self.app.front.steps.go_to(step), step)  # type: ignore[union-attr]
        await self.pilot.pause()


@asynccontextmanager
async def console(bench: Bench, size: tuple[int, int] = (120, 40), **options: Any) -> AsyncIterator[Hands]:
    app = bench.app(**options)
    async with app.run_test(size=size) as pilot:
        hands = Hands(pilot, app)
        await hands.until(lambda: app.ready and app.deck.snapshot.get("app").good, "a reading")  # type: ignore[union-attr]
        await app.paperwork.read()
        app.view("checklists")
        await hands.sees("Checklists and playbooks")
        yield hands


@asynccontextmanager
async def daily(bench: Bench, **more: Any) -> AsyncIterator[Hands]:
    """A run of the daily check is begun."""
    async with console(bench, **more) as hands:
        await hands.press("j", "enter", "y")
        await hands.sees("Daily check · 0 of 5")
        yield hands


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.paperwork.whoami", lambda: Identity("ana"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_a_run_is_walked_through_from_the_first_step_to_the_export(bench: Bench) -> None:
    async with daily(bench) as hands:
        await hands.press("space")  # its condition holds: nothing is asked
        await hands.sees("Daily check · 1 of 5")
        await hands.press("x")
        await hands.answer("It was drained: skipped, why?", "nothing to drain")
        await hands.sees("Daily check · 2 of 5")
        await hands.press("space")
        await hands.answer("what did you see?", "lit")
        await hands.sees("Daily check · 3 of 5")
        await hands.press("space")
        await hands.press(*"delete", "enter")
        await hands.sees("exactly: delete old")
        await hands.press("space", *"old", "enter")
        await hands.sees("Daily check · 4 of 5")
        await hands.press("c")
        await hands.answer("anything to add?", "all well")
        await hands.sees("Daily check · completed")
        await hands.press("e")
        await hands.sees(".md and .json")
    (run,) = bench.runs
    assert (run.ended, run.ended_note, run.by) == ("completed", "all well", "ana")
    assert [(step.state, step.note) for step in run.steps] == [
        ("done", ""),
        ("skipped", "nothing to drain"),
        ("done", "lit"),
        ("done", ""),
        ("todo", ""),
    ]
    assert [(one.title, one.said) for one in run.steps[0].evidence] == [("Queue depth", "3 (<= 20)")]
    (path,) = (Path(user_state_dir("watchdeck")) / "exports").glob("*.md")
    assert path.read_text().startswith("# Daily check: completed\n")


async def test_against_its_condition_a_step_takes_a_reason(bench: Bench) -> None:
    bench.source.values = depth(30)
    async with daily(bench) as hands:
        await hands.sees("✖ Queue depth: 30 (<= 20)")
        await hands.press("space")
        await hands.sees("Queue depth fails: 30 (<= 20); why is it done all the same?")
        await hands.press("escape")
        await hands.sees("nothing was written")
        assert bench.runs[0].decided == 0
        await hands.press("space")
        await hands.answer("why is it done all the same?", "a batch")
        await hands.sees("Daily check · 1 of 5")
    assert bench.runs[0].steps[0].against == "a batch"


async def test_what_is_only_shown_is_ticked_as_it_stands_and_kept(bench: Bench) -> None:
    shows = '[playbooks.outage.steps.answers]\ntitle = "How deep is it"\nshows = [{ check = "depth" }]\n'
    before, after = bench.path.read_text().split("[playbooks.outage.steps.answers]")
    bench.path.write_text(before + shows + after.split("\n", 3)[3])
    bench.source.values = depth(30)
    async with console(bench) as hands:
        await Operator(hands.pilot, hands.app).palette("App is gone")
        await hands.sees("begin a run of “App is gone”?")
        await hands.press("y")
        await hands.sees("to look at; ticked as it stands")
        await hands.sees("✖ Queue depth: 30 (<= 20)")
        await hands.sees("○ look")
        await hands.press("space")  # nothing is asked
        await hands.sees("App is gone · 1 of 2")
    (evidence,) = bench.runs[0].steps[0].evidence
    assert (evidence.said, evidence.state, evidence.shown) == ("30 (<= 20)", "fails", True)
    assert bench.runs[0].steps[0].against == ""


async def test_a_source_that_is_silent_is_unknown_and_asks_for_a_reason_too(bench: Bench) -> None:
    async with daily(bench) as hands:
        bench.clock.at += 60  # twelve intervals without an answer
        await hands.sees("? Queue depth: app is stale")
        await hands.press("space")
        await hands.sees("Queue depth unknown: app is stale: no answer for twice its interval; why")


async def test_a_run_is_gone_on_with_after_a_restart_and_beside_another_console(bench: Bench) -> None:
    async with daily(bench) as hands:
        await hands.press("space")
        await hands.sees("Daily check · 1 of 5")
    async with console(bench) as first, console(bench) as second:
        await first.sees("1 of 5")
        for hands in (first, second):
            await hands.press("j", "enter")
            await hands.sees("Daily check · 1 of 5")
            await hands.at("coffee")
        await first.press("space")
        await second.sees("Daily check · 2 of 5")  # read from the disk by itself
        await second.press("space")
        await second.sees("Coffee: ticked already by ana")
        for key in ("x", "f"):
            second.app.say("")
            await second.press(key)
            await second.sees("Coffee: ticked already by ana")  # and nothing is asked
        await second.at("coffee")
        await second.press("u")
        await first.sees("Daily check · 1 of 5")
    (run,) = bench.runs
    assert [step.state for step in run.steps] == ["done", "todo", "todo", "todo", "todo"]


async def test_the_steps_action_is_one_key_away_and_its_outcome_is_kept(bench: Bench) -> None:
    async with daily(bench) as hands:
        await hands.at("drained")
        await hands.sees("✖ Plain: never done from here")
        await hands.press("X")
        operator = Operator(hands.pilot, hands.app)
        dialog = await operator.dialog()
        await operator.confirm(dialog.answer.plan.confirm.expected, "it was full")
        await hands.sees("● Plain: done")
        await hands.sees("plain: done: ")
    (acted,) = bench.runs[0].steps[1].acted
    assert (acted.action, acted.word) == ("plain", "done")


async def test_notes_failures_and_looking_elsewhere(bench: Bench) -> None:
    async with daily(bench) as hands:
        await hands.press("n")
        await hands.answer("note to Depth is low", "slow [bold]today[/]")
        await hands.sees("slow [bold]today[/]")
        await hands.press("f")
        await hands.answer("failed: what happened?", "no figures")
        await hands.sees("Daily check · 1 of 5")
        await hands.at("depth")
        await hands.press("enter")
        await hands.until(lambda: hands.app.front and hands.app.front.view == "services", "where to look")
        await hands.press("-")
        await hands.sees("Daily check · 1 of 5")
        await hands.press("c")
        await hands.sees("3 steps are still to do")
        await hands.press("escape")
        await hands.until(lambda: hands.app.front and hands.app.front.view == "checklists", "the list")
    assert next(step.state for step in bench.runs[0].steps) == "failed"


async def test_in_a_console_that_only_reads_nothing_is_begun_and_nothing_ticked(bench: Bench) -> None:
    async with console(bench, read_only=True) as hands:
        await hands.press("j", "enter")
        await hands.sees("this console is read-only")
    assert bench.runs == ()


async def test_a_step_that_the_profile_does_not_have_any_more_is_not_ticked(bench: Bench) -> None:
    records = Records.of(bench.profile)
    records.open("run", "daily", "Daily check", "ana", bench.clock.wall(), steps=[{"id": "old", "title": "Old"}])
    async with console(bench) as hands:
        await hands.press("j", "enter")
        for key in ("space", "x"):
            await hands.at("old")
            await hands.press(key)
            await hands.sees("Old: the profile does not have this step any more")


async def test_any_other_key_begins_nothing(bench: Bench) -> None:
    async with console(bench) as hands:
        await hands.press("j", "enter")
        await hands.sees("begin a run of “Daily check”?")
        await hands.press("enter")
        await hands.free()
        await hands.press("x")
        await hands.sees("that is a key of a checklist's run")
    assert bench.runs == ()


async def test_the_palette_starts_a_playbook_and_abandons_its_run(bench: Bench) -> None:
    async with console(bench) as hands:
        operator = Operator(hands.pilot, hands.app)
        await operator.palette("App is gone")
        await hands.sees("begin a run of “App is gone”?")
        await hands.press("y")
        await hands.sees("App is gone · 0 of 2")
        await operator.palette("Abandon this run")
        await hands.answer("abandoned, why?", "false alarm")
        await hands.sees("App is gone · abandoned")
    assert bench.runs[0].ended == "abandoned"


async def test_a_gate_that_is_red_makes_its_action_high_risk(bench: Bench) -> None:
    bench.source.values = depth(30)
    async with console(bench) as hands:
        await hands.sees("✖ RED")
        hands.app.remedies.start("drain", hands.app.front.selection(), "key")  # type: ignore[union-attr]
        await hands.sees("gate gate: Queue depth fails: 30 (<= 20)")
        await hands.sees("high risk")


async def test_a_gate_that_turns_red_before_the_confirmation_is_not_passed(bench: Bench) -> None:
    async with console(bench) as hands:
        await hands.sees("● green")
        hands.app.remedies.start("drain", hands.app.front.selection(), "key")  # type: ignore[union-attr]
        operator = Operator(hands.pilot, hands.app)
        dialog = await operator.dialog()
        assert dialog.answer.plan.gate == "holds"
        bench.source.values = depth(30)
        hands.app.poll_now()
        await hands.until(lambda: hands.app.paperwork.judged(hands.app.lookout.latest, "gate").state == "fails", "red")
        await operator.confirm(dialog.answer.plan.confirm.expected, "it is full")
        await hands.sees("denied: Drain: its gate held at the preview, and it fails now: Queue depth fails: 30")
    assert [(one["kind"], one["action"]) for one in Journal.of(bench.profile).records()] == [("denied", "drain")]


async def test_what_is_overdue_stands_on_the_overview(bench: Bench) -> None:
    async with daily(bench) as hands:
        for step in ("depth", "drained", "look", "delete"):
            hands.app.paperwork.hand.skip(bench.runs[0].id, step, "tested")
        hands.app.paperwork.hand.complete(bench.runs[0].id)
        bench.clock.at += 86_500
        await hands.app.paperwork.read()
        hands.app.view("overview")
        await hands.sees("overdue: Daily check")


@SIZES
async def test_checklists(bench: Bench, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    bench.source.values = depth(30)
    async with console(bench, size) as hands:
        await hands.sees("✖ RED")
        await hands.pilot.pause()
        assert hands.app == picture


@SIZES
async def test_one_run(bench: Bench, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with daily(bench, size=size) as hands:
        await hands.press("space")
        await hands.sees("1 of 5")
        await hands.at("drained")
        hands.app.say("")
        await hands.sees("never done from here")
        await hands.pilot.pause()
        assert hands.app == picture


async def test_a_gate_that_somebody_goes_by_turns_red_by_itself_on_every_view(bench: Bench) -> None:
    """Nobody goes by it: it is no news that one could not deploy now."""
    bench.source.values = depth(30)
    async with console(bench) as hands:
        await hands.press("1")
        hands.app.book.tick(bench.clock.wall())
        assert hands.app.recorded is None
        bench.source.values = depth(3)
        hands.app.poll_now()
        await hands.until(lambda: hands.app.paperwork.judged(hands.app.deck, "gate").state == "holds", "it holds")
        run = hands.app.paperwork.hand.start("gate")
        await hands.app.paperwork.read()
        hands.app.book.tick(bench.clock.wall())
        assert hands.app.recorded is None
        bench.source.values = depth(30)
        hands.app.poll_now()
        await hands.sees("GATE RED: Before a deploy")
        bench.source.values = Fault("unreachable", "it is gone")
        hands.app.poll_now()
        await hands.sees("GATE UNKNOWN: Before a deploy")
        # who has passed it acts on it for a while
        hands.app.paperwork.hand.tick(
            run, hands.app.paperwork.judged(hands.app.deck, "gate").steps[0], against="it is old"
        )
        hands.app.paperwork.hand.complete(run)
        await hands.app.paperwork.read()
        await hands.sees("GATE UNKNOWN: Before a deploy")
        bench.clock.at += 2 * 3600
        await hands.until(lambda: "GATE" not in text(hands.app), "no longer")


async def test_a_run_that_was_begun_elsewhere_a_moment_ago_is_gone_on_with(bench: Bench) -> None:
    async with console(bench) as first, console(bench) as second:
        await second.press("1")  # where nobody looks at the records
        await first.press("j", "enter", "y")
        await first.sees("Daily check · 0 of 5")
        walk.enter(second.app, "daily")
        await second.sees("Daily check · 0 of 5")
    assert len(bench.runs) == 1
