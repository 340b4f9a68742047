"""What is asked over a database's connection: sizes and maintenance of its tables, and queries of the profile's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from pydantic import ValidationError

from services.clock import SystemClock
from services.database import Database
from services.errors import SourceError
from services.figures import figure
from services.profile.sources import SqlSource, TablesSource
from services.readings import AtLeast, Estimate, NamedValues, TablesValues, Unknown, number
from services.sources.sql import Sql
from services.sources.tables import Tables
from tests.conftest import Database as Scratch


@pytest.fixture
async def db(mre: Scratch) -> AsyncIterator[Database]:
    found = Database(mre.dsn, "db", SystemClock())
    yield found
    await found.close()


async def _tables(db: Database, capacity: str | None = None) -> TablesValues:
    spec = TablesSource(kind="tables", database="db", capacity=capacity)  # type: ignore[arg-type]
    return await Tables("tables", spec, db).fetch()


async def _asked(db: Database, query: str, **more: object) -> NamedValues:
    spec = SqlSource.model_validate({"kind": "sql", "database": "db", "query": query, **more}, strict=False)
    return await Sql("asked", spec, db).fetch()


# ---- tables

CHURNED = """
CREATE TABLE "Odd.Name" (id int, note text) WITH (autovacuum_enabled = off);
INSERT INTO "Odd.Name" SELECT n, repeat('x', 100) FROM generate_series(1, 20000) AS n;
CREATE INDEX ON "Odd.Name" (id)"""


def _stat(mre: Scratch, sql: str) -> float:
    return float(str(mre.execute(sql)[0][0]))


async def test_sizes_are_what_the_server_says_and_the_share_is_of_what_is_declared(mre: Scratch, db: Database) -> None:
    mre.execute(CHURNED)
    values = await _tables(db, "1GB")
    largest = values.tables[0]
    assert largest.name == 'public."Odd.Name"'
    assert largest.total_bytes == _stat(mre, "SELECT pg_total_relation_size('\"Odd.Name\"')")
    assert figure(values, 'tables.public."Odd.Name".index_bytes') == largest.index_bytes != 0
    here = next(one for one in values.databases if one.name == mre.name)
    assert here.size_bytes == values.size_bytes == _stat(mre, "SELECT pg_database_size(current_database())")
    assert isinstance(values.used_share, float) and values.used_share == (number(values.total_bytes) or 0) / 1e9
    undeclared = await _tables(db)
    assert isinstance(undeclared.used_share, Unknown) and "`capacity`" in undeclared.used_share.detail


async def test_need_of_vacuum_and_analyze_is_measured_by_the_tables_own_settings(mre: Scratch, db: Database) -> None:
    mre.execute(CHURNED)
    mre.execute('ANALYZE "Odd.Name"')
    mre.execute("""DELETE FROM "Odd.Name" WHERE id % 2 = 0; SELECT pg_stat_force_next_flush()""")
    off = (await _tables(db)).tables[0]
    assert (off.dead, off.vacuum_due, off.analyze_due) == (10_000, None, None)
    assert off.dead_share == 0.5 and off.last_analyze_at is not None and off.last_vacuum_at is None
    mre.execute('ALTER TABLE "Odd.Name" SET (autovacuum_enabled = on, autovacuum_vacuum_scale_factor = 0.1)')
    values = await _tables(db)
    by_hand = "current_setting('autovacuum_vacuum_threshold')::float8 + 0.1 * 20000"
    assert values.tables[0].vacuum_due == pytest.approx(10_000 / _stat(mre, f"SELECT {by_hand}"))
    assert (values.vacuum_needed, values.analyze_needed) == (1, 1)
    mre.execute('VACUUM ANALYZE "Odd.Name"')
    after = await _tables(db)
    assert (after.vacuum_needed, after.tables[0].dead) == (0, 0) and after.tables[0].last_vacuum_at is not None


async def test_bloat_is_estimated_near_what_reading_the_table_finds_or_not_at_all(mre: Scratch, db: Database) -> None:
    mre.execute(CHURNED)
    mre.execute("CREATE EXTENSION pgstattuple")
    unanalyzed = (await _tables(db)).tables[0].bloat_bytes
    mre.execute('DELETE FROM "Odd.Name" WHERE id % 4 > 0')
    mre.execute('VACUUM ANALYZE "Odd.Name"')
    estimate = (await _tables(db)).tables[0].bloat_bytes
    mre.execute('UPDATE "Odd.Name" SET note = note || id; SELECT pg_stat_force_next_flush()')
    stale = (await _tables(db)).tables[0].bloat_bytes
    mre.execute("CREATE TABLE nothing (); ANALYZE nothing")
    nothing = next(one.bloat_bytes for one in (await _tables(db)).tables if one.name == "public.nothing")
    assert nothing == Estimate(0.0)  # where there is nothing, no right is needed to know that none of it is free
    assert isinstance(unanalyzed, Unknown) and isinstance(stale, Unknown)
    assert unanalyzed.why == "no data yet"
    free = """SELECT free_space FROM pgstattuple('"Odd.Name"')"""
    mre.execute('VACUUM FULL "Odd.Name"')
    mre.execute('ANALYZE "Odd.Name"')
    packed = (await _tables(db)).tables[0].bloat_bytes
    assert isinstance(estimate, Estimate) and estimate.value == pytest.approx(0.75 * 20_000 * 136, rel=0.1)
    assert isinstance(packed, Estimate) and packed.value <= _stat(mre, free) + 8192


async def test_a_locked_table_is_left_out_and_not_waited_for(mre: Scratch, db: Database) -> None:
    mre.execute(CHURNED)
    with psycopg.connect(mre.dsn) as migration:
        migration.execute('LOCK TABLE "Odd.Name"')
        found = {one.name: one for one in (await _tables(db)).tables}
    locked = found['public."Odd.Name"'].total_bytes
    assert isinstance(locked, Unknown) and "locked" in locked.detail
    assert isinstance(found["public.jobs"].total_bytes, float)


async def test_what_a_role_may_not_see_is_not_told_as_small(mre: Scratch) -> None:
    mre.execute(CHURNED)
    mre.execute('ANALYZE "Odd.Name"')
    role = f"plain_{mre.name}"
    mre.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{mre.cluster.add_password(role)}'")
    mre.execute("REVOKE CONNECT ON DATABASE template1 FROM PUBLIC")
    db = Database(mre.cluster.dsn(role, mre.name), "db", SystemClock())
    try:
        values = await _tables(db, "1GB")
    finally:
        await db.close()
        mre.execute(f"GRANT CONNECT ON DATABASE template1 TO PUBLIC; DROP ROLE {role}")
    assert isinstance(values.total_bytes, AtLeast) and isinstance(values.used_share, Unknown)
    bloat = values.tables[0].bloat_bytes
    assert isinstance(bloat, Unknown) and bloat.why == "not permitted"


# ---- queries of the profile's own

FAILED = """
WITH tries (ip, n) AS (VALUES ('10.0.0.1', 12), ('10.0.0.2', NULL), ('bad' || chr(27), 3))
SELECT ip, n AS failed FROM tries WHERE ip LIKE '%' ORDER BY ip;  """


async def test_each_row_is_a_figure_told_apart_by_its_labels(db: Database) -> None:
    values = await _asked(db, FAILED, value="failed", labels=("ip",))
    assert figure(values, "figures.rows") == 3
    assert figure(values, "figures.failed{ip=10.0.0.1}") == 12
    assert isinstance(figure(values, "figures.failed{ip=10.0.0.2}"), Unknown)
    assert figure(values, "figures.failed{ip=bad\\x1b}") == 3


async def test_a_figure_without_labels_stands_once(db: Database) -> None:
    values = await _asked(db, "SELECT 0.25::numeric AS value -- a comment to the end", unit="share")
    assert figure(values, "figures.value") == 0.25
    words = await _asked(db, "SELECT 'many' AS value")
    assert "no number" in str(figure(words, "figures.value"))
    with pytest.raises(SourceError, match="several rows of the query are called value"):
        await _asked(db, "SELECT n AS value FROM generate_series(1, 2) AS n")


async def test_many_rows_are_cut_by_the_server_and_that_is_told(db: Database) -> None:
    values = await _asked(db, "SELECT generate_series(1, 1000000000) AS n, 1 AS value", labels=("n",))
    assert figure(values, "figures.rows") == AtLeast(200) and len(values.figures) == 201


async def test_a_column_that_is_not_there_is_named_with_those_that_are(db: Database) -> None:
    with pytest.raises(SourceError, match=r"no column 'value', only 'n'"):
        await _asked(db, "SELECT 1 AS n")


async def test_a_slow_query_is_ended_by_the_server(mre: Scratch, db: Database) -> None:
    with pytest.raises(SourceError) as late:
        await _asked(db, "SELECT 1 AS value FROM pg_sleep(20)", timeout=0.2)
    assert late.value.kind == "timeout"
    sleeping = "SELECT count(*) - 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND state = 'active'"
    async with asyncio.timeout(5):
        while _stat(mre, sleeping):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM jobs",
        "SELECT 1; DROP TABLE jobs",
        "WITH gone AS (DELETE FROM jobs RETURNING 1) SELECT 1 AS value FROM gone",
        "SELECT 1 AS value INTO copied",
        "SELECT 1 AS value FROM jobs FOR UPDATE",
        "SELECT 1) AS asked; DROP TABLE jobs; SELECT (1",
        "/* SELECT */ TRUNCATE jobs",
        "",
    ],
)
async def test_what_is_more_than_a_question_is_refused_before_it_is_asked(query: str) -> None:
    with pytest.raises(ValidationError, match="the query"):
        SqlSource(kind="sql", database="db", query=query)


@pytest.mark.parametrize(
    "query",
    [
        "select 'delete; -- from' as value",
        "WITH a AS (SELECT 1 AS n) SELECT n AS value FROM a",
        'SELECT "update" AS value FROM (SELECT 1 AS "update") AS x -- ; drop',
        "SELECT count(*) AS value FROM jobs WHERE state IN ('queued') AND type <> $$;)$$",
    ],
)
async def test_a_question_is_not_mistaken_for_more(db: Database, query: str) -> None:
    assert figure(await _asked(db, query), "figures.rows") == 1


async def test_even_what_slips_through_changes_nothing(mre: Scratch, db: Database) -> None:
    mre.execute("CREATE FUNCTION burn() RETURNS int LANGUAGE sql AS 'DELETE FROM jobs RETURNING 1'")
    with pytest.raises(SourceError) as refused:
        await _asked(db, "SELECT burn() AS value")
    assert refused.value.kind == "denied"
