"""Who may do what: one gate in the program, and the database's own word behind it."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest

from services.actions.entries import entries
from services.actions.gate import allow
from services.actions.identity import effective_role, whoami
from services.actions.plan import Way
from services.profile import Role, load, parse
from tests.actions import Bench, bench, profile_of
from tests.conftest import Database

ADMINS = profile_of("dbname=x").replace("[actions.mark-failed]", '[actions.mark-failed]\nrole = "admin"')
PROFILE = parse(ADMINS, "test")
RANKS = {"viewer": 0, "operator": 1, "admin": 2}


@pytest.mark.parametrize(
    ("action", "role", "way", "read_only"),
    list(itertools.product(PROFILE.actions, get_args(Role), get_args(Way), (False, True))),
)
def test_r8_one_gate_for_every_action_role_and_way(action: str, role: Role, way: Way, read_only: bool) -> None:
    needed = "admin" if action == "mark-failed" else "operator"
    refusal = allow(PROFILE, action, role, way, read_only)
    assert (refusal is None) is (not read_only and RANKS[role] >= RANKS[needed])
    assert refusal is None or (refusal.message and refusal.remedy)


def test_an_action_that_does_not_exist_is_refused_for_everybody() -> None:
    assert allow(PROFILE, "no-such", "admin", "cli", False)


@pytest.mark.parametrize(
    ("database", "ledger", "role"),
    [
        ((), False, "operator"),
        ((), True, "viewer"),
        (("watchdeck_viewer",), True, "viewer"),
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


WRITES = [
    "UPDATE jobs SET state = 'queued'",
    "DELETE FROM jobs",
    "INSERT INTO feature_flags (name) VALUES ('x')",
    "INSERT INTO watchdeck.ledger (id, action, actor, state) VALUES (gen_random_uuid(), 'a', 'b', 'void')",
    "UPDATE watchdeck.ledger SET actor = 'somebody else'",
    "DELETE FROM watchdeck.ledger",
    "SELECT watchdeck.finish(gen_random_uuid(), 1, '{}')",
    "CREATE TABLE watchdeck.mine ()",
    "SELECT payload FROM jobs",
]


@pytest.mark.parametrize("role", ["watchdeck_viewer", "watchdeck_operator"])
def test_r20_with_these_credentials_every_direct_write_fails(mine: Bench, tmp_path: Path, role: str) -> None:
    mine.failed(1)
    with psycopg.connect(login(mine, role, tmp_path), autocommit=True) as connection:
        for sql in WRITES:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(sql)  # type: ignore[arg-type]
            assert refused.value.sqlstate == "42501", sql


def test_only_the_admin_executes_an_admins_action(mine: Bench, tmp_path: Path) -> None:
    from services.actions.grants import roles_sql

    mine.database.execute(roles_sql(PROFILE))
    call: Any = "SELECT watchdeck.\"mark-failed\"(gen_random_uuid(), 'a', 'b', 'c', now(), 1, '{}', '{}', '')"
    for role, state in (("watchdeck_operator", "42501"), ("watchdeck_admin", "WD007")):
        with psycopg.connect(login(mine, role, tmp_path), options="-c statement_timeout=3s") as connection:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(call)
            assert refused.value.sqlstate == state
