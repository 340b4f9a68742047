"""A service that opens connections and closes none."""

from __future__ import annotations

import psycopg

COUNT = 80  # of the 97 that ordinary roles may have


class Idlers:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._open: list[psycopg.Connection[tuple[object, ...]]] = []

    def open(self) -> None:
        for _ in range(COUNT):
            self._open.append(
                connection := psycopg.connect(
                    self._dsn, autocommit=True, connect_timeout=3, application_name="treazr-reports"
                )
            )
            connection.execute("SELECT 1")

    @property
    def ended(self) -> bool:
        """Whether the server has ended some of them; nobody else looks at these connections."""
        return any(_is_cut(connection) for connection in self._open)

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


def _is_cut(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """By what has arrived on it: a query would make it busy, and no longer idle."""
    import select

    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)
