"""The real standby that the primary streams to."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg

from services.demo.postgres import Cluster
from services.demo.site import Site
from services.demo.standby import standby_of

NAME = "postgres-replica-0"


class Replica:
    """Made in a thread, which takes a second; wait() until it streams."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._cluster: Cluster | None = None
        self._error: BaseException | None = None
        self._one = threading.Lock()
        self._made = threading.Thread(target=self._make, daemon=True)
        self._made.start()

    def _make(self) -> None:
        folder = Path(self._site.folder) / "replica"
        folder.mkdir(mode=0o700)
        try:
            cluster = standby_of(self._site.cluster, folder, NAME)
            self._site.down.callback(cluster.stop)
            cluster.start()
            self._cluster = cluster
        except BaseException as error:
            self._error = error

    def wait(self) -> None:
        self._made.join()
        if self._error:
            raise self._error

    def pause(self) -> None:
        """As a report would that must not be disturbed, and that nobody ends."""
        self._superuser("SELECT pg_wal_replay_pause()")

    @property
    def paused(self) -> bool:
        return bool(self._superuser("SELECT pg_is_wal_replay_paused()"))

    def restart(self) -> None:
        assert self._cluster
        with self._one:
            self._cluster.stop()
            self._cluster.start()

    def _superuser(self, sql: str) -> object:
        assert self._cluster
        with self._one, psycopg.connect(self._cluster.dsn(), autocommit=True, connect_timeout=3) as connection:
            row = connection.execute(sql.encode()).fetchone()
        return row[0] if row else None
