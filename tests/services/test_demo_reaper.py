"""MRE's reapers: only what is dead is freed, and what has expired goes from the store and from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.demo.link import Link
from services.demo.mre.ingest import upload
from services.demo.mre.reaper import reap_expired, reap_locks
from services.demo.objects import Objects, StorageError
from tests.conftest import Database
from tests.demo import Demo

OLD = "now() - interval '2 minutes'"


@pytest.fixture
def link(mre: Database) -> Iterator[Link]:
    link = Link(mre.dsn, "test")
    yield link
    link.close()


def held_by(mre: Database, worker: str, heartbeat: str) -> None:
    mre.execute(
        f"INSERT INTO workers (id, pool, pid, version, heartbeat_at) VALUES ('{worker}', 'p', 1, '1', {heartbeat})"
    )
    mre.execute(
        f"""INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, locked_at, locked_by)
            VALUES (1, 1, 'fuse', 'running', 1, {OLD}, '{worker}')"""
    )


def test_the_locks_of_the_dead_are_freed_and_those_of_the_living_stay(mre: Database, link: Link) -> None:
    held_by(mre, "dead", OLD)
    held_by(mre, "alive", "now()")
    reap_locks(link, broken=False)
    assert mre.execute("SELECT locked_by, state FROM jobs ORDER BY id") == [(None, "queued"), ("alive", "running")]
    assert mre.execute("SELECT kind, released, error FROM reaper_runs") == [("stale-locks", 1, "")]


def test_a_broken_reaper_frees_nothing_and_its_run_says_why(mre: Database, link: Link) -> None:
    held_by(mre, "dead", OLD)
    reap_locks(link, broken=True)
    assert mre.execute("SELECT state FROM jobs") == [("running",)]
    [(released, error)] = mre.execute("SELECT released, error FROM reaper_runs")
    assert released is None and "lease" in str(error)


def test_a_run_whose_last_job_was_ended_by_hand_is_settled(mre: Database, link: Link) -> None:
    mre.execute(
        "INSERT INTO processing_runs (session_id, owner_user_id, size_class, status) VALUES (1, 1, 'S', 'running')"
    )
    mre.execute("INSERT INTO jobs (run_id, owner_user_id, type, state) VALUES (1, 1, 'fuse', 'failed')")
    reap_locks(link, broken=False)
    assert mre.execute("SELECT status, finished_at IS NULL FROM processing_runs") == [("failed", False)]


def test_expired_artifacts_and_datasets_go_from_the_store_and_the_tables(mre: Database, link: Link, demo: Demo) -> None:
    store = Objects(demo.addresses.s3, "retention")
    store.put("", b"")
    session = upload(link, store, "gpx")
    store.put("datasets/1/l1.bin", b"x")
    mre.execute("INSERT INTO datasets (run_id, owner_user_id, object_key, bytes) VALUES (1, 1, 'datasets/1/l1.bin', 1)")
    reap_expired(link, store, kept_s=60)
    assert store.get(f"raw/{session}.gpx") and store.get("datasets/1/l1.bin")
    reap_expired(link, store, kept_s=0)
    for key in (f"raw/{session}.gpx", "datasets/1/l1.bin"):
        with pytest.raises(StorageError, match="404"):
            store.get(key)
    assert mre.execute("SELECT count(*) FROM datasets") == [(0,)]
    assert mre.execute("SELECT released FROM reaper_runs ORDER BY id") == [(0,), (2,)]
    store.close()


def test_a_store_that_refuses_leaves_the_rows_and_the_run_says_so(mre: Database, link: Link, demo: Demo) -> None:
    nowhere = Objects(demo.addresses.s3, "no-such-bucket")
    upload(link, nowhere, "gpx")
    mre.execute("INSERT INTO datasets (run_id, owner_user_id, object_key, bytes) VALUES (1, 1, 'datasets/1/l1.bin', 1)")
    reap_expired(link, nowhere, kept_s=0)
    assert mre.execute("SELECT count(*) FROM datasets") == [(1,)]
    assert "404" in str(mre.execute("SELECT error FROM reaper_runs")[0][0])
    assert mre.execute("SELECT kind FROM audit_events") == [("retention.failed",)]
    nowhere.close()
