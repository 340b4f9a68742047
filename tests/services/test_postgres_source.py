"""What is told of the server itself, with every right and with none; and how a profile's sources are built."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from subprocess import run

import psycopg
import pytest

from services.clock import SystemClock
from services.profile import PostgresSource
from services.readings import PostgresValues, Unknown, number
from services.sources import database
from services.sources.postgres import Postgres
from tests.conftest import Database as Scratch


async def _values(dsn: str) -> PostgresValues:
    spec = PostgresSource(kind="postgres", dsn=dsn)
    server = database("db", spec, SystemClock())
    try:
        return await Postgres("db", spec, server, SystemClock()).fetch()
    finally:
        await server.close()


@pytest.fixture
def login(mre: Scratch) -> Iterator[str]:
    role = f"plain_{mre.name}"
    password = mre.cluster.add_password(role)
    mre.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    yield role
    mre.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def test_the_server_is_identified_and_its_sessions_counted(mre: Scratch) -> None:
    with psycopg.connect(mre.dsn) as idle:
        idle.execute("SELECT 1")
        values = await _values(mre.dsn)
    ((identifier, used),) = mre.execute("""SELECT (SELECT system_identifier::text FROM pg_control_system()),
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')""")
    assert values.system_identifier == identifier
    assert values.host == f"127.0.0.1:{mre.cluster.port}/{mre.name}"
    assert (values.user, values.in_recovery, values.ledger) == ("postgres", False, False)
    assert values.max_connections == 60
    assert isinstance(values.used, int) and abs(values.used - int(str(used))) <= 1
    assert values.idle_in_transaction == 1
    assert abs(values.clock_skew_s) < 0.5
    assert values.reserved == 3 and values.saturation == values.used / 57  # an ordinary role's share


async def test_without_rights_the_sessions_are_unknown_and_not_few(mre: Scratch, login: str) -> None:
    mre.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
    values = await _values(mre.cluster.dsn(user=login, dbname=mre.name))
    assert values.system_identifier == ""
    for figure in (values.used, values.active, values.lock_waiting, values.saturation):
        assert isinstance(figure, Unknown) and figure.why == "not permitted" and "pg_read_all_stats" in figure.detail


async def test_with_very_many_tables_the_size_is_left_to_a_source_of_its_own(mre: Scratch) -> None:
    ((size,),) = mre.execute("SELECT pg_database_size(current_database())")
    assert (await _values(mre.dsn)).size_bytes == size
    mre.execute("UPDATE pg_class SET reltuples = 40000 WHERE oid = 'pg_class'::regclass")
    left = (await _values(mre.dsn)).size_bytes
    assert isinstance(left, Unknown) and "`tables` source" in left.detail


async def test_the_second_poll_tells_what_was_counted_since_the_first(mre: Scratch) -> None:
    spec = PostgresSource(kind="postgres", dsn=mre.dsn)
    server = database("db", spec, SystemClock())
    source = Postgres("db", spec, server, SystemClock())
    try:
        first = await source.fetch()
        mre.execute("SELECT pg_stat_force_next_flush()")
        second = await source.fetch()
    finally:
        await server.close()
    assert isinstance(first.transactions_per_s, Unknown) and isinstance(second.transactions_per_s, float)
    assert second.deadlocks == sum(one.deadlocks for one in second.databases)
    named = {one.name: one for one in second.databases}
    assert named[mre.name].connections >= 1
    assert second.xid_age == max(one.xid_age for one in second.databases)
    assert 0 < number(second.wraparound) < 0.01  # type: ignore[operator]


async def test_roles_and_the_ledger_are_seen(mre: Scratch, login: str) -> None:
    mre.execute("CREATE SCHEMA watchdeck; CREATE TABLE watchdeck.ledger (id int)")
    roles = mre.execute("SELECT rolname FROM pg_roles WHERE rolname = 'watchdeck_operator'")
    if not roles:
        mre.execute("CREATE ROLE watchdeck_operator NOLOGIN")
    mre.execute(f"GRANT watchdeck_operator TO {login}; GRANT USAGE ON SCHEMA watchdeck TO {login}")
    values = await _values(mre.cluster.dsn(user=login, dbname=mre.name))
    assert "watchdeck_operator" in values.roles and values.ledger
    assert "watchdeck_admin" not in values.roles
    if not roles:
        mre.execute("DROP OWNED BY watchdeck_operator; DROP ROLE watchdeck_operator")


def test_building_the_sources_imports_no_driver() -> None:
    code = (
        "import sys; from services import profile; from services.sources import build;"
        "from services.clock import SystemClock; build(profile.load(profile.find('mre')), SystemClock());"
        "print([name for name in ('psycopg', 'boto3', 'httpx') if name in sys.modules])"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
