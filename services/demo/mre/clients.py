"""Other clients of the demo's database, for scenarios: reports that do not end, and a service that leaks."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field

import psycopg

REPORT = "SELECT max(id), pg_sleep(5) FROM jobs"


@dataclass
class Clients:
    """What they hold open is theirs, and anybody may terminate it: then they give up, as a client would."""

    dsn: str
    _leaked: list[psycopg.Connection[tuple[object, ...]]] = field(default_factory=list)
    _reports: list[threading.Thread] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    # ---- reports ----------------------------------------------------------------------------------------------------

    def report(self, count: int) -> None:
        self._ended = threading.Event()
        self._reports = [threading.Thread(target=self._report, args=(self._ended,), daemon=True) for _ in range(count)]
        for thread in self._reports:
            thread.start()

    def _report(self, ended: threading.Event) -> None:
        """In one transaction, as reports are: between two of its queries it is still the session that was previewed."""
        with contextlib.suppress(psycopg.Error), self._connect("mre-report") as connection, connection.transaction():
            while not ended.is_set():
                connection.execute(REPORT)

    @property
    def reports(self) -> int:
        return sum(thread.is_alive() for thread in self._reports)

    def end_reports(self) -> None:
        """They end with the query that they are at."""
        self._ended.set()

    # ---- leaked connections -----------------------------------------------------------------------------------------

    def leak(self, count: int) -> None:
        for _ in range(count):
            self._leaked.append(connection := self._connect("mre-import"))
            connection.execute("BEGIN")

    def close_leaked(self) -> None:
        while self._leaked:
            self._leaked.pop().close()

    def _connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.dsn, autocommit=True, connect_timeout=3, application_name=name)
