"""The two small tables: feature flags by the database's clock, and the reaper's newest passes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.clock import SystemClock
from services.database import Database as Connection
from services.errors import SourceError
from services.profile import FlagsSource, QueueSource, ReaperSource, mapping_of
from services.queues.mapping import Mapping
from services.sources.flags import FlagsSource as Flags
from services.sources.flags import effect_of
from services.sources.reaper import ReaperSource as Reaper
from tests.conftest import Database

MAPPING = mapping_of(QueueSource(kind="queue", database="db", preset="mre"), "jobs")


@pytest_asyncio.fixture
async def db(mre: Database) -> AsyncIterator[Connection]:
    connection = Connection(mre.dsn, "db", SystemClock())
    yield connection
    await connection.close()


def _flags(db: Connection, mapping: Mapping = MAPPING) -> Flags:
    return Flags("flags", FlagsSource(kind="flags", queue="jobs"), mapping, db)


def _reaper(db: Connection, mapping: Mapping = MAPPING) -> Reaper:
    return Reaper("reaper", ReaperSource(kind="reaper", queue="jobs"), mapping, db)


async def test_flags_say_what_they_pause_and_limit_and_whether_they_still_do(mre: Database, db: Connection) -> None:
    mre.execute(
        "INSERT INTO feature_flags (name, enabled, value, reason, changed_by, expires_at) VALUES"
        " ('jobs.fuse', false, NULL, 'disk full', 'ann', now() + interval '1 h'),"
        " ('jobs.parse_raw', false, NULL, 'old', 'bob', now() - interval '1 s'),"
        " ('jobs.normalise', true, NULL, '', 'bob', NULL),"
        " ('jobs.fuse.concurrency', true, 3, '', 'bob', NULL),"
        " ('jobs.detect_laps.concurrency', true, 3, '', 'bob', now() - interval '1 day'),"
        " ('formats.gpx', false, NULL, '\x1b[2J', 'bob', NULL)"
    )
    values = await _flags(db).fetch()
    assert [flag.name for flag in values.flags] == [
        n for (n,) in mre.execute("SELECT name FROM feature_flags ORDER BY 1")
    ]
    paused = values.paused("fuse")
    assert paused is not None
    assert (paused.reason, paused.changed_by, paused.expired, paused.limits) == ("disk full", "ann", False, False)
    [(changed, expires)] = mre.execute(
        "SELECT extract(epoch FROM changed_at)::float8, extract(epoch FROM expires_at)::float8"
        " FROM feature_flags WHERE name = 'jobs.fuse'"
    )
    assert (paused.changed_at, paused.expires_at) == (changed, expires)
    limit = values.limit("fuse")
    assert limit is not None
    assert limit.value == "3"
    assert values.paused("parse_raw") is None  # its time is over
    assert values.paused("normalise") is None  # it is on
    assert values.limit("detect_laps") is None
    gpx = next(flag for flag in values.flags if flag.name == "formats.gpx")
    assert (gpx.job_type, gpx.reason) == ("", "\\x1b[2J")


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("jobs.fuse", ("fuse", False)),
        ("jobs.fuse.concurrency", ("fuse", True)),
        ("jobs.a.b", ("a.b", False)),
        ("jobs.", ("", False)),
        ("jobsXfuse", ("", False)),
        ("api.signed_urls", ("", False)),
    ],
)
def test_a_flags_name_tells_the_job_type(name: str, effect: tuple[str, bool]) -> None:
    assert MAPPING.flags is not None
    assert effect_of(name, MAPPING.flags) == effect


async def test_the_reapers_newest_fifty_passes_come_first(mre: Database, db: Connection) -> None:
    mre.execute(
        "INSERT INTO reaper_runs (kind, started_at, finished_at, released, error, actor)"
        " SELECT 'stale-locks', now() - n * interval '1 m', CASE WHEN n > 1 THEN now() END, nullif(n, 1),"
        " CASE WHEN n = 2 THEN 'broke' ELSE '' END, 'scheduler' FROM generate_series(1, 60) AS n"
    )
    values = await _reaper(db).fetch()
    by_hand = mre.execute(
        "SELECT kind, extract(epoch FROM started_at)::float8, extract(epoch FROM finished_at)::float8, released,"
        " error, actor FROM reaper_runs ORDER BY reaper_runs.started_at DESC LIMIT 50"
    )
    told = [(r.kind, r.started_at, r.finished_at, r.released, r.error, r.actor) for r in values.runs]
    assert told == by_hand
    assert values.runs[0].finished_at is None


async def test_a_mapping_without_the_table_is_a_fault_of_the_profile(db: Connection) -> None:
    for source, table in (
        (_flags(db, MAPPING.model_copy(update={"flags": None})), "[flags]"),
        (_reaper(db, MAPPING.model_copy(update={"reaper": None})), "[reaper]"),
    ):
        with pytest.raises(SourceError) as missing:
            await source.fetch()
        assert missing.value.kind == "config"
        assert table in missing.value.message
