"""Runs, against SQL written by hand over the same rows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.clock import SystemClock
from services.database import Database as Connection
from services.errors import SourceError
from services.profile import QueueSource, RunsSource, mapping_of
from services.queues.mapping import Mapping
from services.queues.runs import MOST
from services.queues.runs_window import RunsWindow
from services.readings import NOT_RECORDED, AtLeast, Estimate, Unknown
from services.sources.runs import RunsSource as Source
from tests.conftest import Database

MAPPING = mapping_of(QueueSource(kind="queue", database="db", preset="mre"), "jobs")
SPEC = RunsSource(kind="runs", queue="jobs", window=3600.0)

FILL = """
INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, created_at, usable_at, published_at,
                             finished_at)
SELECT n, mod(n, 9), (ARRAY['S', 'M', 'L'])[1 + mod(n, 3)], is_, done - mod(n * 37, 101) * interval '1 second',
       CASE WHEN is_ IN ('succeeded', 'partial') THEN done END,
       CASE WHEN is_ = 'succeeded' AND mod(n, 5) > 0 THEN done END,
       CASE WHEN is_ NOT IN ('queued', 'running') THEN done END
  FROM (SELECT n, now() - n * interval '20 seconds' AS done,
               ('{queued,running,succeeded,succeeded,partial,failed,cancelled}'::text[])[1 + mod(n, 7)] AS is_
          FROM generate_series(1, 400) AS n) AS numbered
"""
FINISHED = "FROM processing_runs WHERE finished_at > now() - interval '1 hour'"


@pytest_asyncio.fixture
async def db(mre: Database) -> AsyncIterator[Connection]:
    connection = Connection(mre.dsn, "db", SystemClock())
    yield connection
    await connection.close()


def _source(db: Connection, mapping: Mapping = MAPPING) -> Source:
    return Source("runs", SPEC, mapping, db)


async def test_every_figure_is_what_sql_by_hand_says(mre: Database, db: Connection) -> None:
    mre.execute(FILL)
    values = await _source(db).fetch()

    counts = dict(values.by_status)
    live = mre.execute("SELECT status, count(*) FROM processing_runs WHERE finished_at IS NULL GROUP BY 1")
    finished = mre.execute(f"SELECT status, count(*) {FINISHED} GROUP BY 1")
    assert counts == dict([*live, *finished])

    [(partial, failed, published)] = mre.execute(
        "SELECT avg((status = 'partial')::int)::float8, avg((status = 'failed')::int)::float8,"
        f" (avg((published_at IS NOT NULL)::int) FILTER (WHERE status <> 'cancelled'))::float8 {FINISHED}"
    )
    assert dict(values.endings)["queued"] == "live" and dict(values.endings)["partial"] == "partial"
    told = (values.partial_share, values.failed_share, values.publish_success)
    assert told == pytest.approx((partial, failed, published))

    by_hand = mre.execute(
        "SELECT size_class, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY s),"
        " percentile_cont(0.95) WITHIN GROUP (ORDER BY s) FROM (SELECT size_class,"
        " extract(epoch FROM usable_at - created_at)::float8 AS s FROM processing_runs"
        " WHERE usable_at > now() - interval '1 hour') AS usable GROUP BY 1 ORDER BY 1"
    )
    assert [(u.size_class, u.count) for u in values.usable] == [row[:2] for row in by_hand]
    assert [x for u in values.usable for x in (u.p50_s, u.p95_s)] == pytest.approx(
        [x for row in by_hand for x in row[2:]]
    )

    newest = mre.execute(
        "SELECT id::text FROM processing_runs ORDER BY created_at DESC, processing_runs.id DESC LIMIT 200"
    )
    assert [(run.id,) for run in values.recent] == newest


async def test_later_polls_read_what_is_new_and_count_nothing_twice(mre: Database, db: Connection) -> None:
    mre.execute(FILL)
    source = _source(db)
    await source.fetch()
    mre.execute(
        "UPDATE processing_runs SET status = 'failed', finished_at = now() WHERE id IN"
        " (SELECT id FROM processing_runs WHERE status = 'running' LIMIT 9)"
    )
    for _ in range(3):
        values = await source.fetch()
    counts = dict(values.by_status)
    by_hand = dict(mre.execute(f"SELECT status, count(*) {FINISHED} GROUP BY 1"))
    assert {status: counts[str(status)] for status in by_hand} == by_hand


def _row(id_: int, status: str, finished_at: float, usable_s: float | None = None) -> dict[str, object]:
    usable_at = None if usable_s is None else finished_at
    row = {"id": str(id_), "status": status, "size_class": "S", "finished_at": finished_at, "usable_at": usable_at}
    return row | {"usable_s": usable_s, "published": usable_s is not None}


def _window() -> RunsWindow:
    assert MAPPING.runs is not None
    return RunsWindow(MAPPING.runs, 100.0)


def test_what_leaves_the_window_is_no_longer_counted() -> None:
    window = _window()
    window.absorb([_row(1, "failed", 1000.0), _row(2, "succeeded", 1050.0, usable_s=8.0)], now=1060.0)
    assert window.share(["failed"]) == 0.5
    window.absorb([], now=1101.0)
    assert window.share(["failed"]) == 0.0
    assert dict(window.by_status())["succeeded"] == 1
    assert [u.count for u in window.usable()] == [1]
    window.absorb([], now=1151.0)
    assert isinstance(window.share(["failed"]), Unknown)
    assert window.usable() == ()


def test_the_last_word_about_a_run_counts() -> None:
    window = _window()
    window.absorb([_row(1, "succeeded", 1000.0)], now=1000.0)
    assert window.publish_success() == 0.0
    window.absorb([_row(1, "succeeded", 1000.0, usable_s=3.0)], now=1010.0)
    assert window.publish_success() == 1.0


def test_more_runs_than_are_kept_make_counts_and_shares_say_so() -> None:
    window = _window()
    window.absorb((_row(n, "failed", 1000.0 + n / 1000) for n in range(MOST + 1)), now=1050.0)
    assert dict(window.by_status())["failed"] == AtLeast(MOST)
    assert window.share(["failed"]) == Estimate(1.0)


async def test_a_live_run_that_is_usable_already_counts_as_usable(mre: Database, db: Connection) -> None:
    mre.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status, created_at, usable_at)"
        " VALUES (1, 1, 'L', 'running', now() - interval '50 s', now() - interval '20 s')"
    )
    values = await _source(db).fetch()
    assert [(u.size_class, u.count, u.p50_s) for u in values.usable] == [("L", 1, pytest.approx(30.0))]
    assert isinstance(values.partial_share, Unknown)
    assert values.partial_share.why == "no data yet"


async def test_live_runs_are_counted_up_to_a_cap(mre: Database, db: Connection) -> None:
    mre.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class)"
        " SELECT n, 1, 'S' FROM generate_series(1, 10001) AS n"
    )
    assert dict((await _source(db).fetch()).by_status)["queued"] == AtLeast(10_000)


async def test_a_queue_that_records_less_says_so_instead_of_nought(mre: Database, db: Connection) -> None:
    mre.execute(FILL)
    assert MAPPING.runs is not None
    less = MAPPING.runs.model_copy(update={"usable_at": None, "published_at": None, "size_class": None, "owner": None})
    values = await _source(db, MAPPING.model_copy(update={"runs": less})).fetch()
    assert values.publish_success == NOT_RECORDED
    assert [(u.size_class, u.p50_s, u.p95_s) for u in values.usable] == [("all", NOT_RECORDED, NOT_RECORDED)]
    assert {run.usable_s for run in values.recent} == {None}


async def test_timestamps_without_a_zone_are_read_in_the_mappings(mre: Database, db: Connection) -> None:
    mre.execute(FILL)
    expected = await _source(db).fetch()
    for column in ("created_at", "usable_at", "published_at", "finished_at"):
        mre.execute(
            f"ALTER TABLE processing_runs ALTER {column} TYPE timestamp USING {column} AT TIME ZONE 'Asia/Tokyo'"
        )
    source = MAPPING.source.model_copy(update={"naive_tz": "Asia/Tokyo"})
    values = await _source(db, MAPPING.model_copy(update={"source": source})).fetch()
    assert values.by_status == expected.by_status
    assert [run.created_at for run in values.recent] == [run.created_at for run in expected.recent]


async def test_a_mapping_without_runs_says_which_table_is_missing(db: Connection) -> None:
    with pytest.raises(SourceError) as missing:
        await _source(db, MAPPING.model_copy(update={"runs": None})).fetch()
    assert missing.value.kind == "config"
    assert "'mre'" in missing.value.message
    assert "[runs]" in missing.value.message
    assert "[sources.jobs.mapping.runs]" in missing.value.remedy
