"""Looking into a queue of real jobs: pages in every order, while others write, and one job with its tries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from services.clock import SystemClock
from services.database import Database as Connection
from services.errors import SourceError
from services.filter import Filter, parse
from services.profile import QueueSource, mapping_of
from services.queues.browse import ORDERS, job_detail, job_page
from services.queues.mapping import Mapping
from services.readings import NOT_RECORDED, JobPage, Unknown
from tests.conftest import Database

MAPPING = mapping_of(QueueSource(kind="queue", database="db", preset="mre"), "jobs")

FILL = """
INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, created_at, run_at, started_at, locked_at, locked_by,
                  finished_at, last_error_code, last_error_message)
SELECT n, mod(n, 5), (ARRAY['parse_raw', 'fuse', 'normalise'])[1 + mod(n, 3)], is_, mod(n, 4),
       now() - interval '1 day', now() - n * interval '1 second',
       CASE WHEN is_ <> 'queued' THEN now() - n * interval '1 second' END,
       CASE WHEN is_ = 'running' THEN now() - n * interval '1 second' END,
       CASE WHEN is_ = 'running' THEN 'w-' || mod(n, 7) END,
       -- many jobs end in the same instant: only the id tells them apart
       CASE WHEN is_ IN ('failed', 'succeeded') THEN now() - mod(n, 11) * interval '1 minute' END,
       CASE WHEN is_ = 'failed' THEN 'E' || mod(n, 3) END,
       CASE WHEN is_ = 'failed' THEN 'first line' || chr(10) || 'second' END
  FROM (SELECT n, (ARRAY['queued', 'running', 'failed', 'succeeded', 'succeeded'])[1 + mod(n, 5)] AS is_
          FROM generate_series(1, %s) AS n) AS numbered
"""

BY_HAND = {
    "newest": "SELECT id::text FROM jobs ORDER BY jobs.id DESC",
    "oldest waiting": "SELECT id::text FROM jobs WHERE state = 'queued' AND run_at <= now() ORDER BY run_at, jobs.id",
    "longest running": "SELECT id::text FROM jobs WHERE state = 'running' ORDER BY started_at, jobs.id",
    "last finished": "SELECT id::text FROM jobs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC, jobs.id DESC",
}


@pytest_asyncio.fixture
async def db(mre: Database) -> AsyncIterator[Connection]:
    connection = Connection(mre.dsn, "db", SystemClock())
    yield connection
    await connection.close()


async def _forwards(db: Connection, filter_: Filter, order: str, limit: int) -> list[JobPage]:
    pages = [await job_page(db, MAPPING, filter_, order, limit=limit)]
    while pages[-1].more:
        pages.append(await job_page(db, MAPPING, filter_, order, after=pages[-1].last, limit=limit))
    return pages


@pytest.mark.parametrize("order", ORDERS)
async def test_every_order_pages_through_all_there_is_and_back(mre: Database, db: Connection, order: str) -> None:
    mre.execute(FILL, 300)
    by_hand = [id_ for (id_,) in mre.execute(BY_HAND[order])]

    pages = await _forwards(db, Filter(), order, limit=17)
    assert [row.id for page in pages for row in page.rows] == by_hand

    back = pages[-1]
    for expected in reversed(pages[:-1]):
        back = await job_page(db, MAPPING, Filter(), order, before=back.first, limit=17)
        assert back.rows == expected.rows
    assert not back.more


async def test_no_job_is_shown_twice_while_others_are_added(mre: Database, db: Connection) -> None:
    mre.execute(FILL, 2000)
    there = {id_ for (id_,) in mre.execute("SELECT id::text FROM jobs")}
    seen: list[str] = []
    page = await job_page(db, MAPPING, Filter(), limit=50)
    while True:
        seen += [row.id for row in page.rows]
        if not page.more:
            break
        mre.execute(FILL, 7)
        page = await job_page(db, MAPPING, Filter(), after=page.last, limit=50)
    assert len(seen) == len(set(seen))
    assert set(seen) == there


async def test_the_filter_narrows_the_page(mre: Database, db: Connection) -> None:
    mre.execute(FILL, 300)
    page = await job_page(db, MAPPING, parse("state:failed type:fuse first"), "last finished", limit=500)
    by_hand = mre.execute(
        "SELECT id::text FROM jobs WHERE state = 'failed' AND type = 'fuse' ORDER BY finished_at DESC, jobs.id DESC"
    )
    assert [(row.id,) for row in page.rows] == by_hand
    assert {row.state for row in page.rows} == {"failed"}
    assert {row.error_text for row in page.rows} == {"first line"}
    one = await job_page(db, MAPPING, parse(f"id:{page.rows[3].id}"))
    assert one.rows == (page.rows[3],)


async def test_a_row_says_what_the_table_says(mre: Database, db: Connection) -> None:
    mre.execute(FILL, 40)
    for row in (await job_page(db, MAPPING, Filter(), limit=100)).rows:
        [by_hand] = mre.execute(
            "SELECT type, attempt, max_attempts, extract(epoch FROM created_at)::float8,"
            " extract(epoch FROM run_at)::float8, extract(epoch FROM started_at)::float8,"
            " extract(epoch FROM finished_at)::float8, extract(epoch FROM locked_at)::float8,"
            " coalesce(locked_by, ''), coalesce(last_error_code, ''), owner_user_id::text, run_id::text,"
            " CASE state WHEN 'queued' THEN 'waiting' ELSE state END FROM jobs WHERE id = %s",
            row.id,
        )
        times = (row.created_at, row.run_at, row.started_at, row.finished_at, row.locked_at)
        texts = (row.locked_by, row.error_code, row.owner, row.group, row.state)
        assert (row.type, row.attempt, row.max_attempts, *times, *texts) == by_hand


async def test_an_empty_page_still_tells_the_databases_time(db: Connection) -> None:
    page = await job_page(db, MAPPING, parse("id:5"))
    assert (page.rows, page.first, page.last, page.more) == ((), None, None, False)
    assert page.at > 1e9


@pytest.mark.parametrize(
    ("filter_text", "order", "index"),
    [
        ("state:running", "newest", "jobs_l"),  # jobs_live or jobs_locked
        ("state:waiting type:fuse", "oldest waiting", "jobs_(live|claim)"),
        ("", "longest running", "jobs_l"),
        ("", "last finished", "jobs_finished"),
        ("state:failed", "last finished", "jobs_f"),  # jobs_failed or jobs_finished
        ("", "newest", "jobs_pkey"),
    ],
)
async def test_no_page_reads_the_whole_table(
    mre: Database, db: Connection, monkeypatch: pytest.MonkeyPatch, filter_text: str, order: str, index: str
) -> None:
    mre.execute(FILL, 1000)
    mre.execute(
        "INSERT INTO jobs (run_id, owner_user_id, type, state, finished_at)"
        " SELECT n, 1, 'fuse', 'succeeded', now() - n * interval '1 second' FROM generate_series(1, 30000) AS n"
    )
    mre.execute("ANALYZE jobs")
    asked: list[tuple[str, Any]] = []
    rows = db.rows

    async def listening(sql: str, params: Any = None, **how: Any) -> list[dict[str, Any]]:
        asked.append((sql, params))
        return await rows(sql, params, **how)

    monkeypatch.setattr(db, "rows", listening)
    page = await job_page(db, MAPPING, parse(filter_text), order, limit=20)
    await job_page(db, MAPPING, parse(filter_text), order, after=page.last, limit=20)
    with psycopg.connect(mre.dsn) as connection:
        for sql, params in asked:
            plan = str(connection.execute("EXPLAIN " + sql, params).fetchall())  # type: ignore[arg-type]
            assert "Seq Scan" not in plan
            assert re.search(index, plan)


# ---- one job


def _job_with_attempts(mre: Database) -> str:
    [(id_,)] = mre.execute(
        "INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, priority, payload) VALUES"
        """ (9, 4, 'fuse', 'running', 2, 50, '{"secret": "canary"}') RETURNING id::text"""
    )
    mre.execute(
        "INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, finished_at, outcome, error_code,"
        " error_message) VALUES (%s, 1, 'fuse', 'w-1', now() - interval '9 s', now() - interval '5 s', 'retry', 'E1',"
        " 'one' || chr(10) || 'two'), (%s, 2, 'fuse', 'w-2', now(), NULL, NULL, NULL, NULL)",
        *(id_, id_),
    )
    return str(id_)


async def test_a_job_has_its_tries_newest_first_and_no_payload(mre: Database, db: Connection) -> None:
    id_ = _job_with_attempts(mre)
    detail = await job_detail(db, MAPPING, id_)
    assert (detail.job.id, detail.job.state, detail.priority, detail.note) == (id_, "running", 50, "")
    assert detail.payload_bytes == len('{"secret": "canary"}')
    assert "canary" not in repr(detail)
    assert not isinstance(detail.attempts, Unknown)
    now, before = detail.attempts
    assert (now.attempt, now.worker, now.finished_at, now.outcome) == (2, "w-2", None, "")
    assert (before.outcome, before.error_code, before.error_text) == ("retry", "E1", "one")
    assert before.finished_at is not None
    assert before.finished_at - before.started_at == pytest.approx(4)


async def test_a_job_that_is_gone_is_said_to_be_gone(db: Connection) -> None:
    with pytest.raises(SourceError) as missing:
        await job_detail(db, MAPPING, "404")
    assert missing.value.kind == "missing"
    assert "job 404 is not there any more" in missing.value.message


async def test_what_a_queue_does_not_record_is_said_to_be_so(mre: Database, db: Connection) -> None:
    id_ = _job_with_attempts(mre)
    bare = MAPPING.model_dump() | {"attempts": None}
    bare["columns"] = {"id": "j.id", "type": "j.type"}
    plain = Mapping.model_validate(bare, strict=False)
    detail = await job_detail(db, plain, id_)
    assert (detail.attempts, detail.payload_bytes) == (NOT_RECORDED, NOT_RECORDED)
    assert (detail.job.started_at, detail.job.owner, detail.job.attempt) == (None, "", None)
    with pytest.raises(SourceError, match="not recorded"):
        await job_page(db, plain, Filter(), "longest running")


async def test_a_viewer_without_error_messages_and_payloads_sees_the_rest(mre: Database) -> None:
    id_ = _job_with_attempts(mre)
    viewer = f"viewer_{mre.name}"
    password = mre.cluster.add_password(viewer)
    mre.execute(f"CREATE ROLE {viewer} LOGIN PASSWORD '{password}'")
    seen = "id, run_id, owner_user_id, type, state, attempt, max_attempts, created_at, run_at, locked_at, locked_by,"
    mre.execute(f"GRANT SELECT ({seen} started_at, finished_at, last_error_code, priority) ON jobs TO {viewer}")
    db = Connection(mre.cluster.dsn(viewer, mre.name), "db", SystemClock())
    try:
        page = await job_page(db, MAPPING, parse("run"))
        assert [row.id for row in page.rows] == [id_]
        assert "may not read" in page.note
        detail = await job_detail(db, MAPPING, id_)
        assert isinstance(detail.payload_bytes, Unknown)
        assert isinstance(detail.attempts, Unknown)
        assert (detail.payload_bytes.why, detail.attempts.why) == ("not permitted", "not permitted")
    finally:
        await db.close()
        mre.execute(f"DROP OWNED BY {viewer}")
        mre.execute(f"DROP ROLE {viewer}")


async def test_hostile_text_comes_out_harmless(mre: Database, db: Connection) -> None:
    mre.execute(
        "INSERT INTO jobs (run_id, owner_user_id, type, last_error_message) VALUES (1, 1, %s, %s)",
        "evil\x1b[2Jtype",
        "\x1b]52;c;eA==\x07" + "x" * 1_000_000,
    )
    [row] = (await job_page(db, MAPPING, Filter())).rows
    assert row.type == "evil\\x1b[2Jtype"
    assert row.error_text.startswith("\\x1b]52;c;eA==\\x07xxx")
    assert len(row.error_text) < 1000


async def test_a_page_that_takes_too_long_ends_and_says_what_to_do(
    mre: Database, db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.queues.jobrow.TIMEOUT_S", 0.3)
    with psycopg.connect(mre.dsn) as blocker:
        blocker.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(SourceError) as late:
            await job_page(db, MAPPING, Filter())
    assert late.value.kind == "timeout"
    assert "narrow the filter" in late.value.remedy
    assert (await job_page(db, MAPPING, Filter())).rows == ()
