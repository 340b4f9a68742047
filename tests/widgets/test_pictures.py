"""What the parts of a view look like at three sizes, in every state they can be in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widget import Widget

from services.readings import FlagsValues, QueueValues, Reading, SourceState
from tests import samples
from tests.widgets.stage import Stage
from widgets import locks, queues
from widgets.banner import Banner, BannerFacts
from widgets.confirm import ConfirmScreen
from widgets.pane import Pane
from widgets.table import TablePane
from widgets.vitals import Vitals

WIDE, NORMAL, SMALL = (120, 40), (80, 24), (40, 12)
SIZES = pytest.mark.parametrize("size", [WIDE, NORMAL, SMALL], ids=["120x40", "80x24", "40x12"])


def state(age_s: float | None, fault: bool) -> SourceState:
    known = SourceState("jobs", 2.0)
    if age_s is not None:
        known = known.with_reading(samples.reading("jobs", samples.queue_troubled(), age_s))
    if fault:
        failing = Reading("jobs", samples.NOW, samples.MONO, 3.0, 8.0, None, samples.REFUSED)
        known = known.with_reading(failing)
    return known


STATES: dict[str, Callable[[], SourceState | None]] = {
    "loading": lambda: state(None, False),
    "fresh": lambda: state(1.0, False),
    "stale": lambda: state(42.0, True),
    "failed": lambda: state(None, True),
    "not_configured": lambda: None,
}


def lock_pane(now: SourceState | None) -> TablePane:
    pane = TablePane("Locks")
    values = now.good.values if now and now.good else None
    content = locks.locks(values) if isinstance(values, QueueValues) else None
    pane.show(content, Vitals.of(now, samples.MONO))
    return pane


async def shown(size: tuple[int, int], picture: SnapshotAssertion, *widgets: Widget) -> None:
    app = Stage(*widgets)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert app == picture


@SIZES
@pytest.mark.parametrize("name", STATES)
async def test_a_pane(name: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    await shown(size, picture, lock_pane(STATES[name]()))


async def test_a_pane_without_colour(picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await shown(NORMAL, picture, lock_pane(STATES["stale"]()))


@SIZES
async def test_the_banner_in_production_and_elsewhere(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    alarm = BannerFacts("mre", "production", True, "deck@127.0.0.1:5432/mre", "operator", firing=2, wall=samples.NOW)
    worst = "SEV1 A health endpoint fails"
    calm = BannerFacts("mre", "staging", False, "deck@127.0.0.1/mre", "viewer", read_only=True, wall=samples.NOW)
    held = BannerFacts("mre", "live-eu", True, unknown=1, frozen=True, wall=samples.NOW)
    facts = (BannerFacts(**{**vars_of(alarm), "worst": worst}), calm, held)
    await shown(size, picture, *(Banner(each) for each in facts))


def vars_of(facts: BannerFacts) -> dict[str, object]:
    return {name: getattr(facts, name) for name in BannerFacts.__dataclass_fields__}


@SIZES
async def test_types_of_which_some_figures_are_unknown(size: tuple[int, int], picture: SnapshotAssertion) -> None:
    pane = TablePane("Queues")
    flags = samples.TROUBLED["flags"]
    assert isinstance(flags, FlagsValues)
    depth = {"fuse": (1.0, 2.0, None, 4.0, 9.0, 12.0, 20.0, 31.0)}
    pane.show(queues.types(samples.queue_troubled(), flags, depth), Vitals("fresh", 1.0))
    await shown(size, picture, pane)


@SIZES
@pytest.mark.parametrize("kind", ["key", "count", "name"])
async def test_the_confirmation(kind: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = Stage(Pane("Behind"))
    async with app.run_test(size=size) as pilot:
        screen = ConfirmScreen(samples.plan(1 if kind == "key" else 12, kind), mono=lambda: samples.MONO)
        await app.push_screen(screen)
        await pilot.pause()
        assert app == picture
