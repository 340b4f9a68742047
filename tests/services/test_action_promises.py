"""The promises of an action: once, all or nothing, capped, bounded in time, and only on the right database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.actions import ledger
from services.actions.connection import ActionConnection, database_named
from services.actions.plan import Plan
from services.demo.postgres import Cluster, find_binaries
from services.errors import ActionError
from services.profile import parse
from tests.actions import Bench, bench, profile_of, until
from tests.conftest import Database
from tests.proxy import Proxy


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    return bench(mre, tmp_path)


def submit(connection: psycopg.Connection[Any], plan: Plan, action_id: str, **changed: Any) -> dict[str, Any]:
    """The effect by hand, as any client with the privilege could ask for it."""
    values = {
        "cap": plan.cap,
        "why": "because",
        "seen": json.dumps(ledger.seen(plan)),
        "taken_at": plan.taken_at,
        "args": json.dumps({"system_identifier": plan.system_identifier}),
        **changed,
    }
    cursor = connection.execute(
        f'SELECT watchdeck."{plan.request.action}"(%(id)s::uuid, %(who)s, %(why)s, %(where)s, '  # type: ignore[arg-type]
        "to_timestamp(%(taken_at)s::float8), %(cap)s, %(seen)s::jsonb, %(args)s::jsonb, 'anchor')",
        {"id": action_id, "who": "alice", "where": "staging", **values},
    )
    row = cursor.fetchone()
    assert row
    receipt: dict[str, Any] = row[0]
    return receipt


def connect(mine: Bench, statement_timeout: str = "3s") -> psycopg.Connection[Any]:
    return psycopg.connect(mine.database.dsn, autocommit=True, options=f"-c statement_timeout={statement_timeout}")


async def test_r1_one_id_submitted_a_thousand_times_in_parallel_has_one_effect(mine: Bench) -> None:
    mine.failed(5)
    plan = await mine.plan("requeue-jobs", type="parse_raw")
    action_id = str(uuid.uuid4())
    start = threading.Barrier(50)

    def twenty(_: int) -> list[bool]:
        with connect(mine) as connection:
            start.wait()
            return [bool(submit(connection, plan, action_id)["repeated"]) for _ in range(20)]

    with ThreadPoolExecutor(50) as pool:
        answers = [one for each in await asyncio.to_thread(lambda: list(pool.map(twenty, range(50)))) for one in each]
    assert Counter(answers) == {True: 999, False: 1}
    assert mine.ledger() == [("requeue-jobs", "alice", "done", 5, 5)]


@pytest.mark.parametrize("change", ["state = 'queued'", "attempt = attempt + 1", "locked_by = 'w-2'"])
async def test_r2_one_row_that_changed_leaves_all_rows_unchanged(mine: Bench, change: str) -> None:
    mine.stale(4)
    plan = await mine.plan("mark-failed", type="parse_raw")
    mine.database.execute(f"UPDATE jobs SET {change} WHERE id = 3")
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and outcome.applied == 0 and "matched 3 of 4" in outcome.message
    assert outcome.differing[0].startswith("3 is ")
    assert mine.database.execute("SELECT count(*) FROM jobs WHERE state = 'failed'") == [(0,)]
    assert mine.ledger() == []


async def test_r2_an_effect_that_changes_another_number_of_rows_is_taken_back(mine: Bench) -> None:
    mine.failed(3)
    mine.database.execute(
        "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER kept BEFORE UPDATE ON jobs FOR EACH ROW WHEN (old.id = 2) EXECUTE FUNCTION kept()"
    )
    outcome = await mine.act(await mine.plan("requeue-jobs", ids="1,2,3"))
    assert outcome.word == "not applied" and "the effect changed 2 rows of 3" in outcome.message
    assert mine.states() == {"failed": 3}


async def test_r3_the_cap_holds_in_the_database_whatever_the_client_says(mine: Bench) -> None:
    mine.failed(101)
    plan = await mine.plan("requeue-jobs", type="parse_raw")
    every = {str(row[0]): {} for row in mine.database.execute("SELECT id FROM jobs")}
    with connect(mine) as connection, pytest.raises(psycopg.Error) as refused:
        submit(connection, plan, str(uuid.uuid4()), cap=5000, seen=json.dumps(every))
    assert refused.value.sqlstate == "WD003"
    with connect(mine) as connection, pytest.raises(psycopg.Error) as refused:
        submit(connection, plan, str(uuid.uuid4()), cap=99)
    assert refused.value.sqlstate == "WD003"
    assert mine.states() == {"failed": 101}


async def test_r6_and_r7_done_is_said_only_after_the_rows_were_asked(mine: Bench) -> None:
    mine.failed(2)
    steps: list[str] = []

    async def undo_it(step: str) -> None:
        steps.append(step)
        if step == "effect":  # between the effect and its being read back, something else changes a row
            mine.database.execute("UPDATE jobs SET state = 'cancelled', run_at = created_at WHERE id = 1")

    outcome = await mine.act(await mine.plan("requeue-jobs", ids="1,2"), on_step=undo_it)
    assert outcome.word == "partial" and outcome.differing == ("1",)
    assert steps == ["checked", "intent", "effect", "read back", "outcome"]
    assert [record["kind"] for record in mine.journal.records()] == ["intent", "outcome"]


async def test_r23_an_old_preview_is_refused_by_the_databases_clock(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    old = plan.model_copy(update={"taken_at": plan.taken_at - 61})
    assert "it lives for 60 s" in (await mine.act(old)).message
    for taken_at in (plan.taken_at - 61, plan.taken_at + 60):
        with connect(mine) as connection, pytest.raises(psycopg.Error) as refused:
            submit(connection, plan, str(uuid.uuid4()), taken_at=taken_at)
        assert refused.value.sqlstate == "WD002"
    assert mine.states() == {"failed": 1}


async def test_r11_only_the_configured_database_is_changed(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    wrong = plan.model_copy(update={"system_identifier": "1"})
    assert "not the database of the preview" in (await mine.act(wrong)).message
    with connect(mine) as connection, pytest.raises(psycopg.Error) as refused:
        submit(connection, plan, str(uuid.uuid4()), args='{"system_identifier": "1"}')
    assert refused.value.sqlstate == "WD007"
    elsewhere = Bench(mine.database, parse(profile_of(mine.database.dsn, identifier="1"), "test"), mine.journal, Path())
    with pytest.raises(ActionError, match="is not the database of staging"):
        await elsewhere.plan("requeue-jobs", ids="1")
    silent = Bench(mine.database, parse(profile_of(mine.database.dsn, "production"), "t"), mine.journal, Path())
    with pytest.raises(ActionError, match="production") as nameless:
        await silent.plan("requeue-jobs", ids="1")
    assert plan.system_identifier in nameless.value.remedy


async def test_in_production_anything_in_bulk_needs_the_environments_name_and_a_reason(mine: Bench) -> None:
    mine.failed(2)
    identifier = (await mine.plan("requeue-jobs", ids="1")).system_identifier
    there = Bench(
        mine.database, parse(profile_of(mine.database.dsn, "production", identifier), "t"), mine.journal, Path()
    )
    many, one = await there.plan("requeue-jobs", ids="1,2"), await there.plan("requeue-jobs", ids="1")
    assert (many.confirm.kind, many.confirm.expected, many.confirm.reason_required) == ("name", "production", True)
    assert (one.confirm.kind, one.confirm.expected) == ("count", "1")


async def test_r14_the_server_insists_on_a_statement_timeout(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    for patience in ("0", "1min"):
        with connect(mine, patience) as connection, pytest.raises(psycopg.Error) as refused:
            submit(connection, plan, str(uuid.uuid4()))
        assert refused.value.sqlstate == "WD008"


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(%s); RETURN new; END';
CREATE TRIGGER slow BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION slow()
"""


async def test_a_slow_effect_is_given_up_by_the_server_and_changes_nothing(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.database.execute(SLOW % 10)
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "statement timeout" in outcome.message
    assert mine.states() == {"failed": 1}


RUN = """
import asyncio, sys
from pathlib import Path
from services.actions.journal import Journal
from services.actions.plan import Plan
from services.actions.runner import Runner
from services.profile import load

profile, plan = load(Path(sys.argv[1])), Plan.model_validate_json(sys.stdin.read())

async def on_step(step):
    print(step, flush=True)
    if step == sys.argv[3]:
        await asyncio.sleep(60)  # it is killed here

runner = Runner(profile, plan, "because", "alice", Journal(Path(sys.argv[2])), on_step=on_step)
outcome = asyncio.run(runner.carry_out())
print(outcome.word, outcome.message, flush=True)
"""


@contextlib.contextmanager
def runner_process(mine: Bench, plan: Plan, stop_at: str = "never") -> Iterator[subprocess.Popen[str]]:
    """A real runner in a process of its own, which stops after the step `stop_at`; killed with -9 at the end."""
    argv = [sys.executable, "-c", RUN, str(mine.file()), str(mine.journal.path), stop_at]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        process.stdin.write(plan.model_dump_json())
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], step: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.strip() == step:
            return
    raise AssertionError(f"the runner ended before {step}")


@pytest.mark.parametrize(
    ("step", "unsettled", "word"),
    [
        ("checked", False, None),
        ("intent", True, "not applied"),
        ("effect", True, "done"),
        ("read back", True, "done"),
        ("outcome", False, None),
    ],
)
async def test_r4_killed_at_any_step_it_is_settled_at_the_next_start(
    mine: Bench, step: str, unsettled: bool, word: str | None
) -> None:
    from services.actions.entries import entries
    from services.actions.settle import settle

    mine.failed(3)
    with runner_process(mine, await mine.plan("requeue-jobs", type="parse_raw"), step) as process:
        await asyncio.to_thread(read_until, process, step)
    assert bool(mine.journal.unsettled()) is unsettled
    if unsettled:
        assert entries(mine.journal)[0].outcome == "unknown"
    outcomes = await settle(mine.profile, mine.journal, "bob")
    assert [outcome.word for outcome in outcomes] == ([word] if word else [])
    assert mine.journal.unsettled() == ()
    assert mine.states() == ({"failed": 3} if step in ("checked", "intent") else {"queued": 3})
    assert mine.journal.verify().ok


async def test_an_action_whose_runner_is_at_work_is_not_taken_from_it(
    mine: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.actions.settle import settle

    mine.failed(1)
    with runner_process(mine, await mine.plan("requeue-jobs", ids="1"), "intent") as process:
        await asyncio.to_thread(read_until, process, "intent")
        assert await settle(mine.profile, mine.journal, "bob") == () and mine.ledger() == []
        monkeypatch.setattr("services.actions.settle.RUNNER_LIFE_S", 0.0)  # it has had its time: it hangs
        (outcome,) = await settle(mine.profile, mine.journal, "bob")
        assert outcome.word == "not applied" and mine.ledger() == [("requeue-jobs", "bob", "void", 0, 0)]


async def test_r4_killed_in_the_middle_of_the_effect_it_is_settled_when_the_effect_has_ended(mine: Bench) -> None:
    from services.actions.settle import settle

    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.database.execute(SLOW % 2)
    with runner_process(mine, plan) as process:
        await asyncio.to_thread(read_until, process, "intent")
        await until(lambda: sleeping(mine), "the effect is under way")
    (outcome,) = await settle(mine.profile, mine.journal, "bob")  # waits for the one in flight
    assert outcome.word == "done" and mine.states() == {"queued": 1}


def sleeping(mine: Bench) -> bool:
    sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'watchdeck/act' AND wait_event = 'PgSleep'"
    return bool(mine.database.execute(sql))


async def test_r14_a_stopped_runner_holds_no_lock_for_longer_than_3_s(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.database.execute(SLOW % 30)
    with runner_process(mine, plan) as process:
        await asyncio.to_thread(read_until, process, "intent")
        await until(lambda: sleeping(mine), "the effect is under way")
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        with psycopg.connect(mine.database.dsn, autocommit=True) as other:
            await asyncio.to_thread(other.execute, "SELECT FROM jobs WHERE id = 1 FOR UPDATE")
        assert time.monotonic() - began < 3.2


async def test_r15_an_action_has_one_connection_of_its_own_with_a_name(mine: Bench) -> None:
    mine.failed(1)
    names: list[tuple[object, ...]] = []

    async def look(step: str) -> None:
        if step == "effect":
            names.extend(
                mine.database.execute(
                    "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'watchdeck%'"
                )
            )

    await mine.act(await mine.plan("requeue-jobs", ids="1"), on_step=look)
    assert names == [("watchdeck/act",)]


async def test_a_reply_lost_after_the_commit_is_settled_as_done(mine: Bench) -> None:
    mine.failed(2)
    proxy = Proxy(mine.database.cluster.port)
    try:
        there = mine.through(proxy.port)
        plan = await there.plan("requeue-jobs", ids="1,2")
        mine.database.execute(SLOW % 0.4)

        async def cut(step: str) -> None:
            if step == "intent":  # the request still goes out; its reply does not come in
                asyncio.get_running_loop().call_later(0.5, proxy.reset)
                asyncio.get_running_loop().call_later(1.5, proxy.pass_)

        outcome = await there.act(plan, on_step=cut)
        if outcome.word == "unknown":  # the link was not back in time: that is what the next start is for
            from services.actions.settle import settle

            (outcome,) = await settle(there.profile, there.journal, "bob")
    finally:
        proxy.close()
    assert outcome.word == "done" and "its reply was lost" in outcome.message
    assert mine.states() == {"queued": 2} and not mine.journal.unsettled()


async def test_a_link_that_goes_silent_is_given_up_and_the_action_settled_once_it_is_back(
    mine: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.connection.REPLY_S", 1.0)
    mine.failed(1)
    proxy = Proxy(mine.database.cluster.port)
    there = mine.through(proxy.port)

    async def swallow(step: str) -> None:
        if step == "intent":  # the request itself is lost on the way
            proxy.blackhole()
            asyncio.get_running_loop().call_later(2.0, proxy.pass_)

    outcome = await there.act(await there.plan("requeue-jobs", ids="1"), on_step=swallow)
    proxy.close()
    assert outcome.word == "not applied" and "it never arrived" in outcome.message
    assert mine.states() == {"failed": 1}
    assert mine.ledger() == [("requeue-jobs", "alice", "void", 0, 0)]


async def test_a_request_delayed_past_its_settlement_has_no_effect(mine: Bench) -> None:
    mine.failed(1)
    plan, action_id = await mine.plan("requeue-jobs", ids="1"), str(uuid.uuid4())
    async with ActionConnection(database_named(mine.profile, "db")) as db:
        assert (await ledger.void(db, action_id, "bob", "requeue-jobs")).state == "void"
        late = await ledger.submit(db, plan, action_id, "because", "anchor", "client")
    assert (late.state, late.repeated) == ("void", True)
    assert mine.states() == {"failed": 1}


async def test_the_database_going_down_before_the_intent_changes_and_records_nothing(mine: Bench) -> None:
    mine.failed(1)
    proxy = Proxy(mine.database.cluster.port)
    there = mine.through(proxy.port)
    plan = await there.plan("requeue-jobs", ids="1")
    proxy.refuse()
    outcome = await there.act(plan)
    proxy.close()
    assert outcome.word == "not applied" and outcome.remedy
    assert list(mine.journal.records()) == []


async def test_a_server_that_refuses_even_to_be_looked_at_is_an_outcome_not_a_crash(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    mine.database.execute("ALTER TABLE watchdeck.ledger RENAME TO elsewhere")
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "has no ledger" in outcome.message
    mine.database.execute("ALTER TABLE watchdeck.elsewhere RENAME TO ledger")
    mine.database.execute("DROP FUNCTION watchdeck.as_seen CASCADE")
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "as_seen" in outcome.message and "roles --sql" in outcome.remedy


async def test_two_runners_on_one_plan_one_wins_and_the_other_is_told_who(mine: Bench) -> None:
    mine.stale(5)
    plan = await mine.plan("release-stale-locks")
    outcomes = sorted(await asyncio.gather(mine.act(plan), mine.act(plan)), key=lambda each: each.word)
    assert [each.word for each in outcomes] == ["done", "not applied"]
    assert "nothing was changed" in outcomes[1].message
    again = await mine.act(plan)
    assert "matched 0 of 5: alice did “Release stale locks” on them" in again.message
    assert len(mine.ledger()) == 1


@pytest.fixture
def standby(mine: Bench, tmp_path: Path) -> Iterator[Cluster]:
    """A streaming standby of the tests' server."""
    primary, copy = mine.database.cluster, Cluster(tmp_path / "standby")
    copy.folder.mkdir(mode=0o700)
    copy.passfile.write_bytes(primary.passfile.read_bytes())
    copy.passfile.chmod(0o600)
    argv = [str(find_binaries() / "pg_basebackup"), "-D", str(copy.data), "-R", "-c", "fast", "-d", primary.dsn()]
    subprocess.run(argv, check=True, capture_output=True)
    copy.start()
    try:
        yield copy
    finally:
        copy.stop()


async def test_a_standby_is_refused_at_the_preview_and_at_the_effect(mine: Bench, standby: Cluster) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    there = replace(mine, profile=parse(profile_of(standby.dsn(dbname=mine.database.name)), "test"))
    with psycopg.connect(standby.dsn(dbname=mine.database.name), autocommit=True) as connection:
        await until(lambda: connection.execute("SELECT FROM jobs").rowcount, "the row arrives at the standby")
        connection.execute("SET statement_timeout = '3s'")
        with pytest.raises(psycopg.Error) as refused:
            submit(connection, plan, str(uuid.uuid4()))
        assert refused.value.sqlstate == "WD005"
    with pytest.raises(ActionError, match="is a standby"):
        await there.plan("requeue-jobs", ids="1")
    outcome = await there.act(plan)
    assert outcome.word == "not applied" and list(mine.journal.records()) == []


@pytest.fixture
def lonely(mine: Bench) -> Iterator[Bench]:
    """Whoever commits with synchronous_commit = on waits for a standby that does not exist; by default nobody does."""
    mine.database.execute(f"ALTER DATABASE {mine.database.name} SET synchronous_commit = local")
    mine.database.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    mine.database.execute("SELECT pg_reload_conf()")
    try:
        yield mine
    finally:
        with psycopg.connect(mine.database.dsn, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")


async def test_r14_a_commit_that_waits_for_a_lost_standby_holds_no_lock_for_longer_and_says_so(lonely: Bench) -> None:
    lonely.failed(1)
    there = replace(lonely, profile=parse(profile_of(f"{lonely.database.dsn} options=-csynchronous_commit=on"), "test"))
    plan = await there.plan("requeue-jobs", ids="1")
    began = time.monotonic()
    outcome = await there.act(plan)
    assert time.monotonic() - began < 4.5
    assert outcome.word == "done" and "the server warns: canceling wait for synchronous replication" in outcome.message
    assert lonely.states() == {"queued": 1}
