"""Where a database is, and how the console introduces itself there: a DSN becomes a connection with limits."""

from __future__ import annotations

import asyncio
import logging
import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import SourceError

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_NOWHERE = logging.NullHandler()
_LOCAL = ("", "localhost", "127.0.0.1", "::1")


class Address:
    """`connect()` is not bounded as a whole (several hosts, name lookup): the caller has the deadline."""

    def __init__(
        self, dsn: str, name: str, *, timeout: float, pooler: bool, application: str, writable: bool = False
    ) -> None:
        self._dsn = dsn
        self._timeout = timeout
        self._pooler = pooler
        self._application = application
        self._writable = writable  # for actions: on the primary, and not a read-only session
        self.label = name  # host:port/dbname once the DSN has been read
        self.user = ""

    async def connect(self) -> AsyncConnection[dict[str, Any]]:
        await asyncio.to_thread(import_module, "psycopg")  # 0.2 s that the screen need not wait for
        from psycopg import AsyncConnection
        from psycopg.rows import dict_row

        # a warning on stderr would be drawn across the screen; what matters of it is in the error as well
        logging.getLogger("psycopg").addHandler(_NOWHERE)
        params = self._parameters()
        # No prepared statements: a pooler breaks them, and a generic plan of "finished since" may be a sequential scan
        connection = await AsyncConnection.connect(
            **params, autocommit=True, prepare_threshold=None, row_factory=dict_row
        )
        self.user = connection.info.user
        return connection

    def _parameters(self) -> dict[str, Any]:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        try:
            params: dict[str, Any] = dict(conninfo_to_dict(self._dsn))
        except ProgrammingError:  # its message quotes the DSN, and a password may be in there
            raise SourceError(
                "config",
                f"{self.label}: the dsn is not a libpq connection string",
                "write it as host=... port=... dbname=... user=..., or postgresql://user@host:port/dbname",
            ) from None
        self._name(params)
        params["application_name"] = self._application
        params["connect_timeout"] = max(2, round(self._timeout))  # per host, and libpq takes 1 for 2
        params |= {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2}
        if self._writable:
            params["target_session_attrs"] = "read-write"
        if not self._pooler:
            params["options"] = " ".join(filter(None, (params.get("options"), *self._session())))
        return params | verified(params)

    def _session(self) -> list[str]:
        """Settings of the session. The server gives up a little before we do: that leaves the connection usable."""
        patience = max(self._timeout - 0.25, self._timeout * 0.8)
        settings = {
            "default_transaction_read_only": "off" if self._writable else "on",
            "statement_timeout": round((self._timeout if self._writable else patience) * 1000),
            "lock_timeout": round(patience * 800),
            "jit": "off",  # compiling takes longer than any of our queries runs
            "max_parallel_workers_per_gather": "0",  # looking must not take the workers of those who work
            "tcp_keepalives_idle": 10,  # so that the server lets go of a console whose link is gone
            "tcp_keepalives_interval": 5,
            "tcp_keepalives_count": 2,
        }
        return [f"-c {key}={value}" for key, value in settings.items()]

    def _name(self, params: dict[str, Any]) -> None:
        host = params.get("host") or os.environ.get("PGHOST") or "local socket"
        port = params.get("port") or os.environ.get("PGPORT") or "5432"
        self.user = params.get("user") or os.environ.get("PGUSER") or ""
        self.label = f"{host}:{port}/{params.get('dbname') or os.environ.get('PGDATABASE') or self.user}"


def verified(params: dict[str, Any]) -> dict[str, str]:
    """To another machine the server's certificate is checked, unless the DSN or the environment says how."""
    host = str(params.get("host") or params.get("hostaddr") or os.environ.get("PGHOST") or "")
    elsewhere = any(one not in _LOCAL and not one.startswith("/") for one in host.split(","))
    if not elsewhere or "sslmode" in params or "service" in params or "PGSSLMODE" in os.environ:
        return {}
    own_root = "sslrootcert" in params or (Path.home() / ".postgresql" / "root.crt").exists()
    return {"sslmode": "verify-full"} | ({} if own_root else {"sslrootcert": "system"})
