"""MRE's workers and the queue: claims stay within the flags, and a job's end decides what follows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.demo.link import Link
from services.demo.mre.pipeline import FIRST, STAGES
from services.demo.mre.queue import Failure, Job, claim, finish
from tests.conftest import Database

TYPES = tuple(stage.type for stage in STAGES)
TRANSIENT = Failure("GNSS_JITTER_HIGH", "HDOP above 6", transient=True)
PERMANENT = Failure("IMU_AXIS_MISMATCH", "gravity is on the y axis", transient=False)


@pytest.fixture
def link(mre: Database) -> Iterator[Link]:
    link = Link(mre.dsn, "test")
    yield link
    link.close()


def add(mre: Database, kind: str = FIRST, count: int = 1, family: str = "gpx") -> None:
    """`count` runs, each waiting with one job of this type."""
    mre.execute(
        f"""WITH s AS (INSERT INTO sessions (owner_user_id, size_class, format_family)
                       SELECT n, 'S', '{family}' FROM generate_series(1, {count}) n RETURNING id),
                 r AS (INSERT INTO processing_runs (session_id, owner_user_id, size_class)
                       SELECT id, 1, 'S' FROM s RETURNING id)
            INSERT INTO jobs (run_id, owner_user_id, type) SELECT id, 1, '{kind}' FROM r"""
    )


def flag(mre: Database, name: str, enabled: bool, value: int | None = None, expires: str = "NULL") -> None:
    mre.execute(
        f"INSERT INTO feature_flags (name, enabled, value, expires_at) VALUES (%s, %s, %s, {expires})",
        name,
        enabled,
        value,
    )


def take(link: Link, free: int = 10, worker: str = "w-1") -> list[Job]:
    return claim(link, worker, TYPES, free, "4.2.0")


def run_of(mre: Database) -> tuple[object, ...]:
    [row] = mre.execute(
        "SELECT status, usable_at IS NOT NULL, published_at IS NOT NULL, finished_at IS NOT NULL FROM processing_runs"
    )
    return row


def test_a_claim_takes_no_more_than_the_free_slots_and_locks_them(mre: Database, link: Link) -> None:
    add(mre, count=5)
    assert len(take(link, free=3)) == 3
    assert mre.execute("SELECT count(*) FROM jobs WHERE state = 'running' AND locked_by = 'w-1' AND attempt = 1") == [
        (3,)
    ]
    assert mre.execute("SELECT count(*) FROM job_attempts WHERE finished_at IS NULL") == [(3,)]
    assert len(take(link, free=9, worker="w-2")) == 2


def test_a_paused_type_waits(mre: Database, link: Link) -> None:
    add(mre, "fuse")
    add(mre, "normalise")
    flag(mre, "jobs.fuse", enabled=False)
    assert [job.type for job in take(link)] == ["normalise"]


def test_an_expired_pause_has_no_effect(mre: Database, link: Link) -> None:
    add(mre, "fuse")
    flag(mre, "jobs.fuse", enabled=False, expires="now() - interval '1 second'")
    assert len(take(link)) == 1


def test_a_concurrency_limit_counts_the_jobs_of_every_worker(mre: Database, link: Link) -> None:
    add(mre, "fuse", 6)
    add(mre, "normalise", 2)
    flag(mre, "jobs.fuse.concurrency", enabled=True, value=2)
    assert sorted(job.type for job in take(link)) == ["fuse", "fuse", "normalise", "normalise"]
    assert take(link, worker="w-2") == []


def test_new_uploads_of_a_family_that_is_off_wait_and_what_is_under_way_goes_on(mre: Database, link: Link) -> None:
    add(mre, family="gpx")
    add(mre, family="csv")
    add(mre, "parse_raw", family="gpx")
    flag(mre, "formats.gpx", enabled=False)
    assert sorted((job.type, job.format_family) for job in take(link)) == [
        ("artifact_validate", "csv"),
        ("parse_raw", "gpx"),
    ]


def test_a_run_goes_through_every_stage_to_published(mre: Database, link: Link) -> None:
    add(mre)
    for stage in STAGES:
        [job] = take(link)
        assert job.type == stage.type
        finish(link, "w-1", job)
    assert take(link) == []
    assert run_of(mre) == ("succeeded", True, True, True)


def test_a_transient_failure_waits_and_comes_back_until_its_attempts_are_used_up(mre: Database, link: Link) -> None:
    add(mre, "normalise")
    for _ in range(3):
        mre.execute("UPDATE jobs SET run_at = now()")  # the waiting is not what this is about
        [job] = take(link)
        finish(link, "w-1", job, TRANSIENT)
    assert mre.execute("SELECT state, attempt, last_error_code FROM jobs") == [("failed", 3, "GNSS_JITTER_HIGH")]
    assert mre.execute("SELECT outcome FROM job_attempts ORDER BY id") == [("retry",), ("retry",), ("failed",)]
    assert run_of(mre) == ("failed", False, False, True)


def test_an_optional_stage_that_fails_leaves_the_run_partial_and_its_requeue_heals_it(
    mre: Database, link: Link
) -> None:
    add(mre, "fuse")
    [job] = take(link)
    finish(link, "w-1", job, PERMANENT)
    for kind in ("detect_laps", "publish_session"):
        [job] = take(link)
        assert job.type == kind
        finish(link, "w-1", job)
    assert run_of(mre)[0] == "partial"
    mre.execute("UPDATE jobs SET state = 'queued', run_at = now(), finished_at = NULL WHERE type = 'fuse'")
    [job] = take(link)
    finish(link, "w-1", job)
    assert take(link) == []  # no second detect_laps
    assert run_of(mre)[0] == "succeeded"


def test_a_worker_whose_lock_was_released_changes_nothing(mre: Database, link: Link) -> None:
    add(mre, "normalise")
    [job] = take(link)
    mre.execute("UPDATE jobs SET state = 'queued', locked_at = NULL, locked_by = NULL")
    finish(link, "w-1", job)
    assert mre.execute("SELECT type, state FROM jobs") == [("normalise", "queued")]
