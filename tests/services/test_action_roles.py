"""Who may do what: one gate in the program, and the database's own word behind it."""

from __future__ import annotations

import itertools
import json
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest

from services.actions.effects import in_databases
from services.actions.entries import entries
from services.actions.gate import allow
from services.actions.grants import roles_sql
from services.actions.identity import effective_role, whoami
from services.actions.plan import Way
from services.profile import Role, load, parse
from tests.actions import Bench, bench, profile_of
from tests.conftest import Database

ADMINS = profile_of("dbname=x").replace("[actions.mark-failed]", '[actions.mark-failed]\nrole = "admin"')
PROFILE = parse(ADMINS, "test")
RANKS = {"support": 0, "viewer": 1, "operator": 2, "admin": 3}


@pytest.mark.parametrize("action", PROFILE.actions)
def test_r8_one_gate_for_every_action_role_and_way(action: str) -> None:
    needed = {"mark-failed": "admin", "elevate": "support"}.get(action, "operator")
    for role, way, read_only in itertools.product(get_args(Role), get_args(Way), (False, True)):
        refusal = allow(PROFILE, action, role, way, read_only)
        assert (refusal is None) is (not read_only and RANKS[role] >= RANKS[needed]), (role, way, read_only)
        assert refusal is None or (refusal.message and refusal.remedy)


def test_an_action_that_does_not_exist_is_refused_for_everybody() -> None:
    assert allow(PROFILE, "no-such", "admin", "cli", False)


@pytest.mark.parametrize(
    ("database", "ledger", "role"),
    [
        ((), False, "operator"),
        ((), True, "viewer"),
        (("watchdeck_support",), True, "support"),
        (("watchdeck_support", "watchdeck_viewer"), True, "viewer"),
        (("watchdeck_viewer", "watchdeck_operator"), True, "operator"),
        (("watchdeck_viewer", "watchdeck_operator", "watchdeck_admin"), True, "operator"),
    ],
)
def test_the_role_is_the_lower_of_the_profiles_and_the_databases(
    database: tuple[str, ...], ledger: bool, role: Role
) -> None:
    assert effective_role(load(Path("services/profiles/mre.toml")), "alice", database, ledger) == role


def test_behind_sudo_the_person_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "alice")
    assert (whoami().login, str(whoami())) == ("alice", "alice (as root)")
    monkeypatch.delenv("SUDO_USER")
    monkeypatch.setenv("USER", "mallory")
    assert whoami().login == "root"


# ---- with credentials of a real role


@pytest.fixture
def mine(mre: Database, tmp_path: Path) -> Bench:
    return bench(mre, tmp_path)


def login(mine: Bench, role: str, folder: Path) -> str:
    """A DSN of a new person with this role."""
    name, password = f"wd_{secrets.token_hex(4)}", secrets.token_hex(8)
    mine.database.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {role}")
    passfile = folder / name
    passfile.write_text(f"*:*:*:{name}:{password}\n")
    passfile.chmod(0o600)
    port = mine.database.cluster.port
    return f"host=127.0.0.1 port={port} user={name} dbname={mine.database.name} passfile={passfile} sslmode=disable"


def under(mine: Bench, dsn: str) -> Bench:
    return replace(mine, profile=parse(profile_of(dsn), "test"))


async def test_an_operator_needs_no_more_than_the_role(mine: Bench, tmp_path: Path) -> None:
    mine.stale(2)
    there = under(mine, login(mine, "watchdeck_operator", tmp_path))
    outcome = await there.act(await there.plan("release-stale-locks"))
    assert (outcome.word, outcome.applied) == ("done", 2)
    user = mine.database.execute("SELECT db_user FROM watchdeck.ledger")
    assert str(user[0][0]).startswith("wd_")


async def test_a_viewers_action_is_denied_and_audited(mine: Bench, tmp_path: Path) -> None:
    mine.stale(1)
    there = under(mine, login(mine, "watchdeck_viewer", tmp_path))
    outcome = await there.act(await there.plan("release-stale-locks"))
    assert outcome.word == "denied" and "you are viewer" in outcome.message
    assert entries(mine.journal)[0].outcome == "denied" and mine.states() == {"running": 1}


DENIED = [
    "UPDATE jobs SET state = 'queued'",
    "DELETE FROM jobs",
    "TRUNCATE jobs",
    "SELECT FROM jobs FOR UPDATE",
    "INSERT INTO feature_flags (name) VALUES ('x')",
    "INSERT INTO watchdeck.ledger (id, action, actor, state) VALUES (gen_random_uuid(), 'a', 'b', 'void')",
    "UPDATE watchdeck.ledger SET actor = 'somebody else'",
    "DELETE FROM watchdeck.ledger",
    "SELECT watchdeck.enter('a', gen_random_uuid(), 'b', 'c', 'd', now(), 1, '{}', '{}', '')",
    "SELECT watchdeck.finish(gen_random_uuid(), 1, '{}')",
    "CREATE TABLE watchdeck.mine ()",
    "CREATE FUNCTION public.lower(jsonb) RETURNS text LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION watchdeck.void(uuid, text, text) SECURITY INVOKER",
    "SET ROLE watchdeck_owner",
    "SET ROLE watchdeck_admin",
    "SET SESSION AUTHORIZATION postgres",
    "GRANT watchdeck_admin TO CURRENT_USER",
    "SELECT payload FROM jobs",
    "SELECT j FROM jobs j",
]
EXECUTE = "SELECT watchdeck.\"{}\"(gen_random_uuid(), 'a', 'b', 'c', now(), 1, '{{}}', '{{}}', '')"
DENIED_VIEWERS = [
    "SELECT last_error_message FROM jobs",
    "SELECT error_message FROM job_attempts",
    "SELECT watchdeck.void(gen_random_uuid(), 'a', 'b')",
    *(EXECUTE.format(action) for action in in_databases(PROFILE) if action != "elevate"),  # which asks, and no more
]


def refused(connection: psycopg.Connection[Any], sql: Any) -> str | None:
    """The SQLSTATE with which the server refuses a statement; None when it does not."""
    try:
        connection.execute(sql)
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.mark.parametrize(
    ("role", "denied"),
    [("watchdeck_viewer", DENIED + DENIED_VIEWERS), ("watchdeck_operator", DENIED), ("watchdeck_admin", DENIED[:14])],
)
def test_r20_with_these_credentials_every_direct_write_fails(
    mine: Bench, tmp_path: Path, role: str, denied: list[str]
) -> None:
    mine.failed(1)
    with psycopg.connect(login(mine, role, tmp_path), autocommit=True) as connection:
        assert {sql: refused(connection, sql) for sql in denied} == dict.fromkeys(denied, "42501")
        assert refused(connection, "SELECT id, state, last_error_code FROM jobs") is None
        texts = refused(connection, "SELECT last_error_message, error_message FROM jobs, job_attempts")
        assert texts == ("42501" if role == "watchdeck_viewer" else None)


async def test_a_viewer_sees_every_figure_and_no_error_text(mine: Bench, tmp_path: Path) -> None:
    from services.clock import SystemClock
    from services.status import collect

    mine.failed(2)
    mine.database.execute(
        "UPDATE jobs SET last_error_code = 'CSV_BAD', last_error_message = 'canary', finished_at = now();"
        "INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, finished_at, outcome, error_code, "
        "error_message) VALUES (1, 1, 'parse_raw', 'w', now(), now(), 'failed', 'CSV_BAD', 'canary')"
    )
    for role, sees in (("watchdeck_viewer", False), ("watchdeck_operator", True)):
        there = under(mine, login(mine, role, tmp_path))
        found = await collect(there.profile, SystemClock(), 5.0)
        asked = {name: found["readings"][name]["error"] for name in ("db", "jobs", "runs", "flags", "reaper")}
        assert asked == dict.fromkeys(asked, None)
        jobs = found["queues"]["jobs"]
        assert jobs["types"]["parse_raw"]["failed"] == 2
        assert [failure["error_code"] for failure in jobs["failures"]] == ["CSV_BAD"]
        assert ("canary" in json.dumps(found)) is sees


async def test_a_viewer_reads_jobs_without_their_texts_and_is_told_so(mine: Bench, tmp_path: Path) -> None:
    from services.clock import SystemClock
    from services.database import Database as Reader
    from services.profile import mapping_of
    from services.queues.browse import job_detail, job_page
    from services.queues.filter import JOB_FIELDS
    from services.queues.filter import parse as parse_filter

    mine.failed(1)
    mine.database.execute("UPDATE jobs SET last_error_message = 'canary'")
    mapping = mapping_of(mine.profile.of_kind("queue")["jobs"], "jobs")
    db = Reader(login(mine, "watchdeck_viewer", tmp_path), "db", SystemClock(), who="test")
    try:
        page = await job_page(db, mapping, parse_filter("", JOB_FIELDS))
        detail = await job_detail(db, mapping, "1")
    finally:
        await db.close()
    assert [row.id for row in page.rows] == ["1"] and page.note and detail.note
    assert "canary" not in f"{page}{detail}" and "not permitted" in str(detail.payload_bytes)
    assert (page.rows[0].error_text, detail.job.error_text) == ("restricted", "restricted")


def test_a_role_of_the_console_that_may_create_objects_is_refused(mine: Bench) -> None:
    """It could slip a function of its own under the owner's."""
    mine.database.execute("GRANT CREATE ON SCHEMA public TO watchdeck_operator")
    try:
        with pytest.raises(psycopg.Error, match="a role of the console may create objects in the schema public"):
            mine.database.execute(roles_sql(mine.profile))
    finally:
        mine.database.execute("REVOKE CREATE ON SCHEMA public FROM watchdeck_operator")


def test_only_the_admin_executes_an_admins_action(mine: Bench, tmp_path: Path) -> None:
    mine.database.execute(roles_sql(PROFILE))
    call: Any = "SELECT watchdeck.\"mark-failed\"(gen_random_uuid(), 'a', 'b', 'c', now(), 1, '{}', '{}', '')"
    for role, state in (("watchdeck_operator", "42501"), ("watchdeck_admin", "WD007")):
        with psycopg.connect(login(mine, role, tmp_path), options="-c statement_timeout=3s") as connection:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(call)
            assert refused.value.sqlstate == state
