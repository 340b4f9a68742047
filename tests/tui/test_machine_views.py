"""Services and Logs: what they show, what Enter leads to, and what an action would be about."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from services.profile import parse
from tests import samples, samples_machine
from tests.tui.deck import Stand
from tests.tui.test_console import text, until
from tui.app import Options, Watchdeck
from tui.named import show
from tui.request import request
from tui.screens.logs import Logs
from tui.screens.services import Services
from tui.screens.view import ViewScreen
from tui.selection import Selection

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def console(values: dict[str, Any] = samples_machine.TROUBLED, more: str = "") -> Watchdeck:
    profile = parse(samples_machine.PROFILE + samples_machine.RULES + samples_machine.ACTIONS + more, "etl.toml")
    stand = Stand(values=values)
    return Watchdeck(profile, Options(), clock=stand.clock, build=stand.build)


async def opened(pilot: Pilot[Any], app: Watchdeck, view: str) -> Any:
    await until(pilot, lambda: app.ready and all(s.good or s.failed for s in app.deck.snapshot), "every source read")
    app.view(view)
    await until(pilot, lambda: app.front is not None and app.front.view == view, view)
    await pilot.pause()
    return app.front


@SIZES
@pytest.mark.parametrize("view", ["services", "logs"])
async def test_view(view: str, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    app = console()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, view)
        app._tick()
        await pilot.pause()
        await pilot.pause()
        assert app == picture


async def test_view_of_a_healthy_machine(picture: SnapshotAssertion) -> None:
    app = console(samples_machine.HEALTHY)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "services")
        app._tick()
        await pilot.pause()
        assert app == picture


async def rows(pilot: Pilot[Any], app: Watchdeck, count: int) -> None:
    pane = app.front.lines if isinstance(app.front, Logs) else None
    assert pane is not None
    await until(pilot, lambda: len(pane.rows) == count, f"{count} lines")


async def test_enter_on_a_unit_leads_to_what_it_writes_and_escape_to_the_whole_log() -> None:
    app = console()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "services")
        await pilot.press("enter")  # app-orchestrator, which restarts, stands first
        await until(pilot, lambda: isinstance(app.front, Logs), "the logs")
        await rows(pilot, app, 2)
        await pilot.press("escape")
        await rows(pilot, app, 29)


async def test_enter_on_a_line_finds_its_request_in_every_source() -> None:
    app = console()
    async with app.run_test(size=(80, 24)) as pilot:
        logs: Logs = await opened(pilot, app, "logs")
        assert logs.lines.following and "worker ended" in text(app)
        await pilot.press("enter")
        await until(pilot, lambda: "no request id in this line" in text(app), "why nothing happens")
        await pilot.press("k", "enter")
        await rows(pilot, app, 5)
        assert [row.data.origin for row in logs.lines.rows] == [
            *("app-web", "app-orchestrator", "app-orchestrator", "error.log", "app-web")
        ]
        assert "request" in text(app) and "r-23" in text(app)


async def test_a_log_is_followed_until_somebody_looks_up_and_again_from_the_end() -> None:
    app = console()
    async with app.run_test(size=(80, 24)) as pilot:
        logs: Logs = await opened(pilot, app, "logs")

        def comes(number: int) -> None:
            before = samples_machine.journal()
            more = tuple(samples_machine.log(28 + n, f"new {n}", ago=0.0) for n in range(number))
            app._take(samples.reading("journal", replace(before, lines=(*before.lines, *more)), age_s=0.0))

        comes(1)
        await until(pilot, lambda: "new 0" in text(app) and "following" in text(app), "the newest line")
        await pilot.press("k", "k")
        held = logs.lines.selected
        comes(20)
        await until(pilot, lambda: "held: G follows" in text(app), "that it does not follow")
        assert logs.lines.selected is not None and held is not None and logs.lines.selected.key == held.key
        await pilot.press("G")
        await until(pilot, lambda: "new 19" in text(app) and "following" in text(app), "the end")


async def test_an_action_is_about_the_units_that_are_marked_or_the_one_under_the_cursor() -> None:
    app = console()
    async with app.run_test(size=(80, 24)) as pilot:
        services: Services = await opened(pilot, app, "services")
        assert services.selection() == Selection("units", ("app-orchestrator",))
        wanted = request(app.deck, "restart-unit", services.selection(), "key")
        assert wanted.args == {"ids": "app-orchestrator"}
        await pilot.press("space", "j", "space", "space")
        # as the action's own list writes them, or it would not know them again
        assert services.selection() == Selection("units", ("app-orchestrator", "nginx.service", "backup.timer"), True)
        await pilot.press("tab", "u")
        assert len(services.selection().ids) == 3  # its own marks, not another table's


async def test_the_row_under_the_cursor_is_told_whole_in_whichever_table_it_is() -> None:
    app = console()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "services")
        await pilot.press("tab")
        await until(pilot, lambda: "p95 461 ms, more than 400 ms" in text(app), "the check in full")
        await pilot.press("j", "j", "j")
        await until(pilot, lambda: "a longer `timeout`" in text(app), "what to do about the one that gave no answer")
        await pilot.press("tab")
        await until(pilot, lambda: "figures.used_share{mount=/var/lib/p" in text(app), "the figure an alert is about")


VIEWS = """
[views.machine]
title = "The machine"
view = "services"
source = "host"
[views.memory]
title = "Memory"
view = "services"
source = "host"
filter = "figure:memory*"
[views.proxy-log]
title = "What the proxy writes"
view = "logs"
source = "proxy"
"""


async def test_a_view_of_the_profile_leads_to_the_rows_of_its_source_also_where_nobody_was_before() -> None:
    app = console(more=VIEWS)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready and all(s.good or s.failed for s in app.deck.snapshot), "every source")
        show(app, app.deck.profile.views["memory"])
        await until(pilot, lambda: app.front is not None and app.front.rows is not None, "the services")
        front: Any = app.front
        await until(pilot, lambda: front.rows.filter == "figure:memory*", "its filter")
        assert front.rows.rows[0].fields["figure"] == "memory_share"
        show(app, app.deck.profile.views["machine"])
        assert front.rows.selected.fields["source"] == "host"
        front.rows.set_filter("source:disk")
        show(app, app.deck.profile.views["machine"])
        assert front.rows.filter == "" and front.rows.selected.fields["source"] == "host"
        show(app, app.deck.profile.views["proxy-log"])
        await until(pilot, lambda: isinstance(app.front, Logs), "the logs")
        lines: Any = app.front
        assert lines.lines.filter == 'source:"proxy"'
        await until(pilot, lambda: {row.key.partition("/")[0] for row in lines.lines.rows} == {"proxy"}, "its lines")


async def test_the_overview_of_a_system_without_queues_has_its_services_where_their_tiles_would_be() -> None:
    app = console(samples_machine.TROUBLED)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "overview")
        await until(pilot, lambda: "not well" in text(app), "what is not well")
        assert "✖ restarting  app-orchestrator" in text(app)
        assert "not configured" not in text(app) and "Jobs" not in text(app)


async def test_a_profile_without_such_sources_says_so_or_gives_the_room_to_what_it_has() -> None:
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.ready, "the profile")
        app.view("logs")
        await until(pilot, lambda: "no source of kind logs" in text(app), "why there is no line")
        app.view("services")
        await until(pilot, lambda: "Figures" in text(app), "what there is")
        assert "Units and timers" not in text(app) and "no source" not in text(app)
        assert isinstance(app.front, ViewScreen) and app.front.pane and app.front.pane.id == "figures"


async def test_a_unit_that_really_fails_and_what_it_wrote_are_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No sample in between: a systemctl on PATH, a file that grows, and the console's own polling."""
    told = tmp_path / "told"
    told.write_text("Id=app-web.service\nLoadState=loaded\nActiveState=active\nSubState=running\n")
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\ncat {told}\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    log = tmp_path / "app-web.log"
    log.write_text("started\n")
    profile = f"""
schema = 1
name = "one"
title = "One"
[sources.units]
kind = "systemd"
units = ["app-web"]
interval = "100ms"
[sources.log]
kind = "logs"
paths = ["{log}"]
interval = "100ms"
"""
    app = Watchdeck(parse(profile, "one.toml"), Options())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "services")
        await until(pilot, lambda: "● active" in text(app), "a unit that is well")
        told.write_text("Id=app-web.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\n")
        await until(pilot, lambda: "✖ failed" in text(app), "the unit failed")
        with log.open("a") as out:
            out.write("ERROR no disk\n")
        app.view("logs")
        await until(pilot, lambda: "✖ error" in text(app) and "ERROR no disk" in text(app), "its last words")
