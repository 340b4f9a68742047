"""Every shipped action carried out once against MRE's tables, recorded and read back; and every refusal explained."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from services.actions.entries import entries
from services.actions.grants import roles_sql
from services.errors import ActionError
from services.profile import parse
from tests.actions import Bench, bench, profile_of
from tests.conftest import Database


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    return bench(mre, tmp_path)


async def test_stale_locks_are_released_and_the_release_is_recorded_twice(mine: Bench) -> None:
    mine.stale(5)
    plan = await mine.plan("release-stale-locks")
    assert plan.confirm.kind == "count" and plan.confirm.expected == "5"
    assert "locked 60 m ago by dead, last seen 60 m ago" in plan.targets[0].note
    outcome = await mine.act(plan)
    assert (outcome.word, outcome.applied) == ("done", 5)
    assert mine.states() == {"queued": 5}
    assert mine.ledger() == [("release-stale-locks", "alice", "done", 5, 5)]
    (entry,) = entries(mine.journal)
    assert (entry.id, entry.outcome, entry.rows, entry.reason) == (outcome.id, "done", 5, "because")
    assert mine.database.execute("SELECT released, actor FROM reaper_runs") == [(5, "alice")]


async def test_a_lock_whose_worker_lives_is_not_stale(mine: Bench) -> None:
    mine.stale(1)
    plan = await mine.plan("release-stale-locks")
    mine.database.execute("UPDATE workers SET heartbeat_at = now()")
    with pytest.raises(ActionError, match="no lock is stale"):
        await mine.plan("release-stale-locks")
    outcome = await mine.act(plan)  # the worker came back between preview and effect
    assert outcome.word == "not applied" and "matched 0 of 1" in outcome.message
    assert mine.states() == {"running": 1}


@pytest.mark.parametrize(
    ("action", "args", "after"),
    [
        ("requeue-jobs", {"ids": "1,2"}, {"queued": 2, "failed": 1}),
        ("requeue-jobs", {"filter": "state:failed type:parse_raw"}, {"queued": 3}),
        ("requeue-jobs", {"type": "parse_raw"}, {"queued": 3}),
    ],
)
async def test_failed_jobs_are_requeued(mine: Bench, action: str, args: dict[str, str], after: dict[str, int]) -> None:
    mine.failed(3)
    outcome = await mine.act(await mine.plan(action, **args))
    assert outcome.word == "done" and mine.states() == after


async def test_a_job_is_marked_failed_with_the_reason(mine: Bench) -> None:
    mine.stale(1)
    plan = await mine.plan("mark-failed", ids="1")
    assert plan.confirm.kind == "name" and plan.confirm.reason_required
    assert (await mine.act(plan, "never'; DROP TABLE jobs; --")).word == "done"
    rows = mine.database.execute("SELECT state, last_error_code, last_error_message FROM jobs")
    assert rows == [("failed", "MARKED_FAILED", "never'; DROP TABLE jobs; --")]


async def test_a_run_is_reprocessed_as_a_new_run_and_only_once(mine: Bench) -> None:
    mine.database.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, finished_at) "
        "VALUES (7, 1, 'S', 'failed', now())"
    )
    first, second = await mine.plan("reprocess-runs", ids="1"), await mine.plan("reprocess-runs", ids="1", actor="bob")
    assert (await mine.act(first)).word == "done"
    late = await mine.act(second)  # the row is as it was: only the ledger knows
    assert late.word == "not applied" and "alice did" in late.message
    rows = mine.database.execute("SELECT id, status, reprocess_of FROM processing_runs ORDER BY id")
    assert rows == [(1, "failed", None), (2, "queued", 1)]
    assert mine.states() == {"queued": 1}


FLAGS = [
    ("pause-job-type", {"type": "fuse"}, ("jobs.fuse", False, None)),
    ("limit-concurrency", {"type": "fuse", "value": "3"}, ("jobs.fuse.concurrency", True, 3)),
    ("toggle-format-family", {"family": "gpx", "enabled": "off"}, ("formats.gpx", False, None)),
    ("set-flag", {"flag": "api.signed_urls", "enabled": "false"}, ("api.signed_urls", False, None)),
    ("stop-signed-urls", {}, ("api.signed_urls", False, None)),
]


@pytest.mark.parametrize(("action", "args", "after"), FLAGS)
async def test_a_flag_is_written(mine: Bench, action: str, args: dict[str, str], after: tuple[object, ...]) -> None:
    assert (await mine.act(await mine.plan(action, **args), "backlog")).word == "done"
    rows = mine.database.execute("SELECT name, enabled, value, reason, changed_by FROM feature_flags")
    assert rows == [(*after, "backlog", "alice")]
    here = {name for name, action in mine.profile.actions.items() if action.effect in ("rows", "flag")}
    assert here == {each[0] for each in FLAGS} | {
        "release-stale-locks",
        "requeue-jobs",
        "mark-failed",
        "reprocess-runs",
        "resume-job-type",
        "lift-concurrency-limit",
    }, "an action has no test here"


async def test_a_pause_expires_by_itself_and_is_lifted_by_hand(mine: Bench) -> None:
    assert (await mine.act(await mine.plan("pause-job-type", type="fuse", expires="30m"))).word == "done"
    left = mine.database.execute("SELECT extract(epoch FROM expires_at - now())::int / 60 FROM feature_flags")
    assert left in ([(29,)], [(30,)])
    resume = await mine.plan("resume-job-type", type="fuse")
    assert resume.confirm.kind == "key" and "set by alice" in resume.targets[0].note
    assert (await mine.act(resume)).word == "done"
    with pytest.raises(ActionError, match=r"jobs\.fuse is on already"):
        await mine.plan("resume-job-type", type="fuse")


async def test_a_limit_is_lifted_and_keeps_its_value(mine: Bench) -> None:
    assert (await mine.act(await mine.plan("limit-concurrency", type="fuse", value="3"))).word == "done"
    assert (await mine.act(await mine.plan("lift-concurrency-limit", type="fuse"))).word == "done"
    assert mine.database.execute("SELECT enabled, value FROM feature_flags") == [(False, 3)]


@pytest.mark.parametrize("there", [True, False])
async def test_of_two_who_write_one_flag_the_second_is_told_who_was_first(mine: Bench, there: bool) -> None:
    if there:
        mine.database.execute("INSERT INTO feature_flags (name) VALUES ('jobs.fuse')")
    first = await mine.plan("pause-job-type", type="fuse")
    second = await mine.plan("pause-job-type", type="fuse", actor="bob")
    assert (await mine.act(first)).word == "done"
    late = await mine.act(second)
    assert late.word == "not applied" and "matched 0 of 1: alice did “Pause a job type”" in late.message


@pytest.mark.parametrize(
    ("action", "args", "message"),
    [
        ("requeue-jobs", {}, "which rows"),
        ("requeue-jobs", {"ids": "1;2"}, "is not a bigint"),
        ("requeue-jobs", {"ids": "1"}, "nothing matches: 1 is running"),
        ("requeue-jobs", {"ids": "99"}, "no such rows"),
        ("requeue-jobs", {"colour": "red"}, "unknown setting 'colour'"),
        ("pause-job-type", {}, "type is missing"),
        ("pause-job-type", {"type": "a'; --"}, "is not allowed"),
        ("pause-job-type", {"type": "fuse", "expires": "soon"}, "expires"),
        ("limit-concurrency", {"type": "fuse"}, "value is missing"),
        ("limit-concurrency", {"type": "fuse", "value": "-1"}, "not a whole number"),
        ("set-flag", {"flag": "x"}, "on or off"),
        ("drop-everything", {}, "has no action"),
    ],
)
async def test_a_wrong_setting_is_refused_with_what_would_be_right(
    mine: Bench, action: str, args: dict[str, str], message: str
) -> None:
    mine.stale(1)
    with pytest.raises(ActionError, match=message) as refused:
        await mine.plan(action, **args)
    assert refused.value.remedy


async def test_what_the_cap_leaves_out_is_said(mine: Bench) -> None:
    mine.failed(130)
    plan = await mine.plan("requeue-jobs", type="parse_raw")
    assert (len(plan.targets), plan.matching) == (100, 130)
    assert "130 match, the cap is 100: only the first 100 are taken" in plan.warnings


async def test_without_a_ledger_the_remedy_is_named(mre: Database) -> None:
    unprepared = Bench(mre, parse(profile_of(mre.dsn), "test"), None, Path())  # type: ignore[arg-type]
    with pytest.raises(ActionError, match="has no ledger") as refused:
        await unprepared.plan("requeue-jobs", ids="1")
    assert "roles --sql" in refused.value.remedy


async def test_a_locked_table_names_who_holds_it(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    with psycopg.connect(mine.database.dsn, application_name="vacuuming") as other:
        other.execute("LOCK TABLE jobs")
        outcome = await mine.act(plan)
        assert outcome.word == "not applied" and f"pid {other.info.backend_pid} (vacuuming" in outcome.message


async def test_a_row_in_a_workers_hands_is_named(mine: Bench) -> None:
    mine.failed(3)
    plan = await mine.plan("requeue-jobs", ids="1,2,3")
    with psycopg.connect(mine.database.dsn) as other:
        other.execute("SELECT FROM jobs WHERE id = 2 FOR UPDATE")
        outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "matched 2 of 3" in outcome.message
    assert [each.split()[0] for each in outcome.differing] == ["2"]
    assert mine.states() == {"failed": 3}


async def test_a_missing_privilege_is_denied_and_audited(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.database.execute("REVOKE UPDATE ON jobs FROM watchdeck_owner")
    outcome = await mine.act(plan)
    assert outcome.word == "denied" and "permission denied for table jobs" in outcome.message
    assert entries(mine.journal)[0].outcome == "denied"


async def test_the_roles_can_be_applied_again_and_refuse_an_open_schema(mine: Bench) -> None:
    mine.database.execute(roles_sql(mine.profile))
    mine.database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    with pytest.raises(psycopg.Error, match="anyone may create objects"):
        mine.database.execute(roles_sql(mine.profile))
