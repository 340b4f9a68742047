"""What somebody might try: an edited plan, another's name, ids that lie, a profile that injects, a full server."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.actions.entries import entries
from services.actions.grants import roles_sql
from services.actions.ids import joined
from services.actions.journal import Journal
from services.actions.plan import Confirm, Plan, Target
from services.actions.seal import insist_unchanged
from services.errors import ActionError, ConfigError, Denied
from services.profile import parse
from tests.actions import Bench, bench, profile_of
from tests.conftest import Database
from tests.services.test_action_promises import submit
from tests.services.test_action_roles import login, under


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    return bench(mre, tmp_path)


# ---- the plan, edited between preview and effect

EDITS = [
    {"targets": (Target(id="1", label="x"), Target(id="2", label="x"))},
    {"targets": (Target(id="1", label="x", seen={"state": "failed"}),)},
    {"confirm": Confirm(kind="key", expected="y")},
    {"risk": "low"},
    {"cap": 1000},
    {"taken_at": 9e9},
    {"environment": "production"},
    {"system_identifier": "1"},
    {"server": "elsewhere:5432/mre"},
    {"actor": "bob"},
    {"seal": ""},
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: next(iter(edit)))
async def test_a_plan_that_was_edited_is_not_taken(mine: Bench, edit: dict[str, Any]) -> None:
    mine.failed(2)
    plan = Plan.model_validate_json((await mine.plan("requeue-jobs", ids="1")).model_dump_json())
    insist_unchanged(mine.profile, plan)
    with pytest.raises(Denied, match="not as the preview made it"):
        insist_unchanged(mine.profile, plan.model_copy(update=edit))


async def test_a_plan_sealed_by_another_account_is_not_taken(mine: Bench, tmp_path: Path) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    key = Journal.of(mine.profile).path.with_name("seal.key")
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(Denied):
        insist_unchanged(mine.profile, plan)


@pytest.mark.parametrize(
    "edit",
    [
        {"risk": "low", "confirm": Confirm(kind="key", expected="y")},
        {"confirm": Confirm(kind="name", expected="parse_raw")},
        {"cap": 1000},
    ],
    ids=["lower risk", "no reason", "higher cap"],
)
async def test_the_runner_asks_the_profile_and_not_the_plan_for_its_terms(mine: Bench, edit: dict[str, Any]) -> None:
    mine.stale(1)
    plan = await mine.plan("mark-failed", ids="1")
    outcome = await mine.act(plan.model_copy(update=edit))
    assert outcome.word == "denied" and "other terms than the profile's" in outcome.message
    assert entries(mine.journal)[0].outcome == "denied" and mine.states() == {"running": 1}


async def test_what_needs_a_reason_is_not_done_without_one(mine: Bench) -> None:
    mine.stale(1)
    plan = await mine.plan("mark-failed", ids="1")
    outcome = await mine.act(plan, reason=" ")
    assert outcome.word == "denied" and "needs a reason" in outcome.message
    with psycopg.connect(mine.database.dsn, autocommit=True, options="-c statement_timeout=3s") as connection:
        with pytest.raises(psycopg.Error) as refused:
            submit(connection, plan, str(uuid.uuid4()), why=" ")
        assert refused.value.sqlstate == "WD009"
    assert mine.states() == {"running": 1}


async def test_who_acts_is_recorded_whatever_name_the_plan_carries(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    forged = plan.model_copy(update={"actor": "bob", "role": "admin", "database_user": "bob"})
    assert (await mine.act(forged)).word == "done"
    assert mine.ledger() == [("requeue-jobs", "alice", "done", 1, 1)]
    intent = next(mine.journal.records())
    assert (intent["actor"], intent["role"], intent["database_user"]) == ("alice", "operator", "postgres")


async def test_another_database_of_the_same_server_is_not_the_one_of_the_preview(mine: Bench) -> None:
    mine.failed(1)
    plan = await mine.plan("requeue-jobs", ids="1")
    other = plan.model_copy(update={"server": plan.server.replace(mine.database.name, "another")})
    outcome = await mine.act(other)
    assert outcome.word == "not applied" and "not the database of the preview" in outcome.message


# ---- two at a time


async def test_a_job_and_a_run_of_one_number_are_not_taken_for_each_other(mine: Bench) -> None:
    mine.failed(1)
    mine.database.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, finished_at) "
        "VALUES (7, 1, 'S', 'failed', now())"
    )
    run = await mine.plan("reprocess-runs", ids="1")
    assert (await mine.act(await mine.plan("requeue-jobs", ids="1"))).word == "done"
    assert (await mine.act(run)).word == "done"


async def test_a_preview_taken_while_another_action_commits_does_not_repeat_it(mine: Bench) -> None:
    mine.database.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, finished_at) "
        "VALUES (7, 1, 'S', 'failed', now())"
    )
    first = await mine.plan("reprocess-runs", ids="1")
    with psycopg.connect(mine.database.dsn, options="-c statement_timeout=3s") as slow:
        submit(slow, first, str(uuid.uuid4()))  # its effect has ended, its commit has not
        second = await mine.plan("reprocess-runs", ids="1")
    outcome = await mine.act(second)
    assert outcome.word == "not applied" and "alice did" in outcome.message
    third = await mine.plan("reprocess-runs", ids="1")  # who has seen the first may want another
    assert (await mine.act(third)).word == "done"


# ---- ids


async def test_an_id_with_a_comma_is_one_id(mine: Bench) -> None:
    mine.failed(3)
    mine.database.execute("ALTER TABLE jobs ALTER id DROP IDENTITY; ALTER TABLE jobs ALTER id TYPE text")
    mine.database.execute("UPDATE jobs SET id = '1,2' WHERE id = '3'")
    plan = await mine.plan("requeue-jobs", ids=joined(["1,2"]))
    assert [target.id for target in plan.targets] == ["1,2"]
    assert (await mine.act(plan)).word == "done"
    assert mine.database.execute("SELECT id FROM jobs WHERE state = 'queued'") == [("1,2",)]


async def test_uuids_are_ids_too_and_what_is_none_is_said(mine: Bench) -> None:
    mine.failed(2)
    mine.database.execute(
        "ALTER TABLE jobs ALTER id DROP IDENTITY; ALTER TABLE jobs ALTER id TYPE uuid USING gen_random_uuid()"
    )
    ((one,), *_) = mine.database.execute("SELECT id::text FROM jobs")
    assert (await mine.act(await mine.plan("requeue-jobs", ids=str(one)))).word == "done"
    assert mine.states() == {"queued": 1, "failed": 1}
    with pytest.raises(ActionError, match="'1; DROP' is not a uuid"):
        await mine.plan("requeue-jobs", ids="1; DROP")


async def test_the_largest_bigint_is_an_id_and_the_next_one_is_none(mine: Bench) -> None:
    mine.failed(1)
    mine.database.execute(f"UPDATE jobs SET id = {2**63 - 1}")
    assert (await mine.act(await mine.plan("requeue-jobs", ids=str(2**63 - 1)))).word == "done"
    with pytest.raises(ActionError, match="is not a bigint"):
        await mine.plan("requeue-jobs", ids=str(2**63))


async def test_an_id_that_would_write_to_the_terminal_is_told_escaped(mine: Bench) -> None:
    from tui.cli.act_text import drawn, ended

    mine.failed(1)
    mine.database.execute(
        "ALTER TABLE jobs ALTER id DROP IDENTITY; ALTER TABLE jobs ALTER id TYPE text USING E'\\x1b[2J'"
    )
    plan = await mine.plan("requeue-jobs", type="parse_raw")
    mine.database.execute("UPDATE jobs SET attempt = 2")
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and outcome.differing
    assert "\x1b" not in drawn(plan) + ended(outcome) and "\\x1b[2J" in drawn(plan) and "\\x1b[2J" in ended(outcome)


# ---- what the profile could smuggle into the SQL that a superuser applies


@pytest.mark.parametrize(
    ("good", "evil"),
    [
        ('title = "Requeue jobs"', 'title = "x\\nDROP TABLE jobs; --"'),
        ('params = { type = "[A-Za-z0-9_]{1,64}" }', 'params = { type = "x\' OR true; DROP TABLE jobs; --" }'),
    ],
)
def test_what_a_profile_says_stays_within_its_place(mine: Bench, good: str, evil: str) -> None:
    profile = parse(profile_of(mine.database.dsn).replace(good, evil), "test")
    mine.database.execute(roles_sql(profile))
    assert mine.database.execute("SELECT count(*) FROM jobs") == [(0,)]


def test_a_profile_cannot_end_the_functions_body(mine: Bench) -> None:
    evil = profile_of("dbname=x").replace('"[a-z0-9_]{1,32}"', '"x$action$; DROP TABLE jobs; --"')
    with pytest.raises(ConfigError, match=r"toggle-format-family: \$action\$"):
        roles_sql(parse(evil, "test"))


EFFECT = """
[sources.jobs.mapping.actions.reprocess]
title = "Reprocess runs"
of = "runs"
from_states = ["failed"]
match = ["finished_at"]
sql = '''INSERT INTO processing_runs (session_id, owner_user_id, size_class, reprocess_of)
SELECT r.session_id, r.owner_user_id, r.size_class, r.id FROM processing_runs r WHERE r.id = ANY (:ids)
RETURNING reprocess_of'''
expect = "true"
changes = ["a new run"]
"""


async def test_what_an_effect_needs_beside_its_tables_is_declared_and_granted(mine: Bench, tmp_path: Path) -> None:
    mine.database.execute(
        "ALTER TABLE processing_runs ALTER id DROP IDENTITY; CREATE SEQUENCE numbers;"
        "ALTER TABLE processing_runs ALTER id SET DEFAULT nextval('numbers');"
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status) VALUES (7, 1, 'S', 'failed')"
    )
    for declared, word in (("", "denied"), ('needs = ["USAGE ON SEQUENCE numbers"]', "done")):
        profile = parse(profile_of(mine.database.dsn, extra=EFFECT + declared), "test")
        mine.database.execute(roles_sql(profile))
        there = replace(mine, profile=profile)
        outcome = await there.act(await there.plan("reprocess-runs", ids="1"))
        assert outcome.word == word, outcome.message
    for more in ("ALL ON jobs TO bob; --", "USAGE ON SEQUENCE x; DROP TABLE jobs", "SUPERUSER"):
        with pytest.raises(ConfigError, match="needs"):
            roles_sql(parse(profile_of("dbname=x", extra=f'{EFFECT}needs = ["{more}"]'), "test"))


def test_everything_that_was_applied_can_be_taken_away_and_applied_again(mine: Bench) -> None:
    sql = roles_sql(mine.profile)
    removal = [line[3:].strip() for line in sql.splitlines() if line.startswith("--   DROP ")]
    assert len(removal) == 3
    for statement in removal[:2]:  # the roles are shared with the other tests' databases
        mine.database.execute(statement)
    left = mine.database.execute(
        "SELECT grantee FROM information_schema.column_privileges WHERE grantee LIKE 'watchdeck%' "
        "UNION SELECT nspname FROM pg_namespace WHERE nspname = 'watchdeck'"
    )
    assert left == []
    mine.database.execute(sql)


# ---- a pooler, and a server that is full


async def test_behind_a_pooler_the_limit_has_to_be_the_logins_own(mine: Bench, tmp_path: Path) -> None:
    mine.failed(1)
    dsn = login(mine, "watchdeck_operator", tmp_path)
    text = profile_of(dsn).replace('title = "Database"', 'title = "Database"\npooler = true')
    there = replace(mine, profile=parse(text, "test"))
    plan = await there.plan("requeue-jobs", ids="1")
    outcome = await there.act(plan)
    assert outcome.word == "not applied" and "statement_timeout is 0 ms" in outcome.message
    assert "ALTER ROLE" in outcome.remedy and mine.states() == {"failed": 1}
    mine.database.execute(f"ALTER ROLE {plan.database_user} SET statement_timeout = '3s'")
    assert (await there.act(await there.plan("requeue-jobs", ids="1"))).word == "done"


async def test_a_server_without_a_free_connection_is_named_and_nothing_is_recorded_as_tried(
    mine: Bench, tmp_path: Path
) -> None:
    mine.failed(1)
    dsn = login(mine, "watchdeck_operator", tmp_path)
    there = under(mine, dsn)
    plan = await there.plan("requeue-jobs", ids="1")
    taken: list[psycopg.Connection[Any]] = []
    try:
        with pytest.raises(psycopg.OperationalError):
            for _ in range(100):
                taken.append(await asyncio.to_thread(psycopg.connect, dsn))
        outcome = await there.act(plan)
    finally:
        for one in taken:
            one.close()
    assert outcome.word == "not applied" and "no connection left" in outcome.message
    assert "max_connections" in outcome.remedy and list(mine.journal.records()) == []


# ---- the local record


async def test_an_intent_that_vanished_is_said_and_not_stumbled_over(mine: Bench, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="not there any more"):
        Journal(tmp_path / "watchdeck" / "mre" / "audit.jsonl").intent("a")
