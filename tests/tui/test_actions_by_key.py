"""Every shipped action from the keyboard to its outcome: key or palette, preview, dialog, child, records, table."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.actions import Bench
from tests.conftest import Database
from tests.services.test_action_roles import login
from tests.tui.acting import operator, prepared
from widgets.table import TablePane


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    return prepared(mre, tmp_path)


async def test_stale_locks_are_released_from_the_overview_with_three_keys(mine: Bench) -> None:
    mine.stale(3)
    async with operator(mine, (120, 40)) as hands:
        await hands.pilot.press("R")
        await hands.confirm("3")
        await hands.recorded(mine, "release-stale-locks")
    assert mine.states() == {"queued": 3}


async def test_marked_locks_are_released_and_the_others_are_not(mine: Bench) -> None:
    mine.stale(3)
    async with operator(mine, (120, 40)) as hands:
        await hands.view("4", "locks")
        await hands.rows(3)
        await hands.pilot.press("space", "space", "R")
        await hands.confirm("2")
        await hands.recorded(mine, "release-stale-locks")
    assert mine.states() == {"queued": 2, "running": 1}


async def test_the_job_under_the_cursor_is_requeued(mine: Bench) -> None:
    mine.failed(3)
    async with operator(mine, (120, 40)) as hands:
        await hands.view("3", "jobs")
        await hands.rows(3)
        await hands.pilot.press("j", "Q")
        await hands.confirm("1")
        await hands.recorded(mine, "requeue-jobs")
    assert mine.database.execute("SELECT id FROM jobs WHERE state = 'queued'") == [(2,)]


async def test_marked_jobs_are_requeued(mine: Bench) -> None:
    mine.failed(3)
    async with operator(mine, (120, 40)) as hands:
        await hands.view("3", "jobs")
        await hands.rows(3)
        await hands.pilot.press("space", "space", "Q")
        await hands.confirm("2")
        await hands.recorded(mine, "requeue-jobs")
    assert mine.states() == {"queued": 2, "failed": 1}


async def test_all_jobs_of_a_filter_are_requeued_also_those_on_no_page(mine: Bench) -> None:
    mine.failed(103, "fuse")
    mine.failed(2, "parse_raw")
    mine.database.execute("UPDATE jobs SET state = 'succeeded' WHERE type = 'fuse' AND id % 10 = 0")
    async with operator(mine, (120, 40)) as hands:
        await hands.view("3", "jobs")
        await hands.pilot.press("slash", *"state:failed", "space", *"type:fuse", "enter")
        await hands.rows(93)
        await hands.pilot.press("Q")
        await hands.confirm("93")
        await hands.recorded(mine, "requeue-jobs")
    assert mine.states() == {"queued": 93, "succeeded": 10, "failed": 2}


async def test_a_job_is_marked_failed_by_name_and_with_a_reason(mine: Bench) -> None:
    mine.stale(1)
    async with operator(mine, (120, 40)) as hands:
        await hands.view("3", "jobs")
        await hands.rows(1)
        await hands.pilot.press("F")
        await hands.confirm("parse_raw", reason="never ends")
        await hands.recorded(mine, "mark-failed")
    assert mine.database.execute("SELECT state, last_error_message FROM jobs") == [("failed", "never ends")]
    assert [record["reason"] for record in mine.journal.records() if record["kind"] == "intent"] == ["never ends"]


async def test_a_type_is_paused_for_half_an_hour_and_resumed_by_the_same_key(mine: Bench) -> None:
    async with operator(mine, (120, 40)) as hands:
        await hands.view("2", "queues")
        kinds = await hands.rows(8)
        while kinds.selected is None or kinds.selected.key != "fuse":
            await hands.pilot.press("j")
        await hands.pilot.press("P")
        await hands.answer("for how long", "30m")
        await hands.confirm("1")
        await hands.recorded(mine, "pause-job-type")
        left = mine.database.execute(
            "SELECT enabled, extract(epoch FROM expires_at - now())::int / 60 FROM feature_flags"
        )
        assert left in ([(False, 29)], [(False, 30)])
        await hands.view("2", "queues")
        await hands.sees("paused")
        await hands.pilot.press("P")
        await hands.confirm("y")
        await hands.until(lambda: len(mine.ledger()) == 2, "the second action")
        await hands.recorded(mine, "resume-job-type")
    assert mine.database.execute("SELECT name, enabled, expires_at FROM feature_flags") == [("jobs.fuse", True, None)]


async def test_a_type_is_limited_from_the_palette(mine: Bench) -> None:
    async with operator(mine, (120, 40)) as hands:
        await hands.view("2", "queues")
        kinds = await hands.rows(8)
        while kinds.selected is None or kinds.selected.key != "fuse":
            await hands.pilot.press("j")
        await hands.palette("Limit a job type's concurrency")
        await hands.answer("how many at once", "3")
        await hands.answer("for how long", "")
        await hands.confirm("1")
        await hands.recorded(mine, "limit-concurrency")
    rows = mine.database.execute("SELECT name, enabled, value, expires_at FROM feature_flags")
    assert rows == [("jobs.fuse.concurrency", True, 3, None)]
    assert next(mine.journal.records())["way"] == "palette"


async def test_a_run_is_reprocessed_from_the_palette_as_a_new_run(mine: Bench) -> None:
    mine.database.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, finished_at) "
        "VALUES (7, 1, 'S', 'failed', now())"
    )
    async with operator(mine, (120, 40)) as hands:
        await hands.view("6", "runs")
        await hands.rows(1)
        await hands.palette("Reprocess runs")
        await hands.confirm("S", reason="parser fixed")
        await hands.recorded(mine, "reprocess-runs")
    rows = mine.database.execute("SELECT id, status, reprocess_of FROM processing_runs ORDER BY id")
    assert rows == [(1, "failed", None), (2, "queued", 1)]


async def test_x_offers_the_actions_and_carries_out_the_chosen_one(mine: Bench) -> None:
    mine.stale(2)
    async with operator(mine, (120, 40)) as hands:
        await hands.palette("Release stale locks", key="X")
        await hands.confirm("2")
        await hands.recorded(mine, "release-stale-locks")
    assert mine.states() == {"queued": 2}


async def test_a_flag_is_switched_from_the_flags_view(mine: Bench) -> None:
    mine.database.execute("INSERT INTO feature_flags (name) VALUES ('api.signed_urls')")
    async with operator(mine, (120, 40)) as hands:
        hands.app.view("flags")
        await hands.rows(1)
        await hands.palette("Switch a feature flag")
        await hands.confirm("1")
        await hands.recorded(mine, "set-flag")
    assert mine.database.execute("SELECT enabled FROM feature_flags") == [(False,)]


async def test_escape_at_the_dialog_changes_and_records_nothing(mine: Bench) -> None:
    mine.stale(2)
    async with operator(mine, (120, 40)) as hands:
        await hands.pilot.press("R")
        await hands.dialog()
        await hands.pilot.press("2", "escape")
        await hands.sees("cancelled: nothing was changed")
    assert mine.states() == {"running": 2} and mine.ledger() == [] and list(mine.journal.records()) == []


async def test_the_session_under_the_cursor_is_ended(mine: Bench, tmp_path: Path) -> None:
    dsn = login(mine, "watchdeck_viewer", tmp_path)
    with psycopg.connect(dsn, application_name="forgotten") as client:
        client.execute("SELECT 1")
        async with operator(mine, (120, 40)) as hands:
            await hands.view("8", "database")
            await hands.sees("forgotten")
            table = hands.app.focused
            assert isinstance(table, TablePane)
            while table.selected is None or table.selected.fields.get("application") != "forgotten":
                await hands.pilot.press("j")
            await hands.pilot.press("T")
            await hands.confirm(str(client.info.backend_pid), reason="it blocks")
            await hands.recorded(mine, "terminate-session")
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
