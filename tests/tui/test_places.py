"""Where one is, what one can do there, and where an alert leads."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from services.readings import HealthCheck, HealthValues
from tests.samples import REFUSED, TROUBLED, reading
from tests.tui.deck import Stand
from tests.tui.test_console import front, live, text, until
from tui.screens import SCREENS
from widgets.footer import Footer


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_the_banner_names_the_view_at_every_size(size: tuple[int, int]) -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.polling.poller is not None, "polling")
        for key, spot in (("2", "2 Queues"), ("5", "5 Failures"), ("0", "0 Alerts"), ("1", "1 Overview")):
            await pilot.press(key)
            await until(pilot, lambda spot=spot: spot in text(app).split("\n")[0], spot)  # type: ignore[misc]


@pytest.mark.parametrize("view", [view for view in SCREENS if view != "wall"])
async def test_what_can_be_done_fits_eighty_columns_and_help_is_always_among_it(view: str) -> None:
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        app.view(view)
        await until(pilot, lambda: front(app).view == view and bool(front(app).query(Footer)), view)
        hints = front(app).query_one(Footer).hints
        assert sum(cell_len(hint.key) + cell_len(hint.does) + 3 for hint in hints) - 2 <= 80
        assert [hint.key for hint in hints[-3:]] == [":", "q", "?"]


async def test_hints_show_keys_as_they_are_mapped() -> None:
    app = Stand().app(keymap={"act.release": "L"})
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        assert "L release" in text(app).split("\n")[-1]


async def test_enter_leads_from_the_overview_over_the_alert_to_its_cause() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: front(app).view == "alerts" and "health endpoint" in text(app), "the alerts")
        await pilot.press("enter")
        await until(pilot, lambda: front(app).view == "api", "the endpoints")


async def test_arrows_go_through_the_tiles_as_they_lie() -> None:
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        visited = []
        for key in ("down", "right", "up", "left"):
            await pilot.press(key)
            visited.append(app.focused.id if app.focused else "")
        assert visited == ["locks-tile", "failures-tile", "jobs-tile", "alerts-tile"]


async def test_a_tile_never_says_better_than_the_rules_nor_green_of_what_is_stale() -> None:
    stand = Stand(values={**TROUBLED, "jobs": TROUBLED["jobs"]})
    app = stand.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        await until(pilot, lambda: "✖ 12 stale locks" not in text(app) and "12 stale locks" in text(app), "pending")
    stand = Stand()
    app = stand.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "● no stale lock" in text(app), "health")
        stand.clock.at += 60
        app._tick()
        await until(pilot, lambda: "? last known: no stale lock" in text(app), "doubt")
        assert "●" not in text(app).split("\n", 1)[1].replace("● up", "").replace("● done", "")


async def test_a_tile_says_what_the_rules_say_whichever_source_they_looked_at() -> None:
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "● database has room" in text(app), "health")
        app._read(reading("tables", TROUBLED["tables"]))
        await until(pilot, lambda: "? database has room" in text(app), "doubt")


async def test_nothing_is_well_before_anything_was_judged() -> None:
    app = Stand(values=dict.fromkeys(TROUBLED, REFUSED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.front is not None and "Alerts" in text(app), "the overview")
        assert "●" not in text(app)


async def test_failures_name_the_switch_that_their_message_is_about() -> None:
    from services.readings import Flag, FlagsValues
    from tui.places import flag_named_in

    flags = FlagsValues(tuple(Flag(name, True, "", "", None, "", None, False) for name in ("formats.gpx", "api.csv")))
    assert flag_named_in("parser GPX 4.3.0: trkpt without <time>", flags) == "formats.gpx"
    assert flag_named_in("gpxx is not it", flags) == ""
    assert flag_named_in("gpx or csv", flags) == ""


async def test_all_actions_begin_with_those_that_the_selection_fits() -> None:
    from tui.palette import actions
    from tui.selection import Selection

    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        screen = front(app)
        titles = [entry.title for entry in actions(app, screen)]
        assert titles[0] == "Release stale locks"
        assert titles.index("Requeue jobs") < titles.index("Pause a job type")
        screen.selection = lambda: Selection("flags", flag="formats.gpx")  # type: ignore[method-assign]
        titles = [entry.title for entry in actions(app, screen)]
        assert titles.index("Switch a format family on or off") < titles.index("Requeue jobs")


async def test_the_queues_open_on_the_type_that_waits_longest() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        await pilot.press("2")
        await until(pilot, lambda: front(app).view == "queues" and "▸ fuse" in text(app), "the cursor on fuse")


TWO_APIS = """
schema = 1
name = "two"
title = "Two APIs"
[environment]
name = "test"
[sources.north]
kind = "http"
url = "http://127.0.0.1:1"
paths = ["/north"]
[sources.south]
kind = "http"
url = "http://127.0.0.1:2"
paths = ["/south"]
"""


def _checks(path: str) -> HealthValues:
    return HealthValues("http://127.0.0.1:1", (HealthCheck(path, True, 200, 0.004, "", "{}"),))


async def test_of_two_sources_of_a_kind_a_view_says_which_it_shows_and_w_goes_to_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from services.profile import parse

    monkeypatch.setattr("tests.tui.deck.profile", lambda role: parse(TWO_APIS, "two.toml"))
    app = Stand(values={"north": _checks("/north"), "south": _checks("/south")}).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.polling.poller is not None, "polling")
        await pilot.press("7")
        await until(pilot, lambda: "(north, 1 of 2)" in text(app) and "/north" in text(app), "the first")
        await pilot.press("w")
        await until(pilot, lambda: "(south, 2 of 2)" in text(app) and "/south" in text(app), "the second")
        await pilot.press("2")
        await until(pilot, lambda: "not configured" in text(app), "a queue that the profile does not have")


async def test_at_forty_columns_the_way_to_the_help_is_still_told() -> None:
    app = Stand().app()
    async with app.run_test(size=(40, 12)) as pilot:
        await until(pilot, lambda: app.polling.poller is not None and "? help" in text(app).split("\n")[-1], "the help")
        assert "Enter look into" in text(app).split("\n")[-1]
