"""The embedded server: starts, stops, recovers, as root too."""

from __future__ import annotations

import psycopg

from services.demo.postgres import Cluster
from tests.conftest import Database


def test_a_killed_server_comes_back_with_its_data(tmp_path) -> None:
    server = Cluster(tmp_path)
    server.initialise()
    server.start()
    try:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        server.kill()
        assert not server.answers()
        server.start()
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    finally:
        server.stop()
    assert not server.answers()


def test_mre_tables_are_there(mre: Database) -> None:
    assert mre.execute("SELECT count(*) FROM jobs") == [(0,)]
