"""A console as support, walked through from end to end; and one that an elevation opens, with the clock set wrong."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs
import pytest

from services.clock import Clock, SystemClock
from services.profile import Profile, load
from services.sources import Built, build
from tests.conftest import Database
from tests.proxy import Proxy
from tests.restricted import CANARY, People, Person, people_of
from tests.tui.acting import Hands, text
from tui.app import Options, Watchdeck
from tui.crash import short_traceback
from tui.disclosed import in_force, left
from tui.screens import PAGES, SCREENS
from tui.screens.restricted import GONE
from widgets.table import TablePane

HERE = ("db", "jobs", "flags", "runs", "reaper", "audit", "app-log", "says", "logins", "elevations", "elevation")
HERE += ("statements", "tables", "due", "deletions", "tombstones", "retention")


@pytest.fixture(scope="module")
def people(mre_of_module: Database, tmp_path_factory: pytest.TempPathFactory) -> People:
    return people_of(mre_of_module, tmp_path_factory.mktemp("restricted"))


class Wrong(SystemClock):
    """A machine whose clock is a day behind, until somebody sets it."""

    behind_s = 86_400.0

    def wall(self) -> float:
        return super().wall() - self.behind_s


def build_here(profile: Profile, clock: Clock) -> Built:
    """The profile's own sources, without those that would look for an API and a bucket."""
    built = build(profile, clock)
    return Built(MappingProxyType({name: built.sources[name] for name in HERE}), built.databases)


@asynccontextmanager
async def console(
    people: People, size: tuple[int, int], who: Person | None = None, clock: Clock | None = None
) -> AsyncIterator[Hands]:
    path = people.mine.folder / "support.toml"
    path.write_text((who or people.support).text)
    app = Watchdeck(load(path), Options(profile_path=str(path)), build=build_here, clock=clock)
    async with app.run_test(size=size) as pilot:
        hands = Hands(pilot, app)
        await hands.live()
        await hands.until(lambda: all(app.lookout.latest.snapshot.get(name) for name in HERE), "every source")
        yield hands


def kept() -> dict[str, str]:
    """Every file that the console keeps: exports, history, alerts, records, notes of crashes."""
    folder = Path(platformdirs.user_state_dir("watchdeck"))
    return {str(file): file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()}


async def look_at(hands: Hands, view: str, page: str = "") -> str:
    """Everything that this page shows, copies and exports."""
    app = hands.app
    app.view(view, page)
    await hands.until(lambda: app.front and app.front.view == view and app.front.is_mounted, view)
    seen, screen = text(app), app.front
    assert screen is not None
    for pane in [slot.pane for slot in screen.slots if isinstance(slot.pane, TablePane)]:
        screen.set_focus(pane)
        screen.action_copy()
        screen.action_export()
        seen += app.clipboard
    return seen


@pytest.mark.parametrize(
    ("size", "whose"), [((80, 24), "support"), ((120, 40), "blind")], ids=["80x24", "120x40 and blind"]
)
async def test_support_meets_no_restricted_value_wherever_it_looks(
    people: People, size: tuple[int, int], whose: str
) -> None:
    seen: dict[str, str] = {}
    with people.blocking():
        async with console(people, size, getattr(people, whose)) as hands:
            app = hands.app
            for view in (name for name in SCREENS if name not in ("wall", "checklist")):
                for page in PAGES.get(view, ("",)):
                    seen[f"{view}/{page}"] = await look_at(hands, view, page)
            await hands.pilot.press("colon", *"canary")
            await hands.pilot.pause()
            seen["palette"] = text(app)
            await hands.pilot.press("escape")
            await hands.view("3", "jobs")
            await hands.rows(4)
            seen["found"] = await searched(hands)
            await hands.pilot.press("enter")
            await hands.sees("payload")
            seen["job"] = text(app)
            await hands.pilot.press("r")
            await hands.sees("needs an elevation, which E asks for")
            seen["held"] = repr(app.lookout.latest.snapshot) + repr(app.lookout.latest.alerts)
    assert {where for where, all_ in (seen | kept()).items() if CANARY in all_} == set()
    assert "restricted" in seen["failures/"] and "restricted" in seen["job"] and "restricted" in seen["logs/"]
    assert any("exports" in name for name in kept()) and any(name.endswith(".sqlite") for name in kept())


async def searched(hands: Hands) -> str:
    """The canary is looked for, as somebody would who guesses; nothing matches, and nothing is told by that."""
    await hands.pilot.press("slash", *CANARY, "enter")
    await hands.rows(0)
    seen = text(hands.app).replace(CANARY, "", 2)  # the filter itself
    await hands.pilot.press("escape")
    await hands.rows(4)
    return seen


async def test_a_filter_on_what_is_restricted_is_refused(people: People) -> None:
    async with console(people, (120, 40)) as hands:
        await hands.view("5", "failures")
        await hands.until(lambda: isinstance(hands.app.focused, TablePane) and hands.app.focused.rows, "failures")
        await hands.pilot.press("slash", *"message:lap", "enter")
        await hands.sees("message")
        assert "no field" in text(hands.app) or "unknown field" in text(hands.app)


async def test_an_elevation_on_screen_from_its_request_to_its_end_in_time(people: People) -> None:
    """With this machine's clock set wrong, and again meanwhile; frozen, and cut off from the database, when it ends."""
    port, clock = people.mine.database.cluster.port, Wrong()
    link = Proxy(port)
    sue = replace(people.support, text=people.support.text.replace(f"port={port} ", f"port={link.port} "))
    async with console(people, (120, 40), sue, clock) as hands:
        app = hands.app
        await hands.pilot.press("E")
        await hands.answer("for what?", "all")
        await hands.sees("for how many minutes?")
        await hands.pilot.press("enter")
        await hands.confirm("1", "ticket 4711")
        await hands.sees("done: ")
        assert "ELEVATED" not in text(app)
        assert (await people.operator.act("approve-elevation")).word == "done"
        await hands.sees("ELEVATED 14 m")
        clock.behind_s = -3600.0
        await read_payload(hands)
        broken = crash_with(app)
        assert CANARY not in broken and CANARY not in repr(app.lookout.latest)
        people.mine.database.execute(
            "UPDATE watchdeck.elevation SET until = clock_timestamp() + interval '2500 ms' WHERE ended_at IS NULL"
        )
        app.refresh_sources()
        await hands.until(lambda: 0 < lasting(app) < 3, "news of its end")
        link.blackhole()
        await hands.pilot.press("z")
        ends = time.monotonic() + lasting(app)
        await hands.sees(GONE)
        assert abs(time.monotonic() - ends) < 2.5  # the tick comes every second
        assert CANARY not in text(app) and app.disclosed.answer is None
        await hands.until(lambda: "ELEVATED" not in text(app), "the banner without it")
        link.close()
    assert people.mine.database.execute("SELECT read, params ->> 'id' FROM watchdeck.restricted_read") == [
        ("job-payload", "1")
    ]


def lasting(app: Watchdeck) -> float:
    deck = app.lookout.latest
    return max((left(deck, one) for one in in_force(deck, app.remedies.actor)), default=0.0)


async def read_payload(hands: Hands) -> None:
    hands.app.job("1")
    await hands.sees("payload")
    await hands.pilot.press("r")
    await hands.answer("which? job-payload, job-errors", "job-payload")
    await hands.sees("noted under your name; y to read")
    assert CANARY not in text(hands.app)
    await hands.pilot.press("y", "enter")
    await hands.sees(CANARY)
    await hands.pilot.press("y", "e")
    await hands.pilot.mouse_down(offset=(0, 1))
    await hands.pilot.hover(offset=(60, 12))
    await hands.pilot.mouse_up(offset=(60, 12))
    await hands.pilot.press("ctrl+c")
    assert CANARY not in hands.app.clipboard and not [name for name, text in kept().items() if CANARY in text]


def crash_with(app: Watchdeck) -> str:
    """What a crash would note that has the values in its hands."""
    answer: Any = app.disclosed.answer
    assert CANARY in repr(answer)
    try:
        raise RuntimeError(answer)
    except RuntimeError as error:
        return short_traceback(error)


async def test_who_is_elevated_and_what_was_read_is_told(people: People) -> None:
    asked = await people.support.act("elevate", what="all", minutes="5")
    await people.operator.act("approve-elevation", ids=asked.id)
    async with console(people, (120, 40)) as hands:
        hands.app.view("elevations")
        await hands.sees("▸ in force")
        shown = text(hands.app)
        assert "sue" in shown and "olga" in shown and "ticket 4711" in shown and CANARY not in shown
