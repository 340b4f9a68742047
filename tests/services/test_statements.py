"""pg_stat_statements on a real server: the differences, a reset, churn, and every way in which it can be absent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from services.clock import SystemClock
from services.database import Database, Row
from services.demo.postgres import Cluster
from services.profile.sources import StatementsSource
from services.readings import Estimate, StatementsValues, Unknown
from services.sources.statements import Statements
from services.sources.statements_window import Window
from tests.conftest import Database as Scratch


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(
        tmp_path_factory.mktemp("statements"), settings={"shared_preload_libraries": "pg_stat_statements"}
    )
    cluster.initialise()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def by_hand(server: Cluster) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute('DROP SCHEMA IF EXISTS "Odd one" CASCADE; CREATE SCHEMA "Odd one"')
        connection.execute('CREATE EXTENSION pg_stat_statements SCHEMA "Odd one"')
        yield connection


@pytest.fixture
async def source(server: Cluster) -> AsyncIterator[Statements]:
    found = _source(server.dsn())
    yield found
    await found._db.close()


def _source(dsn: str, slow: float = 0.04) -> Statements:
    spec = StatementsSource(kind="statements", database="db", slow=slow)
    return Statements("statements", spec, Database(dsn, "db", SystemClock()))


async def test_what_ran_between_two_polls_is_told_without_its_values(
    by_hand: psycopg.Connection[tuple[object, ...]], source: Statements
) -> None:
    by_hand.execute("SELECT pg_sleep(0.001), 'before the first poll'")
    first = await source.fetch()
    assert isinstance(first.top, Unknown) and first.top.why == "no data yet"
    for _ in range(2):
        by_hand.execute("SELECT pg_sleep(0.05), 'secret'")
    for n in range(3):
        by_hand.execute(f"SELECT {n}")
    values = await source.fetch()
    assert isinstance(values.top, tuple)
    told = {one.query: one for one in values.top}
    slept, quick = told["SELECT pg_sleep($1), $2"], told["SELECT $1"]
    assert values.top[0] == slept and (slept.calls, slept.rows) == (2, 2)
    assert 0.05 <= slept.mean_s < 0.5 and slept.share > 0.5
    assert slept.time_s == pytest.approx(2 * slept.mean_s) and quick.calls == 3
    assert values.slow_count == Estimate(2)
    assert isinstance(values.calls_per_s, float) and values.calls_per_s == pytest.approx(
        sum(one.calls for one in values.top) / values.covered_s
    )


async def test_a_reset_begins_anew_and_what_was_seen_stays_seen(
    by_hand: psycopg.Connection[tuple[object, ...]], source: Statements
) -> None:
    await source.fetch()
    by_hand.execute("SELECT pg_sleep(0.05)")
    before = await source.fetch()
    by_hand.execute('SELECT "Odd one".pg_stat_statements_reset()')
    by_hand.execute("SELECT pg_sleep(0.05)")
    after = await source.fetch()
    assert (
        (before.slow_count, before.covered_s) == (after.slow_count, after.covered_s) == (Estimate(1), before.covered_s)
    )
    by_hand.execute("SELECT pg_sleep(0.05)")
    assert (await source.fetch()).slow_count == Estimate(2)


async def test_without_the_extension_it_says_what_to_do(mre: Scratch, server: Cluster) -> None:
    for dsn, remedy in (
        (mre.dsn, "add pg_stat_statements to shared_preload_libraries and restart the server, then CREATE EXTENSION"),
        (server.dsn(dbname="template1"), "CREATE EXTENSION pg_stat_statements in template1"),
    ):
        source = _source(dsn)
        values = await source.fetch()
        await source._db.close()
        for figure in (values.top, values.slow_count, values.mean_s):
            assert isinstance(figure, Unknown) and figure.why == "not configured" and remedy in figure.detail


async def test_without_the_right_to_read_others_statements_they_are_not_few(
    by_hand: psycopg.Connection[tuple[object, ...]], server: Cluster
) -> None:
    by_hand.execute(f"CREATE ROLE plain LOGIN PASSWORD '{server.add_password('plain')}'")
    source = _source(server.dsn("plain"))
    values = await source.fetch()
    await source._db.close()
    assert isinstance(values.top, Unknown) and values.top.why == "not permitted"
    assert "GRANT pg_read_all_stats TO plain" in values.top.detail


# ---- the window alone


def _rows(**calls: int) -> list[Row]:
    return [{"id": name, "calls": n, "ms": 10.0 * n, "rows": n} for name, n in calls.items()]


def _told(window: Window) -> dict[str, int]:
    values = window.values({})
    return {one.id: one.calls for one in values.top} if isinstance(values.top, tuple) else {}


def test_a_statement_leaves_the_window_when_it_is_too_old() -> None:
    window = Window(100.0, 1.0)
    for at, calls in ((0.0, 0), (60.0, 5), (120.0, 5), (180.0, 8)):
        window.saw(at, "x", _rows(a=calls, b=1))
    assert _told(window) == {"a": 3} and window.values({}).covered_s == 120.0


def test_entries_that_are_thrown_out_at_every_poll_leave_no_figure() -> None:
    window = Window(100.0, 1.0)
    for at in range(4):
        window.saw(float(at), f"/{at}", _rows(a=10 + at))
    values: StatementsValues = window.values({})
    assert isinstance(values.slow_count, Unknown) and "pg_stat_statements.max" in values.slow_count.detail


@pytest.mark.parametrize("after", [{"a": 2, "b": 9}, {"b": 9}])
def test_where_nothing_tells_of_a_reset_an_entry_that_counts_less_does(after: dict[str, int]) -> None:
    window = Window(100.0, 1.0)
    window.saw(0.0, None, _rows(a=5, b=5))
    window.saw(1.0, None, _rows(**after))
    assert _told(window) == {}
    window.saw(2.0, None, _rows(**{name: calls + 1 for name, calls in after.items()}))
    assert set(_told(window).values()) == {1}
