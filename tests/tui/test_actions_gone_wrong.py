"""Whatever goes wrong on the way of an action is a word on the status line, and the console lives."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from services.actions.child import run_child
from tests.actions import Bench, until
from tests.conftest import Database
from tests.tui.acting import Hands, prepared, text
from tests.tui.acting import operator as at_console
from tui.remedies import Remedies
from tui.screens.view import ViewScreen

STEP = 'print(\'{"step": "%s", "id": "5d7f3f5e-0000-4000-8000-000000000000"}\', flush=True)\n'


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    made = prepared(mre, tmp_path)
    made.stale(2)
    return made


@asynccontextmanager
async def operator(mine: Bench) -> AsyncIterator[Hands]:
    """Who also finds the console alive at the end."""
    async with at_console(mine) as hands:
        yield hands
        await alive(hands)


async def alive(hands: Hands) -> None:
    """Keys are answered, and another action can be started."""
    await hands.view("5", "failures")
    await hands.view("1", "overview")
    assert hands.app.is_running and hands.app.return_code is None


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Another program in place of the one that carries actions out; ended with the test."""
    pids = tmp_path / "pids"

    def replaced(program: str, silence_s: float = 30.0) -> None:
        script = tmp_path / "child"
        head = f"#!/usr/bin/env python3\nimport os, sys, time\nprint(os.getpid(), file=open({str(pids)!r}, 'a'))\n"
        script.write_text(f"{head}sys.stdin.read()\n{program}")
        script.chmod(0o700)
        monkeypatch.setattr("services.actions.child.sys", SimpleNamespace(executable=str(script)))
        monkeypatch.setattr("services.actions.child.SILENCE_S", silence_s)

    yield replaced
    for pid in pids.read_text().split() if pids.exists() else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)


GARBAGE = r"""
for line in (b"1", b"null", b'"outcome"', b'["step"]', b'{"outcome": 3}', b'{"outcome": {"word": "done"}}',
             b'{"step": "nonsense", "id": 3}', b'{"step": "effect"', b"\xff\xfe\x1b[2J", b"[" * 5000):
    os.write(1, line + b"\n")
os.write(2, b"\x1b]0;owned\x07 Traceback")
"""
DEATHS = [
    ("sys.exit(3)", "not applied: Release stale locks: the process that carries it out ended"),
    ("print('No module named x', file=sys.stderr); sys.exit(1)", "not applied: Release stale locks: No module named x"),
    (
        STEP % "intent" + "os.kill(os.getpid(), 9)",
        "unknown: Release stale locks: the process that carries it out ended",
    ),
    (GARBAGE, r"not applied: Release stale locks: \x1b]0;owned\x07 Traceback"),
    (STEP % "intent" + "os.write(1, b'x' * (1 << 22))", "unknown: Release stale locks: its process fell silent"),
]


@pytest.mark.parametrize(
    ("program", "told"), DEATHS, ids=["ends", "complains", "is killed", "garbage", "one long line"]
)
async def test_a_child_that_gives_no_outcome_is_told_as_what_it_is(
    mine: Bench, child: Any, program: str, told: str
) -> None:
    child(program)
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        await hands.confirm("2")
        await hands.sees(told)
    assert mine.states() == {"running": 2}


@pytest.mark.parametrize(
    "program",
    [STEP % "intent" + "time.sleep(60)", STEP % "intent" + "while True: print('noise ' * 20)"],
    ids=["silence", "a flood"],
)
async def test_a_child_that_never_answers_is_given_up_and_keys_are_answered_meanwhile(
    mine: Bench, child: Any, program: str
) -> None:
    child(program, silence_s=2.0)
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        await hands.confirm("2")
        await hands.sees("Release stale locks: intent …")
        await alive(hands)
        assert "unknown: " not in text(hands.app)
        await hands.pilot.press("R")
        await hands.sees("an action is under way: one at a time")
        await hands.sees("unknown: Release stale locks: its process fell silent")


async def test_a_preview_that_a_lock_keeps_waiting_is_told_and_opens_nothing(mine: Bench) -> None:
    async with operator(mine) as hands:
        with psycopg.connect(mine.database.dsn) as other:
            other.execute("LOCK TABLE jobs")
            await hands.pilot.press("R")
            await hands.until(lambda: "✖" in text(hands.app).splitlines()[-2], "the refusal")
            assert isinstance(hands.app.screen, ViewScreen)
        await hands.pilot.press("R")
        await hands.confirm("2")
        await hands.sees("done: ")


async def test_a_preview_without_the_privilege_names_it(mine: Bench) -> None:
    async with operator(mine) as hands:
        mine.database.execute(
            "CREATE FUNCTION watchdeck.refused() RETURNS text LANGUAGE plpgsql AS $$BEGIN "
            "RAISE insufficient_privilege USING MESSAGE = 'permission denied for table jobs'; END$$"
        )
        mine.database.execute("ALTER TABLE jobs RENAME TO hidden")
        mine.database.execute("CREATE VIEW jobs AS SELECT * FROM hidden WHERE watchdeck.refused() IS NULL")
        await hands.pilot.press("R")
        await hands.sees("permission denied for table jobs")
        assert isinstance(hands.app.screen, ViewScreen)


@pytest.mark.parametrize("error", [psycopg.errors.InsufficientPrivilege, psycopg.errors.QueryCanceled, RuntimeError])
@pytest.mark.parametrize("where", ["_preview", "_confirmed", "_run"])
async def test_an_error_that_nobody_foresaw_is_one_red_line_and_a_private_note(
    mine: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str, error: type[Exception]
) -> None:
    async def fails(self: Remedies, *given: Any) -> Any:
        raise error("canary-secret")

    monkeypatch.setattr(Remedies, where, fails)
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        if where == "_run":
            await hands.confirm("2")
        await hands.sees(f"✖ Release stale locks: {error.__name__}, an error in watchdeck itself")
        await hands.pilot.press("R")  # and once more: it is not busy for ever
        if where == "_run":
            await hands.confirm("2")
        await alive(hands)
        assert "canary-secret" not in text(hands.app)
    told_in_private(tmp_path, error.__name__)


def told_in_private(folder: Path, kind: str) -> None:
    """One note, however often it happened."""
    (note,) = (folder / "state").rglob("crash-*.txt")
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert kind in note.read_text() and "canary-secret" not in note.read_text()


async def fails(*given: Any, **named: Any) -> Any:
    raise RuntimeError("canary-secret")


async def test_a_page_of_jobs_that_fails_is_told_once_and_the_view_lives(
    mine: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("services.queues.browse.job_page", fails)
    async with operator(mine) as hands:
        await hands.view("3", "jobs")
        await hands.sees("RuntimeError, an error in watchdeck itself")
        await hands.pilot.press("s", "s", "s")
        await alive(hands)
    told_in_private(tmp_path, "RuntimeError")


async def test_a_reading_that_cannot_be_judged_does_not_stop_the_polling(
    mine: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with operator(mine) as hands:
        with monkeypatch.context() as broken:
            broken.setattr(type(hands.app.lookout.watch.past.history), "append", lambda self, reading, more=None: 1 / 0)
            hands.app.refresh_sources()
            await hands.sees("ZeroDivisionError, an error in watchdeck itself")
        mine.database.execute("UPDATE jobs SET type = 'fuse'")
        hands.app.refresh_sources()
        await hands.until(lambda: any(s["type"] == "fuse" for s in stale(hands)), "a new reading")


def stale(hands: Hands) -> list[dict[str, str]]:
    from services.readings import QueueValues

    values = hands.app.deck.values("queue", QueueValues)
    return [{"type": lock.type} for lock in values.stale] if values and isinstance(values.stale, tuple) else []


async def test_settling_that_fails_takes_nothing_else_down(
    mine: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("services.actions.journal.Journal.unsettled", lambda self: 1 / 0)
    async with operator(mine) as hands:
        await hands.sees("settling earlier actions: ZeroDivisionError, an error in watchdeck itself")
        await hands.pilot.press("R")
        await hands.confirm("2")
        await hands.sees("done: ")
    told_in_private(tmp_path, "ZeroDivisionError")


async def test_a_local_audit_that_cannot_be_written_stops_the_action_and_nothing_else(mine: Bench) -> None:
    mine.journal.path.parent.mkdir(parents=True)
    mine.journal.path.symlink_to(mine.folder / "elsewhere")  # as root, a mode would stop nobody
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        await hands.confirm("2")
        await hands.sees("not applied: ")
        await hands.sees("cannot be recorded")
    assert mine.states() == {"running": 2} and mine.ledger() == []


async def test_a_profile_that_was_deleted_meanwhile_stops_the_action_and_is_named(mine: Bench) -> None:
    async with operator(mine) as hands:
        await hands.pilot.press("R")
        await hands.dialog()
        (mine.folder / "watchdeck.toml").unlink()
        await hands.confirm("2")
        await hands.sees("not applied: ")
        await hands.sees("watchdeck.toml")
    assert mine.states() == {"running": 2}


async def test_what_an_action_says_while_a_view_is_being_composed_is_shown_once_it_is(mine: Bench) -> None:
    """A step arrived just when a view had been switched to: that took the whole app down once."""
    async with operator(mine) as hands:
        hands.app.view("queues")
        hands.app.say("Release stale locks: effect …")
        hands.app.job("1")
        hands.app.say("Release stale locks: read back …")
        await hands.sees("Release stale locks: read back …")


async def test_a_scenario_that_fails_is_told(mine: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tui.scenario.scenario", fails)
    async with operator(mine) as hands:
        hands.app.scenario("stale-locks")
        await hands.sees("stale-locks: RuntimeError, an error in watchdeck itself")
    told_in_private(tmp_path, "RuntimeError")


async def test_a_child_that_nobody_follows_any_more_goes_on(mine: Bench) -> None:
    """The console was left with q in the middle of it."""
    mine.database.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN new; END';"
        "CREATE TRIGGER slow BEFORE UPDATE ON jobs FOR EACH STATEMENT EXECUTE FUNCTION slow()"
    )
    steps: list[str] = []
    following = asyncio.ensure_future(
        run_child(await mine.plan("release-stale-locks"), "because", mine.file(), steps.append)
    )
    await until(lambda: "intent" in steps, "the intent")
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    del following
    gc.collect()
    await until(lambda: not mine.journal.unsettled(), "the child records the outcome")
    assert mine.states() == {"queued": 2}


@pytest.mark.parametrize("way", ["escape", "the palette"])
async def test_a_preview_that_takes_long_is_left_and_the_next_one_can_be_taken(
    mine: Bench, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    preview, left = Remedies._preview, asyncio.Event()

    async def hangs(self: Remedies, wanted: Any) -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    async with operator(mine) as hands:
        monkeypatch.setattr(Remedies, "_preview", hangs)
        await hands.live()
        await hands.view("4", "locks")
        await hands.pilot.press("R")
        await hands.sees("(Esc leaves it)")
        if way == "escape":
            await hands.pilot.press("escape")
        else:
            await hands.palette("Stop the action under way")
        await hands.sees("cancelled: nothing was changed")
        assert left.is_set() and hands.app.front and hands.app.front.view == "locks"
        monkeypatch.setattr(Remedies, "_preview", preview)
        await hands.pilot.press("R")
        await hands.dialog()
        await hands.pilot.press("escape")
        await hands.until(lambda: isinstance(hands.app.screen, ViewScreen), "the dialog closed")


async def test_a_views_own_actions_come_first_in_its_menu_and_before_them_what_was_begun(mine: Bench) -> None:
    from services.actions.manifest import Manifests
    from tui.palette import actions

    async with operator(mine) as hands:
        await hands.live()

        def offered(view: str) -> list[str]:
            front = hands.app.front
            return [entry.title for entry in actions(hands.app, front)] if front and front.view == view else []

        for view, first in (("backups", ["Back up now", "Restore test"]), ("retention", ["Run retention"])):
            hands.app.view(view)
            await hands.until(lambda view=view, first=first: offered(view)[: len(first)] == first, view)  # type: ignore[misc]
        manifests = Manifests(mine.journal.path.with_name("manifests"))
        begun = manifests.write({"action": "run-deletions"}, [])
        manifests.begin(begun.id)
        assert offered("retention")[:2] == [
            f"Resume: Carry out deletion requests, manifest {begun.id}",
            "Run retention",
        ]
