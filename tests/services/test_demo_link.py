"""The demo's processes outlive the loss of their database connections."""

from __future__ import annotations

import psycopg
import pytest

from services.demo.link import Link
from tests.conftest import Database
from tests.demo import Demo, eventually


def test_a_broken_link_says_so_once_and_opens_again(mre: Database) -> None:
    link = Link(mre.dsn, "test")
    [row] = link.rows("SELECT pg_backend_pid() AS pid")
    mre.execute(f"SELECT pg_terminate_backend({row['pid']}, 5000)")
    with pytest.raises(psycopg.OperationalError):
        link.rows("SELECT 1")
    assert link.rows("SELECT 2 AS two") == [{"two": 2}]
    link.close()


def test_statements_of_one_call_are_one_transaction(mre: Database) -> None:
    link = Link(mre.dsn, "test")
    with pytest.raises(psycopg.Error):
        link.rows("INSERT INTO workers (id, pool, pid, version) VALUES ('w', 'p', 1, '1')", "SELECT 1 / 0")
    assert link.rows("SELECT id FROM workers") == []
    link.close()


def test_workers_go_on_after_their_connections_were_cut(demo: Demo) -> None:
    cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'mre-worker%'"
    assert len(demo.execute(cut)) >= 3
    [(now,)] = demo.execute("SELECT now()")
    eventually(lambda: demo.count("FROM job_attempts WHERE finished_at > %s AND outcome = 'succeeded'", now) > 3)
