"""A real PgBouncer: its pools, who waits for them, and what it says of itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from services.clock import SystemClock
from services.database import Database
from services.demo.postgres import Cluster
from services.errors import SourceError
from services.figures import figure
from services.profile.sources import PgbouncerSource
from services.readings import PoolsValues, Unknown
from services.sources.pgbouncer import Pgbouncer
from tests.needs import needs
from tests.pgbouncer import console, pgbouncer

WAIT_S = 10.0


@pytest.fixture(scope="module")
def port(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = needs("pgbouncer"), tmp_path_factory.mktemp("pgbouncer")
    settings = {"pool_mode": "transaction", "default_pool_size": 2, "max_client_conn": 20}
    settings |= {"reserve_pool_size": 1, "reserve_pool_timeout": 0.1}
    with pgbouncer(program, cluster, Path(folder), ("postgres", "template1"), **settings) as port:
        yield port


@pytest.fixture
async def pooler(port: int) -> AsyncIterator[Pgbouncer]:
    source = _source(console(port))
    yield source
    await source.close()


def _source(dsn: str) -> Pgbouncer:
    spec = PgbouncerSource(kind="pgbouncer", dsn=dsn)
    clock = SystemClock()
    return Pgbouncer("pool", spec, Database(spec.dsn, "pool", clock, console=True), clock)


async def _until(source: Pgbouncer, seen: Callable[[PoolsValues], bool]) -> PoolsValues:
    async with asyncio.timeout(WAIT_S):
        while not seen(values := await source.fetch()):
            await asyncio.sleep(0.02)
    return values


def _ask(port: int) -> None:
    with psycopg.connect(_through(port), prepare_threshold=None) as client:
        client.execute("SELECT 1")


def _through(port: int) -> str:
    return f"host=127.0.0.1 port={port} dbname=postgres user=app sslmode=disable"


async def test_a_full_pool_is_told_with_those_who_wait_for_it(port: int, pooler: Pgbouncer) -> None:
    await pooler.fetch()
    with ExitStack() as held, ThreadPoolExecutor(1) as waiting:
        for _ in range(3):
            held.enter_context(psycopg.connect(_through(port), prepare_threshold=None)).execute("SELECT 1")
        waits = waiting.submit(_ask, port)
        full = await _until(pooler, lambda values: values.waiting == 1 and values.saturation == 1.0)
        (pool,) = full.pools
        assert (pool.name, pool.mode, pool.servers_active, pool.size) == ("postgres/postgres", "transaction", 3, 3)
        assert (full.clients, full.max_clients, full.client_saturation) == (4, 20, 0.2)
        assert full.maxwait_s == pool.maxwait_s > 0
        assert figure(full, "pools.postgres/postgres.saturation") == 1.0
        held.close()
        await asyncio.to_thread(waits.result, WAIT_S)
    empty = await _until(pooler, lambda values: values.waiting == 0 and values.saturation == 0.0)
    assert isinstance(empty.wait_s, float) or empty.queries_per_s == 0


async def test_the_pooler_names_itself_and_what_is_behind_it(cluster: Cluster, port: int, pooler: Pgbouncer) -> None:
    values = await pooler.fetch()
    assert values.host == f"127.0.0.1:{port}" and values.version[0].isdigit()
    found = {one.name: one for one in values.databases}
    assert set(found) == {"postgres", "template1"}
    assert found["template1"].host == f"127.0.0.1:{cluster.port}/template1"
    assert isinstance(found["postgres"].max_connections, Unknown) and values.paused == 0


async def test_between_two_polls_there_are_rates(port: int, pooler: Pgbouncer) -> None:
    first = await pooler.fetch()
    assert isinstance(first.queries_per_s, Unknown)
    for _ in range(5):
        await asyncio.to_thread(_ask, port)
    second = await _until(pooler, lambda values: values.queries_per_s != 0)
    assert isinstance(second.queries_per_s, float) and isinstance(second.query_s, float)
    assert 0 < second.query_s < 1


async def test_who_may_not_use_the_console_is_told_so(port: int) -> None:
    source = _source(console(port).replace("watcher", "app"))
    with pytest.raises(SourceError) as refused:
        await source.fetch()
    await source.close()
    assert refused.value.kind == "denied" and f"127.0.0.1:{port}/pgbouncer" in refused.value.message
    assert "stats_users" in refused.value.remedy
