"""The console under an operator's hands, on readings that stand still."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from services.actions.journal import Journal
from services.errors import ConfigError
from tests.samples import HEALTHY, REFUSED, TROUBLED
from tests.tui.deck import Stand
from tui.app import Watchdeck
from tui.keys import KEYS
from tui.screens.view import ViewScreen
from tui.settings import read_keys
from widgets.banner import Banner
from widgets.table import TablePane


async def until(pilot: Pilot[Any], holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        await pilot.pause(0.01)


def text(app: Watchdeck) -> str:
    """Everything on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in strips)


async def live(pilot: Pilot[Any], app: Watchdeck) -> None:
    await until(pilot, lambda: "endpoints" in text(app), "readings on the overview")


def front(app: Watchdeck) -> ViewScreen:
    assert app.front is not None
    return app.front


async def test_a_digit_shows_its_view_and_minus_the_one_before() -> None:
    app = Stand().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        for key, view in (("2", "queues"), ("4", "locks"), ("7", "api"), ("0", "alerts"), ("1", "overview")):
            await pilot.press(key)
            await until(pilot, lambda view=view: front(app).view == view, view)
        await pilot.press("minus")
        await until(pilot, lambda: front(app).view == "alerts", "the view before")


async def test_a_view_that_was_left_is_alive_when_it_is_shown_again() -> None:
    stand = Stand()
    app = stand.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        for key, shown in (("2", "Workers"), ("1", "endpoints"), ("2", "Workers"), ("1", "endpoints")):
            await pilot.press(key)
            await until(pilot, lambda shown=shown: shown in text(app), f"{shown} on the screen")
        stand.sources["jobs"].values = TROUBLED["jobs"]
        app.refresh_sources()
        await until(pilot, lambda: "jobs are failing" in text(app), "a new reading")


async def test_the_first_paint_comes_before_any_source_is_built() -> None:
    stand = Stand()
    seen: list[str] = []

    def build(profile: Any, clock: Any) -> Any:
        seen.append(("waiting for the first answer" in text(app) and "painted") or "not painted")
        return stand.build(profile, clock)

    app = stand.app()
    app.polling.build = build
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
    assert seen == ["painted"]


async def test_a_source_that_fails_leaves_the_other_panes_alone() -> None:
    app = Stand(values={**HEALTHY, "storage": REFUSED}).app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await until(pilot, lambda: "failed" in text(app), "the failure")
        assert "all 3 endpoints up" in text(app)
        assert REFUSED.message[:20] in text(app)


async def test_a_frozen_screen_holds_while_polling_goes_on() -> None:
    stand = Stand()
    app = stand.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await pilot.press("z")
        stand.sources["jobs"].values = TROUBLED["jobs"]
        asked = stand.sources["jobs"].asked
        app.refresh_sources()
        await until(pilot, lambda: stand.sources["jobs"].asked > asked, "another poll")
        await pilot.pause()
        assert "FROZEN" in text(app)
        assert "jobs are failing" not in text(app)
        await pilot.press("z")
        await until(pilot, lambda: "jobs are failing" in text(app), "the new reading")
        assert not app.screen.query_one(Banner).facts.frozen


async def test_a_filter_shows_what_it_finds_while_it_is_typed_and_escape_takes_it_away() -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.focused, TablePane) and bool(app.focused.rows), "locks")
        locks = app.focused
        assert isinstance(locks, TablePane)
        every = len(locks.rows)
        await pilot.press("slash", *"worker:w-0", "enter")
        await until(pilot, lambda: 0 < len(locks.rows) < every, "fewer locks")
        await pilot.press("escape")
        await until(pilot, lambda: len(locks.rows) == every, "all locks again")


async def test_marks_are_what_a_release_is_about_and_none_means_all() -> None:
    from tui.request import request

    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.focused, TablePane) and bool(app.focused.rows), "locks")
        assert request(app.deck, "release-stale-locks", front(app).selection(), "key").args == {}
        await pilot.press("space", "space")
        chosen = request(app.deck, "release-stale-locks", front(app).selection(), "key").args
        assert len(chosen["ids"].split(",")) == 2


async def test_p_resumes_what_is_paused_and_pauses_what_is_not() -> None:
    from tui.request import action_for
    from tui.selection import Selection

    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await until(pilot, lambda: "paused: publish_session" in text(app), "flags")
        assert action_for(app.deck, "P", Selection("types", type="publish_session")) == "resume-job-type"
        assert action_for(app.deck, "P", Selection("types", type="fuse")) == "pause-job-type"


async def test_the_palette_goes_to_a_view_by_its_name() -> None:
    app = Stand().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await pilot.press("colon")
        await until(pilot, lambda: not isinstance(app.screen, ViewScreen), "the palette")
        await pilot.press(*"locks")
        await until(pilot, lambda: "view locks" in text(app), "the view among the hits")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: front(app).view == "locks", "the Locks view")


@pytest.mark.parametrize("role,options", [("viewer", {}), ("admin", {"read_only": True})])
async def test_who_may_not_act_is_told_so_and_it_is_recorded(role: str, options: dict[str, Any]) -> None:
    app = Stand(values=dict(TROUBLED)).app(role, **options)
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        await pilot.press("R")
        await until(pilot, lambda: "denied: Release stale locks" in text(app), "the refusal")
        assert isinstance(app.screen, ViewScreen)
    (record,) = Journal.of(app.deck.profile).records()
    assert (record["kind"], record["action"], record["way"]) == ("denied", "release-stale-locks", "key")


async def test_a_copied_row_goes_out_as_osc_52_and_through_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(120, 40)) as pilot:
        await live(pilot, app)
        sent: list[str] = []
        assert app._driver is not None
        monkeypatch.setattr(app._driver, "write", sent.append)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.focused, TablePane) and bool(app.focused.rows), "locks")
        await pilot.press("y")
        await until(pilot, lambda: any("]52;c;" in one for one in sent), "the sequence")
    sequence = next(one for one in sent if "]52;c;" in one)
    assert sequence.startswith("\x1bPtmux;\x1b\x1b]52;c;")
    assert "parse_raw" in base64.b64decode(sequence.split(";")[3].split("\x07")[0]).decode()


async def test_an_exported_view_is_two_private_files(tmp_path: Path) -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(160, 40)) as pilot:
        await live(pilot, app)
        await pilot.press("4")
        await until(pilot, lambda: isinstance(app.focused, TablePane) and bool(app.focused.rows), "locks")
        await pilot.press("e")
        await until(pilot, lambda: " rows: " in text(app), "where it went")
    files = sorted((tmp_path / "state" / "watchdeck" / "exports").iterdir())
    assert [file.suffix for file in files] == [".csv", ".json"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert len(json.loads(files[1].read_text())) == len(files[0].read_text().splitlines()) - 1 > 0


async def test_a_remapped_key_works_and_the_old_one_does_not() -> None:
    app = Stand().app(keymap={"view.locks": "l"})
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        await pilot.press("4")
        await pilot.pause()
        assert front(app).view == "overview"
        await pilot.press("l")
        await until(pilot, lambda: front(app).view == "locks", "the Locks view")


@pytest.mark.parametrize(
    "text,told",
    [
        ('[keys]\nnope = "x"', "[keys] nope: no binding has this id"),
        ('[keys]\nfilter = "s"', "is the key of both"),
        ("[keys]\nfilter = 3", "[keys] filter: must be the name of a key"),
        ('[keys]\n"act.release" = "r"', "an action has a capital letter"),
        ("[colours]", "[colours]: unknown table"),
        ("[keys", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_name_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"settings\.toml") as error:
        read_keys(file)
    assert told in str(error.value)


def test_no_two_bindings_share_a_key_or_an_id() -> None:
    keys = [spelled for key in KEYS for spelled in key.spelled.split(",")]
    assert len(keys) == len(set(keys))
    assert len({key.id for key in KEYS}) == len(KEYS)
    assert all(key.key.isupper() for key in KEYS if key.acts)


async def test_a_screen_that_is_too_small_says_so_and_recovers() -> None:
    app = Stand().app()
    async with app.run_test(size=(39, 11)) as pilot:
        await until(pilot, lambda: "too small" in text(app), "the words")
        assert "Alerts" not in text(app)
        await pilot.resize_terminal(40, 12)
        await until(pilot, lambda: "Locks" in text(app) and "too small" not in text(app), "the overview in words")


async def test_the_wall_stops_at_what_fires_and_turns_while_nothing_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = Stand(values=dict(TROUBLED))
    app = stand.app(wall_cycle_s=0.05)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "fires at" in text(app), "a firing rule")
        await until(pilot, lambda: "SEV2" in text(app), "how the other rules stand")
        worst = text(app)
        for words in ("since", "mre#health", "remedy"):
            assert words in worst
        await asyncio.sleep(0.2)
        await pilot.pause()
        assert text(app) == worst
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "calm"))  # where nothing fired before
    calm = Stand().app(wall_cycle_s=0.05)
    async with calm.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "of ended jobs failed" in text(calm), "the queue")
        await until(pilot, lambda: "/api/ready" in text(calm), "the API")


async def test_without_a_profile_the_start_screen_says_how_to_begin() -> None:
    app = Watchdeck(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "watchdeck demo" in text(app), "the demo")
        await pilot.press("q")
    assert app.return_code == 0
