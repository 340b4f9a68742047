"""The queue source against SQL written by hand: every figure, what is hidden or missing, and what it costs."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.clock import SystemClock
from services.database import Database
from services.errors import SourceError
from services.profile import QueueSource, load, mapping_of
from services.queues.mapping import Mapping
from services.readings import AtLeast, Estimate, QueueValues, TypeFigures, Unknown, number
from services.sources.queue import Queue
from tests.conftest import Database as Scratch
from tests.proxy import Proxy

MRE = load(Path(__file__).parents[2] / "services" / "profiles" / "mre.toml").sources["jobs"]
assert isinstance(MRE, QueueSource)

FILL = """
INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, created_at, run_at, started_at, finished_at, locked_at,
                  locked_by, last_error_code)
SELECT i, 1, (ARRAY['parse_raw', 'fuse', 'normalise'])[1 + i %% 3], state, 1, due, due,
       CASE WHEN state NOT IN ('queued', 'retry_wait') THEN due + (i %% 17 - 1) * interval '0.7 s' END,
       CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN due + (20 + i %% 41) * interval '1 s' END,
       CASE WHEN state = 'running' THEN due END, CASE WHEN state = 'running' THEN 'w-' || i %% 5 END,
       CASE WHEN state = 'failed' THEN 'E' || i %% 2 END
  FROM (SELECT i, now() - interval '70 s' - i * %(gap)s * interval '1 s' AS due,
               CASE WHEN i %% 20 = 0 THEN 'failed' WHEN i %% 37 = 0 THEN 'cancelled' WHEN i > %(live)s THEN 'succeeded'
                    ELSE (ARRAY['queued', 'running', 'retry_wait'])[1 + i %% 4 %% 3] END AS state
          FROM generate_series(1, %(jobs)s) AS i) AS made;
INSERT INTO jobs (run_id, owner_user_id, type, run_at)
SELECT 0, 1, 'fuse', now() + interval '1 h' FROM generate_series(1, 7);
INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, finished_at, outcome, error_code, error_message)
SELECT id, 1, type, 'w-1', started_at, finished_at, CASE WHEN id %% 10 = 0 THEN 'retry' ELSE 'succeeded' END,
       CASE WHEN id %% 10 = 0 THEN 'E' || id %% 3 END, 'row ' || id || ' is bad'
  FROM jobs WHERE finished_at IS NOT NULL;
INSERT INTO workers (id, pool, pid, version, heartbeat_at)
SELECT 'w-' || i, 'cpu', i, '1.0', now() - i * interval '12 s' FROM generate_series(0, 3) AS i;
"""


def fill(scratch: Scratch, jobs: int, live: int = 60, gap: float = 1.0) -> None:
    values = {"jobs": jobs, "live": live, "gap": gap}
    sql = FILL
    for name, value in values.items():
        sql = sql.replace(f"%({name})s", str(value))
    scratch.execute(sql.replace("%%", "%"))
    scratch.execute("VACUUM (ANALYZE)")


def spec(**changes: Any) -> QueueSource:
    return MRE.model_copy(update=changes)


Make = Callable[..., Queue]


@pytest.fixture
async def queue_on() -> AsyncIterator[Make]:
    """A queue source on a DSN; its connections are closed afterwards."""
    databases: list[Database] = []

    def make(dsn: str, of: QueueSource | None = None, mapping: Mapping | None = None, **more: Any) -> Queue:
        of = of or spec()
        databases.append(Database(dsn, "db", SystemClock(), timeout=of.timeout, who="ann"))
        return Queue("jobs", of, mapping or mapping_of(of, "jobs"), databases[-1], SystemClock(), **more)

    yield make
    for database in databases:
        await database.close()


def of(values: QueueValues, type_: str) -> TypeFigures:
    return next(figures for figures in values.types if figures.type == type_)


# ---- figures


async def test_depths_and_waits_equal_sql_by_hand(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 2000)
    values = await queue_on(mre.dsn).fetch()
    by_hand = mre.execute("""
        SELECT type, count(*) FILTER (WHERE state = 'queued' AND run_at <= now()),
          count(*) FILTER (WHERE state = 'queued' AND run_at > now()),
          count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'retry_wait'),
          count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'succeeded'),
          extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'queued'))::float8 FROM jobs GROUP BY 1""")
    assert len(by_hand) == 3
    for type_, *depths, oldest in by_hand:
        found = of(values, str(type_))
        assert [
            found.waiting,
            found.scheduled,
            found.running,
            found.retry_wait,
            found.failed,
            found.succeeded,
        ] == depths
        assert number(found.oldest_wait_s) == pytest.approx(oldest, abs=3)
    assert values.total.waiting == sum(int(str(row[1])) for row in by_hand)
    assert number(values.total.oldest_wait_s) == max(number(t.oldest_wait_s) or 0 for t in values.types)


async def test_percentiles_and_rates_equal_percentile_cont_over_the_window(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 2000, gap=0.5)
    queue = queue_on(mre.dsn)
    values = await queue.fetch()
    since = f"to_timestamp({queue._now!r}) - interval '15 min'"
    by_hand = mre.execute(f"""
        SELECT type, count(*), percentile_cont(array[0.5, 0.95]) WITHIN GROUP (
            ORDER BY greatest(0, extract(epoch FROM started_at - run_at)::float8)),
          percentile_cont(array[0.5, 0.95]) WITHIN GROUP (
            ORDER BY extract(epoch FROM finished_at - started_at)::float8),
          avg((state = 'failed')::int)::float8
          FROM jobs WHERE finished_at > {since} GROUP BY GROUPING SETS ((type), ())""")
    retries = dict(
        mre.execute(f"""SELECT type, avg((outcome = 'retry')::int)::float8 FROM job_attempts
        WHERE finished_at > {since} GROUP BY GROUPING SETS ((type), ())""")
    )
    assert len(by_hand) == 4
    for type_, ended, waits, durations, failed in by_hand:
        found = values.total if type_ is None else of(values, str(type_))
        assert [found.wait_p50_s, found.wait_p95_s] == pytest.approx(waits)
        assert [found.duration_p50_s, found.duration_p95_s] == pytest.approx(durations)
        assert found.failure_rate == pytest.approx(failed)
        assert found.retry_rate == pytest.approx(retries[type_])
        assert found.per_minute == pytest.approx(int(str(ended)) / 15)
    assert (values.ended, values.filled_s) == (sum(int(str(r[1])) for r in by_hand if r[0] is not None), 900)
    minutes = dict(
        mre.execute(f"""SELECT floor(extract(epoch FROM finished_at) / 60)::int, count(*)::int FROM jobs
        WHERE finished_at > {since} GROUP BY 1""")
    )
    last = int(queue._now // 60)
    assert values.finished_per_minute == tuple(minutes.get(minute, 0) for minute in range(last - 14, last))


async def test_failures_are_grouped_by_code_and_type_with_the_last_message(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 1000)
    queue = queue_on(mre.dsn)
    values = await queue.fetch()
    by_hand = mre.execute(f"""
        SELECT error_code, type, count(*)::int, extract(epoch FROM max(finished_at))::float8,
               (array_agg(error_message ORDER BY finished_at DESC))[1] FROM job_attempts
         WHERE outcome IN ('retry', 'failed') AND finished_at > to_timestamp({queue._now!r}) - interval '15 min'
         GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2""")
    assert [(g.error_code, g.type, g.count, g.last_at, g.last_message) for g in values.failures] == by_hand
    assert all(len(g.per_minute) == 15 for g in values.failures)


async def test_what_finishes_later_is_counted_once_and_leaves_the_window_in_time(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 300)
    queue = queue_on(mre.dsn, spec(window=120.0))
    first = number((await queue.fetch()).ended)
    assert first is not None
    mre.execute("UPDATE jobs SET state = 'succeeded', started_at = now(), finished_at = now() WHERE state = 'running'")
    count = "SELECT count(*)::int FROM jobs WHERE finished_at > to_timestamp({now!r}) - interval '120 s'"
    for _ in range(3):
        values = await queue.fetch()
        assert values.ended == mre.execute(count.format(now=queue._now))[0][0]
    assert number(values.ended) != first


async def test_a_job_that_commits_late_is_still_seen(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 100)
    queue = queue_on(mre.dsn)
    before = number((await queue.fetch()).ended)
    mre.execute(
        "UPDATE jobs SET state = 'failed', finished_at = now() - interval '6 s'"
        " WHERE id = (SELECT min(id) FROM jobs WHERE state = 'running')"
    )
    assert number((await queue.fetch()).ended) == (before or 0) + 1


async def test_more_than_a_page_is_read_whole_even_at_one_moment(mre: Scratch, queue_on: Make) -> None:
    mre.execute("""INSERT INTO jobs (run_id, owner_user_id, type, state, started_at, finished_at)
        SELECT 1, 1, 'fuse', 'succeeded', now(), now() FROM generate_series(1, 12345)""")
    assert (await queue_on(mre.dsn).fetch()).ended == 12345


async def test_more_than_there_is_room_for_makes_estimates(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 2000, gap=0.3)
    values = await queue_on(mre.dsn, most=500).fetch()
    assert values.ended == AtLeast(500)
    assert isinstance(values.total.wait_p50_s, Estimate) and isinstance(values.total.failure_rate, Estimate)
    assert any("more than" in line for line in values.advice)


async def test_counts_stop_at_the_cap(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 60_000, live=200, gap=0.1)
    values = await queue_on(
        mre.dsn, spec(mapping={"cost": {"cap": 20, "counted": ["failed"], "estimated": ["succeeded"]}})
    ).fetch()
    assert of(values, "parse_raw").failed == AtLeast(20)
    assert values.total.waiting == AtLeast(60)
    exact = int(str(mre.execute("SELECT count(*) FROM jobs WHERE state = 'succeeded' AND type = 'fuse'")[0][0]))
    assert of(values, "fuse").succeeded == Estimate(pytest.approx(exact, rel=0.1))
    assert isinstance(values.total.succeeded, Estimate)


async def test_a_job_due_since_ever_has_no_wait_to_tell(mre: Scratch, queue_on: Make) -> None:
    mre.execute("INSERT INTO jobs (run_id, owner_user_id, type, run_at) VALUES (1, 1, 'fuse', '-infinity')")
    figures = of(await queue_on(mre.dsn).fetch(), "fuse")
    assert figures.waiting == 1 and isinstance(figures.oldest_wait_s, Unknown)


async def test_an_empty_queue_has_true_zeros_and_no_percentiles(mre: Scratch, queue_on: Make) -> None:
    values = await queue_on(mre.dsn).fetch()
    assert [figures.type for figures in values.types] == list(MRE.types)
    fuse = of(values, "fuse")
    assert [fuse.waiting, fuse.running, fuse.failed, fuse.succeeded, fuse.oldest_wait_s, fuse.per_minute] == [0] * 6
    for figure in (fuse.wait_p50_s, fuse.duration_p95_s, fuse.failure_rate, fuse.retry_rate):
        assert isinstance(figure, Unknown) and figure.why == "no data yet"
    assert (values.stale_count, values.stuck_count, values.workers) == (0, 0, ())


# ---- stale locks and workers


async def test_a_lock_is_dead_only_with_both_signs(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 0)
    mre.execute("""INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, locked_at, locked_by) VALUES
        (1, 9, 'fuse', 'running', 1, now() - interval '40 min', 'w-3'),
        (1, 9, 'fuse', 'running', 1, now() - interval '20 min', 'w-3'),
        (1, 9, 'parse_raw', 'running', 2, now() - interval '20 min', 'w-0'),
        (1, 9, 'parse_raw', 'running', 1, now() - interval '1 min', 'gone'),
        (1, 9, 'publish_session', 'running', 1, now() - interval '6 min', 'gone')""")
    values = await queue_on(mre.dsn).fetch()
    assert [(lock.type, lock.locked_by, lock.dead, lock.allowed_s) for lock in values.stale] == [
        ("fuse", "w-3", True, 1800.0), ("parse_raw", "w-0", False, 600.0), ("publish_session", "gone", True, 300.0)
    ]  # fmt: skip
    assert (values.stale_count, values.stuck_count) == (2, 1)
    assert values.stale[0].evidence == "worker w-3 last seen 36 s ago"
    assert values.stale[2].evidence == "worker gone is not known to the queue: no sign of life"
    assert (values.stale[1].attempt, values.stale[0].owner) == (2, "9")
    assert values.stale[0].age_s == pytest.approx(2400, abs=3)


async def test_more_overdue_locks_than_are_looked_at_are_at_least_so_many(mre: Scratch, queue_on: Make) -> None:
    mre.execute("""INSERT INTO jobs (run_id, owner_user_id, type, state, locked_at, locked_by)
        SELECT 1, 1, 'fuse', 'running', now() - i * interval '1 h', 'gone' FROM generate_series(1, 1200) AS i""")
    values = await queue_on(mre.dsn).fetch()
    assert (len(values.stale), values.stale_count, values.stuck_count) == (200, AtLeast(1001), AtLeast(0))
    assert values.stale[0].age_s > values.stale[-1].age_s > 1000 * 3600


async def test_workers_have_a_heartbeat_age_and_what_they_run(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 400)
    values = await queue_on(mre.dsn).fetch()
    assert isinstance(values.workers, tuple)
    busy = dict(mre.execute("SELECT locked_by, count(*)::int FROM jobs WHERE state = 'running' GROUP BY 1"))
    assert {w.id: w.running for w in values.workers} == {f"w-{i}": busy[f"w-{i}"] for i in range(4)}
    assert [w.alive for w in values.workers] == [True, True, True, False]


# ---- other queues


RIVER = """
CREATE TYPE river_state AS ENUM ('available', 'scheduled', 'running', 'retryable', 'completed', 'discarded', 'pending');
CREATE TABLE river (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), kind varchar(40), state river_state, attempt int,
                    attempted_at timestamp, attempted_by text[], finalized_at timestamp, scheduled_at timestamp,
                    errors jsonb[]);
INSERT INTO river (kind, state, attempt, attempted_at, finalized_at, scheduled_at, errors, attempted_by)
SELECT 'mail', 'completed', 1, at - interval '3 s', at, at - interval '5 s', NULL, '{a}'
  FROM (SELECT (now() AT TIME ZONE 'UTC') - i * interval '1 s' AS at FROM generate_series(1, 30) i) t;
INSERT INTO river (kind, state, attempt, attempted_at, finalized_at, scheduled_at, errors, attempted_by)
SELECT 'mail', 'discarded', 3, at, at, at, array['{"error": "boom: 100% full"}'::jsonb], '{a,b}'
  FROM (SELECT (now() AT TIME ZONE 'UTC') - interval '9 s' AS at FROM generate_series(1, 10)) t;
INSERT INTO river (kind, state, scheduled_at, attempted_at, attempted_by) VALUES
  ('mail', 'available', now() AT TIME ZONE 'UTC' - interval '40 s', NULL, NULL), ('mail', 'pending', NULL, NULL, NULL),
  ('sms', 'retryable', now() AT TIME ZONE 'UTC', NULL, NULL),
  ('sms', 'running', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' - interval '2 h', '{a,b}');
"""
RIVER_MAPPING = {
    "name": "river",
    "title": "River",
    "source": {"table": "river", "alias": "r", "naive_tz": "UTC"},
    "columns": {
        "id": "r.id", "type": "r.kind", "attempt": "r.attempt", "run_at": "r.scheduled_at",
        "started_at": "r.attempted_at",
        "finished_at": "r.finalized_at", "locked_by": "r.attempted_by[array_upper(r.attempted_by, 1)]",
        "error_code": "split_part(r.errors[array_upper(r.errors, 1)] ->> 'error', ':', 1)",
        "error_text": "r.errors[array_upper(r.errors, 1)] ->> 'error'",
    },
    "states": {
        "waiting": "r.state = 'available'", "scheduled": "r.state = 'scheduled'", "running": "r.state = 'running'",
        "retry_wait": "r.state = 'retryable'", "failed": "r.state = 'discarded'", "succeeded": "r.state = 'completed'",
    },
    "extra": {"pending": "r.state = 'pending'"},
    "cost": {"estimated": ["succeeded", "failed"]},
    "stale": {"locked": "r.state = 'running'", "after": "1h"},
}  # fmt: skip


def other(mapping: dict[str, Any]) -> QueueSource:
    return QueueSource.model_validate({"kind": "queue", "database": "db", "mapping": mapping}, strict=False)


async def test_a_queue_with_other_tables_states_and_naive_times(mre: Scratch, queue_on: Make) -> None:
    mre.execute(RIVER)
    mre.execute(f"ALTER DATABASE {mre.name} SET timezone = 'Asia/Tokyo'")
    values = await queue_on(mre.dsn, other(RIVER_MAPPING)).fetch()
    mail, sms = of(values, "mail"), of(values, "sms")
    assert (mail.waiting, mail.succeeded, mail.failed, mail.extra) == (1, 30, 10, (("pending", 1),))
    assert (sms.running, sms.retry_wait, values.total.extra) == (1, 1, (("pending", 1),))
    assert number(mail.oldest_wait_s) == pytest.approx(40, abs=3)
    assert (mail.wait_p95_s, mail.duration_p50_s, mail.failure_rate) == (pytest.approx(2), pytest.approx(3), 0.25)
    assert isinstance(mail.retry_rate, Unknown) and mail.retry_rate.why == "not recorded"
    (group,) = values.failures
    assert (group.error_code, group.count, group.last_message) == ("boom", 10, "boom: 100% full")
    (lock,) = values.stale
    assert (lock.locked_by, lock.dead, values.stuck_count) == ("b", False, 1)
    assert lock.age_s == pytest.approx(7200, abs=3)
    assert isinstance(values.stale_count, Unknown) and isinstance(values.workers, Unknown)


async def test_a_queue_that_keeps_no_times_says_so_and_invents_nothing(mre: Scratch, queue_on: Make) -> None:
    mre.execute("""CREATE TABLE todo (id int, task text, status text, worker int);
        INSERT INTO todo VALUES (1, 'mail', 'todo', NULL), (2, 'mail', 'doing', 7), (3, 'mail', 'failed', NULL)""")
    mapping = {
        "name": "bare", "title": "Bare", "source": {"table": "todo", "alias": "t"},
        "columns": {"id": "t.id", "type": "t.task"},
        "states": {"waiting": "t.status = 'todo'", "running": "t.status = 'doing'", "failed": "t.status = 'failed'"},
    }  # fmt: skip
    values = await queue_on(mre.dsn, other(mapping)).fetch()
    (mail,) = values.types
    assert (mail.waiting, mail.running) == (1, 1)
    recorded = {"type", "waiting", "running", "failed", "extra"}
    for field in dataclasses.fields(TypeFigures):
        if field.name not in recorded:
            figure = getattr(mail, field.name)
            assert isinstance(figure, Unknown) and figure.why == "not recorded", field.name
    assert isinstance(mail.failed, Unknown) and mail.failed.why == "not configured"
    assert isinstance(values.ended, Unknown) and values.failures == ()


# ---- what stands in the way


@pytest.fixture
def login(mre: Scratch) -> Iterator[str]:
    """A role with no rights at all."""
    role = f"viewer_{mre.name}"
    password = mre.cluster.add_password(role)
    mre.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    yield role
    mre.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def _fault(queue: Queue) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await queue.fetch()
    return caught.value


async def test_a_missing_table_or_column_is_traced_to_the_mapping(mre: Scratch, queue_on: Make) -> None:
    mre.execute("ALTER TABLE jobs RENAME run_at TO due_at")
    column = await _fault(queue_on(mre.dsn))
    assert column.kind == "missing" and "column j.run_at does not exist" in column.message
    assert "mapping 'mre': columns.run_at" in column.message and "[sources.jobs.mapping.columns]" in column.remedy
    mre.execute("ALTER TABLE jobs RENAME TO work")
    table = await _fault(queue_on(mre.dsn))
    assert (
        table.kind == "missing" and 'table "jobs" does not exist' in table.message and "source.table" in table.message
    )


async def test_a_missing_grant_is_named(mre: Scratch, queue_on: Make, login: str) -> None:
    fault = await _fault(queue_on(mre.cluster.dsn(user=login, dbname=mre.name)))
    assert fault.kind == "denied" and f"GRANT SELECT ON jobs TO {login}" in fault.remedy


async def test_a_viewer_without_messages_and_workers_sees_the_rest(mre: Scratch, queue_on: Make, login: str) -> None:
    fill(mre, 500)
    columns = mre.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'job_attempts'::regclass AND attnum > 0")
    granted = ", ".join(str(name) for (name,) in columns if name != "error_message")
    mre.execute(f"GRANT SELECT ON jobs TO {login}; GRANT SELECT ({granted}) ON job_attempts TO {login}")
    mapping = mapping_of(spec(), "jobs")
    blind = mapping.model_copy(update={"stale": None})
    values = await queue_on(mre.cluster.dsn(user=login, dbname=mre.name), mapping=blind).fetch()
    assert {group.last_message for group in values.failures} == {"restricted"}
    assert isinstance(values.workers, Unknown) and values.workers.why == "not permitted"
    assert values.total.waiting == 27 and any("texts may not be read" in line for line in values.advice)


async def test_rows_hidden_by_row_security_are_unknown_not_zero(mre: Scratch, queue_on: Make, login: str) -> None:
    fill(mre, 100)
    mre.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {login}; ALTER TABLE jobs ENABLE ROW LEVEL SECURITY")
    values = await queue_on(mre.cluster.dsn(user=login, dbname=mre.name)).fetch()
    for figure in (values.total.waiting, values.total.wait_p50_s, values.ended, values.stale_count):
        assert isinstance(figure, Unknown) and figure.why == "not permitted"
    mre.execute("CREATE POLICY theirs ON jobs TO pg_monitor USING (true)")
    values = await queue_on(mre.cluster.dsn(user=login, dbname=mre.name)).fetch()
    assert isinstance(values.total.waiting, Unknown)
    mre.execute(f"CREATE POLICY mine ON jobs TO {login} USING (type = 'fuse')")
    values = await queue_on(mre.cluster.dsn(user=login, dbname=mre.name)).fetch()
    assert not isinstance(values.total.waiting, Unknown)
    assert any("row-level security is on" in line for line in values.advice)


async def test_a_large_table_without_its_indexes_is_asked_rarely_and_says_which(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 120_000, gap=0.01)
    mre.execute("DROP INDEX jobs_live, jobs_claim, jobs_finished")
    queue = queue_on(mre.dsn)
    values = await queue.fetch()
    assert {line.split(":")[0] for line in values.advice} == {"no index on live states", "no index on finished_at"}
    assert any("CREATE INDEX CONCURRENTLY ON jobs (type, state, run_at)" in line for line in values.advice)
    waiting = number(values.total.waiting)
    mre.execute("UPDATE jobs SET state = 'cancelled' WHERE state = 'queued'")
    assert number((await queue.fetch()).total.waiting) == waiting
    assert waiting


async def test_no_statement_of_a_poll_reads_the_jobs_from_end_to_end(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 60_000, live=3_000, gap=0.1)
    queue = queue_on(mre.dsn)
    await queue.fetch()
    scanned = {}
    for name, (sql, params) in queue.statements().items():
        (row,) = await queue._database.rows(f"EXPLAIN (FORMAT JSON) {sql}", params)
        scanned[name] = set(_scanned(row["QUERY PLAN"][0]["Plan"])) & {"jobs", "job_attempts"}
    names = ("live states", "failed jobs", "locks", "finished_at", "attempts", "workers")
    assert scanned == {name: set() for name in names}


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _scanned(child)


# ---- a bad link


@asynccontextmanager
async def _through(scratch: Scratch) -> AsyncIterator[Proxy]:
    proxy = Proxy(scratch.cluster.port)
    try:
        yield proxy
    finally:
        await asyncio.to_thread(proxy.close)


async def test_a_black_hole_is_abandoned_in_time_and_over_at_once(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 200)
    async with _through(mre) as link:
        queue = queue_on(mre.cluster.dsn(dbname=mre.name, port=link.port))
        await queue.fetch()
        link.blackhole()
        begun = time.monotonic()
        assert (await _fault(queue)).kind == "timeout"
        assert time.monotonic() - begun < 5
        link.pass_()
        begun = time.monotonic()
        assert number((await queue.fetch()).ended)
        assert time.monotonic() - begun < 2


async def test_one_poll_is_one_round_trip_on_one_connection(mre: Scratch, queue_on: Make) -> None:
    fill(mre, 200)
    async with _through(mre) as link:
        queue = queue_on(mre.cluster.dsn(dbname=mre.name, port=link.port))
        link.delay(0.15)  # 0.3 s for every round trip: the first poll connects and surveys, within its 3 s
        await queue.fetch()
        link.delay(0.1)
        begun = time.monotonic()
        await queue.fetch()
        assert time.monotonic() - begun < 0.8
        assert link.accepted == 1
