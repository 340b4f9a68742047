"""Support with its own credentials in psql, against what is restricted: the database itself refuses."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from services.actions.identity import whoami
from services.errors import ActionError
from tests.actions import until
from tests.conftest import Database
from tests.restricted import CANARY, People, Person, payload, people_of
from tests.services.test_action_roles import refused

FORBIDDEN = [
    "TABLE jobs",
    "SELECT to_jsonb(j) FROM jobs j",
    "SELECT count(payload) FROM jobs",
    "SELECT id FROM jobs ORDER BY payload",
    "COPY jobs TO STDOUT",
    "COPY jobs (id, payload) TO STDOUT",
    "CREATE TEMP TABLE mine AS SELECT payload FROM jobs",
    "EXPLAIN SELECT 1 FROM jobs WHERE payload IS NULL",
    "SELECT rows FROM watchdeck.ledger",
    "SELECT object_key FROM artifacts",
    "SELECT session_id FROM deletion_requests",
    "SELECT watchdeck.elevation_seen(NULL::watchdeck.elevation)",
    "SELECT watchdeck.last_touch(ARRAY['x'], ARRAY['1'], now())",
    "SELECT * FROM watchdeck.sessions(true)",
    "CREATE TABLE public.audit_events_ (id int)",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION watchdeck.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE RULE r AS ON SELECT TO jobs DO INSTEAD SELECT 1",
    "ALTER FUNCTION watchdeck.read_restricted(bigint) SECURITY INVOKER",
    "SET ROLE watchdeck_owner",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "GRANT watchdeck_operator TO CURRENT_USER",
]


@pytest.fixture(scope="module")
def people(mre_of_module: Database, tmp_path_factory: pytest.TempPathFactory) -> People:
    return people_of(mre_of_module, tmp_path_factory.mktemp("attacks"))


@contextmanager
def psql(who: Person) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(who.dsn, autocommit=True, options="-c statement_timeout=3s") as connection:
        yield connection


def noted(connection: psycopg.Connection[Any], elevation: str, job: str = "1", who: str = "sue") -> int:
    asked = "SELECT watchdeck.note_read(%s, %s, 'job-payload', jsonb_build_object('id', %s::text))"
    found = connection.execute(asked, (elevation, who, job)).fetchone()
    assert found
    return int(found[0])


def answered(connection: psycopg.Connection[Any], note: int) -> str:
    return str(connection.execute("SELECT watchdeck.read_restricted(%s)", (note,)).fetchall())


def test_no_way_around_the_columns(people: People) -> None:
    with psql(people.support) as connection:
        assert {sql: refused(connection, sql) for sql in FORBIDDEN} == dict.fromkeys(FORBIDDEN, "42501")
        hints = "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats WHERE attname = 'payload'"
        assert not connection.execute(hints).fetchall()  # type: ignore[call-overload]
        queries = "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query NOT LIKE '<insuff%'"
        assert {query for (query,) in connection.execute(queries)} <= {"", None}  # type: ignore[call-overload]


async def test_tables_of_ones_own_slip_under_no_function(people: People) -> None:
    elevation = await people.elevated()
    audited = "SELECT count(*) FROM public.audit_events WHERE kind = 'support.read'"
    before = people.now(audited)
    with psql(people.support) as connection:
        connection.execute(
            "CREATE TEMP TABLE audit_events (actor text, kind text, detail jsonb); GRANT ALL ON audit_events TO PUBLIC;"
            "CREATE TEMP TABLE jobs (id bigint, owner_user_id bigint, payload jsonb); GRANT ALL ON jobs TO PUBLIC;"
            "SET search_path = pg_temp, public; SET TimeZone = 'Pacific/Kiritimati'"
        )
        assert CANARY in answered(connection, noted(connection, elevation))
    assert people.now(audited) == before + 1


async def test_an_open_transaction_outlasts_no_elevation(people: People) -> None:
    elevation = await people.elevated(minutes="0.02")  # 1.2 s
    with psycopg.connect(people.support.dsn, options="-c statement_timeout=3s") as connection:
        note = noted(connection, elevation)
        connection.commit()
        connection.execute("SELECT now()")
        with psql(people.support) as clock:
            state = "SELECT state FROM watchdeck.elevations() WHERE id = %s"
            while clock.execute(state, (elevation,)).fetchone() == ("in force",):
                await asyncio.sleep(0.05)
        with pytest.raises(psycopg.Error, match="the elevation is expired"):
            answered(connection, note)


async def test_what_was_ended_is_not_read_as_of_before(people: People) -> None:
    elevation = await people.elevated()
    with psql(people.support) as first, psycopg.connect(people.support.dsn) as late:
        note = noted(first, elevation)
        late.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        late.execute("SELECT id FROM watchdeck.elevations()")  # from here on it sees the past
        assert (await people.operator.act("revoke-elevation", ids=elevation)).word == "done"
        with pytest.raises(psycopg.Error, match="not answered in a transaction that is repeatable read"):
            answered(late, note)
        with pytest.raises(psycopg.Error, match="the elevation is ended"):
            answered(first, note)


async def test_of_approving_and_ending_at_once_one_happens(people: People) -> None:
    asked = await people.support.act("elevate", what="all", minutes="5")
    plans = [await people.operator.plan(do, ids=asked.id) for do in ("approve-elevation", "revoke-elevation")]
    call = (
        "SELECT watchdeck.{}(gen_random_uuid(), 'olga', 'x', 'staging', clock_timestamp(), 1,"
        " jsonb_build_object(%s::text, (SELECT seen FROM watchdeck.elevations() WHERE id = %s)),"
        " jsonb_build_object('system_identifier',"
        " (SELECT system_identifier::text FROM pg_control_system())), '')"
    )

    def done(action: str) -> str | None:
        with psql(people.operator) as connection:
            try:
                connection.execute(call.format(f'"{action}"').encode(), (asked.id, asked.id))
            except psycopg.Error as error:
                return error.sqlstate
        return None

    with psycopg.connect(people.mine.database.dsn) as holder, ThreadPoolExecutor() as threads:
        holder.execute("SELECT 1 FROM watchdeck.elevation WHERE id = %s FOR UPDATE", (asked.id,))
        both = [threads.submit(done, plan.request.action) for plan in plans]
        await until(lambda: people.now("SELECT count(*) FROM pg_locks WHERE NOT granted") == 2, "both wait")
        holder.rollback()
    assert sorted(str(one.result()) for one in both) == ["None", "WD001"]


async def test_what_is_in_force_is_seen_and_ended_however_many_were_asked_for_since(people: People) -> None:
    elevation = await people.elevated()
    people.mine.database.execute(
        "INSERT INTO watchdeck.elevation (id, who, db_user, what, reason, minutes)"
        " SELECT gen_random_uuid(), 'sam', 'sam', 'all', 'flood', 5 FROM generate_series(1, 300)"
    )
    with psql(people.operator) as connection:
        found = connection.execute("SELECT id, state FROM watchdeck.elevations()").fetchall()
    assert (elevation, "in force") in found and len(found) < 110
    assert (await people.operator.act("revoke-elevation", ids=elevation)).word == "done"
    people.mine.database.execute("DELETE FROM watchdeck.elevation WHERE reason = 'flood'")


async def test_who_approves_is_shown_the_login_beside_the_name(people: People) -> None:
    """A name is what somebody calls themselves."""
    posing = Person("olga's boss", people.support.dsn, people.support.text, people.mine.journal)
    asked = await posing.act("elevate", what="all", minutes="5")
    plan = await people.operator.plan("approve-elevation", ids=asked.id)
    assert plan.targets[0].label == f"olga's boss, as {plan.targets[0].seen['db_user']}: all, for 5 min"


NOTED = "SELECT count(*), count(rows) FROM watchdeck.restricted_read WHERE elevation = %s"


async def test_a_read_that_fails_is_noted(people: People) -> None:
    elevation = await people.elevated()
    with psycopg.connect(people.mine.database.dsn) as holder:
        holder.execute("LOCK TABLE jobs")
        with pytest.raises(ActionError, match="refused it \\(SQLSTATE 55P03\\)"):
            await payload(people.support, elevation)
        holder.rollback()
    assert people.mine.database.execute(NOTED, elevation) == [(1, 0)]


async def test_a_console_that_is_killed_between_note_and_answer_leaves_the_note(people: People) -> None:
    myself = Person(str(whoami()), people.support.dsn, people.support.text, people.mine.journal)
    elevation = await people.elevated(who=myself)
    path = people.mine.folder / "killed.toml"
    path.write_text(myself.text)
    command = [sys.executable, "-m", "tui", "--profile", str(path), "read", "job-payload", "--set", "id=1"]
    with psycopg.connect(people.mine.database.dsn) as holder:
        holder.execute("LOCK TABLE jobs")
        reading = subprocess.Popen([*command, "--elevation", elevation], stdout=subprocess.PIPE)
        await until(lambda: people.now("SELECT count(*) FROM pg_locks WHERE NOT granted"), "the answer is waited for")
        reading.send_signal(signal.SIGKILL)
        printed, _ = reading.communicate()
        holder.rollback()
    assert reading.returncode == -signal.SIGKILL and not printed
    assert people.mine.database.execute(NOTED, elevation)[0][0] == 1
