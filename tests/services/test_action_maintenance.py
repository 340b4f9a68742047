"""Maintenance on a real server: recorded before, done by one's own rights, looked at after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.action_trial import trials
from services.actions import ledger
from services.actions.connection import ActionConnection, database_named
from services.actions.effects.maintenance.effect import Maintenance
from services.actions.grants import roles_sql
from services.actions.journal import Journal
from services.actions.runner import Runner
from services.actions.settle import settle
from services.errors import ActionError
from services.profile import MaintenanceAction, parse
from tests.actions import Bench, profile_of, until
from tests.conftest import Database
from tests.proxy import Proxy
from tests.services.test_action_roles import login

ACTIONS = "".join(
    f"""
[actions.{do}]
title = "{do}"
effect = "maintenance"
database = "db"
do = "{do}"
allow = [{allow}]
timeout = "20s"
"""
    for do, allow in (
        ("analyze", r"'public\.jobs'"),
        ("vacuum", r"'public\.(jobs|workers)'"),
        ("reindex", r"'public\.jobs_.*'"),
    )
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.actions.effects.maintenance.course.PROGRESS_S", 0.05)
    monkeypatch.setattr("services.actions.effects.maintenance.course.LOCK_S", 0.2)
    monkeypatch.setattr("services.actions.effects.maintenance.course.FRESH_S", 0.2)


@pytest.fixture(scope="module")
def prepared(mre_of_module: Database) -> Database:
    mre_of_module.execute(roles_sql(parse(profile_of(mre_of_module.dsn, extra=ACTIONS), "test")))
    return mre_of_module


@pytest.fixture
def mine(prepared: Database, tmp_path: Path) -> Bench:
    prepared.execute(
        "TRUNCATE watchdeck.ledger; TRUNCATE jobs; DROP INDEX IF EXISTS jobs_pkey_ccnew; SELECT pg_stat_reset()"
    )
    return made(prepared, prepared.dsn, tmp_path)


def made(mre: Database, dsn: str, folder: Path) -> Bench:
    profile = parse(profile_of(dsn, extra=ACTIONS), "test")
    return Bench(mre, profile, Journal(folder / "state" / "mre" / "audit.jsonl"), folder)


def states(mine: Bench) -> list[tuple[object, ...]]:
    return mine.database.execute("SELECT action, state, applied, outcome ->> 'word' FROM watchdeck.ledger ORDER BY at")


@pytest.mark.parametrize(("do", "column"), [("analyze", "last_analyze"), ("vacuum", "last_vacuum")])
async def test_a_table_is_done_and_known_to_be_done(mine: Bench, do: str, column: str) -> None:
    mine.failed(50)
    plan = await mine.plan(do, ids="public.jobs")
    assert plan.changes == (f"{do.upper()} public.jobs",) and plan.targets[0].note == "never done"
    seen: list[list[tuple[object, ...]]] = []

    async def look(step: str) -> None:
        seen.append(states(mine))

    outcome = await mine.act(plan, on_step=look)
    assert (outcome.word, outcome.applied) == ("done", 1), outcome.message
    assert seen[2] == [(do, "started", 0, None)], "the ledger knew of it before its end"
    assert states(mine) == [(do, "done", 1, "done")]
    assert mine.database.execute(f"SELECT {column} IS NOT NULL FROM pg_stat_all_tables WHERE relname = 'jobs'") == [
        (True,)
    ]


async def test_the_indexes_that_may_be_rebuilt_are_listed_by_the_table_that_has_them(mine: Bench) -> None:
    action = mine.profile.actions["reindex"]
    assert isinstance(action, MaintenanceAction)
    effect = Maintenance(mine.profile, "reindex", action)
    of_jobs = await effect.named(("public.jobs",))
    assert "public.jobs_pkey" in of_jobs and set(of_jobs) <= set(await effect.named())
    assert await effect.named(("public.workers",)) == ()


async def test_an_index_is_built_anew_beside_itself_and_half_built_ones_are_told(mine: Bench) -> None:
    mine.failed(50)
    old = mine.database.execute("SELECT 'jobs_pkey'::regclass::oid")
    outcome = await mine.act(await mine.plan("reindex", ids="public.jobs_pkey"))
    assert outcome.word == "done", outcome.message
    assert mine.database.execute("SELECT 'jobs_pkey'::regclass::oid") != old
    mine.database.execute("CREATE INDEX jobs_pkey_ccnew ON jobs (id)")
    mine.database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'jobs_pkey_ccnew'::regclass")
    plan = await mine.plan("reindex", ids="public.jobs_pkey")
    assert "public.jobs_pkey_ccnew is invalid" in plan.warnings[0] and "DROP INDEX CONCURRENTLY" in plan.warnings[0]


async def test_progress_is_told_while_it_runs_and_it_can_be_stopped(mine: Bench) -> None:
    """A REINDEX CONCURRENTLY waits for whoever reads: until it is told that nobody wants it any more."""
    mine.failed(50)
    plan = await mine.plan("reindex", ids="public.jobs_pkey")
    said: list[str] = []
    runner = Runner(mine.profile, plan, "because", "alice", mine.journal)

    async def hear(line: str) -> None:
        said.append(line)
        if "waiting for" in line:
            runner.stop.set()

    runner.on_line = hear
    with psycopg.connect(mine.database.dsn) as reader:
        reader.execute("INSERT INTO jobs (run_id, owner_user_id, type, state) VALUES (1, 1, 'fuse', 'queued')")
        outcome = await runner.carry_out()
    assert outcome.word == "not applied" and "stopped, as somebody wanted it" in outcome.message
    assert any("waiting for" in line for line in said)
    assert "_ccnew is invalid, left by an interrupted REINDEX" in outcome.message
    assert states(mine) == [("reindex", "void", 0, "not applied")]


async def test_a_locked_table_is_not_waited_for(mine: Bench) -> None:
    plan = await mine.plan("vacuum", ids="public.workers,public.jobs")
    with psycopg.connect(mine.database.dsn) as other:
        other.execute("LOCK TABLE jobs IN SHARE UPDATE EXCLUSIVE MODE")
        outcome = await mine.act(plan)
    assert "it was locked for longer than" in outcome.message and "public.jobs" in outcome.differing
    assert outcome.word in ("partial", "not applied") and outcome.applied in (0, 1)


async def test_who_may_not_is_told_before_and_after(mine: Bench, tmp_path: Path) -> None:
    """The server skips what one may not vacuum, with a warning and no error: done is only what can be seen."""
    there = made(mine.database, login(mine, "watchdeck_operator", tmp_path), tmp_path)
    plan = await there.plan("vacuum", ids="public.jobs")
    assert "may not do this to public.jobs" in plan.warnings[0] and "MAINTAIN" in plan.warnings[0]
    outcome = await there.act(plan)
    assert outcome.word == "not applied" and "the server warns" in outcome.message and "owner" in outcome.remedy
    findings = {each.what: each for each in await trials(there.profile, False)}
    finding = findings["action vacuum"]
    assert finding.word == "warning" and "MAINTAIN" in finding.message


@pytest.mark.parametrize(
    ("do", "ids"),
    [
        ("vacuum", "public.feature_flags"),
        ("vacuum", "public.jobs,public.feature_flags"),
        ("vacuum", "public.jobs;DROP TABLE jobs"),
        ("vacuum", "jobs"),
        ("vacuum", ""),
        ("vacuum", "public.jobs_pkey"),
        ("reindex", "public.jobs"),
    ],
)
async def test_what_is_not_of_the_action_is_refused(mine: Bench, do: str, ids: str) -> None:
    with pytest.raises(ActionError) as refused:
        await mine.plan(do, ids=ids)
    assert refused.value.remedy


async def test_the_allow_list_and_the_identity_hold_in_the_database_too(mine: Bench) -> None:
    plan = await mine.plan("vacuum", ids="public.jobs")
    (target,) = plan.targets
    (oid,) = mine.database.execute("SELECT 'feature_flags'::regclass::oid::text")[0]
    forged = target.model_copy(update={"id": "public.feature_flags", "seen": {"oid": oid}})
    other = target.model_copy(update={"seen": {"oid": "1"}})  # dropped, and made anew under its name
    for edited in (forged, other):
        outcome = await mine.act(plan.model_copy(update={"targets": (edited,)}))
        assert outcome.word == "not applied" and "matched 0 of 1" in outcome.message
    assert states(mine) == []


async def test_another_statement_than_the_previewed_one_is_not_run(mine: Bench) -> None:
    plan = await mine.plan("vacuum", ids="public.jobs")
    outcome = await mine.act(plan.model_copy(update={"detail": {"do": "analyze"}}))
    assert outcome.word == "not applied" and "no longer the previewed one" in outcome.message
    assert states(mine) == []


async def test_a_lost_link_leaves_it_unknown_until_the_server_has_ended_it(mine: Bench) -> None:
    mine.failed(50)
    proxy = Proxy(mine.database.cluster.port)
    port = mine.database.cluster.dsn(dbname=mine.database.name, port=proxy.port)
    there = replace(mine, profile=parse(profile_of(port, extra=ACTIONS), "test"))
    plan = await there.plan("reindex", ids="public.jobs_pkey")
    runner = Runner(there.profile, plan, "because", "alice", there.journal)

    async def cut(line: str) -> None:
        if "waiting for" in line:
            proxy.reset()

    runner.on_line = cut
    with psycopg.connect(mine.database.dsn) as writer:
        writer.execute("INSERT INTO jobs (run_id, owner_user_id, type, state) VALUES (1, 1, 'fuse', 'queued')")
        outcome = await runner.carry_out()
        proxy.close()
        assert outcome.word == "unknown" and "may still be at it" in outcome.message
        (still,) = await settle(mine.profile, mine.journal, "bob")
        assert still.word == "unknown" and "the server is still at it" in still.message
    await until(lambda: not busy(mine), "it has ended")
    (outcome,) = await settle(mine.profile, mine.journal, "bob")
    assert outcome.word == "done" and states(mine) == [("reindex", "done", 1, "done")]
    assert mine.journal.unsettled() == ()


def busy(mine: Bench) -> list[tuple[object, ...]]:
    sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'watchdeck/act' AND state = 'active'"
    return mine.database.execute(sql)


async def test_what_was_only_announced_is_settled_as_not_applied(mine: Bench) -> None:
    """Killed between the ledger's entry and the statement."""
    plan = await mine.plan("vacuum", ids="public.jobs")
    action_id = "0193f1c2-0000-7000-8000-000000000009"
    anchor = mine.journal.append_intent(action_id, plan, "because")
    async with ActionConnection(database_named(mine.profile, "db")) as db:
        receipt = await ledger.submit(db, plan, action_id, "because", anchor, "here")
    assert receipt.state == "started"
    (outcome,) = await settle(mine.profile, mine.journal, "bob")
    assert outcome.word == "not applied" and states(mine) == [("vacuum", "void", 0, "not applied")]


async def test_through_a_pooler_it_is_refused(mine: Bench) -> None:
    text = profile_of(mine.database.dsn, extra=ACTIONS).replace(
        'title = "Database"', 'title = "Database"\npooler = true'
    )
    there: Any = replace(mine, profile=parse(text, "test"))
    with pytest.raises(ActionError, match="a session of its own"):
        await there.plan("vacuum", ids="public.jobs")
