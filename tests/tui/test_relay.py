"""A console that reads through a Prometheus: it says so, how old that is, and what it leaves to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from services.errors import ConfigError
from services.state import path_of
from tests.samples import HEALTHY
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.relay import place
from tui.screens.jobs import Jobs
from widgets.drawn import Drawn

VIA = "prom:9090"


async def until(pilot: Pilot[Any], seen: Callable[[], object]) -> None:
    for _ in range(400):
        if seen():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


def drawn(app: Watchdeck, id: str) -> str:
    """What the banner or the status line says."""
    assert app.front
    return "".join(text for text, _ in cast(Drawn, app.front.query_one(id)).draw(120, 1)[0][0])


async def test_it_says_where_it_reads_and_only_reads() -> None:
    stand = Stand(values=dict(HEALTHY))
    app = stand.app(via=VIA)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.ready and app.deck.snapshot.get("jobs") and app.deck.snapshot.get("db"))
        await until(pilot, lambda: f"RELAYED MRE telemetry ingestion · 1 Overview  via {VIA}" in drawn(app, "#banner"))
        assert "operator" not in drawn(app, "#banner")  # whoever the collector is connected as, this is somebody else

        await pilot.press("R")
        await until(pilot, lambda: f"only reads, through {VIA}" in drawn(app, "#status"))
        await pilot.press("3")
        await until(pilot, lambda: app.front and app.front.view == "jobs")
        vitals = cast(Jobs, app.front).list.vitals
        assert (vitals.state, vitals.note) == ("still", "not relayed")

        stand.clock.at += 600.0
        app.lookout.tick()
        app.tell_banner(app.front)  # type: ignore[arg-type]
        assert "RELAYED, 10 m OLD" in drawn(app, "#banner")
        assert app.lookout.watch.state._path == path_of(app.deck.profile, apart=True)


def test_what_is_no_address_is_told_before_the_terminal_is_taken() -> None:
    assert place("http://me:secret@prom:9090/x") == "prom:9090"
    for wrong in ("prom:9090", "ftp://prom", "http://"):
        with pytest.raises(ConfigError, match="is no address"):
            place(wrong)
