"""A real primary and its standby: the lag is never 0 when it is not so, whoever of the two is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from services.clock import SystemClock
from services.demo.postgres import Cluster
from services.demo.standby import standby_of
from services.profile import PostgresSource
from services.readings import Estimate, PostgresValues, Unknown, number
from services.sources import database
from services.sources.postgres import Postgres

WAIT_S = 10.0


@dataclass(frozen=True)
class Pair:
    primary: Cluster
    standby: Cluster


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    primary = Cluster(folder / "a", settings={"archive_mode": "on", "archive_command": "exit 1"})
    primary.initialise()
    primary.start()
    execute(primary, "CREATE TABLE written (n int)")
    standby = standby_of(primary, folder / "b", "mre-b")
    standby.start()
    yield Pair(primary, standby)
    standby.stop()
    primary.kill()  # stopped, it would try to archive what it never could


def execute(server: Cluster, sql: str) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql)  # type: ignore[call-overload]


@asynccontextmanager
async def asking(server: Cluster, user: str = "postgres", **settings: int) -> AsyncIterator[Postgres]:
    spec = PostgresSource(kind="postgres", dsn=server.dsn(user), **settings)  # type: ignore[arg-type]
    db = database("db", spec, SystemClock())
    try:
        yield Postgres("db", spec, db, SystemClock())
    finally:
        await db.close()


async def until(source: Postgres, seen: Callable[[PostgresValues], bool]) -> PostgresValues:
    async with asyncio.timeout(WAIT_S):
        while not seen(values := await source.fetch()):
            await asyncio.sleep(0.02)
    return values


def in_step(values: PostgresValues) -> bool:
    return values.replication.lag_s == 0 and values.replication.streaming == 1


async def test_in_step_the_lag_is_0_at_both_ends(pair: Pair) -> None:
    async with asking(pair.primary, replicas=1) as primary, asking(pair.standby) as standby:
        sent, received = (await until(primary, in_step)).replication, (await until(standby, in_step)).replication
    assert (sent.role, sent.missing, sent.lag_bytes) == ("primary", 0, 0)
    assert isinstance(sent.standbys, tuple)
    assert [(one.name, one.state, one.sync) for one in sent.standbys] == [("mre-b", "streaming", "async")]
    assert (received.role, received.standbys, received.streaming) == ("standby", (), 1)
    assert received.receiver and received.receiver.sender == f"127.0.0.1:{pair.primary.port}"
    assert not received.receiver.paused


async def test_a_paused_replay_lags_at_both_ends_by_as_long_as_it_does(pair: Pair) -> None:
    async with asking(pair.primary, replicas=1) as primary, asking(pair.standby) as standby:
        await until(primary, in_step)
        await until(standby, in_step)
        execute(pair.standby, "SELECT pg_wal_replay_pause()")
        try:
            execute(pair.primary, "INSERT INTO written SELECT generate_series(1, 1000)")
            for source in (primary, standby):
                found = (await until(source, lambda values: (number(values.replication.lag_s) or 0) > 0.5)).replication
                assert found.streaming == 1 and (number(found.lag_bytes) or 0) > 10_000
                assert (number(found.lag_s) or 0) < WAIT_S
            assert found.receiver and found.receiver.paused
            async with asking(pair.primary, replicas=1) as fresh:  # it cannot know since when, and does not say 0
                first = (await fresh.fetch()).replication
            assert isinstance(first.lag_s, Unknown) and first.lag_s.why == "no data yet"
        finally:
            execute(pair.standby, "SELECT pg_wal_replay_resume()")
        await until(primary, in_step)
        await until(standby, in_step)


class Resuming(SystemClock):
    """While the source waits before it looks again, the standby catches up."""

    def __init__(self, standby: Cluster) -> None:
        self.standby = standby

    async def sleep(self, seconds: float) -> None:
        execute(self.standby, "SELECT pg_wal_replay_resume()")
        async with asking(self.standby) as seen:
            await until(seen, in_step)


async def test_the_first_poll_already_tells_who_keeps_up(pair: Pair) -> None:
    execute(pair.standby, "SELECT pg_wal_replay_pause()")
    execute(pair.primary, "INSERT INTO written VALUES (1)")
    async with asking(pair.primary) as source:
        await until(source, lambda values: (number(values.replication.lag_bytes) or 0) > 0)
        fresh = Postgres("db", source._spec, source._database, Resuming(pair.standby))
        found = (await fresh.fetch()).replication
    assert (number(found.lag_s) or 0) < WAIT_S and not isinstance(found.lag_s, Unknown)


async def test_a_standby_that_is_gone_is_missing_and_its_lag_unknown(pair: Pair) -> None:
    async with asking(pair.primary, replicas=1) as told, asking(pair.primary) as untold:
        await until(told, in_step)
        pair.standby.stop()
        try:
            gone = (await until(told, lambda values: values.replication.missing == 1)).replication
            nobody = (await untold.fetch()).replication
        finally:
            pair.standby.start()
        assert (gone.streaming, gone.standbys) == (0, ())
        assert isinstance(gone.lag_s, Unknown) and "1 standbys missing" in gone.lag_s.detail
        for figure in (nobody.lag_s, nobody.lag_bytes, nobody.missing):
            assert isinstance(figure, Unknown) and "`replicas`" in figure.detail
        await until(told, in_step)


async def test_one_of_two_that_is_missing_makes_the_others_lag_no_answer(pair: Pair) -> None:
    async with asking(pair.primary, replicas=2) as primary:
        found = (await until(primary, lambda values: values.replication.streaming == 1)).replication
    assert found.missing == 1 and isinstance(found.lag_s, Unknown)


async def test_a_primary_that_is_killed_leaves_no_lag_of_0(pair: Pair) -> None:
    async with asking(pair.standby) as standby:
        execute(pair.primary, "INSERT INTO written VALUES (1)")
        await until(standby, in_step)
        pair.primary.kill()
        try:
            first = (await until(standby, lambda values: values.replication.streaming == 0)).replication
            later = (await standby.fetch()).replication
        finally:
            pair.primary.start()
        assert first.receiver and first.receiver.status == "" and isinstance(first.receiver.message_age_s, Unknown)
        assert isinstance(first.lag_s, Estimate) and isinstance(later.lag_s, Estimate)
        assert 0 < first.lag_s.value < later.lag_s.value
        assert isinstance(first.lag_bytes, Unknown)
        await until(standby, in_step)


async def test_without_rights_replication_is_unknown_at_both_ends(pair: Pair) -> None:
    password = pair.primary.add_password("plain")
    pair.standby.passfile.write_text(pair.primary.passfile.read_text())
    execute(pair.primary, f"CREATE ROLE plain LOGIN PASSWORD '{password}'")
    async with asking(pair.standby) as seen:
        await until(seen, in_step)
    for server in (pair.primary, pair.standby):
        async with asking(server, "plain", replicas=1) as source:
            values = await source.fetch()
        for figure in (values.replication.lag_s, values.replication.lag_bytes, values.replication.streaming):
            assert isinstance(figure, Unknown) and "GRANT pg_read_all_stats TO plain" in figure.detail
    assert values.replication.receiver
    assert isinstance(values.replication.receiver.message_age_s, Unknown)


async def test_a_slot_that_nobody_reads_from_is_told_with_what_it_keeps(pair: Pair) -> None:
    execute(pair.primary, "SELECT pg_create_physical_replication_slot('left_behind', true)")
    execute(pair.primary, "INSERT INTO written SELECT generate_series(1, 1000)")
    async with asking(pair.primary) as primary:
        found = (await primary.fetch()).replication
    execute(pair.primary, "SELECT pg_drop_replication_slot('left_behind')")
    (slot,) = found.slots
    assert (slot.name, slot.kind, slot.active, slot.wal_status) == ("left_behind", "physical", False, "reserved")
    assert found.retained_bytes == slot.retained_bytes and (number(slot.retained_bytes) or 0) > 10_000
    assert isinstance(slot.safe_bytes, Unknown)


async def test_archiving_that_fails_is_told_with_what_it_failed_on(pair: Pair) -> None:
    execute(pair.primary, "SELECT pg_switch_wal()")
    async with asking(pair.primary) as primary, asking(pair.standby) as standby:
        found = (await until(primary, lambda values: values.archiver.failing is True)).archiver
        assert found.mode == "on" and len(found.last_failed_wal) == 24
        assert isinstance(found.last_ok_s, Unknown)  # it never was
        assert (await standby.fetch()).archiver.failing is False
