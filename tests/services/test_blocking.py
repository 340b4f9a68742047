"""Sessions that really wait for each other, and how that is told: the tree, the long ones, the hidden ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import psycopg
import pytest

from services.clock import SystemClock
from services.demo.postgres import Cluster
from services.profile import PostgresSource
from services.readings import Blocking, PostgresValues, Session, Unknown
from services.sources import database
from services.sources.postgres import Postgres
from services.sources.postgres_sessions import blocking

WAIT_S = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    settings = {"max_prepared_transactions": "5", "deadlock_timeout": "60s"}
    cluster = Cluster(tmp_path_factory.mktemp("blocking"), settings=settings)
    cluster.initialise()
    cluster.start()
    yield cluster
    cluster.stop()


class Crowd:
    """Sessions by name, each of which may be left waiting for its statement."""

    def __init__(self, server: Cluster, stack: AsyncExitStack) -> None:
        self._server = server
        self._stack = stack
        self._open: dict[str, psycopg.AsyncConnection[tuple[object, ...]]] = {}
        self.waiting: list[asyncio.Task[object]] = []

    async def does(self, name: str, sql: str) -> None:
        if name not in self._open:
            connection = await psycopg.AsyncConnection.connect(f"{self._server.dsn()} application_name={name}")
            self._open[name] = await self._stack.enter_async_context(connection)
        await self._open[name].execute(sql)  # type: ignore[call-overload]

    def waits(self, name: str, sql: str) -> None:
        self.waiting.append(asyncio.create_task(self.does(name, sql)))

    async def end(self) -> None:
        for connection in self._open.values():
            await connection.cancel_safe()
        await asyncio.gather(*self.waiting, return_exceptions=True)
        for connection in self._open.values():
            await connection.rollback()


@pytest.fixture
async def crowd(server: Cluster) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        crowd = Crowd(server, stack)
        await crowd.does("owner", "DROP TABLE IF EXISTS stock")
        await crowd.does("owner", "CREATE TABLE stock (id int PRIMARY KEY, n int)")
        await crowd.does("owner", "INSERT INTO stock VALUES (1, 0), (2, 0), (3, 0); COMMIT")
        yield crowd
        await crowd.end()


@pytest.fixture
async def source(server: Cluster) -> AsyncIterator[Postgres]:
    found = _source(server.dsn())
    yield found
    await found._database.close()


def _source(dsn: str) -> Postgres:
    spec = PostgresSource(kind="postgres", dsn=dsn, long_query=0.05, long_idle=0.05)
    return Postgres("db", spec, database("db", spec, SystemClock()), SystemClock())


async def _until(source: Postgres, seen: Callable[[PostgresValues], bool]) -> PostgresValues:
    async with asyncio.timeout(WAIT_S):
        while not seen(values := await source.fetch()):
            await asyncio.sleep(0.02)
    return values


def _drawn(values: PostgresValues) -> list[tuple[int, str, str]]:
    assert isinstance(values.blocking, tuple)
    return [(line.depth, line.session.application, line.lock) for line in values.blocking]


async def test_the_tree_shows_who_must_go_first(crowd: Crowd, source: Postgres) -> None:
    await crowd.does("lunch", "UPDATE stock SET n = 1 WHERE id = 1")
    crowd.waits("first", "UPDATE stock SET n = length('secret') WHERE id = 1")
    await _until(source, lambda values: values.blocked == 1)
    crowd.waits("second", "UPDATE stock SET n = 3 WHERE id = 1")
    await _until(source, lambda values: values.blocked == 2)
    crowd.waits("migration", "ALTER TABLE stock ADD COLUMN note text")
    values = await _until(source, lambda values: values.blocked == values.lock_waiting == 3)
    assert _drawn(values) == [
        (0, "lunch", ""),
        (1, "first", "ShareLock on transactionid"),
        (2, "second", "ExclusiveLock on stock"),
        (1, "migration", "AccessExclusiveLock on stock"),
    ]
    assert isinstance(values.blocking, tuple)
    root, waiter = values.blocking[:2]
    assert root.session.state == "idle in transaction" and root.waits_s is None and not root.ring
    assert waiter.waits_s is not None and 0 < waiter.waits_s < WAIT_S and waiter.session.wait == "Lock: transactionid"
    assert waiter.session.query == "UPDATE stock SET n = length(?) WHERE id = ?"


async def test_a_session_is_told_as_it_must_be_found_again(crowd: Crowd, source: Postgres, server: Cluster) -> None:
    await crowd.does("lunch", "UPDATE stock SET n = 1 WHERE id = 1")
    values = await _until(source, lambda values: values.long_count == 1)
    assert isinstance(values.sessions, tuple)
    found: Session = values.sessions[0]  # the long ones come first
    assert found.long and found.application == "lunch" and found.client == "127.0.0.1"
    assert found.transaction_s is not None and found.state_s is not None
    assert 0 < values.oldest_idle_tx_s <= values.oldest_tx_s  # type: ignore[operator]
    again = "SELECT state FROM pg_stat_activity WHERE pid = %s AND extract(epoch FROM backend_start)::float8 = %s"
    with psycopg.connect(server.dsn(), autocommit=True) as by_hand:
        rows = by_hand.execute(again, (found.pid, found.backend_start)).fetchall()
    assert rows == [(found.state,)]
    assert isinstance(values.groups, tuple)
    assert ("lunch", "idle in transaction", 1) in {(g.application, g.state, g.count) for g in values.groups}


async def test_a_prepared_transaction_blocks_though_nobody_is_connected(crowd: Crowd, source: Postgres) -> None:
    await crowd.does("owner", "UPDATE stock SET n = 1 WHERE id = 2")
    await crowd.does("owner", "PREPARE TRANSACTION 'left behind'")
    try:
        crowd.waits("victim", "UPDATE stock SET n = 2 WHERE id = 2")
        values = await _until(source, lambda values: values.blocked == 1)
    finally:
        await crowd.end()
        await crowd.does("owner", "ROLLBACK")
        await crowd._open["owner"].set_autocommit(True)
        await crowd.does("owner", "ROLLBACK PREPARED 'left behind'")
    assert [(depth, name) for depth, name, _ in _drawn(values)] == [(0, ""), (1, "victim")]
    assert isinstance(values.blocking, tuple)
    root = values.blocking[0].session
    assert (root.pid, root.backend_start, root.state) == (0, None, "prepared")
    assert [one.gid for one in values.prepared] == ["left behind"] and values.oldest_prepared_s == values.prepared[
        0
    ].age_s


async def test_a_ring_is_drawn_once_and_marked(crowd: Crowd, source: Postgres) -> None:
    await crowd.does("one", "UPDATE stock SET n = 1 WHERE id = 1")
    await crowd.does("two", "UPDATE stock SET n = 1 WHERE id = 2")
    crowd.waits("one", "UPDATE stock SET n = 2 WHERE id = 2")
    crowd.waits("two", "UPDATE stock SET n = 2 WHERE id = 1")
    values = await _until(source, lambda values: values.blocked == 2)
    assert isinstance(values.blocking, tuple)
    assert [(line.depth, line.ring) for line in values.blocking] == [(0, True), (1, False)]
    assert {line.session.application for line in values.blocking} == {"one", "two"}


async def test_what_is_hidden_is_unknown_and_says_what_to_grant(crowd: Crowd, server: Cluster) -> None:
    await crowd.does("lunch", "UPDATE stock SET n = 1 WHERE id = 1")
    crowd.waits("first", "UPDATE stock SET n = 2 WHERE id = 1")
    await crowd.does("owner", f"CREATE ROLE plain LOGIN PASSWORD '{server.add_password('plain')}'; COMMIT")
    source = _source(server.dsn("plain"))
    values = await source.fetch()
    await crowd.does("owner", "GRANT pg_read_all_stats TO plain; COMMIT")
    granted = await _until(source, lambda values: values.blocked == 1)
    await source._database.close()
    names = ("used", "idle", "long_count", "oldest_tx_s", "blocked", "sessions", "groups", "blocking", "saturation")
    for name in names:
        figure = getattr(values, name)
        assert isinstance(figure, Unknown) and figure.why == "not permitted", name
        assert "GRANT pg_read_all_stats TO plain" in figure.detail
    assert len(_drawn(granted)) == 2


# ---- the tree alone


def _row(pid: int, *blockers: int) -> dict[str, object]:
    empty = dict.fromkeys(("user", "database", "application", "client", "wait", "query", "relation"), "")
    ages = dict.fromkeys(("backend_start", "query_s", "transaction_s", "state_s"), 1.0)
    lock = {"mode": "X", "locktype": "y", "waits_s": 1.0}
    return {"pid": pid, "blockers": list(blockers) or None, "state": "active", "kind": "x", **empty, **ages, **lock}


def _tree(lines: tuple[Blocking, ...]) -> list[tuple[int, int]]:
    return [(line.depth, line.session.pid) for line in lines]


def test_a_queue_for_one_lock_stands_under_its_holder_and_not_in_every_order() -> None:
    queue = [_row(pid, *range(1, pid)) for pid in range(2, 40)]  # each waits for the holder and all before it
    assert _tree(blocking([_row(1), *queue])) == [(0, 1), *((1, pid) for pid in range(2, 40))]


def test_who_waits_for_two_stands_under_both() -> None:
    assert _tree(blocking([_row(1), _row(2), _row(3, 1, 2), _row(4, 3)])) == [
        *((0, 1), (1, 3), (2, 4)),
        *((0, 2), (1, 3), (2, 4)),
    ]
