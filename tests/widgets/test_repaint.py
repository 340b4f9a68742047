"""A pane repaints what changed, and nothing else reaches the terminal."""

from __future__ import annotations

import pyte
from textual.containers import Container
from textual.geometry import Region

from tests import samples
from tests.widgets.stage import Stage
from widgets import queues
from widgets.pane import Lines, Pane
from widgets.table import TablePane
from widgets.vitals import Vitals


class Watched(Pane):
    def __init__(self) -> None:
        super().__init__("Watched")
        self.regions: list[Region | None] = []

    def refresh(self, *regions: Region, **kwargs: bool) -> Watched:
        self.regions += list(regions) or [None]
        return super().refresh(*regions, **kwargs)


def content(*texts: str) -> Lines:
    return Lines(tuple(((text, ""),) for text in texts))


async def test_equal_content_refreshes_nothing_and_one_changed_row_only_itself() -> None:
    pane = Watched()
    app = Stage(pane)
    async with app.run_test(size=(40, 8)) as pilot:
        pane.show(content("waiting 12", "running 3"), Vitals("fresh", 1.0))
        await pilot.pause()
        pane.regions.clear()
        pane.show(content("waiting 12", "running 3"), Vitals("fresh", 4.9))
        assert pane.regions == []
        pane.show(content("waiting 12", "running 4"), Vitals("fresh", 1.0))
        assert pane.regions == [Region(8, 2, 1, 1)]


async def test_a_pane_that_turns_stale_is_dimmed_and_keeps_its_values() -> None:
    pane = Pane("Queue")
    app = Stage(pane)
    async with app.run_test(size=(80, 6)) as pilot:
        pane.show(content("waiting 12"), Vitals("fresh", 1.0))
        await pilot.pause()
        pane.retell(Vitals("stale", 42.0, "connection refused", retry_s=8.0))
        await pilot.pause()
        assert "stale 42 s · connection refused · retry in 8 s" in pane.render_line(0).text
        strip = pane.render_line(1)
        assert strip.text.startswith("waiting 12")
        assert all(segment.style is not None and segment.style.dim for segment in strip)


async def test_the_focused_pane_is_told_by_shape_too() -> None:
    first, second = Pane("One"), Pane("Two")
    app = Stage(first, second)
    async with app.run_test(size=(40, 8)) as pilot:
        second.focus()
        await pilot.pause()
        assert first.render_line(0).text.startswith("─") and second.render_line(0).text.startswith("━")


async def test_a_quiet_screen_writes_nothing_and_one_figure_writes_one_row() -> None:
    pane = TablePane("Queues")
    app = Stage(pane)
    async with app.run_test(size=(120, 20)) as pilot:
        values = samples.queue_healthy()
        pane.show(queues.types(values), Vitals("fresh", 1.0))
        await pilot.pause()
        app.written.clear()
        for age in (1.0, 2.0, 4.0):
            pane.show(queues.types(values), Vitals("fresh", age))
            await pilot.pause()
        assert app.written == []
        pane.retell(Vitals("fresh", 6.0))
        await pilot.pause()
        # 60 bytes: the title and the age, not the rule behind them
        assert 0 < sum(len(each.encode()) for each in app.written) < 100


class Widening(Stage):
    CSS = """
    #both { layout: vertical; }
    #both.-wide { layout: horizontal; }
    #both.-wide #left { margin-right: 1; }
    """


async def test_a_pane_made_narrower_leaves_nothing_in_the_gap_beside_it() -> None:
    """Textual asks for its lines in the new size before the pane is told of that: they must not be of the old one."""
    left, right = Pane("One", id="left"), Pane("Two")
    app = Widening(Container(left, right, id="both"))
    async with app.run_test(size=(40, 8)) as pilot:
        screen = pyte.Screen(40, 8)
        terminal = pyte.Stream(screen)
        left.show(content(*["x" * 40] * 7), Vitals("fresh", 1.0))
        right.show(content("y"), Vitals("fresh", 1.0))
        await pilot.pause()
        app.query_one("#both").add_class("-wide")
        await pilot.pause()
        for written in app.written:
            terminal.feed(written)
        gap = left.region.right
        assert right.region.x == gap + 1
        assert {row[gap] for row in screen.display} == {" "}, "\n".join(screen.display)
