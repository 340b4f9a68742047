"""One database over a real link: limits, faults in words, and a link that goes bad while it is read."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from services.clock import SystemClock
from services.database import Database
from services.demo.postgres import Cluster, free_port
from services.errors import SourceError
from tests.conftest import Database as Scratch
from tests.proxy import Proxy


@pytest.fixture
def link(cluster: Cluster) -> Iterator[Proxy]:
    proxy = Proxy(cluster.port)
    yield proxy
    proxy.close()


@pytest.fixture
async def far(mre: Scratch, link: Proxy) -> AsyncIterator[Database]:
    """The test's database, through the proxy."""
    database = Database(mre.cluster.dsn(dbname=mre.name, port=link.port), "db", SystemClock(), timeout=1.0, who="ann")
    yield database
    await database.close()


def _reader(mre: Scratch, **changes: str) -> Database:
    return Database(mre.cluster.dsn(dbname=mre.name, **changes), "db", SystemClock(), timeout=2.0)


async def _fault(database: Database, sql: str = "SELECT 1") -> SourceError:
    with pytest.raises(SourceError) as caught:
        await database.rows(sql)
    await database.close()
    return caught.value


async def test_a_session_reads_only_is_named_and_has_limits(far: Database) -> None:
    settings = ("application_name", "default_transaction_read_only", "statement_timeout", "jit")
    (row,) = await far.rows("SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in settings))
    assert list(row.values()) == ["watchdeck/ann", "on", "800ms", "off"]
    assert (await _fault(far, "CREATE TABLE x ()")).kind == "denied"


async def test_a_batch_is_one_round_trip_with_one_now(far: Database, link: Proxy) -> None:
    await far.rows("SELECT 1")
    link.delay(0.1)
    begun = time.monotonic()
    answers = await far.batch([("SELECT now() AS at", None)] * 8)
    assert time.monotonic() - begun < 0.8
    assert len({rows[0]["at"] for rows in answers}) == 1


async def test_a_failed_statement_leaves_the_connection_usable(far: Database, link: Proxy) -> None:
    for timeout in (None, 0.9):
        with pytest.raises(SourceError, match='table "nope" does not exist'):
            await far.batch([("SELECT * FROM nope", None), ("SELECT 1", None)], timeout=timeout)
        assert await far.rows("SELECT 1 AS one") == [{"one": 1}]
    assert link.accepted == 1


async def test_a_longer_timeout_reaches_the_server(far: Database) -> None:
    (row,) = await far.rows("SELECT current_setting('statement_timeout') AS t, pg_sleep(1.2)", timeout=4.0)
    assert row["t"] == "4s"
    assert (await far.rows("SELECT current_setting('statement_timeout') AS t"))[0]["t"] == "800ms"


async def test_a_black_hole_is_abandoned_at_the_deadline_and_read_again_once_the_link_is_back(
    far: Database, link: Proxy
) -> None:
    await far.rows("SELECT 1")
    link.blackhole()
    for doing in ("waiting for the answer", "connecting"):
        begun = time.monotonic()
        with pytest.raises(SourceError, match=doing) as caught:
            await far.rows("SELECT 1")
        assert caught.value.kind == "timeout"
        assert time.monotonic() - begun < 1.5
        async with asyncio.timeout(1.0):
            while far._reads:  # the abandoned read ends as well, and with it its connection
                await asyncio.sleep(0.01)
    link.pass_()
    assert await far.rows("SELECT 1 AS one") == [{"one": 1}]


async def test_a_read_that_its_caller_gives_up_is_cut_off_too(far: Database, link: Proxy) -> None:
    await far.rows("SELECT 1")
    link.blackhole()
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await far.rows("SELECT 1")
    assert time.monotonic() - begun < 0.5
    link.pass_()
    assert await far.rows("SELECT 1 AS one") == [{"one": 1}]


async def test_reads_share_two_connections_and_browsing_has_its_own(far: Database, mre: Scratch) -> None:
    polls = [far.rows("SELECT pg_sleep(0.1)") for _ in range(6)]
    pages = [far.rows("SELECT pg_sleep(0.1)", lane="browse") for _ in range(3)]
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'watchdeck/ann'"
    under_way = asyncio.gather(*polls, *pages)
    seen = 0
    while not under_way.done():
        await asyncio.sleep(0.02)
        seen = max(seen, int(str((await asyncio.to_thread(mre.execute, count))[0][0])))
    await under_way
    assert seen == 3


async def test_a_full_lane_says_that_other_reads_are_in_the_way(far: Database, link: Proxy) -> None:
    await far.rows("SELECT 1")
    link.blackhole()
    faults = await asyncio.gather(*(far.rows("SELECT 1") for _ in range(3)), return_exceptions=True)
    assert [isinstance(fault, SourceError) for fault in faults] == [True] * 3
    assert "waiting for other reads" in str(faults[2])


async def test_a_lost_connection_is_no_failure_when_the_next_one_works(
    far: Database, mre: Scratch, link: Proxy
) -> None:
    await far.rows("SELECT 1")
    mre.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watchdeck/ann'")
    assert await far.rows("SELECT 1 AS one") == [{"one": 1}]
    link.reset()
    link.pass_()
    assert await far.rows("SELECT 1 AS one") == [{"one": 1}]


async def test_a_refused_port_is_named(far: Database, link: Proxy) -> None:
    link.refuse()
    fault = await _fault(far)
    assert (fault.kind, fault.message) == ("unreachable", f"{far.label}: connection refused")


async def test_a_killed_server_is_unreachable_and_then_read_again(tmp_path) -> None:
    server = Cluster(tmp_path)
    server.initialise()
    server.start()
    database = Database(server.dsn(), "db", SystemClock(), timeout=2.0)
    try:
        await database.rows("SELECT 1")
        await asyncio.to_thread(server.kill)
        with pytest.raises(SourceError) as caught:
            while True:  # a backend outlives its killed server for a moment, and answers
                await database.rows("SELECT 1")
        assert caught.value.kind == "unreachable"
        await asyncio.to_thread(server.start)
        assert await database.rows("SELECT 1 AS one") == [{"one": 1}]
    finally:
        await database.close()
        server.stop()


async def test_what_keeps_us_out_is_said_with_its_remedy(mre: Scratch) -> None:
    dsn = mre.dsn
    wrong = await _fault(Database(f"{dsn} password=wrong", "db", SystemClock()))
    assert (wrong.kind, "user postgres was refused" in wrong.message, ".pgpass" in wrong.remedy) == (
        "denied",
        True,
        True,
    )
    absent = await _fault(Database(mre.cluster.dsn(dbname="nowhere"), "db", SystemClock()))
    assert absent.kind == "missing" and absent.message.endswith('database "nowhere" does not exist')
    nobody = await _fault(_reader(mre, user="nobody"))
    assert nobody.kind == "denied" and "no password is known for user nobody" in nobody.message
    closed = await _fault(Database(f"host=127.0.0.1 port={free_port()}", "db", SystemClock()))
    assert closed.kind == "unreachable"
    torn = await _fault(Database("host=db secret", "db", SystemClock()))
    assert torn.kind == "config" and "secret" not in str(torn)


async def test_a_missing_privilege_names_the_grant(mre: Scratch) -> None:
    role = f"poor_{mre.name}"
    password = mre.cluster.add_password(role)
    mre.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    fault = await _fault(_reader(mre, user=role), "SELECT * FROM jobs")
    assert fault.kind == "denied"
    assert f"GRANT SELECT ON jobs TO {role}" in fault.remedy
    mre.execute(f"DROP ROLE {role}")


async def test_no_connection_left_is_a_limit(mre: Scratch) -> None:
    role = f"narrow_{mre.name}"
    password = mre.cluster.add_password(role)
    mre.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}' CONNECTION LIMIT 0")
    fault = await _fault(_reader(mre, user=role))
    assert (fault.kind, "no connection left" in fault.message) == ("limit", True)
    mre.execute(f"DROP ROLE {role}")


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(far: Database, link: Proxy) -> None:
    fault = await _fault(far, "SELECT pg_sleep(5)")
    assert fault.kind == "timeout" and "statement timeout" in fault.message
    assert link.accepted == 1


async def test_through_a_pooler_nothing_is_left_on_the_session(mre: Scratch) -> None:
    database = Database(mre.dsn, "db", SystemClock(), pooler=True, timeout=1.0)
    (row,) = await database.rows("SELECT current_setting('statement_timeout') AS t")
    assert row["t"] == "1s"
    with pytest.raises(SourceError, match="read-only"):
        await database.rows("CREATE TABLE x ()")
    connection = database._lanes["poll"].idle[0]
    assert (await (await connection.execute("SHOW statement_timeout")).fetchone()) == {"statement_timeout": "0"}
    await database.close()


async def test_a_connection_that_does_not_come_about_in_time_is_closed_at_once() -> None:
    """Not when the collector happens to come by: a server keeps a place for it as long."""
    closed = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass
        closed.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    where = f"host=127.0.0.1 port={server.sockets[0].getsockname()[1]} user=x dbname=y sslmode=disable"
    stalled = Database(where, "db", SystemClock(), timeout=0.2)
    gc.disable()
    try:
        with pytest.raises(SourceError, match="while connecting"):
            await stalled.rows("SELECT 1")
        await asyncio.wait_for(closed.wait(), 1.0)
    finally:
        gc.enable()
        server.close()
