"""A connection that comes back: the demo's processes outlive a restart of their database."""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row


class Link:
    """One psycopg connection, opened on demand, opened again after it broke. Each `rows` is one transaction."""

    def __init__(self, dsn: str, name: str) -> None:
        self._dsn = dsn
        self._name = name
        self._connection: psycopg.Connection[DictRow] | None = None

    def rows(self, *statements: str, **params: Any) -> list[DictRow]:
        """Runs the statements in one transaction; the rows of the last. OperationalError when the server is away.

        Select at least one column: to psycopg, rows without any are no rows.
        """
        try:
            connection = self._open()
            with connection.transaction():
                for statement in statements:
                    cursor = connection.execute(statement, params)
                return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError:
            self.close()
            raise

    def _open(self) -> psycopg.Connection[DictRow]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._dsn, autocommit=True, connect_timeout=3, application_name=self._name, row_factory=dict_row
            )
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
