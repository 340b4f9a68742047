"""The past of the demo: as many jobs as asked for, and every table tells the same story."""

from __future__ import annotations

import psycopg

from services.demo.mre.history import fill
from tests.conftest import Database

JOBS = 20_000


def test_the_past_has_the_asked_number_of_jobs_and_its_tables_agree(mre: Database) -> None:
    with psycopg.connect(mre.dsn, autocommit=True) as connection:
        fill(connection, JOBS, say=lambda line: None)

    def one(sql: str) -> object:
        return mre.execute(sql)[0][0]

    assert one("SELECT count(*) FROM jobs") == JOBS
    assert one("SELECT count(*) FROM jobs WHERE state NOT IN ('succeeded', 'failed') OR finished_at IS NULL") == 0
    assert one("SELECT count(*) FROM jobs WHERE NOT (created_at <= started_at AND started_at < finished_at)") == 0
    assert one("SELECT count(*) FROM jobs WHERE finished_at > now() OR created_at < now() - interval '31 days'") == 0
    attempts = "SELECT sum(attempt) FROM jobs"
    assert one(attempts) == one("SELECT count(*) FROM job_attempts")
    assert one("SELECT count(DISTINCT run_id) FROM jobs") == one("SELECT count(*) FROM processing_runs")
    assert one("SELECT count(*) FROM processing_runs") == one("SELECT count(*) FROM sessions")
    failed_runs = "SELECT count(*) FROM processing_runs WHERE status = 'failed'"
    required = "type NOT IN ('fuse', 'detect_laps')"
    assert one(failed_runs) == one(f"SELECT count(DISTINCT run_id) FROM jobs WHERE state = 'failed' AND {required}")
    assert 0.002 * JOBS < int(str(one("SELECT count(*) FROM jobs WHERE state = 'failed'"))) < 0.01 * JOBS
    mre.execute("INSERT INTO jobs (run_id, owner_user_id, type) VALUES (1, 1, 'fuse')")
    assert one("SELECT max(id) FROM jobs") == JOBS + 1
