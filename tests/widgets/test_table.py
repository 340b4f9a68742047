"""The cursor stays on its row, marks outlive a refresh, and what a filter hides is counted and never acted on."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from tests.widgets.stage import Stage, rows
from widgets.columns import place
from widgets.pane import Lines
from widgets.table import Column, Row, Table, TablePane
from widgets.vitals import Vitals

COLUMNS = (Column("id", "Id", 6, "right"), Column("name", "Name", "1fr"), Column("age", "Age", 8, "right", drop=1))
FRESH = Vitals("fresh", 1.0)


def row(number: int, age: float | None = None) -> Row:
    seconds = float(number) if age is None else age
    cells = (str(number), f"job {number}", ("?", "unknown") if seconds < 0 else f"{seconds:.0f} s")
    order = (number, f"job {number}", None if seconds < 0 else seconds)
    return Row(str(number), cells, order, {"name": f"job {number}"})


def table(*numbers: int) -> Table:
    return Table(COLUMNS, tuple(map(row, numbers)), "no jobs")


def keys(pane: TablePane) -> list[str]:
    return [each.key for each in pane.rows]


def selected(pane: TablePane) -> str:
    assert pane.selected is not None
    return pane.selected.key


def test_the_cursor_stays_on_its_row_when_rows_come_and_go() -> None:
    pane = TablePane("Jobs")
    pane.show(table(1, 2, 3, 4), FRESH)
    pane.move(2)
    assert selected(pane) == "3"
    pane.show(table(9, 8, 3), FRESH)
    assert selected(pane) == "3"
    pane.show(table(9, 8), FRESH)
    assert selected(pane) == "8", "its row is gone: the row that is now at its place"
    pane.show(table(), FRESH)
    assert pane.selected is None


def test_marks_survive_a_refresh_and_go_with_their_row() -> None:
    pane = TablePane("Jobs")
    pane.show(table(1, 2, 3), FRESH)
    pane.toggle_mark()
    pane.toggle_mark()
    pane.show(table(3, 2, 1), FRESH)
    assert {each.key for each in pane.marked} == {"1", "2"}
    pane.show(table(3, 1), FRESH)
    pane.show(table(3, 2, 1), FRESH)
    assert {each.key for each in pane.marked} == {"1"}, "2 was gone: it may be another matter by now"


async def test_marks_that_a_filter_hides_are_counted_and_not_acted_on() -> None:
    pane = TablePane("Jobs")
    app = Stage(pane)
    async with app.run_test(size=(80, 10)) as pilot:
        pane.show(table(1, 2, 30), FRESH)
        for _ in range(3):
            pane.toggle_mark()
        pane.set_filter("job 3")
        await pilot.pause()
        assert [each.key for each in pane.marked] == ["30"]
        assert pane.marks_hidden == 2
        assert "1 of 3 · /job 3 · 3 marked, 2 hidden by the filter" in rows(pane)[0]
        pane.clear_marks()
        assert pane.marked == () and pane.marks_hidden == 0


def test_the_filter_is_whatever_predicate_it_was_given() -> None:
    def ends_with(fields: Mapping[str, str], text: str) -> bool:
        return fields["name"].endswith(text)

    pane = TablePane("Jobs", matches=ends_with)
    pane.show(table(1, 2, 12), FRESH)
    pane.set_filter("2")
    assert keys(pane) == ["2", "12"]


def test_sorting_goes_through_the_columns_and_back_and_keeps_unknown_last() -> None:
    pane = TablePane("Jobs")
    pane.show(Table(COLUMNS, (row(2, age=-1), row(3, age=10), row(1, age=5))), FRESH)
    orders = []
    for _ in range(4):
        pane.sort_next()
        orders.append(keys(pane))
    assert orders == [["1", "2", "3"], ["1", "2", "3"], ["1", "3", "2"], ["2", "3", "1"]]
    pane.sort_by = 2
    pane.sort_reverse()
    assert keys(pane) == ["3", "1", "2"], "reversed, and the unknown age is still last"


@pytest.mark.parametrize(("width", "shown"), [(60, (0, 1, 2)), (20, (0, 1)), (5, (0, 1))])
def test_columns_go_by_priority_when_there_is_no_room(width: int, shown: tuple[int, ...]) -> None:
    placed = place(COLUMNS, width, 2)
    assert tuple(at for at, _ in placed) == shown


def test_flexible_columns_share_what_is_left_to_the_last_cell() -> None:
    columns = (Column("a", "A", "1fr"), Column("b", "B", "2fr"), Column("c", "C", 5))
    assert sum(width for _, width in place(columns, 83, 2)) == 83 - 4


async def test_keys_pages_clicks_and_the_wheel_move_it() -> None:
    pane = TablePane("Jobs")
    app = Stage(pane)
    async with app.run_test(size=(60, 12)) as pilot:
        pane.show(table(*range(100)), FRESH)
        pane.bottom()
        assert selected(pane) == "99"
        assert rows(pane)[-1].strip().startswith("▸") and "99" in rows(pane)[-1]
        pane.page(-1)
        assert selected(pane) == "90"
        pane.top()
        await pilot.click(pane, offset=(4, 5))
        assert selected(pane) == "3"
        await pilot._post_mouse_events([__import__("textual.events").events.MouseScrollDown], pane, (4, 5))
        await pilot.pause()
        assert selected(pane) == "3" and "3  job 3" in rows(pane)[2]
        assert pane.go_to("50") and selected(pane) == "50"
        assert not pane.go_to("500")


async def test_enter_and_a_double_click_open_a_row() -> None:
    class Listening(Stage):
        opened: list[str]

        def on_table_pane_opened(self, message: TablePane.Opened) -> None:
            self.opened.append(message.row.key)

    pane = TablePane("Jobs")
    app = Listening(pane)
    app.opened = []
    async with app.run_test(size=(60, 12)) as pilot:
        pane.show(table(1, 2, 3), FRESH)
        pane.open()
        await pilot.click(pane, offset=(4, 3), times=2)
        await pilot.pause()
    assert app.opened == ["1", "2"]


def test_a_row_is_copied_by_tabs_and_the_view_exported_by_column() -> None:
    pane = TablePane("Jobs")
    pane.show(table(1, 2), FRESH)
    pane.set_filter("job 2")
    assert pane.copy_text(pane.rows[0]) == "2\tjob 2\t2 s"
    assert pane.export_rows() == [{"id": "2", "name": "job 2", "age": "2 s"}]


async def test_no_rows_and_no_match_are_said_in_different_words() -> None:
    pane = TablePane("Jobs")
    app = Stage(pane)
    async with app.run_test(size=(60, 6)):
        pane.show(table(), FRESH)
        assert rows(pane)[1] == "no jobs"
        pane.show(table(1), FRESH)
        pane.set_filter("nothing")
        assert rows(pane)[1] == "none of 1 rows matches /nothing"


def test_a_table_without_a_cursor_says_how_many_more_there_are() -> None:
    drawn = Table(COLUMNS, tuple(map(row, range(9)))).lines(40, 5)
    assert len(drawn) == 5 and drawn[-1] == (("… and 6 more", "dim"),)
    assert Lines(((("a", ""),),) * 9).lines(40, 3) == ((("a", ""),),) * 3


async def test_two_thousand_rows_are_shown_and_moved_through_cheaply() -> None:
    pane = TablePane("Jobs")
    app = Stage(pane)
    async with app.run_test(size=(120, 40)):
        content = table(*range(2000))
        pane.show(content, FRESH)
        started = time.perf_counter()
        for _ in range(10):
            pane.show(content, FRESH)
            pane.move(1)
        # 3 ms on the machine this was measured on; the bound only catches drawing rows that nobody sees
        assert (time.perf_counter() - started) / 10 < 0.03
