"""Drills, launches and windows from the keyboard, and what a profile gives names to, in the palette."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from services.profile import Profile, parse
from services.records import report
from services.records.drill import drill
from services.records.form import form
from services.records.listed import Listed
from services.records.listing import listed
from services.records.report import Line
from services.records.store import Records
from services.records.window import window
from tests.samples import HEALTHY, NOW, TROUBLED
from tests.samples_reach import dumps
from tests.tui import deck
from tests.tui.deck import Stand
from tests.tui.recorded import Hand
from tests.tui.test_console import front, live, text, until
from tui.app import Watchdeck
from tui.named import filter_of, wrong
from tui.recording import book
from widgets.banner import Banner
from widgets.write import Area, Write

TABLES = """
[records.dr]
kind = "drill"
title = "DR drill"
announce = "7d"
timings = ["detection", "failover"]
scopes = { postgres = "Postgres is lost", storage = "The bucket is lost" }
[records.launch]
kind = "form"
title = "Launch"
fields = { what = { title = "What", required = true }, steps = { title = "Steps", kind = "log" } }
[records.planned]
kind = "window"
title = "Planned work"
match = { rule = "~.*" }
longest = "2h"
[records.patches]
kind = "window"
title = "Patches"
match = { rule = "~.*" }
smoke = "answers"
checklist = "answers"
[checklists.answers]
title = "It answers"
steps = { api = { title = "API", holds = [{ source = "api", figure = "failing", op = "==", value = 0 }] } }
[views.gpx-failures]
title = "Failures of GPX"
view = "failures"
filter = "gpx"
[tools.find-request]
title = "Find a request"
ask = "which request id?"
pattern = "[a-z0-9-]+"
filter = "request:{value}"
[house.two-people]
text = "Nobody restores alone"
[escalation.data]
title = "Data is wrong"
first = "the data team"
then = "its lead"
"""


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch) -> Profile:
    """MRE's, with records and names of this test's."""
    from importlib import resources

    shipped = (resources.files("services") / "profiles" / "mre.toml").read_text()
    made = parse(shipped + TABLES, "mre.toml")
    monkeypatch.setattr(deck, "profile", lambda role: made)
    return made


async def _palette(pilot: Pilot[Any], app: Watchdeck, words: str) -> None:
    """The first that is found."""
    await pilot.press("colon")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
    palette = app.screen
    await pilot.press(*words)
    await until(pilot, lambda: palette._hit_count > 0 and "Searching" not in text(app), words)  # type: ignore[attr-defined]
    await pilot.pause(0.2)
    await pilot.press("enter")
    await until(pilot, lambda: app.screen is not palette, "it is chosen")


async def test_a_drill_is_timed_by_key_and_closed_when_it_was_looked_back_on(profile: Profile) -> None:
    stand = Stand()
    app = stand.app()
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        app.view("records")
        await hand.sees("DR drill", "next in turn: Postgres is lost", "begins one")
        await hand.row("dr", "kinds")
        await hand.answer("", "it is the turn of postgres")
        await hand.answer("", "when?")
        await hand.sees("drill-", "due in", "not started")
        await hand.row("announced")
        await hand.answer("everybody", "announced to whom")
        it = lambda: drill(hand.events("drill"))  # noqa: E731
        for timing in ("detection", "failover"):
            await hand.row(f"timing:{timing}")
            await until(pilot, lambda: bool(it().timings), "started")
            await hand.sees("Enter stops it")
            stand.clock.at += 90
            await hand.row(f"timing:{timing}")
            await until(pilot, lambda timing=timing: it().timings[timing].seconds == 90.0, "stopped")  # type: ignore[misc]
        await hand.row("close")
        await hand.sees("not closed, 1 missing: retrospective")
        await hand.row("ended")
        await hand.answer("", "no stopwatch starts any more")
        await until(pilot, lambda: it().state == "ended", "ended")
        await hand.row("retrospective")
        await hand.write("the runbook was old")
        await until(pilot, lambda: it().retrospective != "", "the retrospective")
        await hand.row("close")
        await until(pilot, lambda: it().state == "closed", "closed")
        await pilot.press("e")
        await hand.sees(".md, in")
        app.view("records")
        await hand.sees("next in turn: The bucket is lost")


async def test_a_drill_that_was_cancelled_is_due_all_the_same(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = profile.model_copy(
        update={"records": {"dr": profile.records["dr"].model_copy(update={"every": 90 * 86_400.0})}}
    )
    monkeypatch.setattr(deck, "profile", lambda role: made)
    records = Records.of(made)
    drill_ = records.open("drill", "dr", "a drill", "ana", NOW - 60, scope="postgres")
    records.append(drill_, "cancelled", "ana", NOW - 50, {"text": "no time"})
    app = Stand().app()
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        app.view("records")
        await hand.sees("DR drill", "DUE: every 90d")
        # another one that took place
        drill_ = records.open("drill", "dr", "a drill", "ana", NOW - 40, scope="storage")
        records.append(drill_, "closed", "ana", NOW - 30)
        await app.book.look()
        await app.paperwork.read()
        app._tick()
        await hand.sees("DR drill", "next in turn: Postgres is lost")


async def test_what_is_over_is_not_added_up_again_and_again(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be thousands of reports, and the list is asked for every second."""
    asked: list[tuple[str, ...]] = []

    def counted(of: Profile, found: Mapping[str, Any], now: float) -> tuple[Listed, ...]:
        asked.append(tuple(found))
        return listed(of, found, now)

    monkeypatch.setattr(book, "listed", counted)
    records = Records.of(profile)
    over = [report.write(records, "restore-test", "Restore test", "ana", NOW - at, True) for at in (90, 60)]
    open_ = records.open("form", "launch", "parsers", "ana", NOW)
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        await until(pilot, lambda: len(app.book.listed(NOW)) == 3, "they are read")
        asked.clear()
        found = [app.book.listed(NOW + later) for later in (0, 3600, 0, 3600)]
        assert {id_ for ids in asked for id_ in ids} == {open_}
        assert [[one.id for one in told] for told in found] == [[open_, *reversed(over)]] * 4
        await app.book.append(open_, "closed")
        assert [one.over for one in app.book.listed(NOW)] == [True] * 3


async def test_the_report_of_a_restore_test_is_opened_from_the_backups_and_nothing_can_be_added_to_it(
    profile: Profile,
) -> None:
    lines = [Line("failed", "checksum of the dump", "it is not the manifest's"), Line("ok", "public.jobs", "476 rows")]
    figures: dict[str, float | str | None] = {"bytes": 210_795.0, "age_s": 57.058673, "deletions": None}
    record = report.write(Records.of(profile), "restore-test", "Restore test", "mara", NOW, False, lines, figures)
    values = dumps()
    shown = replace(values, reports=(replace(values.reports[0], record=record),))
    app = Stand(values={**HEALTHY, "backups": shown}).app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        app.view("backups")
        await hand.sees("Reports of backups and restore tests")
        await pilot.press("tab", "tab", "enter")  # past what is told of the dump
        await hand.sees(f"{record}: Restore test", "NOT PASSED", "checksum of the dump", "476 rows")
        await hand.sees("210,795", "57.06", "unknown", "e export")
        assert "write, start" not in text(app) and "n note" not in text(app)
        await pilot.press("escape", "shift+tab", "shift+tab", "enter")  # the dump that it is about
        await hand.sees(f"{record}: Restore test")
        await pilot.press("escape", "down", "enter")
        await hand.sees("nothing is reported of it")


async def test_a_logbook_is_written_field_by_field(profile: Profile, tmp_path: Path) -> None:
    app = Stand().app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await _palette(pilot, app, "launch")
        await hand.answer("parsers 2.1", "its title")
        await hand.sees("form-", "✖ missing")
        await hand.row("close:")
        await hand.sees("not closed, 1 missing: What")
        await hand.row("what")
        await hand.answer("new parsers", "What")
        for said in ("begun", "half"):
            await hand.row("steps")
            await hand.answer(said, "a line, with the time")
        it = lambda: form(hand.events("form"))  # noqa: E731
        await until(pilot, lambda: len(it().logs.get("steps", ())) == 2, "the log")
        await hand.row("close:")
        await until(pilot, lambda: it().over, "closed")


async def begin_window(hand: Hand, of: str, title: str, how_long: str) -> None:
    """Of an hour; `how_long` is what is asked for it."""
    hand.app.view("records")
    await hand.row(of, "kinds")
    await hand.answer(title, "what is being done")
    await hand.answer("1h", how_long)


async def test_a_window_silences_and_closes_with_a_reason_and_a_forgotten_one_is_loud(profile: Profile) -> None:
    stand = Stand(values=dict(TROUBLED))
    app = stand.app()
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await begin_window(hand, "planned", "new disks", "for how long? 2h at most")
        await until(pilot, lambda: not app.lookout.latest.alerts.loud, "nobody is told")
        await hand.sees("window-", "left, Enter: longer")
        stand.clock.at += 5400
        app._tick()
        await hand.sees("30 m AGO, and it is not closed", " WINDOW NOT CLOSED ")
        assert app.lookout.latest.alerts.loud, "at its end alerts are told again"
        await hand.row("until")
        await hand.answer("1h", "how much longer")
        await until(pilot, lambda: not app.lookout.latest.alerts.loud, "nobody is told again")
        await hand.row("close")
        await hand.answer(None, "there is no smoke test")
        await hand.sees("it stays open")
        await hand.row("close")
        await hand.answer("seen by hand", "there is no smoke test")
        it = lambda: window(hand.events("window"))  # noqa: E731
        await until(pilot, lambda: it().over, "closed")
        assert (it().passed, it().closed.text) == (False, "seen by hand")  # type: ignore[union-attr]
        await until(pilot, lambda: bool(app.lookout.latest.alerts.loud), "its silence went with it")
        await until(pilot, lambda: app.screen.query_one(Banner).facts.recorded is None, "the banner is quiet")


async def test_no_silence_is_left_behind_by_a_window(profile: Profile) -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await begin_window(hand, "planned", "new disks", "for how long? 2h at most")
        await hand.sees("window-", "left, Enter: longer")
        first = [one.id for one in app.lookout.silences()]
        # longer, and that cannot be written
        path = hand.records.path
        path.rename(path.with_suffix(".aside"))
        path.mkdir()
        await hand.row("until")
        await hand.answer("90m", "how much longer")
        await hand.sees("not recorded")
        assert [one.id for one in app.lookout.silences()] == first
        path.rmdir()
        path.with_suffix(".aside").rename(path)
        # longer, from another console, while this one is asked why it is closed
        await hand.row("close")
        await hand.sees("there is no smoke test")
        made, until_ = hand.events("window")[0].record, app.clock.wall() + 5400
        other = app.lookout.silence({"rule": "~.*"}, until_, "bo").id
        hand.records.append(made, "extended", "bo", app.clock.wall(), {"until": until_, "silence": other})
        await hand.answer("seen by hand", "there is no smoke test")
        await until(pilot, lambda: window(hand.events("window")).over, "closed")
        assert not app.lookout.silences()


async def test_a_window_is_closed_by_the_smoke_test_that_passes_and_not_by_one_that_does_not(profile: Profile) -> None:
    stand = Stand(values=dict(TROUBLED))
    app = stand.app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await begin_window(hand, "patches", "new kernel", "for how long?")
        await until(pilot, lambda: not app.lookout.latest.alerts.loud, "nobody is told")
        await hand.sees("✖ something does not hold", "API: failing fails: 2 (== 0)")
        it = lambda: window(hand.events("window"))  # noqa: E731
        await hand.row("close")
        await hand.answer(None, "close it all the same? why")
        await hand.sees("it stays open")
        assert not it().over
        stand.sources["api"].values = HEALTHY["api"]
        app.poll_now()
        await hand.sees("● all of it holds")
        # the procedure that goes with it is one key away, and so is the way back
        await hand.row("follow")
        await hand.sees("begin a run of “It answers”?")
        await pilot.press("n")
        await hand.row("close")
        await hand.sees("closed, its smoke test passed", "is closed, and alerts are told again")
        assert (it().passed, it().smoke) == (True, ("API: failing: holds, 0 (== 0)",))
        await until(pilot, lambda: bool(app.lookout.latest.alerts.loud), "its silence went with it")


async def test_the_profiles_own_names_are_in_the_palette(profile: Profile) -> None:
    app = Stand(values=dict(TROUBLED)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await _palette(pilot, app, "gpx-failures")
        await until(pilot, lambda: front(app).view == "failures", "the view behind the name")
        await until(pilot, lambda: front(app).rows is not None and front(app).rows.filter == "gpx", "its filter")  # type: ignore[union-attr]
        await _palette(pilot, app, "find-request")
        await hand.answer("r-17", "which request id")
        await until(pilot, lambda: front(app).view == "logs", "the logs")
        await until(pilot, lambda: front(app).rows.filter == 'request:"r-17"', "its filter")  # type: ignore[union-attr]
        await _palette(pilot, app, "two-people")
        await hand.sees("Nobody restores alone")
        await _palette(pilot, app, "escalation")
        await hand.sees("the data team", "its lead")


async def test_nothing_is_recorded_from_a_console_that_is_read_only(profile: Profile) -> None:
    app = Stand(values=dict(TROUBLED)).app(read_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        await pilot.press("0")
        await hand.sees("A health endpoint fails")
        await pilot.press("i")
        await hand.sees("read-only: nothing is recorded")
        assert hand.records.newest() == 0


async def test_what_was_written_is_not_thrown_away_by_one_key() -> None:
    app = Stand(values=dict(HEALTHY)).app()
    left: list[str | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await live(pilot, app)
        app.push_screen(Write("say", "before"), left.append)
        await until(pilot, lambda: bool(app.screen.query(Area)), "the box")
        area = app.screen.query_one(Area)
        await pilot.press("x", "enter", "escape")
        await until(pilot, lambda: "Esc again throws it away" in text(app), "it asks")
        await pilot.press("y", "escape", "escape")
        await until(pilot, lambda: left == [None], "left")
        assert area.text == "beforex\ny"
        app.push_screen(Write("say"), left.append)
        await until(pilot, lambda: bool(app.screen.query(Area)), "the box")
        from textual.events import Paste

        app.screen.query_one(Area).post_message(Paste("two\nlines\x1b[2J"))
        await until(pilot, lambda: "lines" in app.screen.query_one(Area).text, "pasted")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: left[1:] == ["two\nlines\\x1b[2J"], "taken")


def test_a_value_that_is_typed_cannot_get_out_of_the_filter(profile: Profile) -> None:
    tool = profile.tools["find-request"]
    assert filter_of(tool, "a-1") == 'request:"a-1"'
    assert not wrong(tool, "a-1") and wrong(tool, 'a" other:"b') and wrong(tool, "a\x1b") and wrong(tool, "A 1")
    quoted = tool.model_copy(update={"filter": 'request:"{value}"'})
    assert filter_of(quoted, "a b") == 'request:"a b"'


async def test_what_cannot_be_written_is_said_and_kept_until_it_can(profile: Profile) -> None:
    app = Stand(values=dict(HEALTHY)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        hand = Hand(pilot, app)
        await live(pilot, app)
        made = await app.book.open("incident", "incident", "the disk fills", severity="SEV2")
        app.record(made)
        path = hand.records.path
        aside = path.with_suffix(".aside")
        path.rename(aside)
        path.mkdir()  # nobody can write a file there, not even root
        await pilot.press("n")
        await hand.write("the mount went read-only\nat ten")
        await hand.sees("✖ not recorded, what you typed is kept: ")
        path.rmdir()
        aside.rename(path)
        await pilot.press("n")
        await until(pilot, lambda: "the mount went read-only" in text(app), "it is proposed again")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(hand.events("incident")) == 2, "it is written")
        assert hand.events("incident")[1].body["text"] == "the mount went read-only\nat ten"
        await hand.sees("noted in")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Write), "the box")
        assert app.screen.query_one(Area).text == "", "and not a second time"
